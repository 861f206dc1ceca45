"""Muscle spheres of a protocol: which one comes next, and what departs from the protocol."""

from __future__ import annotations

from datetime import UTC, datetime

from atsm_viewer.domain.edits import Edit, Paint, SetMask
from atsm_viewer.domain.geometry import Vec3
from atsm_viewer.domain.ids import new_id
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.roi import Method, Roi, Role
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.sphere_protocol import METHOD_NAME
from atsm_viewer.domain.state import SessionState
from atsm_viewer.tools import Refusal


def protocol_spheres(state: SessionState, scan: Scan, subject_id: str) -> tuple[Roi, ...]:
    """Return the spheres of a subject in a scan that the protocol tool placed."""
    return tuple(
        r
        for r in state.rois_of(scan.id, Role.MUSCLE)
        if r.subject_id == subject_id and r.method.name == METHOD_NAME
    )


def subject_at(scan: Scan, position_lps: Vec3) -> str:
    """Return who lies at a position (LPS mm); the first subject where no slot holds it."""
    for slot in scan.slots:
        if slot.lo_lps is None or slot.hi_lps is None:
            continue
        corners = zip(position_lps, slot.lo_lps, slot.hi_lps, strict=True)
        if all(min(a, b) <= p < max(a, b) for p, a, b in corners):
            return slot.subject_id
    return scan.first_slot.subject_id


def next_sphere(state: SessionState, scan: Scan, at_lps: Vec3) -> Roi | Refusal:
    """Return the ROI, still empty, of the next sphere at a position (LPS mm), or why there is none."""
    protocol = state.protocol.spheres
    if protocol is None:
        return Refusal("no sphere protocol is chosen", "Choose one under Tools, Protocol spheres")
    subject = subject_at(scan, at_lps)
    placed = len(protocol_spheres(state, scan, subject))
    if placed >= protocol.number:
        return Refusal(
            f"all {protocol.number} spheres of the protocol are placed", "Delete one to place it anew"
        )
    taken, n = {r.name for r in state.rois}, 1
    while f"Muscle sphere {n}" in taken:
        n += 1
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Roi(
        id=new_id("roi"), name=f"Muscle sphere {n}", role=Role.MUSCLE, scan_id=scan.id,
        subject_id=subject, created_utc=now, modified_utc=now,
    )  # fmt: skip


def placed_sphere(state: SessionState, paint: Paint) -> Edit:
    """Return the edit that writes a sphere together with where its voxels came from."""
    protocol, roi = state.protocol.spheres, state.roi(paint.roi_id)
    assert protocol is not None  # a sphere is begun only under a protocol
    params = (("protocol", protocol.name), ("diameter_mm", f"{protocol.diameter_mm:g}"))
    mask = roi.mask.with_patch(paint.patch)
    return SetMask(roi.id, mask, Method(METHOD_NAME, params), paint.modified_utc)


def sphere_notices(state: SessionState) -> tuple[Notice, ...]:
    """Return every departure from the sphere protocol, in words.

    Only scans in which the placing was begun are looked at: elsewhere muscle may be drawn by hand.
    """
    protocol = state.protocol.spheres
    if protocol is None:
        return ()
    found: list[Notice] = []
    for scan in state.scans:
        for subject in dict.fromkeys(s.subject_id for s in scan.slots):
            spheres = protocol_spheres(state, scan, subject)
            if not spheres:
                continue
            if len(spheres) != protocol.number:
                found.append(_notice(
                    scan, "protocol_sphere_number",
                    f"{len(spheres)} of {protocol.number} muscle spheres of the protocol "
                    f"“{protocol.words}” are placed in “{scan.label}”.",
                    "Place the missing ones, or change the protocol.",
                ))  # fmt: skip
            for roi in spheres:
                size = dict(roi.method.params).get("diameter_mm", "")
                if size != f"{protocol.diameter_mm:g}":
                    found.append(_notice(
                        scan, "protocol_sphere_size",
                        f"“{roi.name}” has {size or 'an unknown number of'} mm, the protocol says "
                        f"{protocol.diameter_mm:g} mm.",
                        "Delete it and place it anew.",
                    ))  # fmt: skip
                if roi.edited_voxels:
                    found.append(_notice(
                        scan, "protocol_sphere_edited",
                        f"“{roi.name}” was changed by hand after it was placed ({roi.edited_voxels} voxels).",
                        "Undo the change, or keep it and say so.",
                    ))  # fmt: skip
    return tuple(found)


def _notice(scan: Scan, code: str, text: str, remedy: str) -> Notice:
    return Notice(code, Severity.WARNING, text, remedy, scan.id)

"""A session as plain dictionaries, and back: manifest version 1.

The keys are the field names of the domain dataclasses. A scan carries its grid, its header facts
and the identity of its images instead of the images; a ROI carries the name of its mask file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice
from atsm_viewer.domain.protocol import Protocol
from atsm_viewer.domain.roi import Roi
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Volume
from atsm_viewer.io.project.attach import with_pixel_digest
from atsm_viewer.io.project.codec import decode, decode_fields, encode
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.locate import decode_source, encode_source, without_folders
from atsm_viewer.io.project.meta import ScanSources

_SCAN_ELSEWHERE = frozenset({"pet", "ct", "pet_source", "ct_source"})
_ROI_ELSEWHERE = frozenset({"mask"})

# Given the ROI's id and the entry that describes its voxels: the mask, or None when it is lost.
MaskReader = Callable[[dict[str, Any], Box], Mask | None]


def mask_member(roi_id: str) -> str:
    """Return the name of the member that holds a ROI's voxels; harmless whatever the id is."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", roi_id):
        roi_id = "id-" + hashlib.sha256(roi_id.encode("utf-8", errors="surrogatepass")).hexdigest()[:32]
    return f"rois/{roi_id}.seg.nrrd"


def state_to_dict(state: SessionState, folder: Path, *, file_names_only: bool = False) -> dict[str, Any]:
    """Return the part of the manifest that holds the session.

    Parameters
    ----------
    state
        The session.
    folder
        Where the project file lies; places of images are told relative to it.
    file_names_only
        Tell no folders, only the names of the files.
    """
    return {
        "subjects": encode(state.subjects),
        "administrations": encode(state.administrations),
        "scans": [_scan_to_dict(s, folder, file_names_only) for s in state.scans],
        "rois": [
            {**_roi_to_dict(r), "method": without_folders(encode(r.method), state, folder)}
            for r in state.rois
        ],
        "protocol": encode(state.protocol),
        "notices": without_folders(encode(state.notices), state, folder),
    }


def state_from_dict(
    manifest: dict[str, Any], folder: Path, read_mask: MaskReader
) -> tuple[SessionState, dict[str, ScanSources]]:
    """Return the session without images, and where the images of each scan were.

    A ROI for which ``read_mask`` returns None is left out.

    Raises
    ------
    ProjectError
        When a value is missing or of the wrong kind, or an id is used twice or leads nowhere.
    """
    scans, sources = [], {}
    for n, data in enumerate(_list(manifest, "scans")):
        scan = _scan_from_dict(data, folder, f"scans[{n}]")
        scans.append(scan)
        sources[scan.id] = ScanSources(scan.pet_source, scan.ct_source)
    grids = {s.id: s.pet_geometry.box for s in scans}
    rois = []
    for n, data in enumerate(_list(manifest, "rois")):
        roi = _roi_from_dict(data, grids, f"rois[{n}]", read_mask)
        if roi is not None:
            rois.append(roi)
    state = SessionState(
        subjects=decode(tuple[Subject, ...], manifest.get("subjects"), "subjects"),
        administrations=decode(
            tuple[Administration, ...], manifest.get("administrations"), "administrations"
        ),
        scans=tuple(scans),
        rois=tuple(rois),
        protocol=decode(Protocol, manifest.get("protocol"), "protocol"),
        notices=decode(tuple[Notice, ...], manifest.get("notices"), "notices"),
    )
    _check_references(state)
    return state, sources


def _scan_to_dict(scan: Scan, folder: Path, names_only: bool) -> dict[str, Any]:
    kept = {n: getattr(scan, n) for n in Scan.__dataclass_fields__ if n not in _SCAN_ELSEWHERE}
    return {
        **{k: encode(v) for k, v in kept.items() if v is not None},
        "pet_source": encode_source(_known(scan.pet_source, scan.pet), folder, names_only),
        "ct_source": encode_source(_known(scan.ct_source, scan.ct), folder, names_only),
    }


def _known(source: ImageSource | None, image: Volume | None) -> ImageSource | None:
    return None if source is None else with_pixel_digest(source, image)


def _scan_from_dict(data: Any, folder: Path, where: str) -> Scan:
    kwargs = decode_fields(Scan, data, where, _SCAN_ELSEWHERE)
    scan = Scan(
        pet=None,
        ct=None,
        pet_source=decode_source(data.get("pet_source"), folder, f"{where}.pet_source"),
        ct_source=decode_source(data.get("ct_source"), folder, f"{where}.ct_source"),
        **kwargs,
    )
    if not scan.slots:
        raise ProjectError(f"In the project file nobody lies in scan “{scan.label}”.")
    facts = scan.pet_facts
    if facts is not None:
        n_instances = len(facts.index)
        if any(not 0 <= i < len(facts.distinct) for i in facts.index) or any(
            not 0 <= i < n_instances for row in scan.pet_instance_tk for i in row
        ):
            raise ProjectError(f"In the project file “{where}” refers to a header that it does not hold.")
    return scan


def _roi_to_dict(roi: Roi) -> dict[str, Any]:
    kept = {n: encode(getattr(roi, n)) for n in Roi.__dataclass_fields__ if n not in _ROI_ELSEWHERE}
    voxels = {
        "file": None if roi.mask.is_empty else mask_member(roi.id),
        "crop_origin_kji": list(roi.mask.box.lo_kji),
        "crop_shape_kji": list(roi.mask.box.shape_kji),
        "n_voxels": roi.mask.n_voxels,
    }
    return {**kept, "voxels": voxels}


def _roi_from_dict(data: Any, grids: dict[str, Box], where: str, read_mask: MaskReader) -> Roi | None:
    kwargs = decode_fields(Roi, data, where, _ROI_ELSEWHERE)
    if kwargs["scan_id"] not in grids:
        raise ProjectError(
            f"In the project file the ROI “{kwargs['name']}” lies on a scan that is not there."
        )
    voxels = data.get("voxels")
    if not isinstance(voxels, dict):
        raise ProjectError(f"The project file has no “{where}.voxels”.")
    lo = decode(Index3, voxels.get("crop_origin_kji"), f"{where}.voxels.crop_origin_kji")
    shape = decode(Index3, voxels.get("crop_shape_kji"), f"{where}.voxels.crop_shape_kji")
    n_voxels = decode(int, voxels.get("n_voxels"), f"{where}.voxels.n_voxels")
    box = Box(lo, (lo[0] + shape[0], lo[1] + shape[1], lo[2] + shape[2]))
    if voxels.get("file") is None:
        if n_voxels != 0:
            raise ProjectError(f"The project file has no voxels for the ROI “{kwargs['name']}”.")
        return Roi(mask=Mask.empty(), **kwargs)
    if min(shape) < 1 or not grids[kwargs["scan_id"]].contains(box):
        raise ProjectError(f"In the project file the ROI “{kwargs['name']}” reaches outside the PET grid.")
    mask = read_mask(data, box)
    return None if mask is None else Roi(mask=mask, **kwargs)


def _check_references(state: SessionState) -> None:
    kinds = (("subject", state.subjects), ("administration", state.administrations), ("scan", state.scans))
    for kind, items in (*kinds, ("ROI", state.rois)):
        ids = [item.id for item in items]
        if len(set(ids)) != len(ids):
            raise ProjectError(f"In the project file two {kind}s have the same id.")
    subjects = {s.id for s in state.subjects}
    administrations = {a.id for a in state.administrations}
    for scan in state.scans:
        if any(
            s.subject_id not in subjects or s.administration_id not in administrations for s in scan.slots
        ):
            raise ProjectError(f"In the project file scan “{scan.label}” names somebody who is not there.")


def _list(manifest: dict[str, Any], key: str) -> list[Any]:
    items = manifest.get(key)
    if not isinstance(items, list):
        raise ProjectError(f"The project file has no list of {key}.")
    return items

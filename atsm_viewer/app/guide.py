"""Where one is on the way from images to numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.session_notices import all_notices
from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.of_scan import assess_scan

NEEDS_SCAN = "Open a PET first."


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One station.

    Parameters
    ----------
    id
        ``load``, ``dose``, ``muscle``, ``tumour``, ``review`` or ``export``.
    title
        Words on screen.
    done
        Whether nothing is left to do here.
    current
        Whether it is the first one that is not done.
    tip
        What to do here, or what is still missing.
    command_id
        The command that goes on here; None where a panel or a ROI is to be taken in hand.
    roi_id
        The ROI to take in hand; empty for none.
    """

    id: str
    title: str
    done: bool
    current: bool
    tip: str
    command_id: str | None = None
    roi_id: str = ""


def guide_steps(ctx: AppContext) -> tuple[GuideStep, ...]:
    """Return the stations in their order, for the scan shown."""
    state = ctx.session.state
    scan = next((s for s in state.scans if s.id == ctx.view.state.scan_id), None)
    steps = (
        _load(scan),
        _dose(state, scan),
        _roi(state, scan, Role.MUSCLE),
        _roi(state, scan, Role.TUMOUR),
        _review(ctx, scan),
        _export(ctx, scan),
    )
    first = next((s.id for s in steps if not s.done), "")
    return tuple(replace(s, current=s.id == first) for s in steps)


def _load(scan: Scan | None) -> GuideStep:
    tip = "Open a folder with PET and CT." if scan is None else f"Open: {scan.label or 'one scan'}."
    return GuideStep("load", "Load", scan is not None, False, tip, "file.open.folder")


def _dose(state: SessionState, scan: Scan | None) -> GuideStep:
    if scan is None:
        return GuideStep("dose", "Dose card", False, False, NEEDS_SCAN)
    reasons = []
    for slot in scan.slots:
        assessment = assess_scan(scan, state.administration(slot.administration_id))
        if assessment is None:
            reasons.append("The image says nothing about dose, weight and time: enter them.")
        elif not assessment.available:
            reasons.append(assessment.reason or "SUV is not available yet.")
    tip = " ".join(dict.fromkeys(reasons)) + " T/M ratios need no dose." if reasons else "SUV is available."
    return GuideStep("dose", "Dose card", not reasons, False, tip)


def _roi(state: SessionState, scan: Scan | None, role: Role) -> GuideStep:
    title = role.value.capitalize()
    if scan is None:
        return GuideStep(role.value, title, False, False, NEEDS_SCAN)
    rois = state.rois_of(scan.id, role)
    painted = [r for r in rois if not r.mask.is_empty]
    if painted:
        names = ", ".join(f"“{r.name}”" for r in painted[:3]) + (" …" if len(painted) > 3 else "")
        return GuideStep(role.value, title, True, False, f"Painted: {names}.", roi_id=painted[0].id)
    if rois:
        tip = f"Paint “{rois[0].name}” with the brush."
        return GuideStep(role.value, title, False, False, tip, roi_id=rois[0].id)
    return GuideStep(
        role.value, title, False, False, f"Add a {role.value} ROI and paint it.", f"roi.add.{role.value}"
    )


def _review(ctx: AppContext, scan: Scan | None) -> GuideStep:
    missing = _missing_for_review(ctx, scan)
    return GuideStep(
        "review", "Review", not missing, False, missing or "Every tumour has its T/M and no notice is open."
    )


def _missing_for_review(ctx: AppContext, scan: Scan | None) -> str:
    if scan is None:
        return NEEDS_SCAN
    state = ctx.session.state
    tumours = [r for r in state.rois_of(scan.id, Role.TUMOUR) if not r.mask.is_empty]
    if not tumours or not any(not r.mask.is_empty for r in state.rois_of(scan.id, Role.MUSCLE)):
        return "There is no T/M yet: it needs a tumour and a muscle."
    latest = ctx.live.latest
    if latest is None or not ctx.live.is_current:
        return "The numbers are being worked out."
    have = {str(r["roi_id"]) for r in latest.tm.rows if r.get("tm_mean") is not None}
    without = [r.name for r in tumours if r.id not in have]
    if without:
        return f"There is no T/M for {', '.join(f'“{name}”' for name in without)}; see the results."
    open_ones = sum(n.notice.severity is not Severity.INFO for n in all_notices(state))
    if open_ones:
        return f"{open_ones} notice{'s' if open_ones > 1 else ''} to look at."
    return ""


def _export(ctx: AppContext, scan: Scan | None) -> GuideStep:
    # Nothing records that a CSV was written from this very state, so this station is never ticked.
    tip = NEEDS_SCAN if scan is None else "Write the numbers as CSV; save the project to go on later."
    return GuideStep("export", "Export", False, False, tip, "file.export.csv")

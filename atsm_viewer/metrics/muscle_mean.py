"""The muscle value of a scan, as the ratios use it."""

from __future__ import annotations

from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.metrics.reference import reference_of
from atsm_viewer.metrics.roi_frame import RoiFrame


def muscle_mean(state: SessionState, scan: Scan, frame: int, subject_id: str = "") -> float | None:
    """Return the pooled muscle mean in the scale of the ratios (the stored unit), or None.

    Parameters
    ----------
    state, scan, frame
        Where to look.
    subject_id
        Whose muscle; the first subject of the scan when empty.
    """
    subject = subject_id or scan.first_slot.subject_id
    rois = tuple(r for r in state.rois_of(scan.id, Role.MUSCLE) if r.subject_id == subject)
    if not rois or scan.pet is None:
        return None
    reference = reference_of(RoiFrame.of(state, rois[0], frame, with_peaks=False), rois)
    return None if reference is None else reference.value

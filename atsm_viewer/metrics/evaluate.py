"""From a session to its two tables."""

from __future__ import annotations

from atsm_viewer.domain.results import Cell, Results, ResultTable
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.state import SessionState
from atsm_viewer.metrics import ROI_METRICS, TM_METRICS
from atsm_viewer.metrics.columns import ROI_COLUMNS, TM_COLUMNS
from atsm_viewer.metrics.identity import identity_cells, joined
from atsm_viewer.metrics.metric import Cells
from atsm_viewer.metrics.reference import Reference
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.metrics.status import roi_status, tm_status
from atsm_viewer.metrics.tumour_frame import TumourFrame

_ROI_EMPTY: dict[str, Cell] = {c.name: None for c in ROI_COLUMNS}
_TM_EMPTY: dict[str, Cell] = {c.name: None for c in TM_COLUMNS}


def evaluate(
    state: SessionState,
    *,
    app_version: str,
    project: str = "",
    with_peaks: bool = True,
    hv_theta: float | None = None,
) -> Results:
    """Return one row per ROI and frame, and one row per tumour and frame.

    A pure function of its arguments; the costly parts are remembered per volume, frame and mask, so
    that after a stroke only the changed ROI is computed.

    Parameters
    ----------
    state
        The session.
    app_version, project
        Written into the rows.
    with_peaks
        False leaves out peaks that are not known yet and says so with ``peak_pending``; for the
        moment between a stroke and the next idle time.
    hv_theta
        Threshold of the hypoxic volume in multiples of muscle; None leaves its columns empty.

    Raises
    ------
    AtsmError
        When a ROI refers to a scan or subject that is not in the session.
    """
    rois: list[dict[str, Cell]] = []
    tumours: list[dict[str, Cell]] = []
    known: dict[tuple[str, str, int, Role], Reference | None] = {}
    for roi in state.rois:
        scan = state.scan(roi.scan_id)
        for frame in range(scan.pet.n_frames if scan.pet is not None else 1):
            here = RoiFrame.of(state, roi, frame, with_peaks)
            identity = identity_cells(here, app_version=app_version, project=project)
            rois.append(_roi_row(here, identity))
            if roi.role is Role.TUMOUR:
                tumours.append(_tm_row(TumourFrame.of(here, known, hv_theta), identity))
    return Results(ResultTable(ROI_COLUMNS, tuple(rois)), ResultTable(TM_COLUMNS, tuple(tumours)))


def _roi_row(here: RoiFrame, identity: Cells) -> dict[str, Cell]:
    row = _ROI_EMPTY | identity
    for metric in ROI_METRICS:
        row |= metric.compute(here)
    return row | {"status": joined(roi_status(here))}


def _tm_row(tumour: TumourFrame, identity: Cells) -> dict[str, Cell]:
    samples = tumour.samples
    row = _TM_EMPTY | identity
    row["reference"] = Role.MUSCLE.value
    if samples is not None:
        row |= {"n_voxels": samples.n, "volume_mm3": samples.volume_mm3 if samples.n else None}
    for metric in TM_METRICS:
        row |= metric.compute(tumour)
    return row | {"status": joined(tm_status(tumour))}

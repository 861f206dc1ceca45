"""What the numbers become while a stroke is in progress."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.results import Results
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.state import SessionState
from atsm_viewer.metrics.metric import Cells
from atsm_viewer.metrics.reference import Moments, Reference, reference_of
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.metrics.stroke_statistics import StrokeStatistics
from atsm_viewer.metrics.uncertainty import ratio_spread

__all__ = [
    "ProvisionalNumbers",
    "StrokeStatistics",
    "begin_stroke",
    "provisional_numbers",
    "provisional_rows",
]


@dataclass(frozen=True, slots=True)
class ProvisionalNumbers:
    """The cells that a stroke in progress changes, in one frame.

    Parameters
    ----------
    frame
        The frame they belong to.
    rois
        Cells of the ROI table by ROI: those of the ROI being painted.
    tm
        Cells of the T/M table by tumour: every tumour that the stroke changes.
    """

    frame: int
    rois: dict[str, Cells] = field(default_factory=dict)
    tm: dict[str, Cells] = field(default_factory=dict)


def begin_stroke(state: SessionState, roi_id: str, frame: int = 0) -> StrokeStatistics:
    """Start the statistics of a stroke on a ROI, in the scale that its ratios are formed in.

    Raises
    ------
    AtsmError
        When the ROI or its image is not there.
    """
    here = RoiFrame.of(state, state.roi(roi_id), frame)
    if here.scan.pet is None:
        raise AtsmError(f"The PET of scan “{here.scan.label}” is not loaded.", "Find the image first.")
    return StrokeStatistics.begin(
        here.scan.pet.frame_kji(frame), here.roi.mask, here.scales.ratio.slice_factors
    )


def provisional_numbers(
    state: SessionState, roi_id: str, frame: int, stats: StrokeStatistics
) -> ProvisionalNumbers:
    """Return what the numbers become with the stroke so far; equal to a full evaluation.

    Without any number when ``stats`` was not started in the scale of the ratios (see
    :func:`begin_stroke`): stored values cannot be compared between slices then.

    Parameters
    ----------
    state
        The session before the stroke.
    roi_id
        The ROI being painted.
    frame
        The frame that ``stats`` follows.
    stats
        Its statistics, from :func:`begin_stroke`.
    """
    here = RoiFrame.of(state, state.roi(roi_id), frame)
    if stats.slice_factors != here.scales.ratio.slice_factors:
        return ProvisionalNumbers(frame)
    volume = stats.n * here.scan.pet_geometry.voxel_volume_mm3
    rois = {roi_id: _roi_cells(here, stats, volume)}
    role = here.roi.role
    if role is Role.TUMOUR:
        muscle = reference_of(here, here.same_subject_rois(Role.MUSCLE))
        cells = _tm_cells(here, stats.mean, stats.sd, stats.maximum, muscle)
        return ProvisionalNumbers(frame, rois, {roi_id: cells})
    if role is not Role.MUSCLE:
        return ProvisionalNumbers(frame, rois)
    muscle = reference_of(here, here.same_subject_rois(role), _reached(here.roi, stats, volume))
    tm: dict[str, Cells] = {}
    for tumour in here.same_subject_rois(Role.TUMOUR):
        samples = here.samples(here.scales.ratio, tumour.mask)
        if samples is not None:
            tm[tumour.id] = _tm_cells(here, samples.mean, samples.sd, samples.maximum, muscle)
    return ProvisionalNumbers(frame, rois, tm)


def provisional_rows(
    results: Results, state: SessionState, roi_id: str, stats: StrokeStatistics, frame: int = 0
) -> dict[str, Cells]:
    """Return the rows on display that a stroke changes, complete and with the new cells, by ROI id.

    The rows of both tables are merged where a ROI stands in both; cells that a stroke in progress
    does not follow keep their last exact value.
    """
    fresh = provisional_numbers(state, roi_id, frame, stats)
    rows: dict[str, Cells] = {}
    for table, cells_of in ((results.rois, fresh.rois), (results.tm, fresh.tm)):
        for row in table.rows:
            name = str(row["roi_id"])
            if row["frame_index"] == frame and name in cells_of:
                rows[name] = rows.get(name, {}) | row | cells_of[name]
    return rows


def _roi_cells(here: RoiFrame, stats: StrokeStatistics, volume_mm3: float) -> Cells:
    suv = here.scales.suv
    return {
        "n_voxels": stats.n,
        "volume_mm3": volume_mm3 if stats.n else None,
        "suv_mean": suv.of(stats.mean),
        "suv_sd": suv.of(stats.sd),
        "suv_min": suv.of(stats.minimum),
        "suv_max": suv.of(stats.maximum),
    }


def _reached(roi: Roi, stats: StrokeStatistics, volume_mm3: float) -> tuple[Roi, Moments]:
    return replace(roi, mask=stats.mask()), Moments(stats.n, stats.mean or 0.0, stats.sd, volume_mm3)


def _tm_cells(
    here: RoiFrame, mean: float | None, sd: float | None, maximum: float | None, muscle: Reference | None
) -> Cells:
    nothing = 0 if here.scales.ratio.factor is not None else None
    known = muscle if muscle is not None and muscle.value > 0 and mean is not None else None
    return {
        "tm_mean": mean / known.value if known and mean is not None else None,
        "tm_max": maximum / known.value if known and maximum is not None else None,
        "tm_mean_sd": ratio_spread(mean, sd, known.value, known.sd) if known and mean is not None else None,
        "muscle_suv_mean": here.scales.suv.of(muscle.value) if muscle else None,
        "muscle_n_voxels": muscle.n_voxels if muscle else nothing,
    }

"""The muscle that a T/M was formed with."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.identity import joined
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.tumour_frame import TumourFrame


def _compute(tumour: TumourFrame) -> Cells:
    muscle, here = tumour.muscle, tumour.here
    if here.scales.ratio.factor is None:
        return {}  # there may be muscle, but its slices cannot be compared: nothing is said about it
    if muscle is None:
        return {"muscle_n_rois": 0, "muscle_n_voxels": 0}
    # The samples of a ratio already carry the slice factors, so one factor completes the SUV.
    suv = here.scales.suv
    raw = None if here.scales.ratio.slice_factors is not None else 1.0
    return {
        "muscle_suv_mean": suv.of(muscle.value),
        "muscle_suv_sd": suv.of(muscle.sd),
        "muscle_value_mean": None if raw is None else muscle.value,
        "muscle_n_voxels": muscle.n_voxels,
        "muscle_n_rois": len(muscle.rois),
        "muscle_between_roi_sd": suv.of(muscle.between_roi_sd),
        "muscle_snr": muscle.snr,
        "muscle_roi_ids": joined(r.id for r in muscle.rois),
        "muscle_roi_names": joined(r.name for r in muscle.rois),
        "muscle_pooling": here.state.protocol.muscle_pooling,
    }


MUSCLE = Metric(
    name="muscle",
    unit="g/mL",
    definition="The muscle ROIs of the same scan and subject, pooled.",
    columns=(
        Column(
            "muscle_suv_mean",
            "Muscle SUV mean (g/mL)",
            "Pooled mean of the muscle ROIs: the denominator of T/M.",
        ),
        Column(
            "muscle_suv_sd", "Muscle SUV SD (g/mL)", "Sample standard deviation (N-1) of all muscle voxels."
        ),
        Column(
            "muscle_value_mean",
            "Muscle stored mean",
            "The denominator in value_unit; empty when slices differ in factor.",
        ),
        Column("muscle_n_voxels", "Muscle voxels", "Finite voxels of all muscle ROIs, each counted once."),
        Column("muscle_n_rois", "Muscle ROIs", "Muscle ROIs with at least one finite voxel."),
        Column(
            "muscle_between_roi_sd",
            "Between-ROI SD (g/mL)",
            "Sample standard deviation (N-1) of the means of the muscle ROIs.",
        ),
        Column("muscle_snr", "Muscle reliability", "Muscle mean divided by its standard error."),
        Column("muscle_roi_ids", "Muscle ROI ids", "Identifiers of the muscle ROIs, joined by semicolons."),
        Column("muscle_roi_names", "Muscle ROI names", "Names of the muscle ROIs, joined by semicolons."),
        Column(
            "muscle_pooling", "Muscle pooling", "voxels: mean over all voxels; rois: mean of the ROI means."
        ),
    ),
    compute=_compute,
)

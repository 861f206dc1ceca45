"""Total uptake, %ID/mL, concentration and the values as stored."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.metrics.scaling import RAW


def _compute(here: RoiFrame) -> Cells:
    scales = here.scales
    suv, pid = here.suv_samples, here.samples(scales.pct_id_per_ml)
    activity, raw = here.samples(scales.bq_ml), here.samples(RAW)
    if suv is None or pid is None or activity is None or raw is None or not raw.n:
        return {}
    suv_mean, bq_ml = scales.suv.of(suv.mean), scales.bq_ml.of(activity.mean)
    return {
        "total_uptake_g": None if suv_mean is None else suv_mean * suv.volume_mm3 / 1000.0,
        "pid_ml_mean": scales.pct_id_per_ml.of(pid.mean),
        "pid_ml_max": scales.pct_id_per_ml.of(pid.maximum),
        "conc_mean_kbq_ml": None if bq_ml is None else bq_ml / 1000.0,
        "value_mean": raw.mean,
        "value_sd": raw.sd,
        "value_min": raw.minimum,
        "value_max": raw.maximum,
    }


UPTAKE = Metric(
    name="uptake",
    unit="",
    definition="The same voxels in other quantities than SUV.",
    columns=(
        Column("total_uptake_g", "Total uptake (g)", "SUV mean times volume in mL."),
        Column(
            "pid_ml_mean",
            "%ID/mL mean (%/mL)",
            "Mean of 100 times activity concentration over decayed activity.",
        ),
        Column(
            "pid_ml_max", "%ID/mL max (%/mL)", "Largest voxel in per cent of the injected activity per mL."
        ),
        Column(
            "conc_mean_kbq_ml",
            "Concentration mean (kBq/mL)",
            "Mean activity concentration at the reference time.",
        ),
        Column("value_mean", "Stored mean", "Mean of the stored values, in value_unit."),
        Column(
            "value_sd", "Stored SD", "Sample standard deviation (N-1) of the stored values, in value_unit."
        ),
        Column("value_min", "Stored min", "Smallest stored value, in value_unit."),
        Column("value_max", "Stored max", "Largest stored value, in value_unit."),
    ),
    compute=_compute,
)

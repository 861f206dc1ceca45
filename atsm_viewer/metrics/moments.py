"""Mean, spread and order statistics of SUV."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.roi_frame import RoiFrame


def _compute(here: RoiFrame) -> Cells:
    samples, suv = here.suv_samples, here.scales.suv
    if samples is None or not samples.n:
        return {}
    mean, sd = samples.mean, samples.sd
    has_cov = mean is not None and mean > 0 and sd is not None and suv.factor is not None
    return {
        "suv_mean": suv.of(mean),
        "suv_sd": suv.of(sd),
        "suv_cov": sd / mean if has_cov and sd is not None and mean is not None else None,
        "suv_median": suv.of(samples.percentile(50)),
        "suv_p10": suv.of(samples.percentile(10)),
        "suv_p90": suv.of(samples.percentile(90)),
        "suv_p95": suv.of(samples.percentile(95)),
        "suv_min": suv.of(samples.minimum),
        "suv_max": suv.of(samples.maximum),
    }


MOMENTS = Metric(
    name="moments",
    unit="g/mL",
    definition="Statistics of the body-weight SUV of the voxels, each voxel counting once.",
    columns=(
        Column("suv_mean", "SUV mean (g/mL)", "Arithmetic mean of the voxels."),
        Column("suv_sd", "SUV SD (g/mL)", "Sample standard deviation of the voxels (N-1)."),
        Column("suv_cov", "CoV", "SD (N-1) divided by the mean; empty unless the mean is positive."),
        Column("suv_median", "SUV median (g/mL)", "50th percentile, linear between order statistics."),
        Column("suv_p10", "SUV P10 (g/mL)", "10th percentile, linear between order statistics."),
        Column("suv_p90", "SUV P90 (g/mL)", "90th percentile, linear between order statistics."),
        Column("suv_p95", "SUV P95 (g/mL)", "95th percentile, linear between order statistics."),
        Column("suv_min", "SUV min (g/mL)", "Smallest voxel, not interpolated."),
        Column("suv_max", "SUV max (g/mL)", "Largest voxel, not interpolated."),
    ),
    compute=_compute,
)

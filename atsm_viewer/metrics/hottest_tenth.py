"""The mean of the hottest tenth."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.roi_frame import RoiFrame


def _compute(here: RoiFrame) -> Cells:
    samples = here.suv_samples
    return {} if samples is None else {"suv_top10pct_mean": here.scales.suv.of(samples.hottest_tenth())}


HOTTEST_TENTH = Metric(
    name="hottest_tenth",
    unit="g/mL",
    definition="Mean of the ceil(n/10) hottest voxels; needs at least 10 voxels.",
    columns=(
        Column(
            "suv_top10pct_mean",
            "SUV hottest 10 % (g/mL)",
            "Mean of the ceil(n/10) hottest voxels; needs n ≥ 10.",
        ),
    ),
    compute=_compute,
)

"""The mean of the voxels above a fraction of the maximum."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.metrics.samples import Samples

PERCENTS = (40, 41, 50, 60, 70)
"""The fractions of the maximum in use, in per cent (EANM 41; Tsujikawa 2016: 40 to 70)."""


def mean_above(samples: Samples, percent: int) -> float | None:
    """Mean of the voxels at or above a percentage of the maximum; None unless the maximum is positive."""
    above = samples.above_fraction_of_max(percent / 100.0)
    return None if above is None else float(np.mean(above))


def _compute(here: RoiFrame) -> Cells:
    samples = here.suv_samples
    if samples is None:
        return {}
    return {f"suv_mean_ge{p}pct": here.scales.suv.of(mean_above(samples, p)) for p in PERCENTS}


ISOCONTOUR = Metric(
    name="isocontour",
    unit="g/mL",
    definition="Mean of the voxels of the ROI at or above (≥) a percentage of its maximum.",
    columns=tuple(
        Column(
            f"suv_mean_ge{p}pct",
            f"SUV mean ≥ {p} % (g/mL)",
            f"Mean of the voxels ≥ {p} % of the ROI maximum.",
        )
        for p in PERCENTS
    ),
    compute=_compute,
)

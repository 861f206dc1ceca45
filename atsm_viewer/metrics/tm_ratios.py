"""Tumour over muscle; the numerator is always named."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.isocontour import PERCENTS, mean_above
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.peak_metrics import peak_small
from atsm_viewer.metrics.peaks import small_animal_diameter_mm
from atsm_viewer.metrics.tumour_frame import TumourFrame


def _compute(tumour: TumourFrame) -> Cells:
    samples, here = tumour.samples, tumour.here
    if samples is None or not samples.n or tumour.denominator() is None:
        return {}
    peak = peak_small(here, samples)
    return {
        "tm_mean": tumour.over(samples.mean),
        "tm_max": tumour.over(samples.maximum),
        "tm_peak": tumour.over(peak.mean) if peak else None,
        "peak_diameter_mm": small_animal_diameter_mm(here.scan.pet_geometry) if peak else None,
        **{f"tm_ge{p}pct": tumour.over(mean_above(samples, p)) for p in PERCENTS},
        "tm_top10pct": tumour.over(samples.hottest_tenth()),
    }


TM_RATIOS = Metric(
    name="tm_ratios",
    unit="",
    definition="A statistic of the tumour divided by the pooled muscle mean, formed from the stored values.",
    columns=(
        Column("tm_mean", "T/M mean", "Tumour mean divided by muscle mean."),
        Column("tm_max", "T/M max", "Tumour maximum divided by muscle mean."),
        Column(
            "tm_peak", "T/M peak", "Tumour peak in the sphere of peak_diameter_mm divided by muscle mean."
        ),
        Column("peak_diameter_mm", "Peak diameter (mm)", "Diameter of the sphere of tm_peak."),
        *(
            Column(
                f"tm_ge{p}pct",
                f"T/M ≥ {p} %",
                f"Mean of the tumour voxels ≥ {p} % of the tumour maximum divided by muscle mean.",
            )
            for p in PERCENTS
        ),
        Column(
            "tm_top10pct",
            "T/M hottest 10 %",
            "Mean of the ceil(n/10) hottest tumour voxels divided by muscle mean.",
        ),
    ),
    compute=_compute,
)

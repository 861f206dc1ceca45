"""Spread and precision of T/M."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.tumour_frame import TumourFrame
from atsm_viewer.metrics.uncertainty import Interval, fieller, ratio_spread, standard_error


def mean_interval(tumour: TumourFrame) -> Interval | None:
    """Fieller interval of ``tm_mean``; None when a standard error is unknown."""
    samples, muscle = tumour.samples, tumour.denominator()
    if samples is None or samples.mean is None or muscle is None:
        return None
    return fieller(samples.mean, _tumour_se(tumour), muscle.value, muscle.se)


def _tumour_se(tumour: TumourFrame) -> float | None:
    samples = tumour.samples
    if samples is None:
        return None
    return standard_error(samples.sd, samples.volume_mm3, tumour.here.state.protocol.fwhm_mm)


def _compute(tumour: TumourFrame) -> Cells:
    samples, muscle = tumour.samples, tumour.denominator()
    if samples is None or samples.mean is None or samples.maximum is None or muscle is None:
        return {}
    interval = mean_interval(tumour)
    maximum_se = None if muscle.se is None else abs(samples.maximum / muscle.value) * muscle.se / muscle.value
    return {
        "tm_mean_sd": ratio_spread(samples.mean, samples.sd, muscle.value, muscle.sd),
        "tm_mean_se": ratio_spread(samples.mean, _tumour_se(tumour), muscle.value, muscle.se),
        "tm_max_se_muscle": maximum_se,
        "tm_ci_low": interval.low if interval else None,
        "tm_ci_high": interval.high if interval else None,
        "tm_ci_unbounded": int(interval.unbounded) if interval else None,
    }


TM_UNCERTAINTY = Metric(
    name="tm_uncertainty",
    unit="",
    definition="Spread (SD of voxels) and precision (standard error) of T/M; two different questions.",
    columns=(
        Column(
            "tm_mean_sd",
            "T/M mean SD",
            "Voxel SDs (N-1) of tumour and muscle propagated: heterogeneity, not precision.",
        ),
        Column(
            "tm_mean_se",
            "T/M mean SE",
            "Standard errors propagated, s/√N_eff with N_eff = V/(3.41 FWHM³); needs the FWHM.",
        ),
        Column(
            "tm_max_se_muscle",
            "T/M max SE (muscle)",
            "Standard error of T/M max from muscle alone; the maximum has none.",
        ),
        Column("tm_ci_low", "T/M mean CI low", "Lower end of the 95 % Fieller interval of T/M mean."),
        Column("tm_ci_high", "T/M mean CI high", "Upper end of the 95 % Fieller interval of T/M mean."),
        Column(
            "tm_ci_unbounded",
            "CI unbounded",
            "1 when muscle is too uncertain for a finite interval, 0 otherwise.",
        ),
    ),
    compute=_compute,
)

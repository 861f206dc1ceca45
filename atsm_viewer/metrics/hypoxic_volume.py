"""The volume above a multiple of muscle, its fraction of the tumour and its burden."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.results import Column
from atsm_viewer.domain.roi import Roi
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.tumour_frame import TumourFrame

_THRESHOLD_WORDS = ("threshold", "isocontour", "region_grow", "pct", "percent")


def is_pet_thresholded(roi: Roi) -> bool:
    """Whether a ROI came from a threshold, so that a fraction above another one is circular."""
    names = (roi.method.name, *(name for name, _ in roi.method.params))
    return any(word in name.lower() for name in names for word in _THRESHOLD_WORDS)


def _compute(tumour: TumourFrame) -> Cells:
    samples, muscle, theta, suv = (
        tumour.samples,
        tumour.denominator(),
        tumour.hv_theta,
        tumour.here.scales.suv,
    )
    if theta is None or samples is None or muscle is None or not samples.n:
        return {}
    above = samples.at_least(theta * muscle.value)
    volume = above.size * samples.voxel_volume_mm3
    mean = suv.of(float(np.mean(above))) if above.size else None
    burden = None if suv.factor is None else 0.0 if mean is None else mean * volume / 1000.0
    return {
        "hv_mm3": volume,
        "hv_theta": theta,
        "hv_reference": "muscle",
        "hf": volume / samples.volume_mm3,
        "hb_g": burden,
    }


HYPOXIC_VOLUME = Metric(
    name="hypoxic_volume",
    unit="mm³",
    definition="Volume of the tumour voxels at or above (≥) a multiple of muscle; only on request.",
    columns=(
        Column(
            "hv_mm3", "HV (mm³)", "Volume of the tumour voxels whose ratio to hv_reference is ≥ hv_theta."
        ),
        Column("hv_theta", "HV threshold", "The multiple of the reference that was asked for."),
        Column("hv_reference", "HV reference", "The reference tissue of the hypoxic volume."),
        Column("hf", "HV fraction", "HV divided by the volume of the tumour."),
        Column("hb_g", "HV burden (g)", "SUV mean within HV times HV in mL; 0 for no such voxel."),
    ),
    compute=_compute,
)

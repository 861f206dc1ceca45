"""SUVpeak: the highest mean in a sphere."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.peaks import (
    RADIUS_1ML_MM,
    SMALLEST_SPHERE,
    Peak,
    small_animal_diameter_mm,
    sphere_offsets,
)
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.metrics.samples import Samples


def peak_1ml(here: RoiFrame, samples: Samples | None) -> Peak | None:
    """Peak in a sphere of 1 mL; None without voxels, or when it may not be computed now."""
    return _peak(here, samples, RADIUS_1ML_MM)


def peak_small(here: RoiFrame, samples: Samples | None) -> Peak | None:
    """Peak in the small-animal sphere; None when the sphere has fewer than seven voxels."""
    radius = small_animal_diameter_mm(here.scan.pet_geometry) / 2.0
    if len(sphere_offsets(here.scan.pet_geometry, radius)) < SMALLEST_SPHERE:
        return None
    return _peak(here, samples, radius)


def peaks_pending(here: RoiFrame) -> bool:
    """Whether a peak was left out because it is not known yet."""
    samples = here.ratio_samples
    small = small_animal_diameter_mm(here.scan.pet_geometry) / 2.0
    return (
        not here.with_peaks
        and samples is not None
        and samples.n > 0
        and not (samples.has_peak(RADIUS_1ML_MM) and samples.has_peak(small))
    )


def _peak(here: RoiFrame, samples: Samples | None, radius_mm: float) -> Peak | None:
    if samples is None or here.scan.pet is None or not samples.n:
        return None
    if not here.with_peaks and not samples.has_peak(radius_mm):
        return None
    return samples.peak(here.scan.pet, here.frame, radius_mm)


def _compute(here: RoiFrame) -> Cells:
    samples, suv, geometry = here.suv_samples, here.scales.suv, here.scan.pet_geometry
    big, small = peak_1ml(here, samples), peak_small(here, samples)
    diameter = small_animal_diameter_mm(geometry)
    return {
        "suv_peak_1ml": suv.of(big.mean) if big else None,
        "peak_1ml_n_voxels": big.n_voxels if big else None,
        **_position(here, big),
        "suv_peak_d": suv.of(small.mean) if small else None,
        "peak_d_n_voxels": small.n_voxels if small else None,
        "peak_diameter_mm": diameter if small else None,
    }


def _position(here: RoiFrame, peak: Peak | None) -> Cells:
    if peak is None:
        return {}
    x, y, z = here.scan.pet_geometry.index_to_lps(peak.centre_kji)
    return {"peak_1ml_x_mm": float(x), "peak_1ml_y_mm": float(y), "peak_1ml_z_mm": float(z)}


PEAKS = Metric(
    name="peaks",
    unit="g/mL",
    definition="Highest mean of the image voxels with centres in a sphere around a voxel of the ROI.",
    columns=(
        Column(
            "suv_peak_1ml",
            "SUV peak 1 mL (g/mL)",
            "Highest mean in a sphere of 6.2035 mm radius (IBSI 0F91).",
        ),
        Column("peak_1ml_n_voxels", "Voxels in 1 mL peak", "Image voxels averaged for the 1 mL peak."),
        Column("peak_1ml_x_mm", "1 mL peak at x (mm)", "Centre of the sphere towards the left (LPS)."),
        Column("peak_1ml_y_mm", "1 mL peak at y (mm)", "Centre of the sphere towards the back (LPS)."),
        Column("peak_1ml_z_mm", "1 mL peak at z (mm)", "Centre of the sphere towards the head (LPS)."),
        Column(
            "suv_peak_d",
            "SUV peak small (g/mL)",
            "Highest mean in the sphere of peak_diameter_mm; no standard.",
        ),
        Column("peak_d_n_voxels", "Voxels in small peak", "Image voxels averaged for the small peak."),
        Column("peak_diameter_mm", "Small peak diameter (mm)", "The larger of 2 mm and two voxels."),
    ),
    compute=_compute,
)

"""How large a brush may be, and how it grows by keys and wheel."""

from __future__ import annotations

from atsm_viewer.domain.geometry import Geometry

MIN_DIAMETER_MM = 0.1
MAX_DIAMETER_MM = 200.0
STEP_FACTOR = 1.12


def stepped_diameter(diameter_mm: float, steps: int, geometry: Geometry) -> float:
    """Return the diameter after some steps up (positive) or down (negative), mm.

    A step is 12 % or the smallest voxel spacing, whichever is more, so that every step shows. The
    result is never smaller than that spacing; steps up and down undo each other within the limits.

    Parameters
    ----------
    diameter_mm
        Diameter now, mm.
    steps
        Wheel notches or key presses.
    geometry
        The grid painted on.
    """
    voxel_mm = min(geometry.spacing_kji_mm)
    smallest = min(max(MIN_DIAMETER_MM, voxel_mm), MAX_DIAMETER_MM)
    for _ in range(abs(steps)):
        if steps > 0:
            diameter_mm = max(diameter_mm * STEP_FACTOR, diameter_mm + voxel_mm)
        else:
            diameter_mm = min(diameter_mm / STEP_FACTOR, diameter_mm - voxel_mm)
        diameter_mm = min(max(diameter_mm, smallest), MAX_DIAMETER_MM)
    return diameter_mm

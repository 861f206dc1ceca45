"""PET values in the units that thresholds are given in."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import FloatArray
from atsm_viewer.operations.base import BoolArray, OperationContext

UNITS = (
    ("suv", "SUV"),
    ("muscle", "× muscle mean"),
    ("stored", "stored values"),
    ("percent_max", "% of maximum"),
)
TOLERANCE = 1e-9
"""Relative; a value that equals the threshold but for rounding counts as equal."""


def values_in(ctx: OperationContext, box: Box, unit: str) -> FloatArray:
    """PET values [k, j, i] over a box in ``suv``, ``muscle`` or ``stored``.

    Raises
    ------
    AtsmError
        When the unit is not available for the scan.
    """
    if unit == "suv":
        if ctx.suv_k is None:
            raise AtsmError(
                "SUV is not known for this scan.", "Complete the dose card, or choose another unit."
            )
        if ctx.scan.pet is None:
            raise AtsmError("The PET image is not loaded.")
        stored = np.asarray(ctx.scan.pet.frame_kji(ctx.frame)[box.slices], dtype=np.float64)
        return np.asarray(stored * ctx.suv_k[box.slices[0], None, None])
    if unit == "muscle":
        if not ctx.muscle_mean:
            raise AtsmError(
                "There is no muscle mean for this scan.", "Draw a muscle ROI, or choose another unit."
            )
        return ctx.pet(box) / ctx.muscle_mean
    return ctx.pet(box)


def at_or_above(values: FloatArray, level: float) -> BoolArray:
    """Voxels at or above a level; NaN is not."""
    with np.errstate(invalid="ignore"):
        return np.asarray(values >= level - TOLERANCE * abs(level))


def maximum(values: FloatArray, inside: BoolArray) -> float:
    """Largest value inside; raises AtsmError when none was measured there."""
    measured = values[inside & np.isfinite(values)]
    if measured.size == 0:
        raise AtsmError("The ROI holds no measured PET value.")
    return float(measured.max())

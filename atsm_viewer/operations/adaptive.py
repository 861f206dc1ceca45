"""Threshold between background and maximum."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.operations.base import (
    Operation,
    OperationContext,
    OperationResult,
    Values,
    number,
    with_defaults,
)
from atsm_viewer.operations.distance import TOLERANCE_MM, distance_mm, with_margin
from atsm_viewer.operations.pet_units import at_or_above, maximum

_RING = ("background", ("ring",))


def _ring_median(ctx: OperationContext, gap_mm: float, width_mm: float) -> float:
    """Median of a ring around the ROI that leaves out other ROIs (evened stored values)."""
    box = with_margin(ctx.roi.mask.box, ctx.geometry, gap_mm + width_mm)
    away = distance_mm(ctx.roi.mask.block_in(box), ctx.geometry)
    ring = (away > gap_mm + TOLERANCE_MM) & (away <= gap_mm + width_mm + TOLERANCE_MM)
    for other in ctx.state.rois_of(ctx.scan.id):
        if other.id != ctx.roi.id:
            ring &= ~other.mask.block_in(box)
    values = ctx.pet(box)[ring]
    values = values[np.isfinite(values)]
    if values.size == 0:
        raise AtsmError("The ring around the ROI holds no voxel.", "Make the ring wider.")
    return float(np.median(values))


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    roi, box = ctx.roi, ctx.roi.mask.box
    if values["background"] == "muscle":
        if not ctx.muscle_mean:
            raise AtsmError("There is no muscle mean for this scan.", "Draw a muscle ROI, or use a ring.")
        background = ctx.muscle_mean
    else:
        background = _ring_median(ctx, number(values, "gap_mm"), number(values, "width_mm"))
    pet = ctx.pet(box)
    top = maximum(pet, roi.mask.block_kji)
    if top <= background:
        raise AtsmError("The ROI is nowhere hotter than its background.", "Choose another background.")
    level = background + number(values, "percent") / 100.0 * (top - background)
    mask = Mask.from_block(box, roi.mask.block_kji & at_or_above(pet, level))
    params = (("background_stored", f"{background:.6g}"), ("level_stored", f"{level:.6g}"))
    return OperationResult(mask, params=params)


def _refine(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    # One voxel of distance keeps the blurred rim out; two give enough voxels for a median.
    voxel = round(max(ctx.geometry.spacing_kji_mm), 2)
    return with_defaults(options, gap_mm=voxel, width_mm=2 * voxel)


ADAPTIVE = Operation(
    id="adaptive",
    title="Adaptive threshold inside the ROI",
    tip="Keeps the voxels at or above background + share × (maximum − background).",
    group="PET",
    run=_run,
    options=(
        OptionSpec("percent", "Share above background", 50.0, "%", 0.0, 100.0, 1.0),
        OptionSpec(
            "background", "Background", "ring",
            choices=(("ring", "median of a ring around the ROI"), ("muscle", "muscle mean")),
        ),
        OptionSpec("gap_mm", "Ring begins after", 2.0, "mm", 0.0, 100.0, 0.5, shown_when=_RING),
        OptionSpec("width_mm", "Ring width", 4.0, "mm", 0.1, 100.0, 0.5, shown_when=_RING),
    ),
    refine=_refine,
    needs_pet=True,
)  # fmt: skip

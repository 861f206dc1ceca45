"""Keep the voxels of a ROI at or above a level."""

from __future__ import annotations

from math import floor, log10

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.operations.base import (
    BoolArray,
    Operation,
    OperationContext,
    OperationResult,
    Values,
    number,
    with_defaults,
)
from atsm_viewer.operations.extent import EXTENT, by_parts
from atsm_viewer.operations.pet_units import UNITS, at_or_above, maximum, values_in

_START_FRACTION = 0.41


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    unit, level = str(values["unit"]), number(values, "level")

    def part(block: BoolArray, box: Box, flat_axis: int | None) -> BoolArray:
        pet = values_in(ctx, box, unit)
        limit = level / 100.0 * maximum(pet, block) if unit == "percent_max" else level
        above = at_or_above(pet, limit)
        return block & (above if values["keep"] == "above" else ~above & np.isfinite(pet))

    return OperationResult(by_parts(ctx, str(values["extent"]), ctx.roi.mask.box, part))


def _refine(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    if ctx.roi.mask.is_empty or ctx.scan.pet is None:
        return options
    unit = "suv" if ctx.suv_k is not None else "stored"
    values = values_in(ctx, ctx.roi.mask.box, unit)
    inside = values[ctx.roi.mask.block_kji & np.isfinite(values)]
    top = float(inside.max()) if inside.size else 0.0
    start = _START_FRACTION * top
    digits = 2 - floor(log10(start)) if start > 0 else 0
    return with_defaults(options, unit=unit, level=round(start, digits) if start > 0 else 0.0)


THRESHOLD = Operation(
    id="threshold",
    title="Threshold inside the ROI",
    tip="Keeps the voxels of the ROI whose PET value is at or above a level, or below it.",
    group="PET",
    run=_run,
    options=(
        OptionSpec("level", "Level", 1.0, minimum=-1e9, maximum=1e12, step=0.1),
        OptionSpec("unit", "Unit", "suv", choices=UNITS),
        OptionSpec(
            "keep",
            "Keep",
            "above",
            choices=(("above", "at or above the level"), ("below", "below the level")),
        ),
        EXTENT,
    ),
    refine=_refine,
    needs_pet=True,
)

"""Grow and shrink by mm."""

from __future__ import annotations

from collections.abc import Callable

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
from atsm_viewer.operations.distance import with_margin, within
from atsm_viewer.operations.extent import EXTENT, by_parts

_AMOUNT = OptionSpec("mm", "By", 1.0, "mm", 0.01, 100.0, 0.5)


def _grow(ctx: OperationContext, values: Values) -> OperationResult:
    mm = number(values, "mm")

    def part(block: BoolArray, box: Box, flat_axis: int | None) -> BoolArray:
        return within(block, ctx.geometry, mm)

    mask = by_parts(ctx, str(values["extent"]), with_margin(ctx.roi.mask.box, ctx.geometry, mm), part)
    if values["spare_others"]:
        for other in ctx.state.rois_of(ctx.scan.id):
            if other.id != ctx.roi.id:
                mask = mask.minus(other.mask.minus(ctx.roi.mask))
    return OperationResult(mask)


def _shrink(ctx: OperationContext, values: Values) -> OperationResult:
    mm = number(values, "mm")

    def part(block: BoolArray, box: Box, flat_axis: int | None) -> BoolArray:
        return block & ~within(~block, ctx.geometry, mm)

    # Beyond the image nothing is known, so its edge does not count as a border of the ROI. On a grid
    # of right angles the nearest outside is never farther than the first voxel around the box.
    margin = 0.0 if ctx.geometry.is_orthogonal else mm
    box = with_margin(ctx.roi.mask.box, ctx.geometry, margin)
    return OperationResult(by_parts(ctx, str(values["extent"]), box, part))


def _one_voxel(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    return with_defaults(options, mm=round(max(ctx.geometry.spacing_kji_mm), 2))


def _operation(
    name: str,
    tip: str,
    run: Callable[[OperationContext, Values], OperationResult],
    more: tuple[OptionSpec, ...],
) -> Operation:
    return Operation(
        id=name, title=name.capitalize(), tip=tip, group="Shape", run=run,
        options=(_AMOUNT, EXTENT, *more), refine=_one_voxel,
    )  # fmt: skip


GROW = _operation(
    "grow", "Adds every voxel whose centre lies within a distance of the ROI.", _grow,
    (OptionSpec("spare_others", "Leave other ROIs alone", True),),
)  # fmt: skip
SHRINK = _operation(
    "shrink", "Removes every voxel whose centre lies within a distance of the outside.", _shrink, ()
)

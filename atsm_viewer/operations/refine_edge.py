"""Move the border of a ROI to the steepest slope of the PET near it."""

from __future__ import annotations

import numpy as np

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
from atsm_viewer.operations.gradient import flooded


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    band = number(values, "band_mm")
    box = with_margin(ctx.roi.mask.box, ctx.geometry, band + max(ctx.geometry.spacing_kji_mm))
    inside = ctx.roi.mask.block_in(box)
    depth = distance_mm(~inside, ctx.geometry)
    core = inside & (depth > band + TOLERANCE_MM)
    if not core.any():  # thinner than the band: its deepest voxels stay inside
        core = inside & (depth >= depth[inside].max() - TOLERANCE_MM)
    outside = distance_mm(inside, ctx.geometry) > band + TOLERANCE_MM
    markers = np.zeros(box.shape_kji, dtype=np.int32)
    markers[core], markers[outside] = 1, 2
    ctx.check()
    labels = flooded(ctx.pet(box), markers, np.ones(box.shape_kji, dtype=np.bool_), ctx.geometry)
    return OperationResult(Mask.from_block(box, labels == 1))


def _refine(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    return with_defaults(options, band_mm=round(2 * max(ctx.geometry.spacing_kji_mm), 2))


REFINE_EDGE = Operation(
    id="refine_edge",
    title="Fit to the PET edge",
    tip="Moves the border to the steepest slope of the PET within a band around it.",
    group="PET",
    run=_run,
    options=(OptionSpec("band_mm", "Within", 2.0, "mm", 0.1, 50.0, 0.5),),
    refine=_refine,
    needs_pet=True,
)

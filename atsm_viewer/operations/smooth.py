"""Smooth the border of a ROI."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import FloatArray, Geometry
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
from atsm_viewer.operations.distance import TOLERANCE_MM, with_margin
from atsm_viewer.operations.extent import EXTENT, by_parts

_TRUNCATED_AT_SIGMA = 3.0


def _kernel(geometry: Geometry, method: str, size_mm: float, flat_axis: int | None) -> FloatArray:
    """Weights [k, j, i] by distance from the middle, on any grid."""
    reach = size_mm if method == "median" else _TRUNCATED_AT_SIGMA * size_mm
    per_mm = np.linalg.norm(np.linalg.inv(geometry.steps_kji_lps), axis=0)
    n = [0 if axis == flat_axis else int((reach + TOLERANCE_MM) * r) for axis, r in enumerate(per_mm)]
    index = np.stack(np.meshgrid(*(np.arange(-m, m + 1) for m in n), indexing="ij"), axis=-1)
    away = np.linalg.norm(index @ geometry.steps_kji_lps, axis=-1)
    ball = away <= reach + TOLERANCE_MM
    if method == "median":
        return np.asarray(ball, dtype=np.float64)
    return np.asarray(np.where(ball, np.exp(-0.5 * (away / size_mm) ** 2), 0.0))


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    from scipy.signal import oaconvolve

    method, size_mm = str(values["method"]), number(values, "size_mm")

    def part(block: BoolArray, box: Box, flat_axis: int | None) -> BoolArray:
        kernel = _kernel(ctx.geometry, method, size_mm, flat_axis)
        inside = oaconvolve(block.astype(np.float64), kernel, mode="same")
        # Only the edge of the image takes weight away; beyond it nothing votes.
        all_votes = oaconvolve(np.ones(block.shape), kernel, mode="same")
        share = inside - 0.5 * all_votes
        # The transform leaves rounding noise; votes that are even keep what was there.
        noise = 1e-9 * kernel.sum()
        return np.asarray((share > noise) | (block & (share > -noise)))

    reach = size_mm if method == "median" else _TRUNCATED_AT_SIGMA * size_mm
    # Twice the reach: every voxel that can be won has its whole neighbourhood in the box.
    box = with_margin(ctx.roi.mask.box, ctx.geometry, 2 * reach)
    return OperationResult(by_parts(ctx, str(values["extent"]), box, part))


def _refine(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    return with_defaults(options, size_mm=round(max(ctx.geometry.spacing_kji_mm), 2))


SMOOTH = Operation(
    id="smooth",
    title="Smooth",
    tip="Rounds the border of the ROI; bulges shrink, so a small ROI loses some volume.",
    group="Shape",
    run=_run,
    options=(
        OptionSpec(
            "method", "Method", "median",
            choices=(("median", "majority in a ball of this radius"), ("gauss", "Gaussian of this SD")),
        ),
        OptionSpec("size_mm", "Size", 1.0, "mm", 0.05, 30.0, 0.5),
        EXTENT,
    ),
    refine=_refine,
)  # fmt: skip

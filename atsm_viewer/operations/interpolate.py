"""Fill the slices between drawn ones."""

from __future__ import annotations

import itertools

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import FloatArray
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.operations.base import BoolArray, Operation, OperationContext, OperationResult, Values
from atsm_viewer.operations.distance import signed_distance_mm
from atsm_viewer.operations.extent import PLANE, crosshair_index, slice_axis


def _middle(block: BoolArray) -> FloatArray:
    return np.asarray(np.argwhere(block).mean(axis=0))


def _moved(distance: FloatArray, by: FloatArray) -> FloatArray:
    """Return a signed distance map moved by a fraction of voxels."""
    if not np.any(by):
        return distance
    from scipy.ndimage import shift

    return np.asarray(shift(distance, by, order=1, mode="nearest"))


def _between(
    low: BoolArray, high: BoolArray, ctx: OperationContext, fractions: FloatArray, follow: bool
) -> list[BoolArray]:
    """Shapes between two drawn slices: where the mean of their signed distances is not negative.

    Raya and Udupa, IEEE Trans Med Imaging 1990; 9: 32–42. With ``follow`` both shapes are first moved
    along the line between their middles, so that a leaning structure keeps its width.
    """
    a, b = signed_distance_mm(low, ctx.geometry), signed_distance_mm(high, ctx.geometry)
    way = _middle(high) - _middle(low) if follow else np.zeros(3)
    way[np.abs(way) < 1e-9] = 0.0
    return [np.asarray((1 - t) * _moved(a, t * way) + t * _moved(b, (t - 1) * way) >= 0) for t in fractions]


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    axis = slice_axis(ctx.geometry, Orientation(str(values["plane"])))
    roi_box = ctx.roi.mask.box
    lo, hi = list(roi_box.lo_kji), list(roi_box.hi_kji)
    for other in range(3):
        if other != axis:  # a voxel of outside all around, so that each shape has a border
            lo[other], hi[other] = lo[other] - 1, hi[other] + 1
    box = Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))
    block = np.moveaxis(ctx.roi.mask.block_in(box), axis, 0).copy()
    drawn = np.flatnonzero(block.any(axis=(1, 2)))
    gaps = [(int(a), int(b)) for a, b in itertools.pairwise(drawn) if b - a > 1]
    if not gaps:
        raise AtsmError(
            f"“{ctx.roi.name}” has no {values['plane']} slices left empty between drawn ones.",
            "Draw it on at least two slices with empty ones between them, or choose other slices.",
        )
    only = crosshair_index(ctx, axis) - box.lo_kji[axis] if values["scope"] == "this" else None
    if only is not None and not any(a < only < b for a, b in gaps):
        raise AtsmError(
            "The slice at the crosshair is not an empty one between drawn ones.", "Scroll to one."
        )
    unmet = 0
    for a, b in gaps:
        wanted = np.array([s for s in range(a + 1, b) if only in (None, s)], dtype=np.int64)
        if not wanted.size:
            continue
        ctx.check()
        low, high = (np.expand_dims(block[s], axis) for s in (a, b))
        shapes = _between(low, high, ctx, (wanted - a) / (b - a), bool(values["follow"]))
        for index, shape in zip(wanted, shapes, strict=True):
            block[index] = np.squeeze(shape, axis)
            unmet += not shape.any()
    common = box.intersect(ctx.geometry.box)
    mask = Mask.from_block(common, np.moveaxis(block, 0, axis)[common.slices_within(box)])
    text = f"{unmet} slices stay empty: the outlines around them are too far apart."
    notices = (Notice("gap_left", Severity.INFO, text, scan_id=ctx.scan.id),) if unmet else ()
    return OperationResult(mask, notices=notices)


INTERPOLATE = Operation(
    id="interpolate",
    title="Interpolate between slices",
    tip="Fills the empty slices between drawn ones with shapes that lead from one to the next.",
    group="Shape",
    run=_run,
    options=(
        PLANE,
        OptionSpec(
            "scope", "Fill", "all",
            choices=(("all", "all empty slices"), ("this", "only the slice at the crosshair")),
        ),
        OptionSpec("follow", "Follow a leaning structure", True),
    ),
)  # fmt: skip

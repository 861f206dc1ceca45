"""Copy what is drawn on the slice at the crosshair to its neighbours."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.operations.base import Operation, OperationContext, OperationResult, Values, number
from atsm_viewer.operations.extent import PLANE, crosshair_index, slice_axis, slice_box


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    orientation = Orientation(str(values["plane"]))
    axis = slice_axis(ctx.geometry, orientation)
    at, mask = crosshair_index(ctx, axis), ctx.roi.mask
    here = slice_box(mask.box, axis, at)
    drawn = mask.block_in(here)
    if not drawn.any():
        raise AtsmError(
            f"“{ctx.roi.name}” has no voxel in the {orientation.value} slice at the crosshair.",
            "Scroll to the slice that is to be copied.",
        )
    # "Up" is towards the patient's left, back or head, whichever way the grid runs.
    runs_up = ctx.geometry.steps_kji_lps[axis, orientation.axis] > 0
    step = 1 if (values["direction"] == "up") == runs_up else -1
    targets = [at + step * n for n in range(1, int(number(values, "n_slices")) + 1)]
    targets = [t for t in targets if 0 <= t < ctx.geometry.shape_kji[axis]]
    if not targets:
        raise AtsmError("There is no further slice in that direction.")
    first, last = min(targets), max(targets)
    ends = slice_box(mask.box, axis, first).union(slice_box(mask.box, axis, last))
    box: Box = mask.box.union(ends)
    block = mask.block_in(box)
    for target in targets:
        there = slice_box(mask.box, axis, target).slices_within(box)
        block[there] = drawn | (block[there] if values["keep"] else np.False_)
    return OperationResult(Mask.from_block(box, block))


COPY_TO_SLICE = Operation(
    id="copy_to_slice",
    title="Copy to the next slices",
    tip="Copies the outline on the slice at the crosshair to the slices beside it.",
    group="Copy and move",
    run=_run,
    options=(
        PLANE,
        OptionSpec(
            "direction", "Towards", "up",
            choices=(("up", "head, back or left"), ("down", "feet, front or right")),
        ),
        OptionSpec("n_slices", "Number of slices", 1.0, "", 1.0, 500.0, 1.0),
        OptionSpec("keep", "Keep what is drawn there", True),
    ),
)  # fmt: skip

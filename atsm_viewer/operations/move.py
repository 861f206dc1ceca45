"""Move a ROI by mm or voxel by voxel."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.operations.base import Operation, OperationContext, OperationResult, Values, number
from atsm_viewer.operations.extent import slice_axis


def shifted(ctx: OperationContext, steps_kji: tuple[int, int, int]) -> OperationResult:
    """Return the ROI moved by whole voxels; what leaves the image is cut off and reported."""
    mask = ctx.roi.mask
    lo = tuple(a + s for a, s in zip(mask.box.lo_kji, steps_kji, strict=True))
    hi = tuple(b + s for b, s in zip(mask.box.hi_kji, steps_kji, strict=True))
    box = Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))
    common = box.intersect(ctx.geometry.box)
    if common.is_empty:
        raise AtsmError(f"“{ctx.roi.name}” would lie outside the PET.", "Nothing was changed.")
    moved = Mask.from_block(common, mask.block_kji[common.slices_within(box)])
    if moved.is_empty:
        raise AtsmError(f"“{ctx.roi.name}” would lie outside the PET.", "Nothing was changed.")
    lost = mask.n_voxels - moved.n_voxels
    text = f"{lost} voxels of “{ctx.roi.name}” were cut off at the edge of the PET."
    notices = (
        (Notice("cut_at_edge", Severity.WARNING, text, "Undo brings them back.", ctx.scan.id),)
        if lost
        else ()
    )
    way = np.asarray(steps_kji) @ ctx.geometry.steps_kji_lps
    params = (("moved_mm_lps", " ".join(f"{v:.4g}" for v in way)),)
    return OperationResult(moved, params=params, notices=notices)


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    way = np.array([number(values, "left_mm"), number(values, "back_mm"), number(values, "head_mm")])
    if not way.any():
        raise AtsmError("All three distances are 0.", "Enter how far the ROI is to move.")
    index = way @ np.linalg.inv(ctx.geometry.steps_kji_lps)
    k, j, i = (int(v) for v in np.sign(index) * np.floor(np.abs(index) + 0.5 + 1e-9))
    if (k, j, i) == (0, 0, 0):
        spacing = " × ".join(f"{s:.3g}" for s in reversed(ctx.geometry.spacing_kji_mm))
        raise AtsmError("That is less than half a voxel.", f"A ROI moves by whole voxels of {spacing} mm.")
    return shifted(ctx, (k, j, i))


MOVE = Operation(
    id="move",
    title="Move by mm",
    tip="Moves the ROI by whole voxels, as near as possible to the distances given; its shape stays.",
    group="Copy and move",
    run=_run,
    options=(
        OptionSpec("left_mm", "To the left", 0.0, "mm", -500.0, 500.0, 0.5),
        OptionSpec("back_mm", "To the back", 0.0, "mm", -500.0, 500.0, 0.5),
        OptionSpec("head_mm", "To the head", 0.0, "mm", -500.0, 500.0, 0.5),
    ),
)


def _nudge(towards: str, orientation: Orientation, sign: int) -> Operation:
    def run(ctx: OperationContext, values: Values) -> OperationResult:
        axis = slice_axis(ctx.geometry, orientation)
        steps = [0, 0, 0]
        steps[axis] = sign if ctx.geometry.steps_kji_lps[axis, orientation.axis] > 0 else -sign
        return shifted(ctx, (steps[0], steps[1], steps[2]))

    return Operation(
        id=f"nudge_{towards}", title=f"Nudge to the {towards}",
        tip=f"Moves the ROI by one voxel to the {towards}.",
        group="Nudge", run=run, instant=True,
    )  # fmt: skip


NUDGES = (
    _nudge("right", Orientation.SAGITTAL, -1),
    _nudge("left", Orientation.SAGITTAL, 1),
    _nudge("front", Orientation.CORONAL, -1),
    _nudge("back", Orientation.CORONAL, 1),
    _nudge("head", Orientation.AXIAL, 1),
    _nudge("feet", Orientation.AXIAL, -1),
)

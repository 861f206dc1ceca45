"""Keep, split or remove connected parts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.operations.base import (
    BoolArray,
    NewRoi,
    Operation,
    OperationContext,
    OperationResult,
    Values,
    number,
    with_defaults,
)
from atsm_viewer.operations.connected import CONNECTIVITY, labelled, sizes
from atsm_viewer.operations.extent import EXTENT, by_parts

MAX_PARTS = 40


def _keep_largest(ctx: OperationContext, values: Values) -> OperationResult:
    ties = 0

    def part(block: BoolArray, box: Box, flat_axis: int | None) -> BoolArray:
        nonlocal ties
        labels, n = labelled(block, values["connectivity"])
        count = sizes(labels, n)
        ties += int(np.count_nonzero(count == count.max()) > 1)
        return np.asarray(labels == int(np.argmax(count)) + 1)

    mask = by_parts(ctx, str(values["extent"]), ctx.roi.mask.box, part)
    text = "Several parts are equally large; the first one was kept."
    notices = (Notice("equal_parts", Severity.INFO, text, scan_id=ctx.scan.id),) if ties else ()
    return OperationResult(mask, notices=notices)


def _large(ctx: OperationContext, count: npt.NDArray[np.int64], below_mm3: float) -> BoolArray:
    """Whether each part has at least a volume; one part in a million of tolerance for rounding."""
    return np.asarray(count * ctx.geometry.voxel_volume_mm3 >= below_mm3 * (1 - 1e-6))


def _remove_islands(ctx: OperationContext, values: Values) -> OperationResult:
    below = number(values, "below_mm3")

    def part(block: BoolArray, box: Box, flat_axis: int | None) -> BoolArray:
        labels, n = labelled(block, values["connectivity"])
        keep = np.concatenate([[False], _large(ctx, sizes(labels, n), below)])
        return np.asarray(keep[labels])

    return OperationResult(by_parts(ctx, str(values["extent"]), ctx.roi.mask.box, part))


def _split(ctx: OperationContext, values: Values) -> OperationResult:
    box = ctx.roi.mask.box
    labels, n = labelled(ctx.roi.mask.block_kji, values["connectivity"])
    if n == 1:
        raise AtsmError(f"“{ctx.roi.name}” is one part already.", "Nothing was changed.")
    count = sizes(labels, n)
    wanted = [
        p for p in np.argsort(-count, kind="stable") if _large(ctx, count, number(values, "below_mm3"))[p]
    ]
    if not wanted:
        raise AtsmError("No part is that large.", "Nothing was changed; lower the volume.")
    if len(wanted) > MAX_PARTS:
        raise AtsmError(
            f"“{ctx.roi.name}” has {len(wanted)} parts; more than {MAX_PARTS} new ROIs would be of no use.",
            "Leave out parts below a volume.",
        )
    new = tuple(
        NewRoi(f"{ctx.roi.name[:56]} part {rank}", Mask.from_block(box, labels == part + 1))
        for rank, part in enumerate(wanted, start=1)
    )
    left_out = n - len(wanted)
    text = f"{left_out} smaller {'part was' if left_out == 1 else 'parts were'} left out."
    notices = (Notice("parts_left_out", Severity.INFO, text, scan_id=ctx.scan.id),) if left_out else ()
    return OperationResult(new=new, params=(("n_parts", str(n)),), notices=notices)


def _one_voxel(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    # Four voxels: fewer are noise in any image.
    some = float(f"{4 * ctx.geometry.voxel_volume_mm3:.3g}")
    return with_defaults(options, below_mm3=some)


KEEP_LARGEST = Operation(
    id="keep_largest", title="Keep the largest part", tip="Keeps the largest connected part of the ROI.",
    group="Parts", run=_keep_largest, options=(EXTENT, CONNECTIVITY),
)  # fmt: skip
REMOVE_ISLANDS = Operation(
    id="remove_islands", title="Remove islands",
    tip="Removes connected parts that are smaller than a volume.",
    group="Parts", run=_remove_islands,
    options=(OptionSpec("below_mm3", "Smaller than", 10.0, "mm³", 0.0, 1e6, 1.0), EXTENT, CONNECTIVITY),
    refine=_one_voxel,
)  # fmt: skip
SPLIT = Operation(
    id="split", title="Split into parts", tip="Adds one ROI for each connected part; the ROI itself stays.",
    group="Parts", run=_split, makes="adds",
    options=(OptionSpec("below_mm3", "Leave out smaller than", 0.0, "mm³", 0.0, 1e6, 1.0), CONNECTIVITY),
)  # fmt: skip

"""Fill holes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.operations.base import BoolArray, Operation, OperationContext, OperationResult, Values
from atsm_viewer.operations.connected import labelled
from atsm_viewer.operations.extent import EXTENT, by_parts


def filled(block_kji: BoolArray, flat_axis: int | None = None) -> BoolArray:
    """Return a block without holes: what cannot be reached from outside across faces is filled.

    Parameters
    ----------
    block_kji
        Array [k, j, i] of bool; what lies beyond it counts as outside.
    flat_axis
        Axis along which it is one slice thick and cannot be entered; None in space.
    """
    pad = [(0, 0) if axis == flat_axis else (1, 1) for axis in range(3)]
    outside = np.pad(~block_kji, pad, constant_values=True)
    labels, _ = labelled(outside, "6")
    inner = tuple(slice(a, n - b) for (a, b), n in zip(pad, labels.shape, strict=True))
    first = tuple(0 for _ in range(3))
    return np.asarray(labels[inner] != labels[first])


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    def part(block: BoolArray, box: Box, flat_axis: int | None) -> BoolArray:
        return filled(block, flat_axis)

    return OperationResult(by_parts(ctx, str(values["extent"]), ctx.roi.mask.box, part))


FILL_HOLES = Operation(
    id="fill_holes",
    title="Fill holes",
    tip="Fills what cannot be reached from outside, in space or slice by slice.",
    group="Shape",
    run=_run,
    options=(replace(EXTENT, default="each_axial"),),
)

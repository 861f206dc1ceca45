"""Remove all voxels of a ROI."""

from __future__ import annotations

from atsm_viewer.domain.mask import Mask
from atsm_viewer.operations.base import Operation, OperationContext, OperationResult, Values


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    return OperationResult(Mask.empty())


CLEAR = Operation(
    id="clear", title="Clear", tip="Removes all voxels of the ROI; undo brings them back.",
    group="Shape", run=_run, may_empty=True, instant=True,
)  # fmt: skip

"""Everything of the body that a ROI leaves out."""

from __future__ import annotations

from atsm_viewer.domain.mask import Mask
from atsm_viewer.operations.base import Operation, OperationContext, OperationResult, Values
from atsm_viewer.operations.body import BODY_OPTIONS, body_in, with_body_source


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    # The body is wherever it is: the one operation that has to look at the whole image.
    box = ctx.geometry.box
    return OperationResult(Mask.from_block(box, body_in(ctx, box, values) & ~ctx.roi.mask.block_in(box)))


INVERT = Operation(
    id="invert", title="Invert within the body", tip="Takes all of the body except the ROI.",
    group="Several ROIs", run=_run, options=BODY_OPTIONS, refine=with_body_source, needs_pet=True,
)  # fmt: skip

"""Union, subtraction and intersection with another ROI."""

from __future__ import annotations

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.operations.base import Operation, OperationContext, OperationResult, Values
from atsm_viewer.operations.choices import OTHER_ROI, other_roi, with_other_rois


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    other, mask = other_roi(ctx, values), ctx.roi.mask
    how = values["how"]
    if how == "union":
        made = mask.union(other.mask)
    elif how == "subtract":
        made = mask.minus(other.mask)
    elif how == "intersect":
        made = mask.intersect(other.mask)
    else:
        made = mask.union(other.mask).minus(mask.intersect(other.mask))
    return OperationResult(made, params=(("other_name", other.name),))


COMBINE = Operation(
    id="combine",
    title="Combine with another ROI",
    tip="Adds the voxels of another ROI, takes them away, or keeps only the common ones.",
    group="Several ROIs",
    run=_run,
    options=(
        OptionSpec(
            "how", "How", "union",
            choices=(
                ("union", "Add the other ROI (union)"),
                ("subtract", "Take the other ROI away (subtract)"),
                ("intersect", "Keep the common part (intersect)"),
                ("either", "Keep what only one of them has"),
            ),
        ),
        OTHER_ROI,
    ),
    refine=with_other_rois,
)  # fmt: skip

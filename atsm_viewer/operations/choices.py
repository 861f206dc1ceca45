"""Choices that are known only when the operation is used: other ROIs, other scans."""

from __future__ import annotations

from dataclasses import replace

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.roi import Roi
from atsm_viewer.operations.base import OperationContext, Values

OTHER_ROI = OptionSpec("other", "Other ROI", "", choices=(("", "There is no other ROI"),))


def with_other_rois(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    """Return the options with the other ROIs of the scan to choose from."""
    rois = [r for r in ctx.state.rois_of(ctx.scan.id) if r.id != ctx.roi.id and not r.mask.is_empty]
    if not rois:
        return options
    found = tuple((r.id, r.name) for r in rois)
    return tuple(
        replace(o, default=found[0][0], choices=found) if o.id == OTHER_ROI.id else o for o in options
    )


def other_roi(ctx: OperationContext, values: Values) -> Roi:
    """Return the chosen other ROI; raises AtsmError when there is none."""
    if not values[OTHER_ROI.id]:
        raise AtsmError("There is no other ROI with voxels on this scan.", "Draw one first.")
    return ctx.state.roi(str(values[OTHER_ROI.id]))

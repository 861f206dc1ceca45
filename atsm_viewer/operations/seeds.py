"""Grow ROIs from seeds until they meet."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.roi import Roi
from atsm_viewer.operations.base import (
    Operation,
    OperationContext,
    OperationResult,
    Values,
    number,
    with_defaults,
)
from atsm_viewer.operations.distance import TOLERANCE_MM, distance_mm, with_margin
from atsm_viewer.operations.gradient import flooded

_RING_VOXELS = 1.0


def _competitors(ctx: OperationContext) -> list[Roi]:
    return [
        r
        for r in ctx.state.rois_of(ctx.scan.id)
        if r.id != ctx.roi.id and r.visible and not r.mask.is_empty and r.subject_id == ctx.roi.subject_id
    ]


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    reach, rivals = number(values, "reach_mm"), _competitors(ctx)
    grows = [r for r in rivals if not r.locked] if values["grow_all"] else []
    if values["background"] == "none" and not rivals:
        raise AtsmError(
            "Growing needs a second seed.", "Draw a ROI on what does not belong to this one, or use the ring."
        )
    ring_mm = _RING_VOXELS * max(ctx.geometry.spacing_kji_mm)
    box = Box.empty()
    for roi in (ctx.roi, *grows):
        box = box.union(with_margin(roi.mask.box, ctx.geometry, reach + ring_mm))
    markers = np.zeros(box.shape_kji, dtype=np.int32)
    for label, roi in reversed(list(enumerate((ctx.roi, *rivals), start=1))):
        markers[roi.mask.block_in(box)] = label  # where seeds overlap the ROI in hand comes first
    seeds = np.zeros(box.shape_kji, dtype=np.bool_)
    for roi in (ctx.roi, *grows):
        seeds |= roi.mask.block_in(box)
    ctx.check()
    away = distance_mm(seeds, ctx.geometry)
    where = away <= reach + TOLERANCE_MM
    if values["background"] == "ring":
        ring = ~where & (away <= reach + ring_mm + TOLERANCE_MM) & (markers == 0)
        markers[ring] = len(rivals) + 2
        where |= ring
    markers[~where] = 0
    ctx.check()
    labels = flooded(ctx.pet(box), markers, where, ctx.geometry)
    own = Mask.from_block(box, (labels == 1) | ctx.roi.mask.block_in(box))
    others = []
    for label, roi in enumerate(rivals, start=2):
        if roi in grows:
            others.append((roi.id, Mask.from_block(box, labels == label).union(roi.mask)))
    params = (("seeds", ", ".join(r.name for r in (ctx.roi, *rivals))),)
    return OperationResult(own, others=tuple(others), params=params)


def _refine(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    reach = round(5 * max(ctx.geometry.spacing_kji_mm), 1)
    return with_defaults(options, reach_mm=reach)


GROW_FROM_SEEDS = Operation(
    id="seeds",
    title="Grow from seeds",
    tip="Grows this ROI along the PET until it meets other ROIs or the background; steep edges stop it.",
    group="PET",
    run=_run,
    options=(
        OptionSpec("reach_mm", "At most", 10.0, "mm", 0.1, 200.0, 1.0),
        OptionSpec(
            "background", "Background seed", "ring",
            choices=(("ring", "a ring at that distance"), ("none", "none: other ROIs are the seeds")),
        ),
        OptionSpec("grow_all", "Grow the other ROIs too", False),
    ),
    refine=_refine,
    needs_pet=True,
)  # fmt: skip

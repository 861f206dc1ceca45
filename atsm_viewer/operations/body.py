"""Where the body is: one filled region on CT or PET."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.operations.base import BoolArray, OperationContext, Values, number, with_defaults
from atsm_viewer.operations.connected import labelled, sizes
from atsm_viewer.operations.ct_values import hu_at
from atsm_viewer.operations.extent import slice_axis, slice_box
from atsm_viewer.operations.fill_holes import filled

BODY_OPTIONS = (
    OptionSpec("body", "Body from", "ct", choices=(("ct", "CT"), ("pet", "PET"))),
    OptionSpec(
        "hu_above", "Body on CT above", -300.0, "HU", -1024.0, 3000.0, 50.0, shown_when=("body", ("ct",))
    ),
    OptionSpec(
        "pet_percent",
        "Body on PET above",
        10.0,
        "% of the 99th percentile",
        0.1,
        100.0,
        1.0,
        shown_when=("body", ("pet",)),
    ),
)


def with_body_source(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    """Return the options with the CT as the source of the body where there is one, else the PET."""
    source = "ct" if ctx.scan.ct is not None else "pet"
    return with_defaults(options, body=source)


def body_in(ctx: OperationContext, box: Box, values: Values) -> BoolArray:
    """Voxels of the body [k, j, i] in a box of the PET grid.

    What lies above the level, its largest part, holes filled in each axial slice; in a bed with
    several animals only the slot of the animal that the ROI belongs to.

    Raises
    ------
    AtsmError
        When nothing lies above the level.
    """
    if values["body"] == "ct":
        with np.errstate(invalid="ignore"):
            inside = np.asarray(hu_at(ctx, box) > number(values, "hu_above"))
    else:
        pet = np.nan_to_num(ctx.pet(box), nan=-np.inf)
        measured = pet[np.isfinite(pet) & (pet > 0)]
        top = float(np.percentile(measured, 99.0)) if measured.size else np.inf
        inside = pet > number(values, "pet_percent") / 100.0 * top
    inside &= _slot(ctx, box)
    if not inside.any():
        raise AtsmError("No body was found.", "Choose another level, or the other image.")
    ctx.check()
    labels, n = labelled(inside, "6")
    body = np.asarray(labels == int(np.argmax(sizes(labels, n))) + 1)
    axis = slice_axis(ctx.geometry, Orientation.AXIAL)
    for index in range(box.lo_kji[axis], box.hi_kji[axis]):
        ctx.check()
        here = slice_box(box, axis, index).slices_within(box)
        body[here] = filled(body[here], axis)
    return body


def _slot(ctx: OperationContext, box: Box) -> BoolArray:
    """Voxels whose centre lies in the slot of the subject of the ROI."""
    slot = ctx.scan.slot_of(ctx.roi.subject_id)
    inside = np.ones(box.shape_kji, dtype=np.bool_)
    if slot is None or slot.lo_lps is None or slot.hi_lps is None:
        return inside
    low, high = np.minimum(slot.lo_lps, slot.hi_lps), np.maximum(slot.lo_lps, slot.hi_lps)
    ends = zip(box.lo_kji, box.hi_kji, strict=True)
    k, j, i = np.ogrid[tuple(slice(a, b) for a, b in ends)]
    for axis in range(3):
        steps = ctx.geometry.steps_kji_lps[:, axis]
        at = ctx.geometry.origin_lps[axis] + k * steps[0] + j * steps[1] + i * steps[2]
        inside &= (at >= low[axis]) & (at < high[axis])
    return inside

"""In space, slice by slice, or in the slice at the crosshair."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.operations.base import BoolArray, OperationContext

PLANES = tuple((o.value, o.value.capitalize()) for o in Orientation)
EXTENT = OptionSpec(
    "extent", "Where", "3d",
    choices=(
        ("3d", "In space (3D)"),
        *((f"each_{o.value}", f"In each {o.value} slice") for o in Orientation),
        *((f"this_{o.value}", f"Only the {o.value} slice at the crosshair") for o in Orientation),
    ),
)  # fmt: skip
PLANE = OptionSpec("plane", "Slices", "axial", choices=PLANES)
Part = Callable[[BoolArray, Box, "int | None"], BoolArray]
"""Gets the voxels [k, j, i] of a part, its box and the axis along which it is one slice thick."""


def slice_axis(geometry: Geometry, orientation: Orientation) -> int:
    """Grid axis (0 k, 1 j, 2 i) along which the slices of an orientation follow each other.

    On an oblique grid the slices of the grid itself are meant that lie nearest to the plane; the
    three orientations always get three different axes.
    """
    unit = np.abs(geometry.steps_kji_lps / np.linalg.norm(geometry.steps_kji_lps, axis=1, keepdims=True))
    best = max(permutations(range(3)), key=lambda p: float(sum(unit[p[lps], lps] for lps in range(3))))
    return best[orientation.axis]


def slice_box(box: Box, axis: int, index: int) -> Box:
    """Return the slice of a box at an index of the grid along an axis."""
    lo, hi = list(box.lo_kji), list(box.hi_kji)
    lo[axis], hi[axis] = index, index + 1
    return Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))


def crosshair_index(ctx: OperationContext, axis: int) -> int:
    """Index of the slice through the crosshair; raises AtsmError outside the PET."""
    at = int(np.floor(ctx.geometry.lps_to_index(ctx.cursor_lps)[axis] + 0.5))
    if not 0 <= at < ctx.geometry.shape_kji[axis]:
        raise AtsmError("The crosshair lies outside the PET.", "Put it on the slice that is meant.")
    return at


def by_parts(ctx: OperationContext, extent: str, box: Box, part: Part) -> Mask:
    """Return the ROI after ``part`` was applied in space or to slices.

    Parameters
    ----------
    ctx
        Whose ROI.
    extent
        A value of :data:`EXTENT`.
    box
        What is worked on: the box of the ROI with the margin that ``part`` needs, inside the grid.
    part
        Gets and returns the voxels of one part; it must keep the shape.

    Raises
    ------
    AtsmError
        When only the slice at the crosshair is meant and the ROI is not in it.
    """
    block = ctx.roi.mask.block_in(box)
    if extent == "3d":
        return Mask.from_block(box, part(block, box, None))
    which, _, plane = extent.partition("_")
    axis = slice_axis(ctx.geometry, Orientation(plane))
    if which == "this":
        at = crosshair_index(ctx, axis)
        here = slice_box(box, axis, at)
        if not box.contains(here) or not block[here.slices_within(box)].any():
            raise AtsmError(
                f"“{ctx.roi.name}” has no voxel in the {plane} slice at the crosshair.",
                "Scroll to one of its slices.",
            )
        indices = [at]
    else:
        indices = list(range(ctx.roi.mask.box.lo_kji[axis], ctx.roi.mask.box.hi_kji[axis]))
    for index in indices:
        ctx.check()
        here = slice_box(box, axis, index)
        inside = block[here.slices_within(box)]
        if inside.any():
            block[here.slices_within(box)] = part(inside.copy(), here, axis)
    return Mask.from_block(box, block)

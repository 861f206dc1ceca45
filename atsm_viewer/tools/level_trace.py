"""Level tracing: the outline of equal CT density through the spot, in the slice."""

from __future__ import annotations

import math

import numpy as np

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import Refusal, ToolContext
from atsm_viewer.tools.bounded import BoolArray, FloatArray, flood
from atsm_viewer.tools.footprint import swept_footprint
from atsm_viewer.tools.shaped import Reached, ShapedTool, Track, Values
from atsm_viewer.tools.writing import OUTSIDE

_MAX_PIXELS = 601


class LevelTrace(ShapedTool):
    """The connected part of the CT slice that is at least as dense as the spot, its holes filled.

    The CT is looked up on the plane at its own resolution; a PET voxel of the slice is taken when its
    centre lies inside the outline.
    """

    id = "level_trace"
    title = "Level trace"
    tip = "Click takes what is as dense as the spot on the CT, or denser, within the slice; drag moves it."
    options: tuple[OptionSpec, ...] = (
        OptionSpec("side", "Take", "denser", choices=(("denser", "Denser"), ("lighter", "Lighter"))),
        OptionSpec("bound_mm", "Within", 15.0, "mm", minimum=0.5, maximum=150.0, step=1.0),
    )  # fmt: skip

    def reached(self, track: Track, ctx: ToolContext, values: Values) -> Reached | Refusal:
        """Return the PET voxels of the slice inside the outline."""
        if ctx.scan.ct is None:
            return Refusal("this scan has no CT to trace", "Take the isocontour for the PET")
        spot, radius = track[-1], float(values["bound_mm"])
        geometry = ctx.scan.pet_geometry
        at = spot.position_lps
        box, block = swept_footprint(geometry, at, at, radius, "disc", spot.plane)
        if box.is_empty:
            return OUTSIDE
        step = max(min(ctx.scan.ct.geometry.spacing_kji_mm), 2.0 * radius / (_MAX_PIXELS - 1))
        n = math.ceil(radius / step)
        hu = _ct_on_plane(ctx, spot, n, step)
        here = float(hu[n, n])
        if math.isnan(here):
            return Refusal("outside the CT", "Point at the CT")
        reach = np.hypot(*np.meshgrid(np.arange(-n, n + 1), np.arange(-n, n + 1), indexing="ij")) * step
        passing = (hu >= here if values["side"] == "denser" else hu <= here) & (reach <= radius)
        region = _filled(flood(passing, (n, n)))
        words = f"{'≥' if values['side'] == 'denser' else '≤'} {here:.0f} HU"
        if bool((region & (reach > radius - 1.5 * step)).any()):
            words += " · touches the bound"
        index = np.argwhere(block)
        uv = spot.plane.to_uv_mm(geometry.index_to_lps(index + box.lo_kji)) - spot.plane.to_uv_mm(at)
        pixel = np.clip(np.floor(uv / step + 0.5).astype(np.intp) + n, 0, 2 * n)
        block[tuple(index[~region[pixel[:, 0], pixel[:, 1]]].T)] = False
        if not block.any():
            return Refusal("the outline holds the middle of no PET voxel", "Click a larger structure")
        return Reached(box, block, Sketch(words=words))


def _ct_on_plane(ctx: ToolContext, spot: PointerEvent, n: int, step_mm: float) -> FloatArray:
    """HU [u, v] of a square of 2n + 1 points around a spot, nearest CT voxel; NaN outside the CT."""
    ct = ctx.scan.ct
    assert ct is not None  # asked before
    steps = np.arange(-n, n + 1) * step_mm
    u, v = np.meshgrid(steps, steps, indexing="ij")
    uv = np.stack([u, v], axis=-1) + spot.plane.to_uv_mm(spot.position_lps)
    index = ct.geometry.lps_to_index(ctx.scan.ct_to_pet.invert(spot.plane.to_lps(uv)))
    nearest = np.floor(index + 0.5).astype(np.intp)
    inside = np.all((nearest >= 0) & (nearest < ct.geometry.shape_kji), axis=-1)
    hu = np.full(u.shape, np.nan)
    hu[inside] = ct.frame_kji(0)[tuple(nearest[inside].T)]
    return hu


def _filled(region: BoolArray) -> BoolArray:
    from scipy import ndimage  # loaded at the first click, see bounded.flood

    return np.asarray(ndimage.binary_fill_holes(region))


LEVEL_TRACE = LevelTrace()

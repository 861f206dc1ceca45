"""The sphere: an exact diameter in mm by one click, another one by a drag."""

from __future__ import annotations

import math

import numpy as np

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import Refusal, ToolContext
from atsm_viewer.tools.footprint import swept_footprint
from atsm_viewer.tools.limits import MAX_DIAMETER_MM
from atsm_viewer.tools.round_shapes import dragged_uv, ellipse_line, moved, size_option
from atsm_viewer.tools.shaped import Reached, ShapedTool, Track, Values
from atsm_viewer.tools.writing import OUTSIDE


class Sphere(ShapedTool):
    """All voxels whose centre is within a radius; its middle and its rim can be dragged afterwards."""

    id = "sphere"
    title = "Sphere"
    tip = "Click places a sphere of the size in mm, drag sizes it; its handles move and resize it."
    options: tuple[OptionSpec, ...] = (size_option("Diameter", 5.0),)
    has_handles = True
    exact_size = False
    """Whether a drag moves the sphere instead of sizing it."""

    def reached(self, track: Track, ctx: ToolContext, values: Values) -> Reached | Refusal:
        """Return the voxels of the sphere."""
        middle, radius = track[0], float(values["diameter_mm"]) / 2.0
        away = dragged_uv(track, ctx)
        rim = moved(middle, radius, 0.0)
        if away is not None and self.exact_size:
            middle, rim = track[-1], moved(track[-1], radius, 0.0)
        elif away is not None:
            radius = min(math.hypot(*away), MAX_DIAMETER_MM / 2.0)
            rim = track[-1].position_lps
        at = middle.position_lps
        geometry = ctx.scan.pet_geometry
        box, block = swept_footprint(geometry, at, at, radius, "ball", middle.plane)
        if box.is_empty or not block.any():
            return OUTSIDE
        ml = int(np.count_nonzero(block)) * geometry.voxel_volume_ml
        words = (
            f"{2 * radius:.1f} mm · {1000 * ml:.1f} mm³" if ml < 0.1 else f"{2 * radius:.1f} mm · {ml:.2f} mL"
        )
        handles = (at,) if self.exact_size else (at, rim)
        return Reached(box, block, Sketch((ellipse_line(middle, radius, radius),), handles, words))


class ProtocolSphere(Sphere):
    """The sphere of a protocol: a drag moves it, its size is not the hand's to change."""

    id = "protocol_sphere"
    title = "Protocol sphere"
    tip = "Click places the next muscle sphere of the protocol as a ROI of its own; drag moves it."
    exact_size = True
    has_handles = False


SPHERE = Sphere()
PROTOCOL_SPHERE = ProtocolSphere()

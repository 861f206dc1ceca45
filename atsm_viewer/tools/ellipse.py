"""The ellipse in the plane: a circle of exact size by a click, an ellipse by a drag."""

from __future__ import annotations

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import Refusal, ToolContext
from atsm_viewer.tools.plane_shapes import ellipse_footprint
from atsm_viewer.tools.round_shapes import dragged_uv, ellipse_line, moved, size_option
from atsm_viewer.tools.shaped import Reached, ShapedTool, Track, Values
from atsm_viewer.tools.writing import OUTSIDE


class Ellipse(ShapedTool):
    """The voxels of the slice whose centre lies in an ellipse along the edges of the picture."""

    id = "ellipse"
    title = "Ellipse"
    tip = "Click places a circle of the size in mm in the slice, drag pulls an ellipse from its middle."
    options: tuple[OptionSpec, ...] = (size_option("Diameter", 5.0),)
    has_handles = True

    def reached(self, track: Track, ctx: ToolContext, values: Values) -> Reached | Refusal:
        """Return the voxels of the ellipse."""
        middle, radius = track[0], float(values["diameter_mm"]) / 2.0
        half_u, half_v, rim = radius, radius, moved(middle, radius, 0.0)
        away = dragged_uv(track, ctx)
        if away is not None:
            # A pull along one edge of the picture gives a circle rather than a line.
            a, b = abs(away[0]), abs(away[1])
            half_u, half_v = (a if a > b / 4 else b), (b if b > a / 4 else a)
            rim = track[-1].position_lps
        at = middle.position_lps
        box, block = ellipse_footprint(ctx.scan.pet_geometry, at, half_u, half_v, middle.plane)
        if box.is_empty or not block.any():
            return (
                OUTSIDE
                if box.is_empty
                else Refusal("the ellipse holds the middle of no voxel", "Make it larger")
            )
        words = f"{2 * half_u:.1f} × {2 * half_v:.1f} mm"
        return Reached(box, block, Sketch((ellipse_line(middle, half_u, half_v),), (at, rim), words))


ELLIPSE = Ellipse()

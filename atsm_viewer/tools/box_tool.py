"""The box: a cube of exact size, or a rectangle in the slice."""

from __future__ import annotations

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import Refusal, ToolContext
from atsm_viewer.tools.plane_shapes import box_footprint
from atsm_viewer.tools.round_shapes import box_line, dragged_uv, moved, size_option
from atsm_viewer.tools.shaped import Reached, ShapedTool, Track, Values
from atsm_viewer.tools.writing import OUTSIDE


class BoxTool(ShapedTool):
    """The voxels whose centre lies in a box along the edges of the picture."""

    id = "box"
    title = "Box"
    tip = "Click places a box of the size in mm, drag pulls one from its middle; right button takes it out."
    options: tuple[OptionSpec, ...] = (
        size_option("Edge", 5.0),
        OptionSpec("extent", "Reach", "space", choices=(("space", "Space"), ("slice", "Slice"))),
    )
    has_handles = True

    def reached(self, track: Track, ctx: ToolContext, values: Values) -> Reached | Refusal:
        """Return the voxels of the box; in space its depth is the longer edge."""
        middle, half = track[0], float(values["diameter_mm"]) / 2.0
        half_u, half_v, corner = half, half, moved(middle, half, half)
        away = dragged_uv(track, ctx)
        if away is not None:
            half_u, half_v = abs(away[0]), abs(away[1])
            corner = track[-1].position_lps
        depth = max(half_u, half_v) if values["extent"] == "space" else None
        at = middle.position_lps
        box, block = box_footprint(ctx.scan.pet_geometry, at, (half_u, half_v, depth), middle.plane)
        if box.is_empty:
            return OUTSIDE
        if not block.any():
            return Refusal("the box holds the middle of no voxel", "Make it larger")
        words = f"{2 * half_u:.1f} × {2 * half_v:.1f}" + (f" × {2 * depth:.1f} mm" if depth else " mm")
        return Reached(box, block, Sketch((box_line(middle, half_u, half_v),), (at, corner), words))


BOX = BoxTool()

"""The lasso: a freehand line whose inside is written on release."""

from __future__ import annotations

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import Refusal, ToolContext
from atsm_viewer.tools.plane_shapes import polygon_footprint
from atsm_viewer.tools.shaped import Reached, ShapedTool, Track, Values
from atsm_viewer.tools.writing import OUTSIDE

NO_AREA = Refusal("the line encloses no voxel", "Draw round the middle of at least one voxel")


class Lasso(ShapedTool):
    """Freehand outline; the line is closed where the button is released."""

    id = "lasso"
    title = "Lasso"
    tip = "Draw round a region; right button or Ctrl takes it out."
    keeps_track = True

    def reached(self, track: Track, ctx: ToolContext, values: Values) -> Reached | Refusal:
        """Return the voxels inside the line drawn so far, closed."""
        points = tuple(p.position_lps for p in track)
        if not track:
            raise AtsmError("A lasso has no point.")
        if len(points) < 3:
            return NO_AREA
        box, block = polygon_footprint(ctx.scan.pet_geometry, points, track[0].plane)
        if box.is_empty:
            return OUTSIDE
        if not block.any():
            return NO_AREA
        return Reached(box, block, Sketch(((*points, points[0]),)))


LASSO = Lasso()

"""The polygon: corners set by clicks, dragged at will, written when it is closed."""

from __future__ import annotations

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import Gesture, GestureStep, Refusal, ToolContext
from atsm_viewer.tools.lasso import NO_AREA
from atsm_viewer.tools.plane_shapes import polygon_footprint
from atsm_viewer.tools.shaped import Reached, ShapedTool, ShapeGesture, Track, Values
from atsm_viewer.tools.writing import OUTSIDE, Writing, presses_add, target

TOO_FEW = Refusal("a polygon needs three corners", "Click again to set corners")


class Polygon(ShapedTool):
    """Corners by clicks; Enter or a double-click closes, Backspace removes the last corner."""

    id = "polygon"
    title = "Polygon"
    tip = "Click corners, drag them, close with Enter or a double-click; Backspace removes the last one."
    has_handles = True

    def reached(self, track: Track, ctx: ToolContext, values: Values) -> Reached | Refusal:
        """Return the voxels inside the corners set so far, closed."""
        points = tuple(p.position_lps for p in track)
        if len(points) < 3:
            return TOO_FEW
        box, block = polygon_footprint(ctx.scan.pet_geometry, points, track[0].plane)
        if box.is_empty:
            return OUTSIDE
        if not block.any():
            return NO_AREA
        return Reached(box, block, Sketch(((*points, points[0]),), points))

    def begin(self, event: PointerEvent, ctx: ToolContext) -> Gesture | Refusal:
        """Set the first corner; the polygon stays open until it is finished."""
        return self._gesture(event, ctx)

    def _gesture(self, event: PointerEvent, ctx: ToolContext) -> ShapeGesture | Refusal:
        roi = target(ctx)
        if isinstance(roi, Refusal):
            return roi
        return PolygonGesture(self, Writing(ctx, roi, presses_add(event)), (event,), 0)


class PolygonGesture(ShapeGesture):
    """A polygon between its first click and its closing."""

    def press(self, event: PointerEvent) -> GestureStep:
        """Take hold of the corner under the pointer, or set another one there.

        Raises
        ------
        AtsmError
            After the polygon has ended.
        """
        if self._ended:
            raise AtsmError(f"The polygon was {self._ended} already.")
        at = self._handle_at(event)
        if at is None:
            self._track = (*self._track, event)
            at = len(self._track) - 1
        self._held = at
        return self.extend(event)

    def step_back(self) -> GestureStep:
        """Remove the last corner; the first one stays."""
        if self._ended:
            raise AtsmError(f"The polygon was {self._ended} already.")
        if len(self._track) > 1:
            self._track = self._track[:-1]
        self._held = len(self._track) - 1
        return self._reshape()

    def _move_held(self, event: PointerEvent) -> None:
        """Every corner, the first one too, moves alone."""
        held = self._held or 0
        self._track = (*self._track[:held], event, *self._track[held + 1 :])

    def _bare_sketch(self) -> Sketch:
        points = tuple(p.position_lps for p in self._track)
        return Sketch((points,) if len(points) > 1 else (), points)


POLYGON = Polygon()

"""Tools whose voxels follow from a few points: every movement works the whole shape out anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import Edit, Paint
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.options import OptionSpec, OptionValue
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import Cursor, Gesture, GestureStep, Refusal, ToolContext
from atsm_viewer.tools.writing import (
    OUTSIDE,
    BoolArray,
    Writing,
    block_in,
    cropped,
    nothing,
    presses_add,
    target,
    values_of,
)

Track = tuple[PointerEvent, ...]
Values = Mapping[str, OptionValue]

NO_SKETCH = Sketch()


@dataclass(frozen=True, eq=False)
class Reached:
    """The voxels of a shape.

    Parameters
    ----------
    box
        Where the block lies in the grid, clipped to it.
    block_kji
        Array [k, j, i] of bool.
    sketch
        What is drawn besides.
    """

    box: Box
    block_kji: BoolArray
    sketch: Sketch = NO_SKETCH


class ShapedTool:
    """A painting tool that turns its points into voxels; an heir says how.

    The right button takes the shape out of the ROI, Ctrl turns adding into taking out and back.
    """

    id: str = ""
    title: str = ""
    tip: str = ""
    options: tuple[OptionSpec, ...] = ()
    cursor = Cursor.BRUSH
    is_painting = True
    keeps_track = False
    """Whether a drag adds points (lasso) or moves the second one (circle)."""
    has_handles = False
    """Whether a press on a point of the shape just written takes it up again."""

    def reached(self, track: Track, ctx: ToolContext, values: Values) -> Reached | Refusal:
        """Return the voxels of the shape through some points, or why there are none.

        Parameters
        ----------
        track
            The press, then where the pointer went; at least one.
        ctx, values
            The session, and the options of the tool.
        """
        raise NotImplementedError

    def footprint(self, event: PointerEvent, ctx: ToolContext) -> Patch | Refusal:
        """Exactly the voxels that a click here would change, or why there are none."""
        begun = self._gesture(event, ctx)
        if isinstance(begun, Refusal):
            return begun
        return begun.why if begun.pending.box.is_empty else begun.pending

    def reach(self, event: PointerEvent, ctx: ToolContext) -> Patch | Refusal:
        """All voxels of the shape that a click would give, changed or not."""
        begun = self._gesture(event, ctx)
        if isinstance(begun, Refusal):
            return begun
        got = self.reached((event,), ctx, values_of(self.options, ctx))
        return got if isinstance(got, Refusal) else cropped(got.box, got.block_kji, begun.adds)

    def begin(self, event: PointerEvent, ctx: ToolContext) -> Gesture | Refusal:
        """Start the shape at a press."""
        return self._gesture(event, ctx)

    def _gesture(self, event: PointerEvent, ctx: ToolContext) -> ShapeGesture | Refusal:
        roi = target(ctx)
        if isinstance(roi, Refusal):
            return roi
        return ShapeGesture(self, Writing(ctx, roi, presses_add(event)), (event,))


class ShapeGesture:
    """One shape from press to release.

    Parameters
    ----------
    tool
        Turns points into voxels.
    writing
        Which ROI, and whether it adds.
    track
        Points so far; the press alone for a fresh shape.
    held
        Which point follows the pointer; None for the ordinary drag of a fresh shape.
    """

    def __init__(self, tool: ShapedTool, writing: Writing, track: Track, held: int | None = None) -> None:
        self._tool, self._writing = tool, writing
        self._values = values_of(tool.options, writing.ctx)
        self._track, self._held = track, held
        self._ended = ""
        self.why: Refusal = OUTSIDE
        self.pending: Patch = nothing(writing.adds)
        self.sketch = Sketch()
        self.first: GestureStep = self._reshape()

    @property
    def adds(self) -> bool:
        """True when it paints, False when it erases."""
        return self._writing.adds

    @property
    def track(self) -> Track:
        """The points of the shape."""
        return self._track

    def extend(self, event: PointerEvent) -> GestureStep:
        """Follow the pointer with the point in hand; returns what came and what went.

        Raises
        ------
        AtsmError
            After the gesture has ended.
        """
        if self._ended:
            raise AtsmError(f"The shape was {self._ended} already.")
        event = replace(event, plane=self._track[0].plane)
        if self._held is not None:
            self._move_held(event)
        elif self._tool.keeps_track:
            self._track = (*self._track, event)
        else:
            self._track = (self._track[0], event)
        return self._reshape()

    def finish(self, modified_utc: str) -> Edit | Refusal:
        """End the shape: the edit that writes it, or the reason why nothing changes."""
        if self._ended:
            return Refusal(f"the shape was {self._ended} already")
        self._ended = "finished"
        if self.pending.box.is_empty:
            return self.why
        return Paint(self._writing.roi.id, self.pending, modified_utc)

    def cancel(self) -> None:
        """End the shape and drop the preview."""
        self._ended = self._ended or "cancelled"
        self.pending, self.sketch = nothing(self.adds), Sketch()

    def grabbed(self, event: PointerEvent) -> ShapeGesture | None:
        """A fresh gesture of the same shape that follows the handle under a press, or None."""
        at = self._handle_at(event)
        if not self._tool.has_handles or at is None:
            return None
        return type(self)(self._tool, self._writing, self._track, at)

    def _handle_at(self, event: PointerEvent) -> int | None:
        handles = self.sketch.handles_lps
        if not handles or abs(float(self._track[0].plane.distance_mm(event.position_lps))) > _plane_mm(self):
            return None
        plane = self._track[0].plane
        away = ((plane.to_uv_mm(handles) - plane.to_uv_mm(event.position_lps)) ** 2).sum(axis=1) ** 0.5
        # The last of several handles at one place lies on top.
        nearest = len(away) - 1 - int(away[::-1].argmin())
        return nearest if float(away[nearest]) <= self._writing.ctx.grab_mm else None

    def _move_held(self, event: PointerEvent) -> None:
        """Point 0 is the middle and carries the whole shape; another one moves alone."""
        held = self._held or 0
        if held:
            self._track = (*self._track[:held], event, *self._track[held + 1 :])
            return
        old, new = self._track[0].position_lps, event.position_lps
        by = (new[0] - old[0], new[1] - old[1], new[2] - old[2])
        self._track = tuple(
            replace(p, position_lps=(p.position_lps[0] + by[0], p.position_lps[1] + by[1],
                                     p.position_lps[2] + by[2]))
            for p in self._track
        )  # fmt: skip

    def _reshape(self) -> GestureStep:
        got = self._tool.reached(self._track, self._writing.ctx, self._values)
        old, at = self.pending, self._track[-1].position_lps
        if isinstance(got, Refusal):
            self.pending, self.why, self.sketch = nothing(self.adds), got, self._bare_sketch()
        else:
            stamp = self._writing.gated(got.box, got.block_kji)
            self.pending, self.sketch = cropped(got.box, stamp.changes_kji, self.adds), got.sketch
            if self.pending.box.is_empty:
                self.why = self._writing.why_nothing(stamp, at, "in the shape")
        box = old.box.union(self.pending.box)
        before, now = block_in(old, box), block_in(self.pending, box)
        newly, taken = cropped(box, now & ~before, self.adds), cropped(box, before & ~now, self.adds)
        return GestureStep(newly.box.union(taken.box), newly, None if taken.box.is_empty else taken)

    def _bare_sketch(self) -> Sketch:
        return Sketch((tuple(p.position_lps for p in self._track),)) if len(self._track) > 1 else Sketch()


def _plane_mm(gesture: ShapeGesture) -> float:
    """How far from its plane a shape can still be taken hold of: half a voxel."""
    return max(gesture._writing.ctx.scan.pet_geometry.spacing_kji_mm) / 2.0

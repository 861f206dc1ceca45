"""One stroke at a time: from pointer events to an edit, with numbers under the brush."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from atsm_viewer.app.live_results import LiveResults
from atsm_viewer.app.session import Session
from atsm_viewer.app.sphere_placing import next_sphere, placed_sphere
from atsm_viewer.app.tool_setting import tool_by_id, tool_context
from atsm_viewer.app.view_state import ViewState, ViewStore
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import AddRoi, Paint
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.domain.state import SessionState
from atsm_viewer.tools import (
    AdjustableGesture,
    Gesture,
    GestureStep,
    OpenGesture,
    Refusal,
    Tool,
    ToolContext,
)
from atsm_viewer.tools.sphere import PROTOCOL_SPHERE
from atsm_viewer.tools.writing import presses_add

__all__ = ["Painter", "StrokeChange", "tool_by_id"]


@dataclass(frozen=True)
class StrokeChange:
    """What just changed about the stroke in progress.

    Parameters
    ----------
    roi_id
        The ROI being written.
    box
        Voxels whose preview changed; None when the whole stroke went away or was applied.
    """

    roi_id: str
    box: Box | None


@dataclass(frozen=True, eq=False)
class _Placed:
    """The shape written last, which its handles can take up again while nothing else happened."""

    gesture: AdjustableGesture
    context: ToolContext
    tool_id: str
    state: SessionState


class Painter:
    """Runs the painting tool in hand.

    A polygon stays open after a release until :meth:`close`; a shape with handles can be taken up
    again as long as its writing is the last thing that happened: the step is undone, the shape follows
    the hand, and the release writes it anew.

    Parameters
    ----------
    session, view, live
        Where strokes are applied, which tool and ROI are in hand, and whose numbers follow.
    """

    def __init__(self, session: Session, view: ViewStore, live: LiveResults) -> None:
        self._session = session
        self._view = view
        self._live = live
        self._gesture: Gesture | None = None
        self._context: ToolContext | None = None
        self._pending: tuple[str, Patch] | None = None
        self._placed: _Placed | None = None
        self._taken_up = self._new_roi = False
        self._listeners: list[Callable[[StrokeChange], None]] = []
        self.last_refusal: Refusal | None = None
        self.last_words = ""
        """What the shape written last has to tell, for example that it touches its bound."""
        view.subscribe(self._on_view)
        session.subscribe(self._on_session)

    @property
    def is_painting_tool(self) -> bool:
        """Whether the tool in hand writes voxels."""
        return tool_by_id(self._view.state.tool_id).is_painting

    @property
    def is_active(self) -> bool:
        """Whether a stroke is in progress."""
        return self._gesture is not None

    @property
    def is_open(self) -> bool:
        """Whether a shape of several presses waits to be closed."""
        return isinstance(self._gesture, OpenGesture) and not self._taken_up

    @property
    def pending(self) -> tuple[str, Patch] | None:
        """The ROI and the voxels of the stroke in progress."""
        if self._gesture is None or self._context is None or self._context.roi is None:
            return None
        # Kept until the stroke grows: every view draws it, and each asking would copy it.
        if self._pending is None:
            self._pending = self._context.roi.id, self._gesture.pending
        return self._pending

    @property
    def sketch(self) -> Sketch | None:
        """Lines, handles and words of the shape in hand, or of the one written last; None for none."""
        if self._gesture is not None:
            return self._gesture.sketch
        placed = self._placed
        if placed is None or not self._can_take_up(placed):
            return None
        return replace(placed.gesture.sketch, words="")

    def subscribe(self, listener: Callable[[StrokeChange], None]) -> Callable[[], None]:
        """Call ``listener(change)`` while a stroke changes; returns the function that ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def footprint(self, event: PointerEvent) -> Patch | Refusal | None:
        """Return exactly the voxels that a press here would change, or why there are none.

        None when the tool in hand does not paint, nothing is open, or a press would take up a point.
        """
        context = self._context_now(event, 1.0)
        if context is None or not self.is_painting_tool or self.is_open:
            return None
        return context if isinstance(context, Refusal) else self._tool.footprint(event, context)

    def press(self, event: PointerEvent, grab_mm: float = 1.0) -> Refusal | None:
        """Begin a stroke, or go on with an open one; returns why not when it is refused.

        Parameters
        ----------
        event
            The press.
        grab_mm
            How near to a handle it takes hold of it, mm.
        """
        if self.is_open and isinstance(self._gesture, OpenGesture):
            self._follow(self._gesture.press(event))
            return None
        self.cancel()
        if not self.is_painting_tool:
            return None
        if self._take_up(event):
            return None
        context = self._context_now(event, grab_mm)
        if context is None:
            return None
        begun = context if isinstance(context, Refusal) else self._begin(event, context)
        if isinstance(begun, Refusal):
            self.last_refusal = begun
            return begun
        self._start(*begun, taken_up=False)
        return None

    def move(self, event: PointerEvent) -> None:
        """Go on with the stroke."""
        if self._gesture is not None:
            self._follow(self._gesture.extend(event))

    def release(self) -> Refusal | None:
        """Finish the stroke as one undoable step, unless it stays open; why when nothing changed."""
        return None if self.is_open else self.close()

    def close(self) -> Refusal | None:
        """Finish the stroke, also an open one; returns why when nothing changed."""
        if self._gesture is None or self._context is None or self._context.roi is None:
            return None
        gesture, context, roi = self._gesture, self._context, self._context.roi
        taken_up, new_roi = self._taken_up, self._new_roi
        words = gesture.sketch.words
        finished = gesture.finish(datetime.now(UTC).isoformat(timespec="seconds"))
        self._forget()
        if isinstance(finished, Refusal):
            if taken_up:
                self._session.redo()
            elif new_roi:
                self._session.undo()
            self.last_refusal = finished
            self._tell(StrokeChange(roi.id, None))
            return finished
        self.last_words = words
        if new_roi and isinstance(finished, Paint):
            edit = placed_sphere(self._session.state, finished)
            self._session.apply(edit, f"Place {roi.name}", merge_key=f"place {roi.id}")
            self._session.seal()
        else:
            verb = "Paint" if gesture.adds else "Erase"
            self._session.apply(finished, f"{verb} {roi.name}")
        if isinstance(gesture, AdjustableGesture) and gesture.sketch.handles_lps and not new_roi:
            self._placed = _Placed(gesture, context, self._view.state.tool_id, self._session.state)
        self._tell(StrokeChange(roi.id, None))
        return None

    def step_back(self) -> bool:
        """Remove the last point of an open shape; False when there is none."""
        if not self.is_open or not isinstance(self._gesture, OpenGesture):
            return False
        self._follow(self._gesture.step_back())
        return True

    def cancel(self) -> bool:
        """Drop the stroke in progress; False when there was none."""
        if self._gesture is None or self._context is None or self._context.roi is None:
            return False
        roi_id, taken_up, new_roi = self._context.roi.id, self._taken_up, self._new_roi
        self._gesture.cancel()
        self._forget()
        if taken_up:
            self._session.redo()
        elif new_roi:
            self._session.undo()
        self._tell(StrokeChange(roi_id, None))
        return True

    @property
    def _tool(self) -> Tool:
        return tool_by_id(self._view.state.tool_id)

    def _begin(self, event: PointerEvent, context: ToolContext) -> tuple[Gesture, ToolContext] | Refusal:
        if self._tool is not PROTOCOL_SPHERE or context.roi is None:
            begun = self._tool.begin(event, context)
            return begun if isinstance(begun, Refusal) else (begun, context)
        shown = self._tool.footprint(event, context)
        if isinstance(shown, Refusal):
            return shown
        roi = context.roi
        self._session.apply(AddRoi(roi), f"Place {roi.name}", merge_key=f"place {roi.id}")
        self._view.set(active_roi_id=roi.id)
        self._new_roi = True
        context = replace(context, state=self._session.state)
        begun = self._tool.begin(event, context)
        return begun if isinstance(begun, Refusal) else (begun, context)

    def _start(self, gesture: Gesture, context: ToolContext, *, taken_up: bool) -> None:
        roi = context.roi
        assert roi is not None  # a tool refuses to begin without a ROI
        self._gesture, self._context = gesture, context
        self._taken_up, self._placed = taken_up, None
        self._live.begin_stroke(roi.id, context.frame, adds=gesture.adds)
        if not gesture.first.newly.is_empty:
            self._live.extend_stroke(gesture.first.newly)
        self._tell(StrokeChange(roi.id, gesture.first.dirty_box))

    def _follow(self, step: GestureStep) -> None:
        if self._gesture is None or self._context is None or self._context.roi is None:
            return
        changed = not step.newly.is_empty or step.taken is not None
        if changed:
            self._live.extend_stroke(step.newly, step.taken)
        if changed or self._gesture.sketch.lines_lps or self._gesture.sketch.handles_lps:
            self._tell(StrokeChange(self._context.roi.id, step.dirty_box))

    def _can_take_up(self, placed: _Placed) -> bool:
        return placed.state is self._session.state and placed.tool_id == self._view.state.tool_id

    def _take_up(self, event: PointerEvent) -> bool:
        placed = self._placed
        if placed is None or not self._can_take_up(placed):
            return False
        if presses_add(event) != placed.gesture.adds:
            return False  # the other button means the reverse of the shape, not the shape
        again = placed.gesture.grabbed(event)
        if again is None:
            return False
        self._session.undo()
        self._start(again, placed.context, taken_up=True)
        return True

    def _forget(self) -> None:
        self._gesture = self._context = None
        self._taken_up = self._new_roi = False
        self._live.end_stroke()

    def _on_view(self, old: ViewState, new: ViewState) -> None:
        same = (old.tool_id, old.active_roi_id, old.scan_id, old.frame)
        if self.is_open and same != (new.tool_id, new.active_roi_id, new.scan_id, new.frame):
            self.close()

    def _on_session(self, old: SessionState, new: SessionState) -> None:
        # An undo or another edit took away what the open shape stands on.
        if self.is_open:
            self.cancel()

    def _tell(self, change: StrokeChange) -> None:
        self._pending = None
        for listener in tuple(self._listeners):
            listener(change)

    def _context_now(self, event: PointerEvent, grab_mm: float) -> ToolContext | Refusal | None:
        context = tool_context(self._session.state, self._view.state, grab_mm)
        if context is None or self._tool is not PROTOCOL_SPHERE:
            return context
        roi = next_sphere(context.state, context.scan, event.position_lps)
        if isinstance(roi, Refusal):
            return roi
        spheres = context.state.protocol.spheres
        assert spheres is not None  # next_sphere asked
        return replace(context, roi=roi, options={"diameter_mm": spheres.diameter_mm})

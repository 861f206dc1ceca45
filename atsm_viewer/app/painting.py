"""One stroke at a time: from pointer events to an edit, with numbers under the brush."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from atsm_viewer.app.live_results import LiveResults
from atsm_viewer.app.session import Session
from atsm_viewer.app.session_events import Applied, Replaced, SessionEvent, Undone
from atsm_viewer.app.sphere_placing import next_sphere, placed_sphere
from atsm_viewer.app.tool_setting import tool_by_id, tool_context
from atsm_viewer.app.view_state import ViewState, ViewStore
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import AddRoi, Batch, Edit, Paint
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.roi import Roi
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
from atsm_viewer.tools.writing import presses_add, target

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
    edit: Edit
    label: str


class Painter:
    """Runs the painting tool in hand.

    A polygon stays open after a release until :meth:`close`; a shape with handles can be taken up
    again as long as its writing is the last thing that happened: the step is undone, the shape follows
    the hand, and the release writes it anew. Whatever else ends that puts the step back first.

    A stroke ends without writing when its ROI can no longer be written or another scan is shown.

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
        self._tool_id = ""
        self._taken_up: _Placed | None = None
        self._new_roi = False
        self._event: SessionEvent | None = None
        self._listeners: list[Callable[[StrokeChange], None]] = []
        self.last_refusal: Refusal | None = None
        self.last_words = ""
        """What the shape written last has to tell, for example that it touches its bound."""
        view.subscribe(self._on_view)
        session.subscribe(self._on_session)
        session.subscribe_edits(self._on_event)

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
        return isinstance(self._gesture, OpenGesture) and self._taken_up is None

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
        refusal = context if isinstance(context, Refusal) else self._begin(event, context)
        if refusal is not None:
            self.last_refusal = refusal
        return refusal

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
        taken_up, new_roi, tool_id = self._taken_up, self._new_roi, self._tool_id
        words, is_written = gesture.sketch.words, False
        self._forget()
        try:
            finished = gesture.finish(datetime.now(UTC).isoformat(timespec="seconds"))
            if isinstance(finished, Refusal):
                self.last_refusal = finished
                return finished
            label = f"{'Paint' if gesture.adds else 'Erase'} {roi.name}"
            if new_roi and isinstance(finished, Paint):
                label, finished = f"Place {roi.name}", self._with_roi(roi, finished)
            self._session.apply(finished, label)
            is_written = True
            self.last_words = words
            if new_roi:
                self._view.set(active_roi_id=roi.id)
            elif isinstance(gesture, AdjustableGesture) and gesture.sketch.handles_lps:
                state = self._session.state
                self._placed = _Placed(gesture, context, tool_id, state, finished, label)
        finally:
            if taken_up is not None and not is_written:
                self._put_back(taken_up)
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
        if self._gesture is None:
            return False
        taken_up = self._taken_up
        try:
            self._drop()
        finally:
            if taken_up is not None:
                self._put_back(taken_up)
        return True

    @property
    def _tool(self) -> Tool:
        return tool_by_id(self._view.state.tool_id)

    def _begin(self, event: PointerEvent, context: ToolContext) -> Refusal | None:
        is_new = self._tool is PROTOCOL_SPHERE
        if is_new:
            # A sphere of the protocol is placed whole or not at all: a drag must not begin outside.
            shown = self._tool.footprint(event, context)
            if isinstance(shown, Refusal):
                return shown
        begun = self._tool.begin(event, context)
        if isinstance(begun, Refusal):
            return begun
        self._tool_id, self._new_roi = self._view.state.tool_id, is_new
        self._start(begun, context)
        return None

    def _with_roi(self, roi: Roi, paint: Paint) -> Edit:
        """A new ROI and its voxels as one step: until the release there is nothing to take back."""
        add = AddRoi(roi)
        return Batch((add, placed_sphere(add.apply(self._session.state), paint)))

    def _start(self, gesture: Gesture, context: ToolContext) -> None:
        roi = context.roi
        assert roi is not None  # a tool refuses to begin without a ROI
        self._gesture, self._context, self._placed = gesture, context, None
        if not self._new_roi:  # numbers follow the ROIs that are there
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
        # What happens now must stay a step of its own, or it could not be lifted off the step before.
        self._session.seal()
        self._taken_up, self._tool_id = placed, placed.tool_id
        self._start(again, placed.context)
        return True

    def _put_back(self, taken_up: _Placed) -> None:
        """Write the shape that was taken up as it was; nothing else has happened since."""
        self._session.redo()
        self._placed = taken_up

    def _drop(self) -> None:
        """End the stroke and its preview; the session stays as it is."""
        if self._gesture is None or self._context is None or self._context.roi is None:
            return
        gesture, roi_id = self._gesture, self._context.roi.id
        try:
            gesture.cancel()
            self._forget()
        finally:
            self._tell(StrokeChange(roi_id, None))

    def _forget(self) -> None:
        self._gesture = self._context = self._taken_up = None
        self._new_roi = False
        self._live.end_stroke()

    def _on_view(self, old: ViewState, new: ViewState) -> None:
        if self.is_open:
            same = (old.tool_id, old.active_roi_id, old.scan_id, old.frame)
            if same != (new.tool_id, new.active_roi_id, new.scan_id, new.frame):
                self.close()
        elif self._context is not None and new.scan_id != self._context.scan.id:
            self.cancel()

    def _on_event(self, event: SessionEvent) -> None:
        # Only kept: the journal must hear of it before anything more is done to the session.
        self._event = event

    def _on_session(self, old: SessionState, new: SessionState) -> None:
        event, self._event = self._event, None
        # The painter's own steps come while it holds no gesture; this one is somebody else's.
        if self._gesture is None or self._stands_in(new, event):
            return
        taken_up = self._taken_up
        self._drop()
        if taken_up is not None:
            self._slip_under(taken_up, event)

    def _stands_in(self, new: SessionState, event: SessionEvent | None) -> bool:
        """Whether the stroke in progress still means the same in another state."""
        context = self._context
        if context is None or context.roi is None or isinstance(event, Replaced):
            return False
        # An open shape, one taken up and a new ROI stand on the whole state they began in.
        if self.is_open or self._taken_up is not None or self._new_roi:
            return False
        scan = next((s for s in new.scans if s.id == context.scan.id), None)
        if scan is None or scan.pet is not context.scan.pet or scan.ct is not context.scan.ct:
            return False
        roi = target(replace(context, state=new, scan=scan, roi=new.find_roi(context.roi.id)))
        return not isinstance(roi, Refusal) and roi.mask is context.roi.mask

    def _slip_under(self, taken_up: _Placed, event: SessionEvent | None) -> None:
        """Put the shape that was taken up back below what just happened, as if never touched."""
        if isinstance(event, Undone):
            self._session.redo()  # the undo was meant for the shape, which is off already
        elif isinstance(event, Applied):
            self._session.undo()
            self._session.apply(taken_up.edit, taken_up.label)
            self._session.apply(event.edit, event.label, event.merge_key)

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

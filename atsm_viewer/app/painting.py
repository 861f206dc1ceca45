"""One stroke at a time: from pointer events to an edit, with numbers under the brush."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from atsm_viewer.app.live_results import LiveResults
from atsm_viewer.app.pet_display import shown_scale
from atsm_viewer.app.session import Session
from atsm_viewer.app.view_state import ViewStore
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.options import option_values
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.metrics.muscle_mean import muscle_mean
from atsm_viewer.tools import TOOLS, Gesture, Refusal, Tool, ToolContext
from atsm_viewer.tools.gates import Gate, NotOverOtherRois, PetRangeGate


def tool_by_id(tool_id: str) -> Tool:
    """Return a registered tool; raises KeyError for an unknown one."""
    for tool in TOOLS:
        if tool.id == tool_id:
            return tool
    raise KeyError(tool_id)


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


class Painter:
    """Runs the painting tool in hand.

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
        self._listeners: list[Callable[[StrokeChange], None]] = []
        self.last_refusal: Refusal | None = None

    @property
    def is_painting_tool(self) -> bool:
        """Whether the tool in hand writes voxels."""
        return tool_by_id(self._view.state.tool_id).is_painting

    @property
    def is_active(self) -> bool:
        """Whether a stroke is in progress."""
        return self._gesture is not None

    @property
    def pending(self) -> tuple[str, Patch] | None:
        """The ROI and the voxels of the stroke in progress."""
        if self._gesture is None or self._context is None or self._context.roi is None:
            return None
        # Kept until the stroke grows: every view draws it, and each asking would copy it.
        if self._pending is None:
            self._pending = self._context.roi.id, self._gesture.pending
        return self._pending

    def subscribe(self, listener: Callable[[StrokeChange], None]) -> Callable[[], None]:
        """Call ``listener(change)`` while a stroke grows; returns the function that ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def footprint(self, event: PointerEvent) -> Patch | Refusal | None:
        """Return exactly the voxels that a press here would change, or why there are none.

        None when the tool in hand does not paint or nothing is open.
        """
        context = self._context_now()
        if context is None or not self.is_painting_tool:
            return None
        return tool_by_id(self._view.state.tool_id).footprint(event, context)

    def press(self, event: PointerEvent) -> Refusal | None:
        """Begin a stroke; returns why not when it is refused."""
        self.cancel()
        context = self._context_now()
        if context is None or not self.is_painting_tool:
            return None
        begun = tool_by_id(self._view.state.tool_id).begin(event, context)
        if isinstance(begun, Refusal):
            self.last_refusal = begun
            return begun
        self._gesture, self._context = begun, context
        roi = context.roi
        assert roi is not None  # a tool refuses to begin without a ROI
        self._live.begin_stroke(roi.id, context.frame, adds=begun.adds)
        first = begun.first
        if not first.newly.is_empty:
            self._live.extend_stroke(first.newly)
        self._tell(StrokeChange(roi.id, first.dirty_box))
        return None

    def move(self, event: PointerEvent) -> None:
        """Go on with the stroke."""
        if self._gesture is None or self._context is None or self._context.roi is None:
            return
        step = self._gesture.extend(event)
        if not step.newly.is_empty:
            self._live.extend_stroke(step.newly)
            self._tell(StrokeChange(self._context.roi.id, step.dirty_box))

    def release(self) -> Refusal | None:
        """Finish the stroke as one undoable step; returns why when nothing changed."""
        if self._gesture is None or self._context is None or self._context.roi is None:
            return None
        gesture, roi = self._gesture, self._context.roi
        self._gesture = self._context = None
        finished = gesture.finish(datetime.now(UTC).isoformat(timespec="seconds"))
        self._live.end_stroke()
        if isinstance(finished, Refusal):
            self.last_refusal = finished
            self._tell(StrokeChange(roi.id, None))
            return finished
        verb = "Paint" if gesture.adds else "Erase"
        self._session.apply(finished, f"{verb} {roi.name}")
        self._tell(StrokeChange(roi.id, None))
        return None

    def cancel(self) -> bool:
        """Drop the stroke in progress; False when there was none."""
        if self._gesture is None or self._context is None or self._context.roi is None:
            return False
        roi_id = self._context.roi.id
        self._gesture.cancel()
        self._gesture = self._context = None
        self._live.end_stroke()
        self._tell(StrokeChange(roi_id, None))
        return True

    def _tell(self, change: StrokeChange) -> None:
        self._pending = None
        for listener in tuple(self._listeners):
            listener(change)

    def _context_now(self) -> ToolContext | None:
        state, view = self._session.state, self._view.state
        scan = next((s for s in state.scans if s.id == view.scan_id), None)
        if scan is None:
            return None
        tool = tool_by_id(view.tool_id)
        scale = shown_scale(state, scan, "suv")
        return ToolContext(
            state=state,
            roi=state.find_roi(view.active_roi_id),
            scan=scan,
            frame=view.frame,
            options=option_values(tool.options, view.tool_options.get(view.tool_id)),
            gates=self._gates(state, scan),
            suv_scale=scale.uniform if scale.unit == "suv" else None,
        )

    def _gates(self, state: SessionState, scan: Scan) -> tuple[Gate, ...]:
        view = self._view.state
        gates: list[Gate] = []
        if view.pet_gate.on:
            muscle = muscle_mean(state, scan, view.frame) if view.pet_gate.unit == "muscle" else None
            gates.append(PetRangeGate(view.pet_gate.lo, view.pet_gate.hi, view.pet_gate.unit, muscle))
        if view.not_over_others:
            gates.append(NotOverOtherRois())
        return tuple(gates)

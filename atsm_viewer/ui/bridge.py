"""Turns the core's one signal into Qt signals, once per turn of the event loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.painting import StrokeChange
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.state import SessionState


class Bridge(QObject):
    """Coalesces changes of session and view, passes strokes on at once.

    Parameters
    ----------
    ctx
        The context whose session, view, painter and results are followed.
    """

    state_changed = Signal(object, object)
    """(old, new) SessionState, once per turn of the event loop."""
    view_changed = Signal(object, object)
    """(old, new) ViewState, once per turn of the event loop, after ``state_changed``."""
    settings_changed = Signal(object, object)
    """Like ``view_changed``, but not when only the crosshair moved: for all that does not draw it."""
    stroke_changed = Signal(object)
    """StrokeChange, at once."""
    results_changed = Signal()
    """New exact or provisional numbers, once per turn of the event loop."""

    def __init__(self, ctx: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._seen_state = ctx.session.state
        self._seen_view = ctx.view.state
        self._results_pending = False
        # A zero timer fires when the events at hand are done: one repaint for many changes.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.flush)
        self._ends: list[Callable[[], None]] = [
            ctx.session.subscribe(self._on_state),
            ctx.view.subscribe(self._on_view),
            ctx.painter.subscribe(self._on_stroke),
            ctx.live.subscribe(self._on_results),
        ]

    def _wake(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _on_state(self, old: SessionState, new: SessionState) -> None:
        self._wake()

    def _on_view(self, old: ViewState, new: ViewState) -> None:
        self._wake()

    def _on_results(self) -> None:
        self._results_pending = True
        self._wake()

    def _on_stroke(self, change: StrokeChange) -> None:
        self.stroke_changed.emit(change)

    def flush(self) -> None:
        """Pass on what changed since the last time."""
        old_state, new_state = self._seen_state, self._ctx.session.state
        old_view, new_view = self._seen_view, self._ctx.view.state
        self._seen_state, self._seen_view = new_state, new_view
        if new_state is not old_state:
            self.state_changed.emit(old_state, new_state)
            self._ctx.live.refresh(self._ctx.jobs)
        if new_view is not old_view:
            self.view_changed.emit(old_view, new_view)
            if replace(old_view, cursor_lps=new_view.cursor_lps) != new_view:
                self.settings_changed.emit(old_view, new_view)
        if self._results_pending:
            self._results_pending = False
            self.results_changed.emit()

    def close(self) -> None:
        """Stop following."""
        self._timer.stop()
        for end in self._ends:
            end()
        self._ends.clear()

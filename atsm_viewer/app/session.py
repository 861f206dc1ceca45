"""The one mutable thing: which state holds now."""

from __future__ import annotations

from collections.abc import Callable

from atsm_viewer.app.history import DEFAULT_BUDGET_BYTES, History, Step
from atsm_viewer.app.session_events import Applied, Redone, Replaced, Saved, SessionEvent, Undone
from atsm_viewer.domain.edits import Edit
from atsm_viewer.domain.state import SessionState

Listener = Callable[[SessionState, SessionState], None]
EventListener = Callable[[SessionEvent], None]


class Session:
    """Holds the current state, applies edits, tells listeners *(old, new)*.

    Parameters
    ----------
    state
        Where it starts; counts as saved.
    budget_bytes
        Memory for undo.
    """

    def __init__(self, state: SessionState | None = None, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> None:
        self._state = state or SessionState()
        self._saved_state: SessionState | None = self._state
        self._history = History(budget_bytes)
        self._listeners: list[Listener] = []
        self._event_listeners: list[EventListener] = []

    @property
    def state(self) -> SessionState:
        """The state that holds now."""
        return self._state

    @property
    def is_dirty(self) -> bool:
        """Whether there is something that the last save does not hold."""
        return self._state is not self._saved_state

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(old, new)`` after every change; returns the function that ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def subscribe_edits(self, listener: EventListener) -> Callable[[], None]:
        """Call ``listener(event)`` with what happened, as data; returns the function that ends it.

        These are called before the listeners of :meth:`subscribe`: what a person did is on its way to
        the journal before anything that draws it can fail.
        """
        self._event_listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._event_listeners:
                self._event_listeners.remove(listener)

        return unsubscribe

    def apply(self, edit: Edit, label: str, merge_key: str | None = None) -> bool:
        """Apply an edit as one undoable step; False when it changes nothing.

        Raises
        ------
        AtsmError
            When the edit is not possible; nothing changed.
        """
        before = self._state
        after = edit.apply(before)
        if after is before:
            return False
        merged = self._history.push(Step(label, before, after, merge_key))
        self._move_to(after, Applied(edit, label, merge_key, merged, before, after))
        return True

    def undo(self) -> str | None:
        """Take back the last step; returns its label, or None when there is none."""
        step = self._history.undo()
        if step is None:
            return None
        self._move_to(step.before, Undone(step.label, self._state, step.before))
        return step.label

    def redo(self) -> str | None:
        """Do the last undone step again; returns its label, or None when there is none."""
        step = self._history.redo()
        if step is None:
            return None
        self._move_to(step.after, Redone(step.label, self._state, step.after))
        return step.label

    def seal(self) -> None:
        """End a run of merging edits (a slider was released)."""
        self._history.seal()

    def replace(self, state: SessionState, *, saved: bool) -> None:
        """Start over with another document; undo is emptied.

        Parameters
        ----------
        state
            The new state.
        saved
            Whether it is what a file on disk holds (or is empty), so that closing need not ask.
        """
        self._history.clear()
        self._saved_state = state if saved else None
        self._move_to(state, Replaced(state, saved))

    def mark_saved(self, state: SessionState) -> None:
        """Remember which state the file on disk holds; undo can always come back to it."""
        self._history.seal()
        self._saved_state = state
        self._tell(Saved(state, self._state))

    @property
    def undo_labels(self) -> tuple[str, ...]:
        """What can be undone, the next one first."""
        return self._history.undo_labels

    @property
    def redo_labels(self) -> tuple[str, ...]:
        """What can be redone, the next one first."""
        return self._history.redo_labels

    @property
    def undo_bytes(self) -> int:
        """Memory kept alive for undo."""
        return self._history.kept_bytes

    def _tell(self, event: SessionEvent) -> None:
        for listener in tuple(self._event_listeners):
            listener(event)

    def _move_to(self, state: SessionState, event: SessionEvent) -> None:
        old, self._state = self._state, state
        self._tell(event)
        for listener in tuple(self._listeners):
            listener(old, state)

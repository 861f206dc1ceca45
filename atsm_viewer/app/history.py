"""Undo and redo by keeping previous states."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.state import SessionState

MIN_STEPS = 20
DEFAULT_BUDGET_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class Step:
    """One undoable step.

    Parameters
    ----------
    label
        What the person did, in words.
    before, after
        The states around it.
    merge_key
        Steps in a row with the same key become one; None never merges.
    """

    label: str
    before: SessionState
    after: SessionState
    merge_key: str | None = None

    @property
    def done_bytes(self) -> int:
        """Memory that only this step keeps alive while done: mask blocks that it replaced."""
        return _only_in(self.before, self.after)

    @property
    def undone_bytes(self) -> int:
        """Memory that only this step keeps alive while undone: mask blocks that it had made."""
        return _only_in(self.after, self.before)


def _only_in(state: SessionState, other: SessionState) -> int:
    """Return the bytes of the mask blocks of a state that the other does not hold, and of the step itself."""
    kept = {id(r.mask) for r in other.rois}
    return 256 + sum(r.mask.block_kji.nbytes for r in state.rois if id(r.mask) not in kept)


class History:
    """Past and future steps within a memory budget.

    Parameters
    ----------
    budget_bytes
        Above it the oldest done steps are dropped, then the undone ones furthest ahead; :data:`MIN_STEPS`
        steps are always kept.
    """

    def __init__(self, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> None:
        self._budget_bytes = budget_bytes
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._bytes = 0

    def push(self, step: Step) -> bool:
        """Record a step; everything that was undone is forgotten.

        Returns
        -------
        bool
            Whether it became part of the last step.
        """
        self._bytes -= sum(s.undone_bytes for s in self._undone)
        self._undone.clear()
        last = self._done[-1] if self._done else None
        merges = last is not None and step.merge_key is not None and last.merge_key == step.merge_key
        if last is not None and merges:
            self._bytes -= last.done_bytes
            step = Step(step.label, last.before, step.after, step.merge_key)
            self._done[-1] = step
        else:
            self._done.append(step)
        self._bytes += step.done_bytes
        self._keep_budget()
        return merges

    def undo(self) -> Step | None:
        """Take back the last step and return it, or None."""
        if not self._done:
            return None
        step = self._done.pop()
        self._undone.append(step)
        self._bytes += step.undone_bytes - step.done_bytes
        self.seal()  # who went back does not go on with the run before
        self._keep_budget()
        return step

    def redo(self) -> Step | None:
        """Do the last undone step again and return it, or None."""
        if not self._undone:
            return None
        step = self._undone.pop()
        self._done.append(step)
        self._bytes += step.done_bytes - step.undone_bytes
        self.seal()
        self._keep_budget()
        return step

    def seal(self) -> None:
        """Keep the next step apart from the last one even if their merge keys are equal."""
        if self._done and self._done[-1].merge_key is not None:
            last = self._done[-1]
            self._done[-1] = Step(last.label, last.before, last.after, None)

    def clear(self) -> None:
        """Forget everything."""
        self._done.clear()
        self._undone.clear()
        self._bytes = 0

    @property
    def undo_labels(self) -> tuple[str, ...]:
        """What can be undone, the next one first."""
        return tuple(s.label for s in reversed(self._done))

    @property
    def redo_labels(self) -> tuple[str, ...]:
        """What can be redone, the next one first."""
        return tuple(s.label for s in reversed(self._undone))

    @property
    def kept_bytes(self) -> int:
        """Memory that the steps, done and undone, keep alive."""
        return self._bytes

    def _keep_budget(self) -> None:
        while self._bytes > self._budget_bytes and len(self._done) > MIN_STEPS:
            self._bytes -= self._done.pop(0).done_bytes
        # The first undone is the last to be done again: without it the others still follow each other.
        while (
            self._bytes > self._budget_bytes and self._undone
            and len(self._done) + len(self._undone) > MIN_STEPS
        ):  # fmt: skip
            self._bytes -= self._undone.pop(0).undone_bytes

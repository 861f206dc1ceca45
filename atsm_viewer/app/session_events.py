"""What happened to the session, as data: for the journal, which must be able to do it again."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.edits import Edit
from atsm_viewer.domain.state import SessionState


@dataclass(frozen=True, eq=False, slots=True)
class Applied:
    """An edit was applied.

    Parameters
    ----------
    edit, label, merge_key
        As they were given to ``Session.apply``.
    merged
        Whether it became part of the step before it, so that one undo takes both back.
    before, after
        The states around it.
    """

    edit: Edit
    label: str
    merge_key: str | None
    merged: bool
    before: SessionState
    after: SessionState


@dataclass(frozen=True, eq=False, slots=True)
class Undone:
    """The last step was taken back."""

    label: str
    before: SessionState
    after: SessionState


@dataclass(frozen=True, eq=False, slots=True)
class Redone:
    """An undone step was done again."""

    label: str
    before: SessionState
    after: SessionState


@dataclass(frozen=True, eq=False, slots=True)
class Replaced:
    """Another document took the place of the session.

    Parameters
    ----------
    after
        Its state.
    saved
        Whether a file on disk holds it.
    """

    after: SessionState
    saved: bool


@dataclass(frozen=True, eq=False, slots=True)
class Saved:
    """A file on disk holds a state.

    Parameters
    ----------
    state
        Which one.
    current
        What the session holds now; another one when work went on during the save.
    """

    state: SessionState
    current: SessionState


SessionEvent = Applied | Undone | Redone | Replaced | Saved

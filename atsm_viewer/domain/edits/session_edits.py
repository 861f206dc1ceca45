"""Edits of dose cards, protocol, notices and scans."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import Any

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.notices import Notice
from atsm_viewer.domain.protocol import Protocol
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.sourced import Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject


def _with_administration(state: SessionState, new: Administration) -> SessionState:
    return replace(state, administrations=tuple(new if a.id == new.id else a for a in state.administrations))


@dataclass(frozen=True, slots=True)
class SetEntered:
    """Enter one field of the dose card, or withdraw what was entered (None).

    Parameters
    ----------
    administration_id
        Whose dose card.
    field
        Name of a field of ``SuvOverrides``.
    value
        The value with its provenance, or None.
    """

    administration_id: str
    field: str
    value: Sourced[Any] | None

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the field; raises AtsmError for an unknown field."""
        administration = state.administration(self.administration_id)
        if self.field not in {f.name for f in dataclasses.fields(administration.entered)}:
            raise AtsmError(f"The dose card has no field {self.field!r}.")
        if getattr(administration.entered, self.field) == self.value:
            return state
        entered = replace(administration.entered, **{self.field: self.value})
        return _with_administration(state, replace(administration, entered=entered))


@dataclass(frozen=True, slots=True)
class SetTracer:
    """Enter the name of the tracer, or withdraw it (None)."""

    administration_id: str
    tracer: Sourced[str] | None

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the tracer."""
        administration = state.administration(self.administration_id)
        if administration.tracer == self.tracer:
            return state
        return _with_administration(state, replace(administration, tracer=self.tracer))


@dataclass(frozen=True, slots=True)
class SetProtocol:
    """Change how the numbers are defined."""

    protocol: Protocol

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the protocol."""
        return state if state.protocol == self.protocol else replace(state, protocol=self.protocol)


@dataclass(frozen=True, slots=True)
class AddNotices:
    """Keep notices with the session; those it has already are not repeated."""

    notices: tuple[Notice, ...]

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the notices."""
        new = tuple(n for n in self.notices if n not in state.notices)
        return replace(state, notices=state.notices + new) if new else state


@dataclass(frozen=True, slots=True)
class DismissNotice:
    """Deal with a notice."""

    notice: Notice

    def apply(self, state: SessionState) -> SessionState:
        """Return the state without the notice."""
        left = tuple(n for n in state.notices if n != self.notice)
        return state if len(left) == len(state.notices) else replace(state, notices=left)


@dataclass(frozen=True, eq=False)
class AddScan:
    """Add a scan with the subjects and administrations of its slots.

    Parameters
    ----------
    scan
        The scan; its slots must name subjects and administrations that exist afterwards.
    subjects, administrations
        New ones; those whose id exists already are left as they are.
    """

    scan: Scan
    subjects: tuple[Subject, ...] = ()
    administrations: tuple[Administration, ...] = ()

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the scan."""
        if any(s.id == self.scan.id for s in state.scans):
            raise AtsmError("A scan of that id exists already.", detail=self.scan.id)
        known_subjects = {s.id for s in state.subjects}
        known = {a.id for a in state.administrations}
        new = replace(
            state,
            subjects=state.subjects + tuple(s for s in self.subjects if s.id not in known_subjects),
            administrations=state.administrations
            + tuple(a for a in self.administrations if a.id not in known),
            scans=(*state.scans, self.scan),
        )
        for slot in self.scan.slots:
            new.subject(slot.subject_id)
            new.administration(slot.administration_id)
        return new

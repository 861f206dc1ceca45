"""Entering and withdrawing values of the dose card, as undoable steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from atsm_viewer.app.dose_fields import DoseField, dose_field
from atsm_viewer.app.session import Session
from atsm_viewer.domain.edits import Batch, Edit, RenameSubject, SetEntered, SetTracer
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState


def edit_for(
    state: SessionState,
    administration_id: str,
    field: DoseField,
    value: Any | None,
    provenance: Provenance = Provenance.TYPED,
    detail: str = "",
) -> Edit:
    """Return the edit that enters a value in base units, or withdraws it (None).

    Raises
    ------
    AtsmError
        When there is no such administration.
    """
    administration = state.administration(administration_id)
    if field.id == "subject_id":
        return RenameSubject(administration.subject_id, str(value))
    sourced = None if value is None else Sourced(value, provenance, detail)
    if field.id == "tracer":
        return SetTracer(administration_id, sourced)
    return SetEntered(administration_id, field.id, sourced)


def enter_text(session: Session, administration_id: str, field_id: str, text: str, unit: str = "") -> bool:
    """Enter what was typed; False when it changes nothing.

    Raises
    ------
    AtsmError
        When the text cannot be read; nothing changed.
    """
    field = dose_field(field_id)
    return enter_values(session, administration_id, {field_id: field.parse(text, unit or None)})


def enter_values(
    session: Session, administration_id: str, values: Mapping[str, Any], label: str = ""
) -> bool:
    """Enter values in base units as one step, marked as typed; False when nothing changes.

    Raises
    ------
    AtsmError
        When a value is not possible; nothing changed.
    """
    edits = tuple(edit_for(session.state, administration_id, dose_field(i), v) for i, v in values.items())
    return _apply(session, edits, label or f"Enter {_names(values)}")


def withdraw(session: Session, administration_id: str, field_ids: Iterable[str]) -> bool:
    """Go back to what the header says; False when nothing was entered."""
    # A subject has no other name to go back to.
    wanted = [i for i in field_ids if i != "subject_id"]
    if not wanted:
        return False
    edits = tuple(edit_for(session.state, administration_id, dose_field(i), None) for i in wanted)
    return _apply(session, edits, f"Withdraw {_names(wanted)}")


def _apply(session: Session, edits: tuple[Edit, ...], label: str) -> bool:
    if not edits:
        return False
    return session.apply(edits[0] if len(edits) == 1 else Batch(edits), label)


def _names(field_ids: Iterable[str]) -> str:
    names = [dose_field(i).name for i in field_ids]
    if len(names) > 3:
        return f"{len(names)} dose card values"
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]

"""Dose cards from a small table or sidecar: one row per subject and administration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atsm_viewer.app.dose_editing import edit_for
from atsm_viewer.app.dose_fields import DOSE_FIELDS, DoseField, field_of_column
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.edits import Batch, Edit, RenameSubject
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.sourced import Provenance
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.table_text import read_table_text

_SCAN_HEADS = ("scan", "timepoint", "timepoint_label", "time_point")
_LARGEST = 4_000_000


@dataclass(frozen=True, slots=True)
class DoseRow:
    """What a table says about one administration.

    Parameters
    ----------
    where
        Row and source, for messages.
    subject
        Label of the subject; empty where the table names none.
    scan
        Label of the scan, where a subject got several administrations; else empty.
    values
        Field and value in base units.
    provenance, detail
        Table or sidecar, and its name.
    """

    where: str
    subject: str
    scan: str
    values: tuple[tuple[DoseField, Any], ...]
    provenance: Provenance
    detail: str


def parse_dose_table(text: str, name: str) -> tuple[DoseRow, ...]:
    """Return the rows of a table with heads such as ``subject_id,weight_g,dose,injected_at``.

    Units stand in the cell (``22.3 g``) or in the head (``weight_g``, ``dose (MBq)``). Empty cells
    leave the header of the scan in force.

    Raises
    ------
    AtsmError
        For an unknown column or a cell that cannot be read; the message names row and column.
    """
    table = read_table_text(text, name)
    columns = [_column(head, name) for head in table.heads]
    rows = []
    for number, cells in table.rows:
        given = [(c, h, t) for c, h, t in zip(columns, table.heads, cells, strict=True) if t]
        rows.append(_row(given, f"row {number} of {name}", Provenance.STUDY_TABLE, name))
    _check_repeats(rows)
    return tuple(rows)


def parse_sidecar(text: str, name: str) -> tuple[DoseRow, ...]:
    """Return the entries of a JSON sidecar: one object, a list of them, or ``{"subjects": [...]}``.

    The keys are the heads of a dose table, and the values texts with their units, or numbers where
    the key holds the unit.

    Raises
    ------
    AtsmError
        When it is no such JSON, or an entry cannot be read; the message names entry and key.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AtsmError(f"{name} is not JSON.", "Check the file.", str(error)) from error
    entries = data.get("subjects", [data]) if isinstance(data, dict) else data
    if not isinstance(entries, list) or not entries or not all(isinstance(e, dict) for e in entries):
        raise AtsmError(f"{name} holds no dose card.", "It must be an object or a list of objects.")
    rows = []
    for number, entry in enumerate(entries, start=1):
        given = []
        for key, value in entry.items():
            if value is None or value == "":
                continue
            if not isinstance(value, str | int | float) or isinstance(value, bool):
                raise AtsmError(f"“{key}” in entry {number} of {name} is neither a text nor a number.")
            given.append((_column(key, name), key, str(value)))
        rows.append(_row(given, f"entry {number} of {name}", Provenance.SIDECAR, name))
    _check_repeats(rows)
    return tuple(rows)


def read_dose_file(path: Path) -> tuple[DoseRow, ...]:
    """Return the rows of a table (CSV, TSV, text) or of a JSON sidecar.

    Raises
    ------
    AtsmError
        When the file cannot be read or holds something else.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise AtsmError(f"“{path.name}” is too large for a dose table.", "It may hold 4 MB.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AtsmError(f"“{path.name}” cannot be read.", "Nothing was changed.", str(error)) from error
    except UnicodeDecodeError as error:
        raise AtsmError(
            f"“{path.name}” is not text in UTF-8.", "Save it as CSV UTF-8.", str(error)
        ) from error
    parse = parse_sidecar if path.suffix.lower() == ".json" else parse_dose_table
    return parse(text, path.name)


@dataclass(frozen=True, slots=True)
class HeadlessDose:
    """What a command line says about doses.

    Parameters
    ----------
    rows
        From a table or sidecar.
    typed
        From flags; wins over the rows. None where no flag was given.
    subject
        Label for the subject of images, and of the row that is meant; empty for none.
    """

    rows: tuple[DoseRow, ...] = ()
    typed: DoseRow | None = None
    subject: str = ""

    def apply(self, state: SessionState, *, rename: bool) -> SessionState:
        """Return the state with everything entered.

        Parameters
        ----------
        state
            The session.
        rename
            Whether its only subject takes the label ``subject`` (images carry no label of a study).

        Raises
        ------
        AtsmError
            When a row fits nobody or several administrations.
        """
        if rename and self.subject:
            state = RenameSubject(state.subjects[0].id, self.subject).apply(state)
        rows = [r for r in self.rows if not self.subject or r.subject in ("", self.subject)]
        if self.rows and not rows:
            raise AtsmError(
                f"The dose table has no row for “{self.subject}”.", "Check the column subject_id."
            )
        if rows:
            state = table_edit(state, rows)[0].apply(state)
        return state if self.typed is None else table_edit(state, [self.typed])[0].apply(state)


def table_edit(state: SessionState, rows: Sequence[DoseRow]) -> tuple[Batch, tuple[str, ...]]:
    """Return the one step that enters the rows, and the subjects of the rows that found nobody.

    Raises
    ------
    AtsmError
        When no row fits a subject of the session, or a row fits several administrations.
    """
    edits: list[Edit] = []
    left: list[str] = []
    for row in rows:
        found = _administrations(state, row)
        if not found:
            left.append(row.subject)
        elif len(found) > 1:
            raise AtsmError(
                f"“{row.subject}” got several administrations; {row.where} does not say which.",
                "Add a column “scan” with the label of the scan.",
            )
        else:
            edits.extend(
                edit_for(state, found[0].id, field, value, row.provenance, row.detail)
                for field, value in row.values
            )
    if not edits:
        known = ", ".join(f"“{s.label}”" for s in state.subjects)
        others = ", ".join(f"“{name}”" for name in left[:5]) or "no subject"
        raise AtsmError(
            f"No row of the table is about {known}.",
            f"The table has {others}: correct the column subject_id, or rename the subject in the dose "
            "card (on the command line: --subject).",
        )
    return Batch(tuple(edits)), tuple(left)


def _column(head: str, name: str) -> tuple[DoseField, str | None] | str:
    """Return a field with the unit of its head, or ``scan``, or an empty text for a column to skip."""
    if not head:
        return ""
    if "_".join(head.lower().replace("_", " ").split()) in _SCAN_HEADS:
        return "scan"
    if head.lower() in ("group", "comment", "comments", "note", "notes"):
        return ""
    found = field_of_column(head)
    if found is None:
        known = ", ".join(f.columns[0] for f in DOSE_FIELDS if f.columns)
        raise AtsmError(f"{name} has an unknown column “{head}”.", f"Columns are {known}, scan.")
    return found


def _row(
    given: Sequence[tuple[tuple[DoseField, str | None] | str, str, str]],
    where: str,
    provenance: Provenance,
    name: str,
) -> DoseRow:
    subject, scan = "", ""
    values: dict[str, tuple[DoseField, Any]] = {}
    for column, head, text in given:
        if column == "scan":
            scan = text
        if isinstance(column, str):
            continue
        field, unit = column
        try:
            value = field.parse(text, unit)
        except AtsmError as error:
            raise AtsmError(
                f"{where[0].upper()}{where[1:]}, column “{head}”: {error.user_message}",
                error.hint or "Nothing was changed.",
            ) from error
        if field.id == "subject_id":
            subject = value
        elif field.id in values:
            raise AtsmError(f"{where[0].upper()}{where[1:]} gives the {field.name} twice.")
        else:
            values[field.id] = (field, value)
    return DoseRow(where, subject, scan, tuple(values.values()), provenance, name)


def _check_repeats(rows: Sequence[DoseRow]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        key = (row.subject, row.scan)
        if key in seen:
            who = f"“{row.subject}”" if row.subject else "a subject without name"
            raise AtsmError(f"{row.where[0].upper()}{row.where[1:]} repeats {who} of {seen[key]}.")
        seen[key] = row.where


def _administrations(state: SessionState, row: DoseRow) -> list[Administration]:
    if not row.subject:
        if len(state.subjects) != 1:
            raise AtsmError(f"The subject is missing in {row.where}.", "Fill the column subject_id.")
        wanted = state.subjects[0].id
    else:
        matching = [s.id for s in state.subjects if s.label == row.subject]
        if len(matching) > 1:
            raise AtsmError(f"Several subjects are called “{row.subject}”.", "Rename them in the dose card.")
        if not matching:
            return []
        wanted = matching[0]
    mine = [a for a in state.administrations if a.subject_id == wanted]
    if not row.scan:
        return mine
    slots = [
        slot for s in state.scans if s.label == row.scan for slot in s.slots if slot.subject_id == wanted
    ]
    return [a for a in mine if any(slot.administration_id == a.id for slot in slots)]

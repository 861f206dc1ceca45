"""What the records of a journal say.

The first one is the header, the second a base: a whole session and the names of the steps that led to
it since the last save. Then follow ``edit``, ``undo`` and ``redo``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from atsm_viewer.domain.edits import Edit
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.journal import limits
from atsm_viewer.io.journal.errors import JournalError
from atsm_viewer.io.journal.framing import encode_frame
from atsm_viewer.io.journal.values import pack_edit, pack_state
from atsm_viewer.io.project.codec import decode, encode
from atsm_viewer.io.project.load import parse_manifest

FORMAT = "atsm-journal"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a person did.

    Parameters
    ----------
    label
        What, in words.
    when
        ISO 8601 UTC.
    """

    label: str
    when: str


@dataclass(frozen=True, slots=True)
class JournalHeader:
    """Whose work a journal holds.

    Parameters
    ----------
    project_id, revision
        The project and the number of its last save; 0 when it was never saved.
    project_path
        The project file, absolute; empty when it was never saved.
    title
        What the window showed.
    project_sha256
        Digest of the manifest of the file that the work began from; empty when there was none.
    created, modified
        Of the project, ISO 8601 UTC.
    instance
        Name of the running program that writes.
    pid, host, app_version, started
        Which program on which machine, and since when; told to the person.
    """

    project_id: str
    revision: int = 0
    project_path: str = ""
    title: str = ""
    project_sha256: str = ""
    created: str = ""
    modified: str = ""
    instance: str = ""
    pid: int = 0
    host: str = ""
    app_version: str = ""
    started: str = ""


@dataclass(frozen=True, slots=True)
class BaseSteps:
    """The steps that a base holds already.

    Parameters
    ----------
    n
        How many since the last save.
    kept
        The newest of them, oldest first.
    """

    n: int = 0
    kept: tuple[Step, ...] = field(default=())

    def plus(self, steps: tuple[Step, ...]) -> BaseSteps:
        """Return these steps and the ones that followed."""
        return BaseSteps(self.n + len(steps), (*self.kept, *steps)[-limits.MAX_KEPT_STEPS :])


def add_fixed(fixed: list[Step], step: Step) -> None:
    """Add a step that continues one before the base; a run under one name counts once."""
    if fixed and fixed[-1].label == step.label:
        fixed[-1] = step
    else:
        fixed.append(step)


def header_frame(header: JournalHeader) -> bytes:
    """Return the first record."""
    return _frame({"kind": "header", "format": FORMAT, "schema": SCHEMA, **encode(header)})


def base_frame(state: SessionState, steps: BaseSteps) -> bytes:
    """Return a record that holds a whole session without its images.

    Raises
    ------
    JournalError, TypeError
        When the session cannot be written.
    """
    blob = bytearray()
    return _frame({"kind": "base", "steps": encode(steps), "session": pack_state(state, blob)}, blob)


def edit_frame(edit: Edit, step: Step, merged: bool) -> bytes:
    """Return a record of an applied edit.

    Parameters
    ----------
    edit
        What changed.
    step
        Its name and time.
    merged
        Whether it became part of the step before it.

    Raises
    ------
    JournalError, TypeError
        When the edit cannot be written.
    """
    blob = bytearray()
    data = {"kind": "edit", **encode(step), "merged": merged, "value": pack_edit(edit, blob)}
    return _frame(data, blob)


def undo_frame(when: str) -> bytes:
    """Return a record of an undo."""
    return _frame({"kind": "undo", "when": when})


def redo_frame(when: str) -> bytes:
    """Return a record of a redo."""
    return _frame({"kind": "redo", "when": when})


def parse_record(text: bytes) -> dict[str, Any]:
    """Return the JSON of a record.

    Raises
    ------
    JournalError
        When it is not one plain object.
    """
    try:
        return parse_manifest(text)
    except (ValueError, RecursionError) as error:
        raise JournalError("A record is not readable.", detail=str(error)[:200]) from error


def parse_header(data: dict[str, Any]) -> JournalHeader:
    """Return the header.

    Raises
    ------
    AtsmError
        When this is no journal, or one of a newer version.
    """
    if data.get("kind") != "header" or data.get("format") != FORMAT:
        raise JournalError("This is not a journal of this program.")
    schema = decode(int, data.get("schema"), "schema")
    if schema != SCHEMA:
        raise JournalError(
            f"The journal was written by another version of the program (format {schema}).",
            "Start that version to get the work back.",
        )
    header: JournalHeader = decode(JournalHeader, data, "header")
    return header


def parse_steps(data: dict[str, Any]) -> BaseSteps:
    """Return the steps that a base holds."""
    steps: BaseSteps = decode(BaseSteps, data.get("steps"), "steps")
    return steps


def parse_step(data: dict[str, Any]) -> Step:
    """Return name and time of an edit."""
    step: Step = decode(Step, data, "step")
    return step


def _frame(data: dict[str, Any], blob: bytes | bytearray = b"") -> bytes:
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return encode_frame(text.encode("ascii"), bytes(blob))

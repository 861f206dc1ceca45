"""What a journal holds, and the session built again from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.journal import limits
from atsm_viewer.io.journal.errors import JournalError
from atsm_viewer.io.journal.framing import Frame, Tail, read_frame, read_frames
from atsm_viewer.io.journal.records import (
    BaseSteps,
    JournalHeader,
    Step,
    add_fixed,
    parse_header,
    parse_record,
    parse_step,
    parse_steps,
)
from atsm_viewer.io.journal.values import unpack_edit, unpack_state
from atsm_viewer.io.project.codec import decode
from atsm_viewer.io.project.errors import PARSER_ERRORS


@dataclass(frozen=True, slots=True)
class JournalSummary:
    """What a journal holds.

    Parameters
    ----------
    path
        The journal.
    header
        Whose work it is.
    steps
        What would be restored, oldest first; of very many only the newest.
    n_steps
        How many there are since the last save.
    last_change
        ISO 8601 UTC of the newest record, an undo included; empty when nothing was done.
    tail
        What at the end of the file could not be used.
    """

    path: Path
    header: JournalHeader
    steps: tuple[Step, ...]
    n_steps: int
    last_change: str
    tail: Tail


@dataclass(frozen=True, slots=True)
class RebuiltSession:
    """A session built again.

    Parameters
    ----------
    state
        Without images; its scans say where they were.
    summary
        What the journal holds.
    problems
        What could not be restored, in words; empty when everything was.
    """

    state: SessionState
    summary: JournalSummary
    problems: tuple[str, ...]


@dataclass
class _Plan:
    """Which records count once every undo and redo is carried out."""

    header: JournalHeader
    base_at: int = -1
    base: BaseSteps = field(default_factory=BaseSteps)
    fixed: list[Step] = field(default_factory=list)
    # Each step is its records in order: a merged run has several. Undoing takes all of them back.
    early: list[int] = field(default_factory=list)
    done: list[tuple[list[int], Step]] = field(default_factory=list)
    undone: list[tuple[list[int], Step]] = field(default_factory=list)
    last_change: str = ""
    tail: Tail = field(default_factory=Tail)

    def take(self, frame: Frame, data: dict[str, Any]) -> None:
        """Follow one record."""
        kind = data.get("kind")
        if kind == "base":
            self.base_at, self.base = frame.at, parse_steps(data)
            self.fixed, self.early, self.done, self.undone = [], [], [], []
            if self.base.kept:
                self.last_change = self.base.kept[-1].when
        elif self.base_at < 0:
            raise JournalError("The journal does not begin with a session.")
        elif kind == "edit":
            self._edit(frame.at, parse_step(data), decode(bool, data.get("merged"), "merged"))
        elif kind in ("undo", "redo"):
            source, target = (self.done, self.undone) if kind == "undo" else (self.undone, self.done)
            if not source:
                raise JournalError(f"There is nothing to {kind} at that place of the journal.")
            target.append(source.pop())
            self.last_change = decode(str, data.get("when"), "when")
        else:
            raise JournalError(f"This version does not know records of the kind {str(kind)[:60]!r}.")

    def _edit(self, at: int, step: Step, merged: bool) -> None:
        self.undone.clear()
        self.last_change = step.when
        if not merged:
            self.done.append(([at], step))
        elif self.done:
            self.done[-1] = ([*self.done[-1][0], at], step)
        else:
            self.early.append(at)
            add_fixed(self.fixed, step)

    def summary(self, path: Path) -> JournalSummary:
        """Return what it comes to."""
        steps = self.base.plus((*self.fixed, *(step for _, step in self.done)))
        return JournalSummary(path, self.header, steps.kept, steps.n, self.last_change, self.tail)


def survey_journal(path: Path) -> JournalSummary:
    """Return what a journal holds without building the session.

    Raises
    ------
    JournalError
        When it holds nothing that can be used; the message names the file.
    """
    with _opened(path) as (stream, size):
        return _plan(stream, size).summary(path)


def rebuild_session(path: Path) -> RebuiltSession:
    """Build the session again: the base, then every edit that was not taken back.

    A torn or damaged end is left out and told. An edit that cannot be applied ends the replay there.

    Raises
    ------
    JournalError
        When not even the base can be used; the message names the file.
    """
    with _opened(path) as (stream, size):
        plan = _plan(stream, size)
        problems = []
        if plan.tail.n_bytes:
            problems.append(
                f"The last {plan.tail.n_bytes} bytes of the journal could not be used: {plan.tail.reason}."
            )
        base = _frame_at(stream, size, plan.base_at)
        state = unpack_state(parse_record(base.json).get("session"), base.blob)
        _check_state(state)
        steps = [([at], Step("", "")) for at in plan.early] + plan.done
        for number, (records, step) in enumerate(steps):
            try:
                state = _replayed(stream, size, records, state)
            except PARSER_ERRORS as error:
                words = error.user_message if isinstance(error, AtsmError) else type(error).__name__
                left = len(steps) - number - 1
                also = {0: "", 1: "; the step after it is missing too"}
                more = also.get(left, f"; the {left} steps after it are missing too")
                problems.append(f"“{step.label}” could not be restored ({words}){more}.")
                break
        return RebuiltSession(state, plan.summary(path), tuple(problems))


def _replayed(stream: BinaryIO, size: int, records: list[int], state: SessionState) -> SessionState:
    for at in records:
        frame = _frame_at(stream, size, at)
        edit = unpack_edit(parse_record(frame.json).get("value"), frame.blob)
        state = edit.apply(state)
    _check_size(state)
    return state


def _plan(stream: BinaryIO, size: int) -> _Plan:
    frames = read_frames(stream, size)
    first = next(frames)
    if isinstance(first, Tail):
        raise JournalError("The journal is empty or damaged at its beginning.", detail=first.reason)
    plan = _Plan(parse_header(parse_record(first.json)))
    for frame in frames:
        if isinstance(frame, Tail):
            plan.tail = frame
            break
        try:
            plan.take(frame, parse_record(frame.json))
        except AtsmError as error:
            if plan.base_at < 0:
                raise
            plan.tail = Tail(size - frame.at, error.user_message.rstrip("."))
            break
    if plan.base_at < 0:
        raise JournalError("The journal ends before its first session.", detail=plan.tail.reason)
    return plan


def _frame_at(stream: BinaryIO, size: int, at: int) -> Frame:
    stream.seek(at)
    frame = read_frame(stream, size)
    if isinstance(frame, Tail):
        raise JournalError("The journal changed while it was read.", detail=frame.reason)
    return frame


def _check_state(state: SessionState) -> None:
    """Refuse a base that no session could have been, so that nothing fails later on."""
    scans = {s.id: s for s in state.scans}
    for items in (state.subjects, state.administrations, state.scans, state.rois):
        if len({item.id for item in items}) != len(items):
            raise JournalError("Two things in the session have the same id.")
    for scan in state.scans:
        if not scan.slots:
            raise JournalError(f"Nobody lies in scan “{scan.label}”.")
        for slot in scan.slots:
            state.subject(slot.subject_id)
            state.administration(slot.administration_id)
    for roi in state.rois:
        if roi.scan_id not in scans:
            raise JournalError(f"The ROI “{roi.name}” lies on a scan that is not there.")
        grid: Box = scans[roi.scan_id].pet_geometry.box
        if not grid.contains(roi.mask.box):
            raise JournalError(f"The ROI “{roi.name}” reaches outside the PET grid.")
    _check_size(state)


def _check_size(state: SessionState) -> None:
    if sum(r.mask.block_kji.size for r in state.rois) > limits.MAX_STATE_VOXELS:
        raise JournalError("The ROIs are larger than any session can be.")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > limits.MAX_FILE_BYTES:
                raise JournalError("It is too large for a journal.", detail=f"{size} bytes")
            yield stream, size
    except PARSER_ERRORS as error:
        words = error.user_message if isinstance(error, AtsmError) else type(error).__name__
        hint = error.hint if isinstance(error, AtsmError) else ""
        detail = error.detail if isinstance(error, AtsmError) else str(error)
        raise JournalError(f"The journal “{path.name}” cannot be used: {words}", hint, detail) from error

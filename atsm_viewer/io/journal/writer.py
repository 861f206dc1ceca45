"""The thread that writes the journal, so that painting never waits for a disk."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from atsm_viewer.domain.edits import Edit
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.journal.instance_lock import InstanceLock, hold
from atsm_viewer.io.journal.journal_file import JournalFile
from atsm_viewer.io.journal.places import journal_path, new_instance
from atsm_viewer.io.journal.records import (
    BaseSteps,
    JournalHeader,
    Step,
    add_fixed,
    base_frame,
    edit_frame,
    header_frame,
    redo_frame,
    undo_frame,
)

SYNC_EVERY_S = 1.0
COMPACT_EDITS = 200
COMPACT_S = 120.0
COMPACT_BYTES = 64 * 1024 * 1024
RETRY_S = 5.0
MAX_QUEUED = 1000

FileOpener = Callable[[Path, bytes], JournalFile]


@dataclass(frozen=True, slots=True)
class _Begin:
    header: JournalHeader
    state: SessionState
    steps: BaseSteps


@dataclass(frozen=True, slots=True)
class _Edited:
    edit: Edit
    step: Step
    merged: bool
    after: SessionState


@dataclass(frozen=True, slots=True)
class _Moved:
    redo: bool
    step: Step
    after: SessionState


@dataclass(frozen=True, slots=True)
class _Remove:
    pass


_Task = _Begin | _Edited | _Moved | _Remove


def utc_now() -> str:
    """Return the time now as ISO 8601 UTC to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JournalWriter:
    """Takes edits from the window's thread and has them on disk within a second.

    Every call returns at once. Each task carries the state it led to, so that after a failed write, or
    when the disk cannot keep up, the journal starts over from the newest state and nothing is missing.

    Parameters
    ----------
    root
        Folder of all journals; made private.
    open_file
        What writes; a test can hand in one that fails.
    sync_every_s
        The least time between two flushes to the disk, in s.
    compact_edits, compact_s
        The journal starts over from a whole session after so many edits or seconds.
    retry_s
        Time after a failure before the next attempt, in s.
    """

    def __init__(
        self,
        root: Path,
        *,
        open_file: FileOpener = JournalFile,
        sync_every_s: float = SYNC_EVERY_S,
        compact_edits: int = COMPACT_EDITS,
        compact_s: float = COMPACT_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self.instance = new_instance()
        self._root, self._open = root, open_file
        self._sync_every_s, self._retry_s = sync_every_s, retry_s
        self._compact_edits, self._compact_s = compact_edits, compact_s
        self._wake = threading.Condition()
        # Appending and signalling take no lock: a caller that waits for one, however shortly, then
        # waits for the interpreter too, which costs a frame. Taking tasks out is guarded by ``_wake``.
        self._queue: deque[_Task] = deque()
        self._signal: queue.SimpleQueue[None] = queue.SimpleQueue()
        # Shared with the caller, guarded by ``_wake``.
        self._flush_wanted = self._flush_done = 0
        self._stopping = self._removing = False
        self._problem = ""
        self._posted_header: JournalHeader | None = None
        # The writing thread's own.
        self._lock: InstanceLock | None = None
        self._file: JournalFile | None = None
        self._header: JournalHeader | None = None
        self._latest: SessionState | None = None
        self._base = BaseSteps()
        self._fixed: list[Step] = []
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._since_base = 0
        self._base_size = 0
        self._base_time = self._synced_time = self._failed_time = -1e9
        self._unsynced = self._broken = False
        self._thread = threading.Thread(target=self._run, name="atsm-journal", daemon=True)
        self._thread.start()

    # -- the caller's side ----------------------------------------------------------------

    @property
    def problem(self) -> str:
        """Why nothing can be written at the moment; empty when all is well."""
        with self._wake:
            died = not self._stopping and not self._thread.is_alive()
            return "the writing thread ended" if died else self._problem

    def begin(self, header: JournalHeader, state: SessionState, steps: BaseSteps | None = None) -> None:
        """Start a journal with a whole session; one that was open is replaced or removed."""
        self._post(_Begin(header, state, steps or BaseSteps()))

    def edit(self, edit: Edit, label: str, merged: bool, after: SessionState) -> None:
        """Record an applied edit."""
        self._post(_Edited(edit, Step(label, utc_now()), merged, after))

    def undo(self, label: str, after: SessionState) -> None:
        """Record that the last step was taken back."""
        self._post(_Moved(False, Step(label, utc_now()), after))

    def redo(self, label: str, after: SessionState) -> None:
        """Record that an undone step was done again."""
        self._post(_Moved(True, Step(label, utc_now()), after))

    def remove(self) -> None:
        """Delete the journal: its work is saved, or was given up."""
        self._post(_Remove())

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until everything recorded so far survives a crash; False when it could not be written."""
        with self._wake:
            self._flush_wanted += 1
            ticket = self._flush_wanted
            self._signal.put(None)
            self._wake.wait_for(lambda: self._flush_done >= ticket or not self._thread.is_alive(), timeout_s)
            return self._flush_done >= ticket and not self._problem

    def stop(self, *, remove: bool) -> None:
        """End the thread; the journal is deleted, or left for the next start to find."""
        with self._wake:
            self._stopping, self._removing = True, remove
        self._signal.put(None)
        self._thread.join()

    def _post(self, task: _Task) -> None:
        if isinstance(task, _Begin):
            self._posted_header = task.header
        elif isinstance(task, _Remove):
            self._posted_header = None
        self._queue.append(task)
        if len(self._queue) > MAX_QUEUED:
            with self._wake:
                self._shorten()
        self._signal.put(None)

    def _all_tasks(self) -> list[_Task]:
        """Take every task out, in order; the caller holds ``_wake``."""
        tasks = []
        while self._queue:
            tasks.append(self._queue.popleft())
        return tasks

    def _shorten(self) -> None:
        """Keep memory bounded when the disk stands still: the newest state stands for all that led to it."""
        tasks = self._all_tasks()
        if not tasks:
            return  # the disk moved again meanwhile
        newest = tasks[-1]
        if isinstance(newest, _Remove) or self._posted_header is None:
            self._queue.append(_Remove())
            return
        at = max((n for n, t in enumerate(tasks) if isinstance(t, _Begin)), default=-1)
        begin = tasks[at] if at >= 0 else None
        base = begin.steps if isinstance(begin, _Begin) else self._steps_so_far()
        steps = tuple(
            t.step if isinstance(t, _Edited) else _moved_step(t)
            for t in tasks[at + 1 :]
            if isinstance(t, _Edited | _Moved)
        )
        after = newest.state if isinstance(newest, _Begin) else newest.after
        self._queue.append(_Begin(self._posted_header, after, base.plus(steps)))

    def _steps_so_far(self) -> BaseSteps:
        return self._base.plus((*self._fixed, *self._done))

    # -- the writing thread's side ---------------------------------------------------------

    def _run(self) -> None:
        while True:
            with suppress(queue.Empty):
                self._signal.get(timeout=self._patience())
                while True:  # one look at the tasks answers every signal so far
                    self._signal.get_nowait()
            with self._wake:
                tasks = self._all_tasks()
                ticket, stopping = self._flush_wanted, self._stopping
                flushing = ticket > self._flush_done
            for task in tasks:
                self._guarded(self._take, task)
            self._guarded(self._maintain, flushing or stopping)
            with self._wake:
                self._flush_done = ticket
                ended = stopping and not self._queue
                self._wake.notify_all()
            if ended:
                self._guarded(self._close)
                return

    def _patience(self) -> float | None:
        """Seconds until something is due without a new task."""
        now, due = time.monotonic(), []
        if self._unsynced:
            due.append(self._synced_time + self._sync_every_s)
        if self._since_base:
            due.append(self._base_time + self._compact_s)
        if self._broken:
            due.append(self._failed_time + self._retry_s)
        return max(0.0, min(due) - now) if due else None

    def _guarded(self, work: Callable[..., None], *what: object) -> None:
        """Whatever the disk does, painting goes on; the problem is told and the journal tried again."""
        try:
            work(*what)
        except (OSError, AtsmError, TypeError, ValueError) as error:
            self._broken, self._failed_time, self._unsynced = True, time.monotonic(), False
            words = error.strerror if isinstance(error, OSError) else str(error)
            with self._wake:
                self._problem = words or type(error).__name__

    def _take(self, task: _Task) -> None:
        if isinstance(task, _Remove):
            self._forget()
        elif isinstance(task, _Begin):
            if self._header is not None and self._header.project_id != task.header.project_id:
                self._forget()
            self._header, self._latest, self._base = task.header, task.state, task.steps
            self._fixed, self._done, self._undone = [], [], []
            self._rebase()
        elif self._header is not None:
            self._latest = task.after
            frame = self._stepped(task)
            if frame is None:
                self._rebase()
            elif not self._broken:
                self._append(frame)

    def _stepped(self, task: _Edited | _Moved) -> bytes | None:
        """Follow undo and redo; returns the record, or None where only a whole session can tell it."""
        if isinstance(task, _Moved):
            source, target = (self._undone, self._done) if task.redo else (self._done, self._undone)
            if not source:
                # The step lies before the base: it cannot be told by a replay.
                self._base = self._steps_so_far().plus((_moved_step(task),))
                self._fixed, self._done, self._undone = [], [], []
                return None
            target.append(source.pop())
            return redo_frame(task.step.when) if task.redo else undo_frame(task.step.when)
        self._undone.clear()
        if not task.merged:
            self._done.append(task.step)
        elif self._done:
            self._done[-1] = task.step
        else:  # it belongs to a step before the base, so no undo in this file can reach it
            add_fixed(self._fixed, task.step)
        if self._file is None or self._broken:
            return None
        try:
            return edit_frame(task.edit, task.step, task.merged)
        except (AtsmError, TypeError, ValueError):
            # An edit that cannot be told as data; the state after it can.
            return None

    def _append(self, frame: bytes) -> None:
        if self._file is None:
            self._rebase()
            return
        self._file.append(frame)
        self._since_base += 1
        self._unsynced = True

    def _rebase(self) -> None:
        """Start the file over from the newest state; the old one stays until the new one is on disk."""
        if self._header is None or self._latest is None:
            return
        if self._lock is None:
            self._lock = hold(self._root, self.instance)
        base = self._steps_so_far()
        content = header_frame(self._header) + base_frame(self._latest, base)
        path = journal_path(self._root, self._header.project_id, self.instance)
        fresh = self._open(path, content)
        if self._file is not None:
            self._file.close()
        self._file, self._base, self._base_size = fresh, base, fresh.size
        self._fixed, self._done, self._undone = [], [], []
        self._since_base, self._unsynced, self._broken = 0, False, False
        self._base_time = self._synced_time = time.monotonic()
        with self._wake:
            self._problem = ""

    def _maintain(self, sync_now: bool) -> None:
        now = time.monotonic()
        if self._broken:
            if sync_now or now >= self._failed_time + self._retry_s:
                self._rebase()
            return
        grown = 0 if self._file is None else self._file.size - self._base_size
        late = self._since_base and now >= self._base_time + self._compact_s
        if late or self._since_base >= self._compact_edits or grown >= COMPACT_BYTES:
            self._rebase()
        elif (
            self._unsynced
            and self._file is not None
            and (sync_now or now >= self._synced_time + self._sync_every_s)
        ):
            self._file.sync()
            self._unsynced, self._synced_time = False, time.monotonic()

    def _forget(self) -> None:
        file, self._file = self._file, None
        self._header = self._latest = None
        self._base, self._fixed, self._done, self._undone = BaseSteps(), [], [], []
        self._since_base, self._unsynced, self._broken = 0, False, False
        with self._wake:
            self._problem = ""
        if file is not None:
            file.remove()

    def _close(self) -> None:
        if self._removing:
            self._forget()
        elif self._file is not None:
            self._file.close()
            self._file = None
        if self._lock is not None:
            if self._removing:
                self._lock.release()
            else:
                self._lock.abandon()
            self._lock = None


def _moved_step(task: _Moved) -> Step:
    return Step(f"{'Redo' if task.redo else 'Undo'} {task.step.label}", task.step.when)

"""Runs jobs in worker threads and brings their answers back to the window's thread."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from atsm_viewer.app.jobs import Cancelled, CancelToken, Work
from atsm_viewer.domain.errors import AtsmError, OperationCancelled

T = TypeVar("T")


@dataclass(eq=False)
class RunningJob:
    """A job that a progress display can show and cancel."""

    title: str
    token: CancelToken
    quiet: bool
    on_done: Callable[[Any], None]
    on_error: Callable[[AtsmError], None]


class QtJobRunner(QObject):
    """The only place where threads meet the window.

    Quiet jobs (measuring) have a thread of their own, so that a long read never delays a number.
    """

    started = Signal(object)
    """RunningJob; quiet ones are not announced."""
    progressed = Signal(object, float, str)
    """RunningJob, fraction 0–1, words."""
    ended = Signal(object)
    """RunningJob."""
    idle_changed = Signal()
    """A job of any kind started or ended."""
    _answered = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loud = ThreadPoolExecutor(1, thread_name_prefix="atsm-job")
        self._quiet = ThreadPoolExecutor(1, thread_name_prefix="atsm-measure")
        self._running: set[RunningJob] = set()
        self._answered.connect(self._on_answer, Qt.ConnectionType.QueuedConnection)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is running."""
        return not self._running

    def run(
        self,
        title: str,
        work: Work[T],
        on_done: Callable[[T], None],
        on_error: Callable[[AtsmError], None],
        *,
        quiet: bool = False,
    ) -> CancelToken:
        """Run ``work`` in a thread; ``on_done`` or ``on_error`` is called in the window's thread."""
        job = RunningJob(title, CancelToken(), quiet, on_done, on_error)
        self._running.add(job)
        if not quiet:
            self.started.emit(job)

        def report(fraction: float, words: str) -> None:
            if not quiet:
                self.progressed.emit(job, fraction, words)

        def body() -> None:
            try:
                if job.token.is_cancelled:
                    raise Cancelled
                answer: object = work(report, job.token)
                error: Exception | None = None
            except Exception as caught:  # noqa: BLE001 - handled in the window's thread
                answer, error = None, caught
            self._answered.emit(job, answer, error)

        (self._quiet if quiet else self._loud).submit(body)
        self.idle_changed.emit()
        return job.token

    def run_behind(self, work: Callable[[], None]) -> None:
        """Do something that only makes later work faster, after the jobs at hand."""
        self._loud.submit(work)

    def _on_answer(self, job: RunningJob, answer: object, error: Exception | None) -> None:
        self._running.discard(job)
        if not job.quiet:
            self.ended.emit(job)
        try:
            if job.token.is_cancelled or isinstance(error, Cancelled | OperationCancelled):
                return
            if error is None:
                job.on_done(answer)
            elif isinstance(error, AtsmError):
                job.on_error(error)
            else:
                detail = "".join(traceback.format_exception(error))
                job.on_error(
                    AtsmError(
                        f"{job.title}: an unexpected error ended the work.",
                        "Nothing was changed. Please report the details below.",
                        detail,
                    )
                )
        finally:
            self.idle_changed.emit()

    def shutdown(self) -> None:
        """Cancel what runs and wait for the threads to end."""
        for job in self._running:
            job.token.cancel()
        self._loud.shutdown(wait=True, cancel_futures=True)
        self._quiet.shutdown(wait=True, cancel_futures=True)

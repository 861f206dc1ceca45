"""Long work: values in, values out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from atsm_viewer.domain.errors import AtsmError, OperationCancelled

T = TypeVar("T")


class Cancelled(Exception):
    """The person cancelled; not an error, nothing is shown."""


class CancelToken:
    """Tells a worker that its answer is no longer wanted."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the worker to stop."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the worker was asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise :class:`Cancelled` when the worker was asked to stop."""
        if self._event.is_set():
            raise Cancelled


ProgressFn = Callable[[float, str], None]
Work = Callable[[ProgressFn, CancelToken], T]


class JobRunner(Protocol):
    """Runs work and brings its answer back to the caller's thread."""

    def run(
        self,
        title: str,
        work: Work[T],
        on_done: Callable[[T], None],
        on_error: Callable[[AtsmError], None],
        *,
        quiet: bool = False,
    ) -> CancelToken:
        """Run ``work(progress, cancel)``.

        Parameters
        ----------
        title
            What is going on, in words.
        work
            Gets a progress function (fraction 0–1, words) and a cancel token.
        on_done, on_error
            Called in the caller's thread, exactly one of them unless the job is cancelled.
        quiet
            True for work that shows no progress.
        """
        ...


class InlineJobRunner:
    """Runs work at once, for the command line and for tests."""

    def __init__(self, report: ProgressFn | None = None) -> None:
        self._report = report or (lambda fraction, words: None)

    def run(
        self,
        title: str,
        work: Work[T],
        on_done: Callable[[T], None],
        on_error: Callable[[AtsmError], None],
        *,
        quiet: bool = False,
    ) -> CancelToken:
        """Run and answer before returning."""
        token = CancelToken()
        try:
            answer = work(self._report, token)
        except (Cancelled, OperationCancelled):
            pass
        except AtsmError as error:
            on_error(error)
        else:
            on_done(answer)
        return token

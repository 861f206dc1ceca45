"""Numbers that follow the session: exact ones at rest, provisional ones under the brush."""

from __future__ import annotations

from collections.abc import Callable

from atsm_viewer import __version__
from atsm_viewer.app.jobs import JobRunner
from atsm_viewer.app.session import Session
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.results import Results
from atsm_viewer.domain.state import SessionState
from atsm_viewer.metrics.evaluate import evaluate
from atsm_viewer.metrics.live import (
    ProvisionalNumbers,
    StrokeStatistics,
    begin_stroke,
    provisional_numbers,
)


class LiveResults:
    """Keeps the results of the current state.

    Parameters
    ----------
    session
        Whose numbers these are.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._results: Results | None = None
        self._state: SessionState | None = None
        self._stroke: StrokeStatistics | None = None
        self._stroke_roi = ""
        self._stroke_frame = 0
        self._stroke_adds = True
        self._provisional: ProvisionalNumbers | None = None
        self._listeners: list[Callable[[], None]] = []
        self.failure: AtsmError | None = None

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener()`` when a number changed; returns the function that ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    @property
    def latest(self) -> Results | None:
        """The newest exact results; of an earlier state while :attr:`is_current` is False."""
        return self._results

    @property
    def is_current(self) -> bool:
        """Whether the newest exact results belong to the current state."""
        return self._state is self._session.state

    @property
    def provisional(self) -> ProvisionalNumbers | None:
        """Numbers of the stroke in progress that take the place of the exact ones, or None."""
        return self._provisional

    def exact(self) -> Results:
        """Return the results of the current state, computing them now if need be."""
        if self._results is None or not self.is_current:
            state = self._session.state
            self._accept(state, evaluate(state, app_version=__version__))
        assert self._results is not None  # just computed
        return self._results

    def refresh(self, jobs: JobRunner) -> None:
        """Compute the results of the current state in the background.

        An answer for a state that no longer holds is dropped.
        """
        state = self._session.state
        if self._state is state:
            return

        def done(results: Results) -> None:
            if state is self._session.state:
                self._accept(state, results)

        def failed(error: AtsmError) -> None:
            self.failure = error
            self._tell()

        jobs.run(
            "Measuring", lambda progress, cancel: evaluate(state, app_version=__version__), done, failed,
            quiet=True,
        )  # fmt: skip

    def begin_stroke(self, roi_id: str, frame: int, *, adds: bool) -> None:
        """Start following a stroke in one ROI."""
        state = self._session.state
        if state.scan(state.roi(roi_id).scan_id).pet is None:
            return
        self._stroke = begin_stroke(state, roi_id, frame)
        self._stroke_roi, self._stroke_frame, self._stroke_adds = roi_id, frame, adds

    def extend_stroke(self, newly: Patch, taken: Patch | None = None) -> None:
        """Take in the voxels that the stroke newly covers, and give back those that it let go of.

        What is let go of was covered before, hence was not part of the ROI (or was, when erasing): the
        opposite step restores it exactly.
        """
        if self._stroke is None:
            return
        grow, shrink = self._stroke.add, self._stroke.remove
        if not self._stroke_adds:
            grow, shrink = shrink, grow
        if taken is not None:
            shrink(taken)
        grow(newly)
        self._provisional = provisional_numbers(
            self._session.state, self._stroke_roi, self._stroke_frame, self._stroke
        )
        self._tell()

    def end_stroke(self) -> None:
        """Stop following; exact numbers take over."""
        self._stroke = None
        if self._provisional is not None:
            self._provisional = None
            self._tell()

    def _accept(self, state: SessionState, results: Results) -> None:
        self._state, self._results, self.failure = state, results, None
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

"""Shows long work, how long it will take, and lets a person cancel it."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from atsm_viewer.ui.job_runner import QtJobRunner, RunningJob
from atsm_viewer.ui.widgets.labels import ElidedLabel

SHOW_AFTER_MS = 150
ESTIMATE_AFTER_S = 2.0
_BAR_STEPS = 1000
_TICK_MS = 500


def time_left(elapsed_s: float, fraction: float) -> str:
    """Return how long it will still take, in words; empty while nobody can say.

    Assumes the pace so far: left = elapsed · (1 - fraction) / fraction.
    """
    if elapsed_s < ESTIMATE_AFTER_S or not 0.02 <= fraction < 1.0:
        return ""
    left = elapsed_s * (1.0 - fraction) / fraction
    if left < 1.5:
        return "about 1 s left"
    if left < 90:
        rounded = round(left) if left < 10 else 5 * round(left / 5)
        return f"about {rounded} s left"
    return f"about {round(left / 60)} min left"


class _JobRow(QFrame):
    """One job: title, words, bar, time left, Cancel."""

    def __init__(self, job: RunningJob, parent: QWidget) -> None:
        super().__init__(parent)
        self.job = job
        self._begun = monotonic()
        self._fraction = 0.0
        self.title = QLabel(job.title, self)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.words = ElidedLabel("", self, Qt.TextElideMode.ElideRight)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 0)  # busy, until the work says how far it is
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Progress: {job.title}")
        em = self.fontMetrics().averageCharWidth()
        self.bar.setFixedWidth(30 * em)
        self.left = QLabel(self)
        # Room for the longest words, so that nothing moves when they come.
        self.left.setFixedWidth(self.fontMetrics().horizontalAdvance("about 100 min left") + em)
        self.cancel = QPushButton("Cancel", self)
        self.cancel.setAccessibleName(f"Cancel: {job.title}")
        self.cancel.clicked.connect(self._on_cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * em, em // 2, 2 * em, em // 2)
        layout.setSpacing(2 * em)
        layout.addWidget(self.title)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.left)
        layout.addWidget(self.bar)
        layout.addWidget(self.cancel)

    def progress(self, fraction: float, words: str) -> None:
        """Show how far the work is."""
        self._fraction = min(max(fraction, 0.0), 1.0)
        if fraction > 0:
            self.bar.setRange(0, _BAR_STEPS)
            self.bar.setValue(round(self._fraction * _BAR_STEPS))
        if not self.job.token.is_cancelled:
            self.words.setText(words)
        self.tick()

    def tick(self) -> None:
        """Bring the time left up to date."""
        words = "" if self.job.token.is_cancelled else time_left(monotonic() - self._begun, self._fraction)
        self.left.setText(words)

    def _on_cancel(self) -> None:
        self.job.token.cancel()
        self.cancel.setEnabled(False)
        self.words.setText("Cancelling…")
        self.tick()


class ProgressStrip(QWidget):
    """One row per job that takes longer than a moment; hidden while there is none.

    Parameters
    ----------
    jobs
        Whose jobs are shown.
    """

    def __init__(self, jobs: QtJobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Work in progress")
        self._rows: dict[RunningJob, _JobRow] = {}
        self._due: dict[RunningJob, QTimer] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        jobs.started.connect(self._on_started)
        jobs.progressed.connect(self._on_progressed)
        jobs.ended.connect(self._on_ended)
        self.hide()

    def _on_started(self, job: RunningJob) -> None:
        row = _JobRow(job, self)
        row.hide()
        self._layout.addWidget(row)
        self._rows[job] = row
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(SHOW_AFTER_MS)
        timer.timeout.connect(row.show)
        timer.timeout.connect(self.show)
        timer.start()
        self._due[job] = timer
        self._tick.start()

    def _on_progressed(self, job: RunningJob, fraction: float, words: str) -> None:
        row = self._rows.get(job)
        if row is not None:
            row.progress(fraction, words)

    def _on_ended(self, job: RunningJob) -> None:
        timer = self._due.pop(job, None)
        if timer is not None:
            timer.stop()
            timer.deleteLater()
        row = self._rows.pop(job, None)
        if row is not None:
            row.hide()
            self._layout.removeWidget(row)
            row.deleteLater()
        if not self._rows:
            self._tick.stop()
            self.hide()

    def _on_tick(self) -> None:
        for row in self._rows.values():
            row.tick()

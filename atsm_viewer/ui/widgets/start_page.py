"""The first page: what to open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.commands import command
from atsm_viewer.app.context import AppContext
from atsm_viewer.ui.widgets.card_button import CardButton
from atsm_viewer.ui.widgets.labels import heading, quiet
from atsm_viewer.ui.widgets.roomy_rows import make_roomy

CARDS = ("file.open.folder", "file.open.project", "file.sample.mouse", "file.sample.patient")
_COLUMN_EM = 88
_WHAT = "Paint tumour and muscle on Cu-ATSM PET/CT and read SUV and T/M as you draw."
_UNSAVED = "This was not saved when the program ended; choose it to see what can be restored."
_GONE = "Not found: moved, renamed or on a drive that is not there."
_PATH = Qt.ItemDataRole.UserRole


class StartPage(QScrollArea):
    """What is shown while nothing is open.

    Parameters
    ----------
    ctx
        Settings with the recent files.
    run_command
        Runs a command by id.
    open_paths
        Opens files and folders.
    """

    def __init__(
        self,
        ctx: AppContext,
        run_command: Callable[[str], None],
        open_paths: Callable[[list[Path]], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ctx, self._open = ctx, open_paths
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Start page")
        page = QWidget(self)
        column = QWidget(page)
        em, line = self.fontMetrics().averageCharWidth(), self.fontMetrics().height()
        column.setMaximumWidth(_COLUMN_EM * em)
        column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.cards: dict[str, CardButton] = {}
        grid = QGridLayout()
        grid.setSpacing(line // 2)
        for place, command_id in enumerate(CARDS):
            spec = command(command_id)
            keys = QKeySequence(spec.shortcuts[0]) if spec.shortcuts else QKeySequence()
            shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
            card = CardButton(spec.title, spec.tip, shown, column)
            card.clicked.connect(lambda checked=False, chosen=command_id: run_command(chosen))
            grid.addWidget(card, place // 2, place % 2)
            self.cards[command_id] = card
        self._unsaved_title = heading("Recovered work", column, 1.1)
        self._unsaved_words = quiet(_UNSAVED, column)
        self.unsaved = _RecentList("Recovered work", column)
        self.unsaved.itemActivated.connect(lambda item: run_command("file.recover"))
        self.unsaved.itemClicked.connect(lambda item: run_command("file.recover"))
        self._recent_title = heading("Recent", column, 1.1)
        self.recent = _RecentList("Recent files", column)
        self.recent.itemActivated.connect(self._on_item)
        self.recent.itemClicked.connect(self._on_item)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(2 * em, 2 * line, 2 * em, 2 * line)
        layout.setSpacing(line // 2)
        layout.addWidget(heading("ATSM Viewer", column, 2.0))
        layout.addWidget(quiet(_WHAT, column))
        layout.addSpacing(line)
        for part in (self._unsaved_title, self._unsaved_words, self.unsaved):
            layout.addWidget(part)
        layout.addLayout(grid)
        layout.addWidget(quiet("Or drop files and folders anywhere on this window.", column))
        layout.addSpacing(line)
        layout.addWidget(self._recent_title)
        layout.addWidget(self.recent)
        layout.addSpacing(line)
        layout.addWidget(quiet("Research use only; never a diagnosis.", column))
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(column, 100)
        across.addStretch(1)
        around = QVBoxLayout(page)
        around.setContentsMargins(0, 0, 0, 0)
        around.addStretch(1)
        around.addLayout(across)
        around.addStretch(2)
        self.setWidget(page)
        self.refresh()

    def refresh(self) -> None:
        """Bring recovered work and the recent list up to date; what is gone is greyed and says so."""
        self._refresh_unsaved()
        self.recent.clear()
        for text in self._ctx.settings.settings.recent:
            path = Path(text)
            there = _exists(path)
            # Name first: it is what a person looks for; the folder tells equal names apart.
            words = f"{path.name or text}    {path.parent}"
            item = QListWidgetItem(words if there else f"{words}    (not found)")
            item.setData(_PATH, text)
            item.setToolTip(text if there else f"{text}\n{_GONE}")
            if not there:
                item.setFlags(item.flags() & ~(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable))
            self.recent.addItem(item)
        some = self.recent.count() > 0
        self._recent_title.setVisible(some)
        self.recent.setVisible(some)
        self.recent.updateGeometry()

    def _refresh_unsaved(self) -> None:
        works = () if self._ctx.recovery is None else self._ctx.recovery.items
        self.unsaved.clear()
        for work in works:
            steps = "1 step" if work.n_steps == 1 else f"{work.n_steps} steps"
            facts = f"{steps}, last at {work.last_change_words}" if work.can_be_restored else work.note
            item = QListWidgetItem(f"{work.title}    {facts}")
            item.setToolTip(work.place)
            self.unsaved.addItem(item)
        for part in (self._unsaved_title, self._unsaved_words, self.unsaved):
            part.setVisible(bool(works))
        self.unsaved.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        """Look again for recent files when the window comes back to the front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isVisible() and self.isActiveWindow():
            self.refresh()

    def _on_item(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self._open([Path(str(item.data(_PATH)))])


class _RecentList(QListWidget):
    """As high as its rows; long paths are cut in the middle."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.viewport().setAutoFillBackground(False)
        make_roomy(self)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        """Return room for all rows."""
        rows = sum(max(self.sizeHintForRow(n), 0) + 2 * self.spacing() for n in range(self.count()))
        return QSize(super().sizeHint().width(), rows + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        """Return room for all rows: the page scrolls, not the list."""
        return QSize(1, self.sizeHint().height())


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False

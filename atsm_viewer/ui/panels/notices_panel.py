"""What is doubtful, in words, until it is dealt with."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.session_notices import SessionNotice, all_notices
from atsm_viewer.domain.edits import DismissNotice
from atsm_viewer.domain.notices import Severity
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.panels.panel import Panel

_ICONS = {
    Severity.INFO: QStyle.StandardPixmap.SP_MessageBoxInformation,
    Severity.WARNING: QStyle.StandardPixmap.SP_MessageBoxWarning,
    Severity.ERROR: QStyle.StandardPixmap.SP_MessageBoxCritical,
}


class NoticesPanel(Panel):
    """The notices of the session and of its dose card."""

    id = "notices"
    title = "Notices"
    area = Qt.DockWidgetArea.RightDockWidgetArea

    def __init__(
        self,
        ctx: AppContext,
        bridge: Bridge,
        run_command: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ctx, bridge, run_command, parent)
        self._shown: tuple[SessionNotice, ...] = ()
        self._none = QLabel("Nothing is doubtful.", self)
        self._list = QListWidget(self)
        self._list.setAccessibleName("Notices")
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._list.currentRowChanged.connect(self._on_row)
        self._dismiss = QPushButton("Dismiss", self)
        self._dismiss.setToolTip("Takes the selected notice off the list; undo brings it back.")
        self._dismiss.clicked.connect(self._on_dismiss)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._dismiss)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._none)
        layout.addWidget(self._list, 1)
        layout.addLayout(buttons)
        bridge.state_changed.connect(self._fill)
        self._fill()

    def _fill(self, *_: object) -> None:
        shown = all_notices(self.ctx.session.state)
        if shown == self._shown and self._list.count() == len(shown):
            return
        self._shown = shown
        self._list.clear()
        for entry in shown:
            notice = entry.notice
            change = f" ({notice.change_pct:+.2g} % SUV)" if notice.change_pct is not None else ""
            remedy = f"\n{notice.remedy}" if notice.remedy else ""
            item = QListWidgetItem(
                self.style().standardIcon(_ICONS[notice.severity]), f"{notice.text}{change}{remedy}"
            )
            item.setToolTip(f"{notice.code}: {notice.severity.value}")
            self._list.addItem(item)
        self._none.setVisible(not shown)
        self._list.setVisible(bool(shown))
        self._on_row(self._list.currentRow())

    def _on_row(self, row: int) -> None:
        own = 0 <= row < len(self._shown) and self._shown[row].dismissible
        self._dismiss.setEnabled(own)
        self._dismiss.setVisible(bool(self._shown))

    def _on_dismiss(self) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._shown):
            self.ctx.session.apply(DismissNotice(self._shown[row].notice), "Dismiss notice")

"""The dose card: who got how much of what, when, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFormLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.dose_card import dose_card
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.panels.panel import Panel


class DosePanel(Panel):
    """Hours after injection in large type, and every input with where it came from."""

    id = "dose"
    title = "Dose card"
    area = Qt.DockWidgetArea.RightDockWidgetArea

    def __init__(
        self,
        ctx: AppContext,
        bridge: Bridge,
        run_command: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ctx, bridge, run_command, parent)
        self._hours = QLabel(self)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.8)
        self._hours.setFont(font)
        self._verdict = QLabel(self)
        self._verdict.setWordWrap(True)
        self._verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inner = QWidget(self)
        self._form = QFormLayout(inner)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._hours)
        layout.addWidget(self._verdict)
        layout.addWidget(area, 1)
        bridge.state_changed.connect(lambda old, new: self.refresh())
        bridge.view_changed.connect(self._on_view)
        self.refresh()

    def _on_view(self, old: object, new: object) -> None:
        if getattr(old, "scan_id", None) != getattr(new, "scan_id", None):
            self.refresh()

    def refresh(self) -> None:
        """Show the card of the scan in view."""
        card = dose_card(self.ctx.session.state, self.ctx.view.state.scan_id)
        self._hours.setText(card.hours_text)
        self._verdict.setText(card.verdict)
        while self._form.rowCount():
            self._form.removeRow(0)
        for line in card.lines:
            value = QLabel(line.value)
            value.setWordWrap(True)
            value.setToolTip(line.source)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._form.addRow(line.title, value)

"""Answers to one doubt, one button each, over as many lines as they need."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from atsm_viewer.app.dose_choices import Choice


class ChoiceRow(QWidget):
    """Buttons that hide when there is nothing to choose."""

    chosen = Signal(object)
    """The :class:`Choice` that was taken."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.shown: tuple[Choice, ...] = ()
        self.buttons: list[QPushButton] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(self.fontMetrics().height(), 0, 0, 2)
        self._layout.setSpacing(2)
        self.hide()

    def show_choices(self, choices: tuple[Choice, ...]) -> None:
        """Show other answers."""
        if choices == self.shown and len(self.buttons) == len(choices):
            return
        self.shown = choices
        for button in self.buttons:
            self._layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(choice) for choice in choices]
        for button in self.buttons:
            self._layout.addWidget(button)
        self.setVisible(bool(choices))

    def _button(self, choice: Choice) -> QPushButton:
        button = QPushButton(choice.label, self)
        button.setToolTip(choice.detail)
        button.setAccessibleDescription(choice.detail)
        button.setAutoDefault(False)
        # Left-aligned text reads as a list of answers.
        button.setStyleSheet("text-align: left; padding: 2px 6px;")
        button.clicked.connect(lambda: self.chosen.emit(choice))
        return button

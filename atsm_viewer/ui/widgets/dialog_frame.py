"""What all dialogs share: plain buttons, and a size that fits the screen."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox, QWidget

_SHARE_OF_SCREEN = 0.92


def dialog_buttons(parent: QWidget, buttons: QDialogButtonBox.StandardButton) -> QDialogButtonBox:
    """Return a row of buttons without pictures: their words say enough."""
    box = QDialogButtonBox(buttons, parent)
    for button in box.buttons():
        button.setIcon(QIcon())
    return box


def resize_in_em(window: QWidget, width_em: float, lines: float | None = None) -> None:
    """Give a window a size that grows with the text but stays on the screen.

    Parameters
    ----------
    window
        The window.
    width_em
        Width in mean letters.
    lines
        Height in lines of text; None for as much as the content asks for.
    """
    metrics, screen = window.fontMetrics(), window.screen().availableGeometry()
    height = window.sizeHint().height() if lines is None else round(lines * metrics.lineSpacing())
    width = round(width_em * metrics.averageCharWidth())
    window.resize(
        min(width, round(_SHARE_OF_SCREEN * screen.width())),
        min(height, round(_SHARE_OF_SCREEN * screen.height())),
    )

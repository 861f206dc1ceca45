"""Labels with a job: headings, quiet text, text that is cut in the middle."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


def scaled_font(font: QFont, factor: float, *, bold: bool = False) -> QFont:
    """Return a font some times as large, whatever the unit of its size."""
    larger = QFont(font)
    if font.pointSizeF() > 0:
        larger.setPointSizeF(font.pointSizeF() * factor)
    else:
        larger.setPixelSize(round(font.pixelSize() * factor))
    larger.setWeight(QFont.Weight.DemiBold if bold else font.weight())
    return larger


def heading(text: str, parent: QWidget, factor: float = 1.25) -> QLabel:
    """Return a label in larger, heavier type."""
    label = QLabel(text, parent)
    label.setFont(scaled_font(label.font(), factor, bold=True))
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def quiet(text: str, parent: QWidget) -> QLabel:
    """Return a label in the quieter colour of hints; it wraps."""
    label = QLabel(text, parent)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


class ElidedLabel(QWidget):
    """One line of text that is cut with … where there is no room; the whole text is in the tooltip.

    Parameters
    ----------
    text
        The words.
    mode
        Where it is cut.
    role
        Palette role of the text.
    """

    def __init__(
        self,
        text: str,
        parent: QWidget,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
        role: QPalette.ColorRole = QPalette.ColorRole.WindowText,
    ) -> None:
        super().__init__(parent)
        self._mode, self._role = mode, role
        self._alignment = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def text(self) -> str:
        """Return the whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text."""
        if text == self._text:
            return
        self._text = text
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.update()

    def setAlignment(self, alignment: Qt.AlignmentFlag) -> None:
        """Say where the text stands."""
        self._alignment = alignment
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the whole text."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Return room for a few letters."""
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * 4, metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        group = QPalette.ColorGroup.Normal if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setPen(self.palette().color(group, self._role))
        shown = self.fontMetrics().elidedText(self._text, self._mode, self.width())
        painter.drawText(self.rect(), self._alignment, shown)
        painter.end()

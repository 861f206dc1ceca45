"""A large button with a title and a sentence."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from atsm_viewer.ui.widgets.labels import scaled_font

_TITLE = 1.1


class CardButton(QAbstractButton):
    """A button for a first page: what it does, and below it in a sentence what that means.

    Parameters
    ----------
    title, words
        The two lines; the second one wraps.
    keys
        Shortcut, shown at the right; empty for none.
    """

    def __init__(self, title: str, words: str, keys: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._words, self._keys = words, keys
        self.setText(title)
        self.setAccessibleDescription(words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """Return True: the sentence wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that title and sentence need."""
        pad = self._pad()
        words = self.fontMetrics().boundingRect(
            QRect(0, 0, max(width - 2 * pad, 1), 10_000), Qt.TextFlag.TextWordWrap, self._words
        )
        return 2 * pad + self._title_height() + pad // 3 + words.height()

    def sizeHint(self) -> QSize:
        """Return room for a sentence on two lines."""
        width = self.fontMetrics().averageCharWidth() * 34
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return the least room."""
        width = self.fontMetrics().averageCharWidth() * 22
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a rounded card; the border shows hover and focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, pad = self.palette(), self._pad()
        active = self.hasFocus() or self.underMouse()
        edge = palette.color(QPalette.ColorRole.Accent if active else QPalette.ColorRole.Mid)
        painter.setPen(QPen(edge, 2.0 if self.hasFocus() else 1.0))
        ground = QPalette.ColorRole.AlternateBase if self.isDown() else QPalette.ColorRole.Base
        painter.setBrush(palette.color(ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        group = QPalette.ColorGroup.Normal if self.isEnabled() else QPalette.ColorGroup.Disabled
        inner = self.rect().adjusted(pad, pad, -pad, -pad)
        title_rect = QRect(inner.left(), inner.top(), inner.width(), self._title_height())
        quiet = palette.color(group, QPalette.ColorRole.PlaceholderText)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(quiet)
        keys_width = self.fontMetrics().horizontalAdvance(self._keys)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(title_rect, right, self._keys)
        below = inner.adjusted(0, title_rect.height() + pad // 3, 0, 0)
        painter.drawText(below, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, self._words)
        painter.setPen(palette.color(group, QPalette.ColorRole.Text))
        painter.setFont(scaled_font(self.font(), _TITLE, bold=True))
        room = title_rect.width() - (keys_width + pad if self._keys else 0)
        title = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(title_rect, left, title)
        painter.end()

    def _pad(self) -> int:
        least = self.style().pixelMetric(QStyle.PixelMetric.PM_LayoutLeftMargin)
        return max(least, round(self.fontMetrics().height() * 0.9))

    def _title_height(self) -> int:
        return round(self.fontMetrics().height() * _TITLE)

"""A few words that need no answer and go away by themselves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

SHOWN_MS = 4000
_ABOVE_BOTTOM_EM = 3


class MessageBar(QFrame):
    """Lies over the lower edge of its parent, so that nothing moves when it comes and goes.

    Parameters
    ----------
    parent
        Over which it lies.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        # Light on dark in the light theme and the reverse: seen without a sound.
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.WindowText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setForegroundRole(QPalette.ColorRole.Window)
        self._label.setWordWrap(True)
        layout = QHBoxLayout(self)
        self._margin = self.fontMetrics().height() // 2
        layout.setContentsMargins(2 * self._margin, self._margin, 2 * self._margin, self._margin)
        layout.addWidget(self._label)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def text(self) -> str:
        """Return the words shown last."""
        return self._label.text()

    def show_message(self, text: str) -> None:
        """Show words for about four seconds; newer ones take their place at once."""
        self._label.setText(text)
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place when the parent changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        side = 4 * self._margin + 2 * self.frameWidth()
        widest = max(parent.width() - 4 * self._margin, 1)
        whole = self._label.fontMetrics().horizontalAdvance(self._label.text()) + 8
        self._label.setFixedWidth(max(min(whole, widest - side), 1))
        self.adjustSize()
        line = self.fontMetrics().height()
        x = (parent.width() - self.width()) // 2
        self.move(x, max(parent.height() - self.height() - _ABOVE_BOTTOM_EM * line, 0))

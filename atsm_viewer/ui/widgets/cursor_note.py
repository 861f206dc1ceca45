"""A few words beside the pointer that go away by themselves."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QWidget

SHOWN_MS = 2500
_BESIDE_PX = 16
# Same in both themes: it lies on the picture, which is dark in both.
_STYLE = (
    "QLabel { background: #1b1e22; color: #ffffff; border: 1px solid #e69f00;"
    " border-left: 4px solid #e69f00; border-radius: 3px; padding: 5px 9px; }"
)


class CursorNote(QLabel):
    """Says at the pointer why nothing happened, and what would help.

    Parameters
    ----------
    parent
        The widget over which the pointer is; the note never leaves it.
    """

    gone = Signal()
    """The note is no longer shown, so what it offered no longer holds."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setStyleSheet(_STYLE)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Why nothing changed")
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Medium)
        self.setFont(font)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    def say(self, reason: str, remedy: str, at: QPoint) -> None:
        """Show a reason and, on a second line, what would help.

        Parameters
        ----------
        reason, remedy
            Words; the remedy may be empty.
        at
            Where the pointer is, in coordinates of the parent.
        """
        sentence = reason[:1].upper() + reason[1:]
        self.setText(f"{sentence}\n→ {remedy}" if remedy else sentence)
        self.setAccessibleDescription(self.text())
        room = self._over.rect().adjusted(4, 4, -4, -4)
        self.setWordWrap(False)
        size = self.sizeHint()
        if size.width() > room.width():
            self.setWordWrap(True)
            size.setWidth(room.width())
            size.setHeight(self.heightForWidth(room.width()))
        self.resize(size)
        x = at.x() + _BESIDE_PX
        if x + self.width() > room.right():
            x = at.x() - _BESIDE_PX - self.width()
        y = at.y() + _BESIDE_PX
        if y + self.height() > room.bottom():
            y = at.y() - _BESIDE_PX - self.height()
        x = max(room.left(), min(x, room.right() - self.width()))
        self.move(x, max(room.top(), min(y, room.bottom() - self.height())))
        self.show()
        self.raise_()
        # What can be answered by a key stays for as long as it takes to read and answer it.
        self._timer.start(SHOWN_MS * (3 if remedy else 1))

    def dismiss(self) -> None:
        """Hide at once."""
        self._timer.stop()
        shown = not self.isHidden()
        self.hide()
        if shown:
            self.gone.emit()

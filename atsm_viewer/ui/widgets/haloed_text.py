"""Words that can be read on any picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

TEXT_COLOUR = QColor(240, 244, 248)
HALO_COLOUR = QColor(0, 0, 0, 210)


def draw_haloed_text(
    painter: QPainter, at: QPointF, text: str, font: QFont, colour: QColor = TEXT_COLOUR
) -> None:
    """Draw words with a dark rim.

    Parameters
    ----------
    painter
        In logical pixels.
    at
        Left end of the base line.
    text, font, colour
        What, and how.
    """
    path = QPainterPath()
    path.addText(at, font, text)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rim = QPen(HALO_COLOUR, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, rim)
    painter.fillPath(path, colour)
    painter.restore()

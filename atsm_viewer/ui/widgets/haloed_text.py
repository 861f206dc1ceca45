"""Words that can be read on any picture."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap, QPixmapCache

TEXT_COLOUR = QColor(240, 244, 248)
HALO_COLOUR = QColor(0, 0, 0, 210)
_RIM_PX = 3.0


def draw_haloed_text(
    painter: QPainter, at: QPointF, text: str, font: QFont, colour: QColor = TEXT_COLOUR
) -> None:
    """Draw words with a dark rim.

    Stroking the rim of a glyph costs more than composing the picture below, so rims are drawn once
    and kept: those of numbers, which change with every slice, character by character.

    Parameters
    ----------
    painter
        In logical pixels.
    at
        Left end of the base line.
    text, font, colour
        What, and how.
    """
    ratio, name = painter.device().devicePixelRatio(), font.key()
    metrics = QFontMetricsF(font)
    pieces = list(text) if any(c.isdigit() for c in text) else [text]
    y, before = at.y() - metrics.ascent() - _RIM_PX, ""
    for piece in pieces:
        x = at.x() + metrics.horizontalAdvance(before) - _RIM_PX
        painter.drawPixmap(QPointF(x, y), _rim(piece, font, name, metrics, ratio))
        before += piece
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(at, text)


def _rim(text: str, font: QFont, font_name: str, metrics: QFontMetricsF, ratio: float) -> QPixmap:
    key = f"rim|{text}|{font_name}|{ratio:g}"
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = _drawn_rim(text, font, metrics, ratio)
        QPixmapCache.insert(key, pixmap)
    return pixmap


def _drawn_rim(text: str, font: QFont, metrics: QFontMetricsF, ratio: float) -> QPixmap:
    width = metrics.horizontalAdvance(text) + 2 * _RIM_PX
    height = metrics.height() + 2 * _RIM_PX
    pixmap = QPixmap(math.ceil(width * ratio), math.ceil(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    path.addText(QPointF(_RIM_PX, metrics.ascent() + _RIM_PX), font, text)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rim = QPen(
        HALO_COLOUR, _RIM_PX, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )
    painter.strokePath(path, rim)
    painter.end()
    return pixmap

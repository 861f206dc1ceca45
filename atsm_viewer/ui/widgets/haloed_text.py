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

    Stroking the rim of a glyph costs more than composing the picture below, so words are drawn once
    and kept.

    Parameters
    ----------
    painter
        In logical pixels.
    at
        Left end of the base line.
    text, font, colour
        What, and how.
    """
    ratio = painter.device().devicePixelRatio()
    key = f"haloed|{text}|{font.key()}|{colour.rgba():x}|{ratio:g}"
    metrics = QFontMetricsF(font)
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = _drawn(text, font, colour, metrics, ratio)
        QPixmapCache.insert(key, pixmap)
    painter.drawPixmap(QPointF(at.x() - _RIM_PX, at.y() - metrics.ascent() - _RIM_PX), pixmap)


def _drawn(text: str, font: QFont, colour: QColor, metrics: QFontMetricsF, ratio: float) -> QPixmap:
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
    painter.fillPath(path, colour)
    painter.end()
    return pixmap

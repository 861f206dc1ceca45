"""The swatch of a ROI."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap


def colour_icon(colour: str, shape: str, size: int = 14) -> QIcon:
    """Return a swatch; its shape tells the role apart without colour."""
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(colour))
    painter.setPen(QColor(0, 0, 0, 120))
    if shape == "tumour":
        painter.drawEllipse(1, 1, size - 3, size - 3)
    elif shape == "muscle":
        painter.drawRect(1, 1, size - 3, size - 3)
    else:
        painter.drawPolygon([QPoint(size // 2, 1), QPoint(size - 2, size - 2), QPoint(1, size - 2)])
    painter.end()
    return QIcon(pixmap)

"""Lines, handles and words of the tool in hand, over the picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from atsm_viewer.domain.plane import Vec3
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.ui.views import overlay_items as items
from atsm_viewer.ui.widgets.haloed_text import draw_haloed_text

_HANDLE_PX = 3.0
_RULER = QColor("#F0E442")
_NEAR_MM = 0.05
"""A shape is drawn in the view of its own plane only; rounding of positions stays below this."""


def draw_sketch(painter: QPainter, view: ViewTransform, sketch: Sketch, ratio: float) -> None:
    """Draw the lines and handles of a shape where they lie on the plane shown, in device pixels."""
    for line in sketch.lines_lps:
        if _on_plane(view, line):
            _polyline(painter, view, line, items.BRUSH, 1.0, ratio)
    if not _on_plane(view, sketch.handles_lps):
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(items.RIM, max(1.0, round(ratio))))
    painter.setBrush(items.BRUSH)
    half = round(_HANDLE_PX * ratio)
    for handle in sketch.handles_lps:
        x, y = view.to_pixel(handle)
        painter.drawRect(QRectF(round(x) - half, round(y) - half, 2 * half, 2 * half))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_ruler(painter: QPainter, view: ViewTransform, ends: tuple[Vec3, Vec3], ratio: float) -> None:
    """Draw the ruler with its end marks where it lies on the plane shown, in device pixels."""
    if not _on_plane(view, ends):
        return
    _polyline(painter, view, ends, _RULER, 2.0, ratio)
    painter.setPen(QPen(_RULER, 2.0 * ratio))
    for end in ends:
        x, y = view.to_pixel(end)
        painter.drawEllipse(QPointF(x, y), 3.0 * ratio, 3.0 * ratio)


def draw_words_at(
    painter: QPainter, view: ViewTransform, at_lps: Vec3, text: str, font: QFont, ratio: float
) -> None:
    """Draw words beside a position, kept inside the view; in logical pixels."""
    if not text or not _on_plane(view, (at_lps,)):
        return
    x, y = view.to_pixel(at_lps)
    width = painter.fontMetrics().horizontalAdvance(text)
    left = min(max(x / ratio + 14.0, 4.0), view.width_px / ratio - width - 8.0)
    base = min(max(y / ratio - 10.0, 3.0 * painter.fontMetrics().height()), view.height_px / ratio - 8.0)
    draw_haloed_text(painter, QPointF(left, base), text, font)


def _on_plane(view: ViewTransform, points: tuple[Vec3, ...]) -> bool:
    return bool(points) and bool((np.abs(view.plane.distance_mm(points)) < _NEAR_MM).all())


def _polyline(
    painter: QPainter, view: ViewTransform, line: tuple[Vec3, ...], colour: QColor, width: float, ratio: float
) -> None:
    polygon = QPolygonF([QPointF(*view.to_pixel(p)) for p in line])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for shade, extra in ((items.RIM, 2.0), (colour, 0.0)):
        painter.setPen(QPen(shade, (width + extra) * ratio))
        painter.drawPolyline(polygon)

"""Vector items over a picture: outlines, crosshair, letters, scale bar and words.

Colours are neutral or those of the ROIs, each with a dark rim, so that they show on any picture;
what differs in meaning differs in shape too (the active ROI is thicker, an erasing brush is dashed).
"""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from atsm_viewer.domain.plane import Orientation
from atsm_viewer.render.overlay import orientation_letters, scale_bar
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.ui.widgets.haloed_text import draw_haloed_text

RIM = QColor(0, 0, 0, 150)
CROSSHAIR = QColor(225, 235, 245, 170)
BRUSH = QColor(255, 255, 255)
REACH = QColor(255, 255, 255, 120)
FOCUS = QColor(86, 180, 233, 200)
MARGIN_PX = 10.0
TITLES = {Orientation.AXIAL: "Axial", Orientation.CORONAL: "Coronal", Orientation.SAGITTAL: "Sagittal"}


def _pen(colour: QColor, width_px: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    # Whole device pixels: at 150 % a pen of 1.5 would be one or two pixels wide by chance.
    pen = QPen(
        colour, max(1.0, float(round(width_px))), style, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin
    )
    pen.setCosmetic(True)
    return pen


def draw_outline(
    painter: QPainter,
    lines: list[QLineF],
    colour: QColor,
    width_px: float,
    ratio: float,
    dashed: bool = False,
) -> None:
    """Draw a voxel outline with a dark rim.

    Parameters
    ----------
    painter
        In device pixels.
    lines
        Border lines, device pixels.
    colour
        Of the line.
    width_px, ratio
        Width in logical pixels, and device pixels per logical pixel.
    dashed
        Whether the line is broken.
    """
    if not lines:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(_pen(RIM, (width_px + 2.0) * ratio))
    painter.drawLines(lines)
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    pen = _pen(colour, width_px * ratio, style)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.SquareCap)
    painter.setPen(pen)
    painter.drawLines(lines)


def draw_brush_reach(painter: QPainter, at_px: tuple[float, float], radius_px: float, ratio: float) -> None:
    """Draw the size of the brush as a faint circle, which shows also where nothing may be painted."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(REACH, ratio))
    painter.drawEllipse(QPointF(*at_px), radius_px, radius_px)


def draw_crosshair(
    painter: QPainter, at_px: tuple[float, float], width_px: int, height_px: int, ratio: float
) -> None:
    """Draw the linked crosshair; a gap in the middle leaves the spot itself to be seen."""
    x, y = int(at_px[0]) + 0.5, int(at_px[1]) + 0.5
    gap = 12.0 * ratio
    lines = [
        QLineF(0.0, y, x - gap, y),
        QLineF(x + gap, y, width_px, y),
        QLineF(x, 0.0, x, y - gap),
        QLineF(x, y + gap, x, height_px),
    ]
    for colour, width in ((QColor(0, 0, 0, 110), 3.0), (CROSSHAIR, 1.0)):
        half = width * ratio / 2.0
        # Rectangles: Qt fills them some ten times faster than it strokes the same lines.
        for line in lines:
            painter.fillRect(QRectF(line.p1(), line.p2()).adjusted(-half, -half, half, half).toRect(), colour)


def title_font(base: QFont) -> QFont:
    """Font of the title."""
    font = QFont(base)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def title_rect(base: QFont, title: str) -> QRectF:
    """Where the title is, logical pixels: the part that a double-click maximises by."""
    metrics = QFontMetricsF(title_font(base))
    return QRectF(
        0.0, 0.0, metrics.horizontalAdvance(title) + 2 * MARGIN_PX, metrics.height() + MARGIN_PX
    )  # fmt: skip


def draw_words(painter: QPainter, base: QFont, title: str, position: str, size: tuple[float, float]) -> None:
    """Draw the title and the slice position in the upper left corner, in logical pixels."""
    bold = title_font(base)
    metrics, small = QFontMetricsF(bold), QFontMetricsF(base)
    y = MARGIN_PX + metrics.ascent() - 2
    draw_haloed_text(painter, QPointF(MARGIN_PX, y), title, bold)
    if position and small.horizontalAdvance(position) + 2 * MARGIN_PX < size[0]:
        draw_haloed_text(painter, QPointF(MARGIN_PX, y + small.lineSpacing()), position, base)


def draw_letters(painter: QPainter, base: QFont, view: ViewTransform, size: tuple[float, float]) -> None:
    """Draw which side of the patient lies beyond each edge, in logical pixels."""
    font = title_font(base)
    metrics = QFontMetricsF(font)
    letters = orientation_letters(view.plane)
    width, height = size
    middle_x, middle_y = width / 2.0, height / 2.0 + metrics.capHeight() / 2.0
    cap, right = metrics.capHeight(), metrics.horizontalAdvance(letters.right)
    places = (
        (letters.left, MARGIN_PX, middle_y),
        (letters.right, width - MARGIN_PX - right, middle_y),
        (letters.top, middle_x - metrics.horizontalAdvance(letters.top) / 2, MARGIN_PX + cap),
        (letters.bottom, middle_x - metrics.horizontalAdvance(letters.bottom) / 2, height - MARGIN_PX),
    )
    for text, x, y in places:
        draw_haloed_text(painter, QPointF(x, y), text, font)


def draw_scale_bar(
    painter: QPainter, base: QFont, mm_per_logical_px: float, size: tuple[float, float]
) -> None:
    """Draw a bar of a round length in the lower right corner, in logical pixels."""
    width, height = size
    room = min(120.0, width * 0.3)
    if room < 20.0:
        return
    _, length, text = scale_bar(mm_per_logical_px, room)
    right, y = round(width - MARGIN_PX) + 0.5, round(height - MARGIN_PX) - 0.5
    left = right - length
    lines = [QLineF(left, y, right, y), QLineF(left, y - 4, left, y), QLineF(right, y - 4, right, y)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for colour, pen_width in ((QColor(0, 0, 0, 190), 4.0), (QColor(240, 244, 248), 2.0)):
        painter.setPen(QPen(colour, pen_width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
        painter.drawLines(lines)
    advance = QFontMetricsF(base).horizontalAdvance(text)
    draw_haloed_text(painter, QPointF(right - advance, y - 8), text, base)

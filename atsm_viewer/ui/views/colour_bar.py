"""The colours of the PET with their values."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.scan import Scan
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.render.overlay import colour_bar_ticks
from atsm_viewer.render.window import Window
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.views.view_model import SceneBuilder

_BACKGROUND, _TEXT, _DIM = QColor(20, 22, 25), QColor(232, 236, 240), QColor(150, 156, 162)
_BAR_PX, _EDGE_PX, _TICK_PX = 16, 8, 5
_NARROWEST_SHARE = 0.01


class ColourBar(QWidget):
    """A vertical bar from the low to the high end of the PET window, in the unit shown.

    Dragging in the upper half moves the high end, in the lower half the low end; with Shift both. A
    double-click asks for numbers.

    Parameters
    ----------
    ctx, bridge
        Whose window is shown, and how changes come in.
    """

    edit_requested = Signal()
    """The person wants to type the window."""

    def __init__(self, ctx: AppContext, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._builder = SceneBuilder()
        self._grabbed: tuple[str, float, float, float] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("PET colour bar")
        self.setToolTip("Drag the upper or the lower half to set the PET window; double-click for numbers.")
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        bridge.settings_changed.connect(self._refresh)
        bridge.state_changed.connect(self._refresh)
        self._refresh()

    def sizeHint(self) -> QSize:
        """Wide enough for the bar with its numbers, and for the unit."""
        metrics = QFontMetricsF(self.font())
        numbers = max(metrics.horizontalAdvance(text) for text in ("00.0", *(text for _, text in self.ticks)))
        unit = max(metrics.horizontalAdvance(part) for part in self.unit_words.partition(" "))
        return QSize(round(max(_BAR_PX + _TICK_PX + 3 + numbers, unit)) + 2 * _EDGE_PX, 200)

    def minimumSizeHint(self) -> QSize:
        """As wide as wanted, however low."""
        return QSize(self.sizeHint().width(), 80)

    @property
    def unit_words(self) -> str:
        """The unit shown above the bar; empty while there is no PET."""
        scan = self._scan()
        if scan is None or scan.pet is None:
            return ""
        return self._builder.scale(self._ctx.session.state, scan, self._ctx.view.state.pet_unit).label

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Values and texts beside the bar."""
        window = self._window()
        if window is None:
            return []
        line = QFontMetricsF(self.font()).height()
        return colour_bar_ticks(window, max(2, min(10, int(self._bar().height() / (2.5 * line)))))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bar, ticks and unit."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), _BACKGROUND)
        window = self._window()
        if window is not None:
            self._draw(painter, window)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the nearer end."""
        if event.button() is not Qt.MouseButton.LeftButton or self._window() is None:
            return
        upper = event.position().y() < self._bar().center().y()
        both = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        view = self._ctx.view.state
        self._grabbed = (
            "both" if both else "hi" if upper else "lo",
            event.position().y(),
            view.pet_lo,
            view.pet_hi,
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the end that is held: the value under the pointer goes with it."""
        if self._grabbed is None:
            return
        end, y0, lo, hi = self._grabbed
        shift = (y0 - event.position().y()) / max(1.0, self._bar().height()) * (hi - lo)
        least = (hi - lo) * _NARROWEST_SHARE
        if end == "hi":
            # Pulling a colour upwards brings it to higher values, so that the top value falls.
            self._ctx.view.set(pet_hi=max(lo + least, hi - shift))
        elif end == "lo":
            self._ctx.view.set(pet_lo=min(hi - least, max(0.0, lo - shift)))
        else:
            down = min(shift, lo)
            self._ctx.view.set(pet_lo=lo - down, pet_hi=hi - down)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._grabbed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for numbers."""
        self._grabbed = None
        if event.button() is Qt.MouseButton.LeftButton and self._window() is not None:
            self.edit_requested.emit()

    def _refresh(self, old: object = None, new: object = None) -> None:
        view = self._ctx.view.state
        self.setAccessibleDescription(f"{view.pet_lo:g} to {view.pet_hi:g} {self.unit_words}")
        self.updateGeometry()
        self.update()

    def _scan(self) -> Scan | None:
        view = self._ctx.view.state
        return next((s for s in self._ctx.session.state.scans if s.id == view.scan_id), None)

    def _window(self) -> Window | None:
        scan, view = self._scan(), self._ctx.view.state
        if scan is None or scan.pet is None or not view.pet_visible:
            return None
        try:
            return Window.of_range(view.pet_lo, view.pet_hi)
        except AtsmError:
            return None  # lo and hi have met for a moment; the views still draw, there is nothing to mark

    def _bar(self) -> QRectF:
        line = QFontMetricsF(self.font()).height()
        top = _EDGE_PX + line * 2.2
        return QRectF(_EDGE_PX, top, _BAR_PX, max(10.0, self.height() - top - _EDGE_PX - line / 2.0))

    def _draw(self, painter: QPainter, window: Window) -> None:
        bar, view = self._bar(), self._ctx.view.state
        colour_map = COLOUR_MAPS.get(view.colour_map) or next(iter(COLOUR_MAPS.values()))
        rgb = np.ascontiguousarray(colour_map.rgb[::-1])
        image = QImage(rgb.data, 1, 256, 3, QImage.Format.Format_RGB888)
        painter.drawImage(bar, image)
        painter.setPen(QPen(_DIM, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        metrics = QFontMetricsF(self.font())
        name, _, rest = self.unit_words.partition(" ")
        painter.setPen(_TEXT)
        painter.drawText(QPointF(_EDGE_PX, _EDGE_PX + metrics.ascent()), name)
        if rest:
            painter.setPen(_DIM)
            painter.drawText(QPointF(_EDGE_PX, _EDGE_PX + metrics.ascent() + metrics.height()), rest)
        painter.setPen(_TEXT)
        for value, text in self.ticks:
            y = bar.bottom() - (value - window.lo) / window.width * bar.height()
            painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + _TICK_PX, y))
            left = bar.right() + _TICK_PX + 3
            painter.drawText(QPointF(left, y + metrics.capHeight() / 2.0), text)

"""A small plot of PET and CT along the ruler."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from atsm_viewer.app.line_profile import Profile

_PET, _CT = QColor("#E69F00"), QColor("#B8C4CE")
_PAPER, _INK, _GRID = QColor(16, 20, 24, 225), QColor(235, 240, 245), QColor(255, 255, 255, 40)


class ProfilePopup(QWidget):
    """Curves over distance in mm; each has its own scale, its ends are written beside it.

    It lies on a picture, hence its colours do not follow the theme of the window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Profile along the ruler")
        self._profile: Profile | None = None
        self._scale: float | None = None
        self._unit = ""
        unit = self.fontMetrics().height()
        self.resize(19 * unit, 9 * unit)

    def show_profile(self, profile: Profile, scale: float | None, unit: str) -> None:
        """Take the values along the line.

        Parameters
        ----------
        profile
            The line.
        scale, unit
            Shown PET value per stored value, and its unit; None where slices differ, then no PET curve.
        """
        self._profile, self._scale, self._unit = profile, scale, unit
        self.setAccessibleDescription(self.words)
        self.show()
        self.update()

    @property
    def words(self) -> str:
        """Length and range of the values in words."""
        if self._profile is None:
            return ""
        parts = [f"{self._profile.length_mm:.1f} mm"]
        for name, values, digits in self._curves():
            known = values[np.isfinite(values)]
            if known.size:
                parts.append(f"{name} {known.min():.{digits}f} to {known.max():.{digits}f}")
        return " · ".join(parts)

    def place(self) -> None:
        """Stand in the lower right corner of the picture, or shrink with it."""
        picture = self.parentWidget()
        assert picture is not None  # given when it was made
        unit = self.fontMetrics().height()
        self.resize(min(19 * unit, picture.width() - 16), min(9 * unit, picture.height() // 2))
        self.move(picture.width() - self.width() - 8, picture.height() - self.height() - 8)
        self.raise_()

    def _curves(self) -> list[tuple[str, npt.NDArray[np.float64], int]]:
        profile, curves = self._profile, []
        if profile is not None and profile.pet is not None and self._scale is not None:
            curves.append((self._unit, profile.pet * self._scale, 2))
        if profile is not None and profile.ct_hu is not None:
            curves.append(("HU", profile.ct_hu, 0))
        return curves

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, curves and their ranges."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_PAPER)
        painter.drawRoundedRect(QRectF(self.rect()), 6.0, 6.0)
        line = self.fontMetrics().height()
        curves = self._curves()
        room = QRectF(self.rect()).adjusted(10, 6 + line * len(curves) * 1.1, -10, -(line + 8))
        painter.setPen(QPen(_GRID, 1))
        painter.drawRect(room)
        for row, (name, values, digits) in enumerate(curves):
            colour = _CT if name == "HU" else _PET
            self._draw_curve(painter, room, values, colour)
            known = values[np.isfinite(values)]
            told = f"no {name}"
            if known.size:
                told = f"{known.min():.{digits}f} – {known.max():.{digits}f} {name}"
            painter.setPen(colour)
            painter.drawText(QPointF(12.0, 4.0 + line * (1.1 * row + 0.9)), told)
        if self._profile is not None:
            painter.setPen(_INK)
            painter.drawText(QPointF(room.left(), self.height() - 6.0), "0")
            told = f"{self._profile.length_mm:.1f} mm"
            width = self.fontMetrics().horizontalAdvance(told)
            painter.drawText(QPointF(room.right() - width, self.height() - 6.0), told)
        painter.end()

    def _draw_curve(
        self, painter: QPainter, room: QRectF, values: npt.NDArray[np.float64], colour: QColor
    ) -> None:
        known = np.isfinite(values)
        if self._profile is None or not known.any():
            return
        low, high = float(values[known].min()), float(values[known].max())
        height = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
        along = self._profile.distance_mm / max(self._profile.length_mm, 1e-9)
        painter.setPen(QPen(colour, 1.6))
        run = QPolygonF()
        for x, y, good in zip(along, height, known, strict=True):
            if good:
                run.append(QPointF(room.left() + x * room.width(), room.bottom() - y * room.height()))
            elif not run.isEmpty():
                painter.drawPolyline(run)
                run = QPolygonF()
        painter.drawPolyline(run)

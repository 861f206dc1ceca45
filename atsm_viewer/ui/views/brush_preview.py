"""The voxels that a press would change, drawn before the press on every plane."""

from __future__ import annotations

from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.patch import Patch
from atsm_viewer.render.dirty_rect import PixelRect
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.ui.views import overlay_items as items
from atsm_viewer.ui.views.outlines import Outline, rect_of_lines

_OUTLINE_PX = 1.0


class BrushPreview:
    """Where the brush is, how large it is, and what it would change.

    The outline runs exactly around the voxels; the faint circle shows the size of the brush, also
    where nothing would change. Erasing is dashed.
    """

    def __init__(self) -> None:
        self._outline = Outline()
        self._lines: list[QLineF] = []
        self._circle: tuple[float, float, float] | None = None
        self._erases = False
        self.patch: Patch | None = None

    def put(self, patch: Patch | None, geometry: Geometry | None, view: ViewTransform | None) -> None:
        """Take the voxels of a footprint, or None for none."""
        self.patch = patch
        if patch is None or geometry is None or view is None or patch.is_empty:
            self._lines = []
        else:
            self._lines = self._outline.lines(patch, geometry, view)
            self._erases = not patch.adds

    def put_circle(self, at_px: tuple[float, float] | None, radius_px: float = 0.0) -> None:
        """Take middle and radius of the brush, device pixels; None when it is elsewhere."""
        self._circle = None if at_px is None else (*at_px, radius_px)

    def rect(self) -> PixelRect | None:
        """Pixels touched by the drawing; None when there is none."""
        rects = [rect_of_lines(self._lines)]
        if self._circle is not None:
            x, y, r = self._circle
            rects.append((int(x - r) - 2, int(y - r) - 2, int(x + r) + 3, int(y + r) + 3))
        given = [rect for rect in rects if rect is not None]
        if not given:
            return None
        return (
            min(r[0] for r in given), min(r[1] for r in given),
            max(r[2] for r in given), max(r[3] for r in given),
        )  # fmt: skip

    def draw(self, painter: QPainter, ratio: float) -> None:
        """Draw in device pixels; ``ratio`` is device pixels per logical pixel."""
        if self._circle is not None:
            x, y, radius = self._circle
            items.draw_brush_reach(painter, (x, y), radius, ratio)
        items.draw_outline(painter, self._lines, items.BRUSH, _OUTLINE_PX, ratio, dashed=self._erases)

"""The fused picture of one view, recomposed only where it is out of date."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from atsm_viewer.render.compose import Composer
from atsm_viewer.render.dirty_rect import PixelRect
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.ui.views.view_model import Scene

# Above this share of the picture one full drawing is cheaper than several parts.
_FULL_SHARE = 0.5


class Picture:
    """A buffer of device pixels that Qt draws as it is.

    Parameters
    ----------
    composer
        Draws into the buffer; shared by all views.
    """

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._buffer = np.zeros((1, 1), np.uint32)
        self._image = self._wrapped()
        self._all_stale = True
        self._stale: list[PixelRect] = []

    @property
    def buffer(self) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
        """Array [row, column] of 0xffRRGGBB, as last composed."""
        return self._buffer

    def invalidate(self, rect: PixelRect | None = None) -> None:
        """Mark pixels (half-open x0, y0, x1, y1), or all of them, as out of date."""
        if rect is None:
            self._all_stale = True
        elif not self._all_stale:
            self._stale.append(rect)

    def refreshed(self, view: ViewTransform, scene: Scene) -> QImage:
        """Return the picture after composing what is out of date."""
        shape = (view.height_px, view.width_px)
        if self._buffer.shape != shape:
            self._buffer = np.zeros(shape, np.uint32)
            self._image = self._wrapped()
            self._all_stale = True
        area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in self._stale)
        if self._all_stale or area > _FULL_SHARE * self._buffer.size:
            self._compose(view, scene, None)
        else:
            for rect in _without_covered(self._stale):
                self._compose(view, scene, rect)
        self._all_stale = False
        self._stale.clear()
        return self._image

    def _compose(self, view: ViewTransform, scene: Scene, rect: PixelRect | None) -> None:
        self._composer.compose(view, scene.ct, scene.pet, scene.layers, out=self._buffer, rect=rect)

    def _wrapped(self) -> QImage:
        # The image reads the buffer's own memory; both live and die together in this object.
        height, width = self._buffer.shape
        return QImage(self._buffer.data, width, height, width * 4, QImage.Format.Format_RGB32)


def _without_covered(rects: list[PixelRect]) -> Iterator[PixelRect]:
    """Leave out rectangles that lie within another one."""
    for n, (x0, y0, x1, y1) in enumerate(rects):
        covered = any(
            m != n and a0 <= x0 and b0 <= y0 and a1 >= x1 and b1 >= y1 and (rects[m] != rects[n] or m < n)
            for m, (a0, b0, a1, b1) in enumerate(rects)
        )
        if not covered:
            yield (x0, y0, x1, y1)


def logical_rect(rect: PixelRect, pixel_ratio: float, margin_px: float = 3.0) -> QRect:
    """Return device pixels as a rectangle of logical pixels, a little wider for pens."""
    x0, y0, x1, y1 = rect
    left, top = int((x0 / pixel_ratio) - margin_px), int((y0 / pixel_ratio) - margin_px)
    right, bottom = int(x1 / pixel_ratio + margin_px) + 1, int(y1 / pixel_ratio + margin_px) + 1
    return QRect(left, top, right - left, bottom - top)

"""Voxel outlines ready to be drawn, worked out again only when voxels or plane changed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.plane import Plane
from atsm_viewer.render.dirty_rect import PixelRect
from atsm_viewer.render.outline import outline_segments_uv
from atsm_viewer.render.view_transform import ViewTransform

Segments = npt.NDArray[np.float64]


class Outline:
    """The outline of one set of voxels on one plane.

    Kept twice: in mm on the plane, which holds while one zooms, and as lines in device pixels.
    """

    def __init__(self) -> None:
        self._voxels: Mask | Patch | None = None
        self._pending: Patch | None = None
        self._geometry: Geometry | None = None
        self._plane: Plane | None = None
        self._view: ViewTransform | None = None
        self._segments: Segments = np.zeros((0, 2, 2))
        self._lines: list[QLineF] = []

    def lines(
        self, voxels: Mask | Patch, geometry: Geometry, view: ViewTransform, pending: Patch | None = None
    ) -> list[QLineF]:
        """Return the outline in device pixels of a view.

        Parameters
        ----------
        voxels
            A mask, or a patch taken as it is.
        geometry
            Their grid.
        view
            What is looked at.
        pending
            Voxels of a stroke in progress, taken as written.
        """
        same = self._voxels is voxels and self._pending is pending and self._geometry is geometry
        if not same or self._plane != view.plane:
            self._voxels, self._pending, self._geometry = voxels, pending, geometry
            self._plane, self._view = view.plane, None
            self._segments = outline_segments_uv(voxels, geometry, view.plane, pending)
        if self._view != view:
            self._view = view
            # Lines run along the borders between pixels; the half keeps thin pens on one pixel row.
            ends = np.floor(view.pixel_of_uv(self._segments)).reshape(-1, 4) + 0.5
            self._lines = [QLineF(*line) for line in ends.tolist()]
        return self._lines


def rect_of_lines(lines: list[QLineF]) -> PixelRect | None:
    """Smallest rectangle of pixels (half-open x0, y0, x1, y1) around lines; None for no line."""
    if not lines:
        return None
    xs = [x for line in lines for x in (line.x1(), line.x2())]
    ys = [y for line in lines for y in (line.y1(), line.y2())]
    return int(min(xs)) - 1, int(min(ys)) - 1, int(max(xs)) + 2, int(max(ys)) + 2

"""How the grid of an image lies under the pixels of a view."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.rigid import RigidTransform
from atsm_viewer.render.view_transform import ViewTransform

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.uint32]

_MAX_DRIFT_VOXELS = 0.02
"""Rounding in headers tilts grids by a hair; below this drift over the whole view rows stay rows."""


@dataclass(frozen=True, slots=True)
class AxisTable:
    """For each pixel along one screen axis the two voxels it lies between.

    Parameters
    ----------
    first, last
        Half-open range of pixels that lie on the image; the rest of the table is not used.
    low, high
        Arrays [pixel] of the two voxel indices (equal when voxels are shown as they are).
    weight
        Array [pixel] of float32, share of ``high``.
    """

    first: int
    last: int
    low: IndexArray
    high: IndexArray
    weight: npt.NDArray[np.float32]


@lru_cache(maxsize=128)
def axis_table(start: float, step: float, n_voxels: int, n_pixels: int, interpolate: bool) -> AxisTable:
    """Build the table for pixels whose index coordinate is ``start + step * (pixel + 0.5)``.

    An image ends at the outer faces of its voxels; within half a voxel of the end the last value
    is kept.
    """
    at = start + step * (np.arange(n_pixels) + 0.5)
    inside = np.flatnonzero((at >= -0.5) & (at < n_voxels - 0.5))
    first, last = (int(inside[0]), int(inside[-1]) + 1) if inside.size else (0, 0)
    if interpolate:
        held = np.clip(at, 0.0, n_voxels - 1.0)
        low = np.floor(held).astype(np.uint32)
        high = np.minimum(low + 1, n_voxels - 1).astype(np.uint32)
        weight = (held - low).astype(np.float32)
    else:
        low = np.clip(np.floor(at + 0.5), 0, n_voxels - 1).astype(np.uint32)
        high, weight = low, np.zeros(n_pixels, np.float32)
    for array in (low, high, weight):
        array.flags.writeable = False
    return AxisTable(first, last, low, high, weight)


@dataclass(frozen=True, slots=True)
class Placement:
    """Index coordinates [k, j, i] under the pixels: ``start + x * per_x + y * per_y``.

    Parameters
    ----------
    start_kji, per_x_kji, per_y_kji
        Arrays (3,) in voxels: at pixel coordinate (0, 0), and per pixel right and down.
    shape_kji
        Number of voxels.
    width_px, height_px
        Size of the view.
    column_axis, row_axis, fixed_axis
        Which index runs along the screen's columns (x), which along its rows (y), which is
        constant; all -1 where the grid is oblique to the view.
    """

    start_kji: FloatArray
    per_x_kji: FloatArray
    per_y_kji: FloatArray
    shape_kji: tuple[int, int, int]
    width_px: int
    height_px: int
    column_axis: int = -1
    row_axis: int = -1
    fixed_axis: int = -1

    @property
    def is_separable(self) -> bool:
        """Whether screen rows and columns run along the grid."""
        return self.fixed_axis >= 0

    def _middle(self, axis: int) -> FloatArray:
        return np.array(
            [self.per_x_kji[axis] * self.width_px / 2.0, self.per_y_kji[axis] * self.height_px / 2.0]
        )

    @property
    def fixed_index(self) -> float:
        """Index coordinate of the plane along ``fixed_axis``, rounded so that noise does not show."""
        return round(float(self.start_kji[self.fixed_axis] + self._middle(self.fixed_axis).sum()), 9)

    def columns(self, interpolate: bool) -> AxisTable:
        """Table of the screen's columns."""
        axis = self.column_axis
        start = float(self.start_kji[axis] + self._middle(axis)[1])
        step = float(self.per_x_kji[axis])
        return axis_table(round(start, 9), round(step, 12), self.shape_kji[axis], self.width_px, interpolate)

    def rows(self, interpolate: bool) -> AxisTable:
        """Table of the screen's rows."""
        axis = self.row_axis
        start = float(self.start_kji[axis] + self._middle(axis)[0])
        step = float(self.per_y_kji[axis])
        return axis_table(round(start, 9), round(step, 12), self.shape_kji[axis], self.height_px, interpolate)


_IDENTITY = RigidTransform()


@lru_cache(maxsize=64)
def place(view: ViewTransform, geometry: Geometry, to_view_space: RigidTransform = _IDENTITY) -> Placement:
    """Find how a grid lies under a view; kept, since images, areas and outlines ask in turn.

    Parameters
    ----------
    view
        The view, in the space of the PET.
    geometry
        Grid of the image.
    to_view_space
        Takes positions of the image into the space of the view.
    """
    w, h = view.width_px, view.height_px
    positions = view.to_lps([0.0, w, 0.0], [0.0, 0.0, h])
    if not to_view_space.is_identity:
        positions = to_view_space.invert(positions)
    index = geometry.lps_to_index(positions)
    start, per_x, per_y = index[0], (index[1] - index[0]) / w, (index[2] - index[0]) / h
    column, row = int(np.argmax(np.abs(per_x))), int(np.argmax(np.abs(per_y)))
    drift = np.abs(per_x * w) * (np.arange(3) != column) + np.abs(per_y * h) * (np.arange(3) != row)
    if column == row or float(drift.max()) > _MAX_DRIFT_VOXELS:
        return Placement(start, per_x, per_y, geometry.shape_kji, w, h)
    return Placement(start, per_x, per_y, geometry.shape_kji, w, h, column, row, 3 - column - row)

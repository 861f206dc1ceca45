"""The coloured area of a ROI."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box
from atsm_viewer.render import kernels
from atsm_viewer.render.dirty_rect import PixelRect, rect_of_box
from atsm_viewer.render.mask_slice import mask_slice, pending_block
from atsm_viewer.render.placement import AxisTable, Placement, place
from atsm_viewer.render.roi_layer import RoiLayer
from atsm_viewer.render.view_transform import ViewTransform

IndexArray = npt.NDArray[np.uint32]


def fill_roi(view: ViewTransform, roi: RoiLayer, out: npt.NDArray[np.uint32], rect: PixelRect) -> None:
    """Mix a ROI's colour into a picture where the voxel under the pixel's centre is inside.

    Parameters
    ----------
    view, roi
        What is looked at, and the ROI with its pending patch.
    out
        Array [row, column] of 0xffRRGGBB, changed in place.
    rect
        Half-open (x0, y0, x1, y1); only these pixels change.
    """
    alpha = round(roi.fill_opacity * 256)
    if alpha == 0:
        return
    placement = place(view, roi.geometry)
    if placement.is_separable:
        _fill_rows(placement, roi, alpha, out, rect)
    else:
        _fill_oblique(view, placement, roi, alpha, out, rect)


def _colour(roi: RoiLayer) -> int:
    r, g, b = roi.colour_rgb
    return r << 16 | g << 8 | b


def _reach(table: AxisTable, lo: int, n: int, first: int, last: int) -> tuple[int, IndexArray]:
    """First pixel from ``first`` to ``last`` on voxels lo … lo + n, and the local voxel of each."""
    first, last = max(first, table.first), max(min(last, table.last), max(first, table.first))
    local = table.low[first:last].astype(np.int64) - lo
    inside = np.flatnonzero((local >= 0) & (local < n))
    if inside.size == 0:
        return first, np.zeros(0, np.uint32)
    start, stop = int(inside[0]), int(inside[-1]) + 1
    return first + start, np.ascontiguousarray(local[start:stop], dtype=np.uint32)


def _fill_rows(
    placement: Placement, roi: RoiLayer, alpha: int, out: npt.NDArray[np.uint32], rect: PixelRect
) -> None:
    cut = mask_slice(roi.geometry, roi.mask, roi.pending, placement.fixed_axis, placement.fixed_index)
    if cut is None:
        return
    lo, block = cut.lo, cut.block
    if placement.row_axis > placement.column_axis:
        lo, block = (lo[1], lo[0]), np.ascontiguousarray(block.T)
    y0, rows = _reach(placement.rows(False), lo[0], block.shape[0], rect[1], rect[3])
    x0, columns = _reach(placement.columns(False), lo[1], block.shape[1], rect[0], rect[2])
    if rows.size and columns.size:
        target = out[y0 : y0 + rows.size, x0 : x0 + columns.size]
        kernels.loops().blend_mask(block, rows, columns, _colour(roi), alpha, target)


def _fill_oblique(
    view: ViewTransform,
    placement: Placement,
    roi: RoiLayer,
    alpha: int,
    out: npt.NDArray[np.uint32],
    rect: PixelRect,
) -> None:
    whole: Box
    whole, block = pending_block(roi.geometry, roi.mask, roi.pending)
    reach = rect_of_box(view, roi.geometry, whole)
    if reach is None:
        return
    x0, y0 = max(reach[0], rect[0]), max(reach[1], rect[1])
    x1, y1 = min(reach[2], rect[2]), min(reach[3], rect[3])
    if x0 >= x1 or y0 >= y1:
        return
    x, y = np.arange(x0, x1) + 0.5, (np.arange(y0, y1) + 0.5)[:, None]
    inside = np.ones((y1 - y0, x1 - x0), dtype=np.bool_)
    index = []
    for axis in range(3):
        at = (placement.start_kji[axis] + y * placement.per_y_kji[axis]) + x * placement.per_x_kji[axis]
        local = np.floor(at + 0.5).astype(np.intp) - whole.lo_kji[axis]
        inside &= (local >= 0) & (local < block.shape[axis])
        index.append(np.clip(local, 0, block.shape[axis] - 1))
    picture = inside & block[index[0], index[1], index[2]]
    rows, columns = np.arange(y1 - y0, dtype=np.uint32), np.arange(x1 - x0, dtype=np.uint32)
    target = out[y0:y1, x0:x1]
    kernels.loops().blend_mask(picture, rows, columns, _colour(roi), alpha, target)

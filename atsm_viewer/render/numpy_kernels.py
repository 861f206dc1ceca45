"""The pixel loops in NumPy: used until numba is ready, and where it is missing.

Each function here has a twin of the same name in ``numba_kernels.py``; both do the same float32
operations in the same order, so that the picture does not change when the fast ones take over.
Levels are bytes: 0 means "no image here", 1 to 255 run through the window.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

F32 = np.float32
FloatArray = npt.NDArray[np.float32]
_CHUNK_ROWS = 64


def mix_slices(
    volume_kji: npt.NDArray[Any],
    axis: int,
    low: int,
    high: int,
    weight: np.float32,
    k_scale: FloatArray,
    out: FloatArray,
) -> None:
    """Write the slice between ``low`` and ``high`` along ``axis`` to ``out`` (other axes in order).

    ``k_scale`` has one factor per k, or is empty.
    """
    a = np.take(volume_kji, low, axis=axis).astype(F32)
    b = a if high == low else np.take(volume_kji, high, axis=axis).astype(F32)
    if k_scale.size:
        factor_a, factor_b = (k_scale[low], k_scale[high]) if axis == 0 else (k_scale[:, None],) * 2
        a, b = a * factor_a, b * factor_b
    out[...] = a + (b - a) * weight


def _to_level(value: FloatArray) -> npt.NDArray[np.uint8]:
    clipped = np.clip(value, F32(1.0), F32(255.0))
    return np.where(np.isnan(clipped), F32(0.0), clipped).astype(np.uint8)


def levels(
    plane: FloatArray,
    row_low: npt.NDArray[np.uint32],
    row_high: npt.NDArray[np.uint32],
    row_weight: FloatArray,
    column_low: npt.NDArray[np.uint32],
    column_high: npt.NDArray[np.uint32],
    column_weight: FloatArray,
    lo: np.float32,
    per_unit: np.float32,
    out: npt.NDArray[np.uint8],
    y0: int,
    x0: int,
) -> None:
    """Write window levels of a slice, sampled at a lattice of pixels, to ``out`` from (y0, x0) on."""
    target = out[y0 : y0 + row_low.size, x0 : x0 + column_low.size]
    for first in range(0, row_low.size, _CHUNK_ROWS):
        some = slice(first, first + _CHUNK_ROWS)
        a, b = plane[row_low[some]], plane[row_high[some]]
        line = ((a + (b - a) * row_weight[some, None]) - lo) * per_unit + F32(1.5)
        a, b = line[:, column_low], line[:, column_high]
        target[some] = _to_level(a + (b - a) * column_weight)


def oblique_levels(
    volume_kji: npt.NDArray[Any],
    start: npt.NDArray[np.float64],
    per_x: npt.NDArray[np.float64],
    per_y: npt.NDArray[np.float64],
    interpolate: bool,
    k_scale: FloatArray,
    lo: np.float32,
    per_unit: np.float32,
    out: npt.NDArray[np.uint8],
    first_row: int,
) -> None:
    """Write window levels, sampled along any plane, to ``out``; its row 0 is ``first_row`` of the view."""
    x = np.arange(out.shape[1]) + 0.5
    for first in range(0, out.shape[0], _CHUNK_ROWS):
        y = (np.arange(first, min(first + _CHUNK_ROWS, out.shape[0])) + first_row + 0.5)[:, None]
        at = [(start[axis] + y * per_y[axis]) + x * per_x[axis] for axis in range(3)]
        inside = np.ones(at[0].shape, dtype=np.bool_)
        for axis, n in enumerate(volume_kji.shape):
            inside &= (at[axis] >= -0.5) & (at[axis] < n - 0.5)
        rows, columns = np.nonzero(inside)
        low, high, weight = [], [], []
        for axis, n in enumerate(volume_kji.shape):
            p = at[axis][rows, columns]
            if interpolate:
                held = np.minimum(np.maximum(p, 0.0), n - 1.0)
                index = np.floor(held).astype(np.intp)
                low.append(index)
                high.append(np.minimum(index + 1, n - 1))
                weight.append((held - index).astype(F32))
            else:
                index = np.floor(p + 0.5).astype(np.intp)
                low.append(index)
                high.append(index)
                weight.append(np.zeros(p.shape, F32))
        planes = []
        for k in (low[0], high[0]):
            lines = []
            for j in (low[1], high[1]):
                a, b = volume_kji[k, j, low[2]].astype(F32), volume_kji[k, j, high[2]].astype(F32)
                lines.append(a + (b - a) * weight[2])
            plane = lines[0] + (lines[1] - lines[0]) * weight[1]
            planes.append(plane * k_scale[k] if k_scale.size else plane)
        value = planes[0] + (planes[1] - planes[0]) * weight[0]
        block = np.zeros(inside.shape, np.uint8)
        block[rows, columns] = _to_level((value - lo) * per_unit + F32(1.5))
        out[first : first + _CHUNK_ROWS] = block


def fuse(
    pet: npt.NDArray[np.uint8],
    ct: npt.NDArray[np.uint8],
    table: npt.NDArray[np.uint32],
    out: npt.NDArray[np.uint32],
) -> None:
    """Look up the colour of each pair of levels; ``table`` is [pet * 256 + ct], 0xffRRGGBB."""
    for first in range(0, out.shape[0], _CHUNK_ROWS):
        some = slice(first, first + _CHUNK_ROWS)
        np.take(table, (pet[some].astype(np.intp) << 8) | ct[some], out=out[some], mode="clip")


def blend_mask(
    block: npt.NDArray[np.bool_],
    rows: npt.NDArray[np.uint32],
    columns: npt.NDArray[np.uint32],
    colour: int,
    alpha: int,
    out: npt.NDArray[np.uint32],
) -> None:
    """Mix ``colour`` (0xRRGGBB) with alpha / 256 into ``out`` where the mask's voxel is inside.

    ``rows`` and ``columns`` give the index into ``block`` for each row and column of ``out``.
    """
    hit = block[rows][:, columns]
    old = out[hit]
    mixed = np.full(old.shape, 0xFF000000, np.uint32)
    keep = np.uint32(256 - alpha)
    for shift in (16, 8, 0):
        channel = (old >> np.uint32(shift)) & np.uint32(0xFF)
        add = np.uint32(((colour >> shift) & 0xFF) * alpha + 128)
        mixed |= ((channel * keep + add) >> np.uint32(8)) << np.uint32(shift)
    out[hit] = mixed


def transpose_to_ikj(volume_kji: npt.NDArray[Any], out_ikj: npt.NDArray[Any], first: int, last: int) -> None:
    """Write slices ``first`` to ``last`` along k of a volume into a copy in order [i, k, j]."""
    for k in range(first, last):
        out_ikj[:, k, :] = volume_kji[k].T

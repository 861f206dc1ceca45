# mypy: disable-error-code="no-untyped-def"
"""The pixel loops compiled with numba; imported late, by ``kernels.warm_up`` only.

Twins of the functions in ``numpy_kernels.py`` (see there for the parameters). No fast-math: the
same operations in the same order give the same pixels. The kernels hold no lock, so that bands of
rows can run in plain threads; numba's own threading layer is not used because it may end the
process when two threads enter it at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba as nb
import numpy as np

_f32, _u8, _u32, _f64 = nb.float32, nb.uint8, nb.uint32, nb.float64
_VOLUMES = (nb.int16, nb.uint16, nb.float32)


def _ro(dtype: Any, ndim: int) -> Any:
    return nb.types.Array(dtype, ndim, "C", readonly=True)


def _jit(signatures: list[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def wrap(function: Callable[..., None]) -> Callable[..., None]:
        try:
            return nb.njit(signatures, cache=True, nogil=True)(function)  # type: ignore[no-any-return]
        except RuntimeError:
            # No folder for the cache (frozen program, no home): compile in memory at each start.
            return nb.njit(signatures, nogil=True)(function)  # type: ignore[no-any-return]

    return wrap


@_jit([nb.void(_ro(t, 3), nb.intp, nb.intp, nb.intp, _f32, _ro(_f32, 1), _f32[:, ::1]) for t in _VOLUMES])
def mix_slices(volume_kji, axis, low, high, weight, k_scale, out):
    """Twin of the NumPy function."""
    n_rows, n_columns = out.shape
    scaled = k_scale.size > 0
    one = np.float32(1.0)
    for r in range(n_rows):
        if axis == 0:
            f = k_scale[low] if scaled else one
            g = k_scale[high] if scaled else one
            for c in range(n_columns):
                a = np.float32(volume_kji[low, r, c]) * f
                b = np.float32(volume_kji[high, r, c]) * g
                out[r, c] = a + (b - a) * weight
        elif axis == 1:
            f = k_scale[r] if scaled else one
            for c in range(n_columns):
                a = np.float32(volume_kji[r, low, c]) * f
                b = np.float32(volume_kji[r, high, c]) * f
                out[r, c] = a + (b - a) * weight
        else:
            f = k_scale[r] if scaled else one
            for c in range(n_columns):
                a = np.float32(volume_kji[r, c, low]) * f
                b = np.float32(volume_kji[r, c, high]) * f
                out[r, c] = a + (b - a) * weight


@_jit(
    [
        nb.void(
            _ro(_f32, 2), _ro(_u32, 1), _ro(_u32, 1), _ro(_f32, 1), _ro(_u32, 1), _ro(_u32, 1), _ro(_f32, 1),
            _f32, _f32, _u8[:, ::1], nb.intp, nb.intp,
        )
    ]
)  # fmt: skip
def levels(
    plane, row_low, row_high, row_weight, column_low, column_high, column_weight, lo, per_unit, out, y0, x0
):
    """Twin of the NumPy function."""
    n_rows, n_columns = row_low.size, column_low.size
    line = np.empty(plane.shape[1], np.float32)
    mixed = np.empty(n_columns, np.float32)
    half, one, top, none = np.float32(1.5), np.float32(1.0), np.float32(255.0), np.float32(0.0)
    for r in range(n_rows):
        upper, lower, w = plane[row_low[r]], plane[row_high[r]], row_weight[r]
        for i in range(line.size):
            a = upper[i]
            line[i] = ((a + (lower[i] - a) * w) - lo) * per_unit + half
        # Two loops, not one: bytes may alias the tables, and then nothing is vectorised.
        for c in range(n_columns):
            a = line[column_low[c]]
            mixed[c] = a + (line[column_high[c]] - a) * column_weight[c]
        target = out[y0 + r, x0 : x0 + n_columns]
        for c in range(n_columns):
            v = mixed[c]
            f = v if v > one else one
            f = f if f < top else top
            f = f if v == v else none
            target[c] = np.uint8(np.int32(f))


@_jit(
    [
        nb.void(
            _ro(t, 3), _ro(_f64, 1), _ro(_f64, 1), _ro(_f64, 1), nb.boolean, _ro(_f32, 1), _f32, _f32,
            _u8[:, ::1], nb.intp,
        )
        for t in _VOLUMES
    ]
)  # fmt: skip
def oblique_levels(volume_kji, start, per_x, per_y, interpolate, k_scale, lo, per_unit, out, first_row):
    """Twin of the NumPy function."""
    nk, nj, ni = volume_kji.shape
    n_rows, n_columns = out.shape
    scaled = k_scale.size > 0
    half, one, top, none = np.float32(1.5), np.float32(1.0), np.float32(255.0), np.float32(0.0)
    for r in range(n_rows):
        y = (r + first_row) + 0.5
        base_k, base_j, base_i = start[0] + y * per_y[0], start[1] + y * per_y[1], start[2] + y * per_y[2]
        for c in range(n_columns):
            x = c + 0.5
            pk, pj, pi = base_k + x * per_x[0], base_j + x * per_x[1], base_i + x * per_x[2]
            if not (
                pk >= -0.5 and pk < nk - 0.5 and pj >= -0.5 and pj < nj - 0.5 and pi >= -0.5 and pi < ni - 0.5
            ):
                out[r, c] = 0
                continue
            if interpolate:
                pk = min(max(pk, 0.0), nk - 1.0)
                pj = min(max(pj, 0.0), nj - 1.0)
                pi = min(max(pi, 0.0), ni - 1.0)
                k0, j0, i0 = int(pk), int(pj), int(pi)
                wk, wj, wi = np.float32(pk - k0), np.float32(pj - j0), np.float32(pi - i0)
                k1, j1, i1 = min(k0 + 1, nk - 1), min(j0 + 1, nj - 1), min(i0 + 1, ni - 1)
                a = np.float32(volume_kji[k0, j0, i0])
                e = a + (np.float32(volume_kji[k0, j0, i1]) - a) * wi
                a = np.float32(volume_kji[k0, j1, i0])
                f = a + (np.float32(volume_kji[k0, j1, i1]) - a) * wi
                a = np.float32(volume_kji[k1, j0, i0])
                g = a + (np.float32(volume_kji[k1, j0, i1]) - a) * wi
                a = np.float32(volume_kji[k1, j1, i0])
                h = a + (np.float32(volume_kji[k1, j1, i1]) - a) * wi
                near = e + (f - e) * wj
                far = g + (h - g) * wj
                if scaled:
                    near *= k_scale[k0]
                    far *= k_scale[k1]
                v = near + (far - near) * wk
            else:
                k0, j0, i0 = int(np.floor(pk + 0.5)), int(np.floor(pj + 0.5)), int(np.floor(pi + 0.5))
                v = np.float32(volume_kji[k0, j0, i0])
                if scaled:
                    v *= k_scale[k0]
            v = (v - lo) * per_unit + half
            q = v if v > one else one
            q = q if q < top else top
            q = q if v == v else none
            out[r, c] = np.uint8(np.int32(q))


@_jit([nb.void(_ro(_u8, 2), _ro(_u8, 2), _ro(_u32, 1), _u32[:, ::1])])
def fuse(pet, ct, table, out):
    """Twin of the NumPy function."""
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = table[(np.int32(pet[r, c]) << 8) | np.int32(ct[r, c])]


@_jit([nb.void(_ro(nb.boolean, 2), _ro(_u32, 1), _ro(_u32, 1), nb.intp, nb.intp, _u32[:, :])])
def blend_mask(block, rows, columns, colour, alpha, out):
    """Twin of the NumPy function."""
    keep = np.uint32(256 - alpha)
    add_r = np.uint32(((colour >> 16) & 0xFF) * alpha + 128)
    add_g = np.uint32(((colour >> 8) & 0xFF) * alpha + 128)
    add_b = np.uint32((colour & 0xFF) * alpha + 128)
    for r in range(out.shape[0]):
        y = rows[r]
        for c in range(out.shape[1]):
            if block[y, columns[c]]:
                old = out[r, c]
                red = (((old >> np.uint32(16)) & np.uint32(0xFF)) * keep + add_r) >> np.uint32(8)
                green = (((old >> np.uint32(8)) & np.uint32(0xFF)) * keep + add_g) >> np.uint32(8)
                blue = ((old & np.uint32(0xFF)) * keep + add_b) >> np.uint32(8)
                out[r, c] = np.uint32(0xFF000000) | (red << np.uint32(16)) | (green << np.uint32(8)) | blue


@_jit([nb.void(_ro(t, 3), t[:, :, ::1], nb.intp, nb.intp) for t in _VOLUMES])
def transpose_to_ikj(volume_kji, out_ikj, first, last):
    """Twin of the NumPy function, in blocks that stay in the cache."""
    _, nj, ni = volume_kji.shape
    block = 32
    for k in range(first, last):
        for i0 in range(0, ni, block):
            i1 = min(i0 + block, ni)
            for j0 in range(0, nj, block):
                j1 = min(j0 + block, nj)
                for i in range(i0, i1):
                    for j in range(j0, j1):
                        out_ikj[i, k, j] = volume_kji[k, j, i]

"""The voxels that a brush reaches while it moves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.plane import Plane, Vec3

Shape = Literal["disc", "ball", "square"]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

# A voxel centre exactly one radius away is inside; without this margin rounding would decide, and a
# brush centred on a voxel would not be symmetric.
EDGE_MM = 1e-6
# Below this sine between plane and slice a grid counts as aligned: over 400 voxels the slice then
# departs from the plane by 0.04 voxel, while six-digit direction cosines err by about 1e-6.
ALIGNED_SINE = 1e-4
# Positions within this share of a voxel of the border between two slices belong to the upper one, so
# that rounding cannot make a stroke flicker between two slices.
_SNAP = 1e-7
# Squared distances are worked out in runs of at most this many voxels: temporaries of 112 kB stay in the
# cache, and below the 128 kB from which the C library fetches fresh pages for each of them.
_RUN_VOXELS = 14000


@dataclass(frozen=True)
class _Measure:
    """Distances of one grid as functions of index offsets, worked out once per grid and plane.

    Parameters
    ----------
    gram
        3x3, mm2: the squared distance of an index offset x (k, j, i) is ``x @ gram @ x``; for a disc
        it is the distance within the plane.
    crossed
        Pairs of index axes whose term in ``gram`` is not zero (sheared grids; oblique discs).
    reach
        Per index axis: largest index offset per mm of radius.
    slab_reach
        Per index axis: largest index offset due to the thickness of the slab.
    along_normal
        Per index axis: signed distance from the plane per index step, mm.
    normal_in_index
        Index offset per mm along the normal.
    half_slab_mm
        Half the extent of a voxel along the normal, mm.
    slice_axis
        The index axis that a plane parallel to the slices scrolls along; None for a ball or an
        oblique plane.
    half_diagonal_mm
        Half the largest diagonal of a voxel, mm.
    """

    gram: FloatArray
    crossed: tuple[tuple[int, int], ...]
    reach: FloatArray
    slab_reach: FloatArray
    along_normal: FloatArray
    normal_in_index: FloatArray
    half_slab_mm: float
    slice_axis: int | None
    half_diagonal_mm: float


@lru_cache(maxsize=64)
def _measure(geometry: Geometry, shape: Shape, u_lps: Vec3, v_lps: Vec3) -> _Measure:
    steps = geometry.steps_kji_lps
    inverse = np.linalg.inv(steps)  # columns: index offset per mm along each patient axis
    signs = np.array([(1, 1, 1), (1, 1, -1), (1, -1, 1), (1, -1, -1)], dtype=np.float64)
    half_diagonal = float(np.linalg.norm(signs @ steps, axis=1).max() / 2)
    normal = np.cross(u_lps, v_lps)
    normal = normal / np.linalg.norm(normal)
    along = steps @ normal
    in_index = normal @ inverse
    half_slab = float(np.abs(along).sum() / 2)
    slice_axis: int | None = None
    if shape == "ball":
        in_metric = np.eye(3)
        slab_reach = np.zeros(3)
    else:
        in_metric = np.eye(3) - np.outer(normal, normal)
        level = np.abs(along) <= ALIGNED_SINE * np.linalg.norm(steps, axis=1)
        if level.sum() == 2:
            slice_axis = int(np.flatnonzero(~level)[0])
        # A quarter more, so that no voxel of the slab is lost at its rim.
        slab_reach = np.abs(in_index) * half_slab * 1.25
    gram = steps @ in_metric @ steps.T
    size = np.sqrt(np.outer(np.diag(steps @ steps.T), np.diag(steps @ steps.T)))
    crossed = tuple((a, b) for a, b in ((0, 1), (0, 2), (1, 2)) if abs(gram[a, b]) > 1e-12 * size[a, b])
    reach = np.linalg.norm(in_metric @ inverse, axis=0)
    return _Measure(
        gram, crossed, reach, slab_reach, along, in_index, half_slab, slice_axis, half_diagonal
    )  # fmt: skip


def _along(axis: int, values: FloatArray) -> FloatArray:
    shape = [1, 1, 1]
    shape[axis] = -1
    return values.reshape(shape)


def _near(m: _Measure, x: list[FloatArray], d: FloatArray, radius_mm: float) -> BoolArray:
    """Whether index offsets from the start of a path lie within a radius of it.

    The squared distance to the point a + t d of the path is q - 2 t s + t² l, with q the squared
    distance to a, s the projection on the path and l its squared length. q and s are sums of one term
    per index axis (and per crossed pair), hence no array of positions is ever built.
    """
    q: FloatArray = _along(0, m.gram[0, 0] * x[0] * x[0]) + _along(1, m.gram[1, 1] * x[1] * x[1])
    q = q + _along(2, m.gram[2, 2] * x[2] * x[2])
    for a, b in m.crossed:
        q = q + (2 * m.gram[a, b]) * (_along(a, x[a]) * _along(b, x[b]))
    limit = (radius_mm + EDGE_MM) ** 2
    gd = m.gram @ d
    length2 = float(d @ gd)
    if length2 > EDGE_MM * EDGE_MM:
        s: FloatArray = _along(0, gd[0] * x[0]) + _along(1, gd[1] * x[1])
        s = s + _along(2, gd[2] * x[2])
        t = s * (1 / length2)
        np.clip(t, 0.0, 1.0, out=t)
        s *= 2.0
        s -= length2 * t
        s *= t
        q -= s
    return np.asarray(q <= limit)


def _path_voxels(a: FloatArray, b: FloatArray) -> npt.NDArray[np.intp]:
    """Voxels (n, 3) under a path between two fractional indices, looked up every half voxel or less."""
    n = 1 + math.ceil(2 * float(np.abs(b - a).max()))
    t = np.linspace(0.0, 1.0, n + 1)[:, None]
    return np.floor(a + t * (b - a) + (0.5 + _SNAP)).astype(np.intp)


def swept_footprint(
    geometry: Geometry,
    a_lps: Vec3,
    b_lps: Vec3,
    radius_mm: float,
    shape: Shape,
    plane: Plane,
) -> tuple[Box, BoolArray]:
    """Return the voxels that a brush covers on its straight way from one position to another.

    *Ball*: every voxel whose centre is within the radius of the path. *Disc*: every voxel of one slab
    whose centre, seen along the normal of the plane, is within the radius of the path. *Square*: the
    same slab, within half an edge (the radius) of some point of the path along u and along v of the
    plane. The slab is:

    - where the plane is parallel to slices of the grid, the one slice nearest to the plane (half-open:
      a plane midway belongs to the upper index, so it is always exactly one);
    - otherwise every voxel that the plane cuts, that is with |signed distance of the centre| less than
      half the extent of a voxel along the normal.

    The voxels under the path itself always belong to it, so that a brush thinner than a voxel leaves
    an unbroken line of at least one voxel.

    Parameters
    ----------
    geometry
        The grid.
    a_lps, b_lps
        Ends of the path, LPS mm; equal for a press without movement.
    radius_mm
        Radius of the brush, mm.
    shape
        ``disc``, ``ball`` or ``square``.
    plane
        The plane pointed at; its point chooses the slice of a disc.

    Returns
    -------
    tuple of Box and array
        A box clipped to the grid and the membership [k, j, i] of bool in it; the empty box when the
        brush lies wholly outside.
    """
    m = _measure(geometry, "ball" if shape == "ball" else "disc", plane.u_lps, plane.v_lps)
    # A square lies within the disc through its corners; what is outside the square is taken out below.
    edge_mm, radius_mm = radius_mm, radius_mm * math.sqrt(2.0) if shape == "square" else radius_mm
    a, b, on_plane = geometry.lps_to_index((a_lps, b_lps, plane.point_lps))
    under_a, under_b = a.copy(), b.copy()
    axis = m.slice_axis
    if axis is not None:
        at = math.floor(on_plane[axis] + 0.5 + _SNAP)
        # Slide both ends along the normal into the middle of the slice; seen along it nothing moves.
        for end in (a, b):
            end += (at - end[axis]) / m.normal_in_index[axis] * m.normal_in_index
            end[axis] = at
        under_a[axis] = under_b[axis] = at
    low, high = np.minimum(a, b), np.maximum(a, b)
    margin = m.reach * (radius_mm + EDGE_MM) + (0.0 if axis is not None else m.slab_reach) + 1e-9
    # The rounded ends keep the voxels under the pointer inside the box of a very small brush.
    lo = np.minimum(np.ceil(low - margin), np.floor(np.minimum(under_a, under_b) + (0.5 + _SNAP)))
    hi = np.maximum(np.floor(high + margin), np.floor(np.maximum(under_a, under_b) + (0.5 + _SNAP))) + 1
    if axis is not None:
        lo[axis], hi[axis] = at, at + 1
    n = geometry.shape_kji
    box = Box(_clipped(lo, n), _clipped(hi, n))
    if box.is_empty:
        return Box.empty(), np.zeros((0, 0, 0), dtype=np.bool_)
    x = [np.arange(box.lo_kji[c], box.hi_kji[c]) - a[c] for c in range(3)]
    block = _covered(m, x, b - a, radius_mm)
    if shape != "ball" and axis is None:
        offset = float((a - on_plane) @ m.along_normal)
        away = _along(0, m.along_normal[0] * x[0]) + _along(1, m.along_normal[1] * x[1])
        away = away + _along(2, m.along_normal[2] * x[2]) + offset
        block &= np.abs(away) < m.half_slab_mm
    if shape == "square":
        _keep_square(geometry, box, block, a_lps, b_lps, edge_mm, plane)
    if edge_mm <= m.half_diagonal_mm:
        under = _path_voxels(under_a, under_b) - np.array(box.lo_kji)
        inside = np.all((under >= 0) & (under < box.shape_kji), axis=1)
        block[tuple(under[inside].T)] = True
    return box, block


def _keep_square(
    geometry: Geometry, box: Box, block: BoolArray, a_lps: Vec3, b_lps: Vec3, half_mm: float, plane: Plane
) -> None:
    """Take out of a block what a square of half edge ``half_mm`` never covers on its way.

    A voxel is covered while the way t in [0, 1] lies in the two intervals in which the square reaches
    it along u and along v, hence when the three intervals share a point.
    """
    index = np.argwhere(block)
    start = plane.to_uv_mm(a_lps)
    way = plane.to_uv_mm(b_lps) - start
    away = plane.to_uv_mm(geometry.index_to_lps(index + box.lo_kji)) - start
    first, last = np.zeros(len(index)), np.ones(len(index))
    covered = np.ones(len(index), dtype=np.bool_)
    reach = half_mm + EDGE_MM
    for axis in range(2):
        if abs(way[axis]) < EDGE_MM:
            covered &= np.abs(away[:, axis]) <= reach
            continue
        ends = np.stack([(away[:, axis] - reach) / way[axis], (away[:, axis] + reach) / way[axis]])
        first = np.maximum(first, ends.min(axis=0))
        last = np.minimum(last, ends.max(axis=0))
    block[tuple(index[~(covered & (first <= last))].T)] = False


def _covered(m: _Measure, x: list[FloatArray], d: FloatArray, radius_mm: float) -> BoolArray:
    """Run :func:`_near` over a block in pieces along k that fit the cache."""
    per_slice = len(x[1]) * len(x[2])
    run = max(1, _RUN_VOXELS // per_slice)
    if run >= len(x[0]):
        return _near(m, x, d, radius_mm)
    block = np.empty((len(x[0]), len(x[1]), len(x[2])), dtype=np.bool_)
    for start in range(0, len(x[0]), run):
        block[start : start + run] = _near(m, [x[0][start : start + run], x[1], x[2]], d, radius_mm)
    return block


def _clipped(index: FloatArray, shape_kji: Index3) -> Index3:
    k, j, i = (min(max(int(v), 0), n) for v, n in zip(index, shape_kji, strict=True))
    return (k, j, i)

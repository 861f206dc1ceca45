"""Distances between voxel centres in mm, exact on every grid, and the margins that they need."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import FloatArray, Geometry
from atsm_viewer.operations.base import BoolArray

TOLERANCE_MM = 1e-6
"""Keeps a distance that is exactly the limit inside, whatever the rounding."""


def with_margin(box: Box, geometry: Geometry, margin_mm: float, flat_axis: int | None = None) -> Box:
    """Return a box grown so that it holds all voxel centres within a distance, cut to the grid.

    Parameters
    ----------
    box
        Where to start.
    geometry
        The grid.
    margin_mm
        Distance, mm.
    flat_axis
        Axis along which it shall not grow.
    """
    # A step of 1 mm in space moves the index along an axis by at most the norm of that column.
    reach = np.linalg.norm(np.linalg.inv(geometry.steps_kji_lps), axis=0) * (margin_mm + TOLERANCE_MM)
    n = [0 if axis == flat_axis else math.floor(r) + 1 for axis, r in enumerate(reach)]
    lo = tuple(a - m for a, m in zip(box.lo_kji, n, strict=True))
    hi = tuple(b + m for b, m in zip(box.hi_kji, n, strict=True))
    return Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2])).intersect(geometry.box)


def distance_mm(targets_kji: BoolArray, geometry: Geometry) -> FloatArray:
    """Distance of every voxel centre to the nearest centre of a target voxel.

    Parameters
    ----------
    targets_kji
        Array [k, j, i] of bool over some box of the grid.
    geometry
        The grid.

    Returns
    -------
    ndarray
        Array [k, j, i], mm; 0 on targets, infinity where there is no target.
    """
    if not targets_kji.any():
        return np.full(targets_kji.shape, np.inf)
    if geometry.is_orthogonal:
        from scipy.ndimage import distance_transform_edt

        return np.asarray(distance_transform_edt(~targets_kji, sampling=geometry.spacing_kji_mm))
    # Sheared grids (tilted gantry): the separable transform does not hold there.
    from scipy.spatial import cKDTree

    steps = geometry.steps_kji_lps
    tree = cKDTree(np.argwhere(targets_kji) @ steps)
    every = np.indices(targets_kji.shape).reshape(3, -1).T @ steps
    found: npt.NDArray[np.float64] = tree.query(every)[0]
    return found.reshape(targets_kji.shape)


def signed_distance_mm(inside_kji: BoolArray, geometry: Geometry) -> FloatArray:
    """Distance to the border: positive inside, negative outside, mm; the border lies midway."""
    return np.asarray(distance_mm(~inside_kji, geometry) - distance_mm(inside_kji, geometry))


def within(targets_kji: BoolArray, geometry: Geometry, limit_mm: float) -> BoolArray:
    """Voxels whose centre is at most ``limit_mm`` from the centre of a target voxel."""
    return np.asarray(distance_mm(targets_kji, geometry) <= limit_mm + TOLERANCE_MM)

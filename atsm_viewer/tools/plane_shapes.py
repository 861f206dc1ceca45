"""Voxels inside shapes drawn on a plane, and inside spheres and boxes in space.

A voxel belongs to a shape when its centre does. Shapes in the plane take the same slab of voxels as
a disc of the brush does, so that a lasso and a brush on one picture write to one slice.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import FloatArray, Geometry
from atsm_viewer.domain.plane import Plane, Vec3
from atsm_viewer.tools.footprint import EDGE_MM, Shape, swept_footprint

BoolArray = npt.NDArray[np.bool_]


def inside_polygon(points_uv: FloatArray, corners_uv: FloatArray) -> BoolArray:
    """Which points (n, 2) lie in a polygon of corners (m, 2), by the even-odd rule.

    A point on an edge belongs to the side with the larger u, so that polygons that share an edge never
    share a voxel.
    """
    inside = np.zeros(len(points_uv), dtype=np.bool_)
    u, v = points_uv[:, 0], points_uv[:, 1]
    for (u0, v0), (u1, v1) in zip(corners_uv, np.roll(corners_uv, -1, axis=0), strict=True):
        if v0 == v1:
            continue
        crosses = (v0 <= v) != (v1 <= v)
        inside ^= crosses & (u >= u0 + (v - v0) * ((u1 - u0) / (v1 - v0)))
    return inside


def polygon_footprint(
    geometry: Geometry, corners_lps: tuple[Vec3, ...], plane: Plane
) -> tuple[Box, BoolArray]:
    """Return the voxels whose centre, seen along the normal of a plane, lies in a closed polygon.

    Parameters
    ----------
    geometry
        The grid.
    corners_lps
        Corners, LPS mm; the last one is joined to the first one.
    plane
        The plane drawn on.

    Returns
    -------
    tuple of Box and array
        A box clipped to the grid and the membership [k, j, i] of bool in it.
    """
    corners = plane.to_uv_mm(corners_lps)
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2.0
    radius = float(np.linalg.norm(corners - middle, axis=1).max())
    return _kept(geometry, middle, radius, plane, "disc", lambda uvw: inside_polygon(uvw[:, :2], corners))


def ellipse_footprint(
    geometry: Geometry, centre_lps: Vec3, half_u_mm: float, half_v_mm: float, plane: Plane
) -> tuple[Box, BoolArray]:
    """Return the voxels whose centre, seen along the normal, lies in or on an ellipse along u and v."""
    middle = plane.to_uv_mm(centre_lps)
    a, b = half_u_mm + EDGE_MM, half_v_mm + EDGE_MM

    def inside(uvw: FloatArray) -> BoolArray:
        return np.asarray(((uvw[:, 0] - middle[0]) / a) ** 2 + ((uvw[:, 1] - middle[1]) / b) ** 2 <= 1.0)

    return _kept(geometry, middle, max(half_u_mm, half_v_mm), plane, "disc", inside)


def box_footprint(
    geometry: Geometry, centre_lps: Vec3, half_uvw_mm: tuple[float, float, float | None], plane: Plane
) -> tuple[Box, BoolArray]:
    """Return the voxels whose centre lies in a box along u, v and the normal of a plane.

    The box is half-open (its lower faces belong to it, its upper ones do not): an edge of n voxels
    holds exactly n of them wherever the box stands.

    Parameters
    ----------
    geometry
        The grid.
    centre_lps
        Middle, LPS mm.
    half_uvw_mm
        Half edges, mm; None for the last one keeps to the slab of the plane.
    plane
        Whose u, v and normal the edges run along.
    """
    middle = plane.to_uv_mm(centre_lps)
    depth = half_uvw_mm[2]
    halves = np.array([half_uvw_mm[0], half_uvw_mm[1], 0.0 if depth is None else depth])
    at = np.array([middle[0], middle[1], float(plane.distance_mm(centre_lps))])

    def inside(uvw: FloatArray) -> BoolArray:
        away = uvw - at
        held = (away >= -halves - EDGE_MM) & (away < halves - EDGE_MM)
        return np.asarray(held[:, :2].all(axis=1) if depth is None else held.all(axis=1))

    shape: Shape = "disc" if depth is None else "ball"
    return _kept(geometry, middle, float(np.linalg.norm(halves)), plane, shape, inside)


def _kept(
    geometry: Geometry,
    middle_uv: FloatArray,
    radius_mm: float,
    plane: Plane,
    shape: Shape,
    inside: Callable[[FloatArray], BoolArray],
) -> tuple[Box, BoolArray]:
    """Voxels of a disc or ball around a shape that lie in the shape; ``inside`` takes (n, 3) u, v, w."""
    x, y, z = (float(c) for c in plane.to_lps(middle_uv))
    box, block = swept_footprint(geometry, (x, y, z), (x, y, z), radius_mm + EDGE_MM, shape, plane)
    if box.is_empty:
        return box, block
    index = np.argwhere(block)
    at = geometry.index_to_lps(index + box.lo_kji)
    uvw = np.column_stack([plane.to_uv_mm(at), plane.distance_mm(at)])
    block[tuple(index[~inside(uvw)].T)] = False
    return box, block

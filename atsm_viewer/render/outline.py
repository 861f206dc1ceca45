"""The border of a ROI on a plane, as line segments."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.plane import Plane
from atsm_viewer.render.mask_slice import mask_slice, pending_block
from atsm_viewer.render.placement import Placement, place
from atsm_viewer.render.view_transform import ViewTransform

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
_NO_SEGMENTS = (0, 2, 2)


def outline_segments_uv(
    mask: Mask | Patch, geometry: Geometry, plane: Plane, pending: Patch | None = None
) -> FloatArray:
    """Border between the voxels inside and outside, exactly where the filled area ends.

    A voxel counts where the plane cuts its cell, as in the fill. On planes along the grid the
    edges of neighbouring voxels are merged to long lines; on oblique planes each cut voxel face
    is a segment of its own.

    Parameters
    ----------
    mask
        Voxels of a ROI, or those of a patch (its ``adds`` does not matter: it is outlined as it is).
    geometry
        Their grid.
    plane
        The plane looked at.
    pending
        Voxels of a stroke in progress, taken as written.

    Returns
    -------
    ndarray
        Array [segment, end, uv] in mm from ``plane.point_lps``; no row when the plane misses.
    """
    voxels = Mask.from_block(mask.box, mask.block_kji) if isinstance(mask, Patch) else mask
    placement = _lie(plane, geometry)
    if placement.is_separable:
        return _along_grid(voxels, geometry, plane, pending, placement)
    return _oblique(voxels, geometry, plane, pending)


@lru_cache(maxsize=64)
def _lie(plane: Plane, geometry: Geometry) -> Placement:
    # The size of this view does not matter for the border; it only tells how the grid lies.
    return place(ViewTransform.fitted(plane, geometry, 512, 512), geometry)


def _runs(edges: BoolArray) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Line number, start and end of the runs of True along the last axis of a 2-D array."""
    change = np.diff(np.pad(edges, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    line, start = np.nonzero(change == 1)
    _, end = np.nonzero(change == -1)
    return line, start, end


def _along_grid(
    mask: Mask, geometry: Geometry, plane: Plane, pending: Patch | None, placement: Placement
) -> FloatArray:
    cut = mask_slice(geometry, mask, pending, placement.fixed_axis, placement.fixed_index)
    if cut is None:
        return np.zeros(_NO_SEGMENTS)
    first, second = (axis for axis in range(3) if axis != placement.fixed_axis)
    block = np.pad(cut.block, 1)
    parts = []
    for along, across, edges in (
        (second, first, block[1:, 1:-1] != block[:-1, 1:-1]),
        (first, second, (block[1:-1, 1:] != block[1:-1, :-1]).T),
    ):
        line, start, end = _runs(edges)
        index = np.empty((line.size, 2, 3))
        index[..., placement.fixed_axis] = placement.fixed_index
        index[..., across] = (line + cut.lo[0 if across == first else 1] - 0.5)[:, None]
        base = cut.lo[0 if along == first else 1] - 0.5
        index[:, 0, along], index[:, 1, along] = start + base, end + base
        parts.append(index)
    return plane.to_uv_mm(geometry.index_to_lps(np.concatenate(parts)))


def _oblique(mask: Mask, geometry: Geometry, plane: Plane, pending: Patch | None) -> FloatArray:
    box, block = pending_block(geometry, mask, pending)
    padded = np.pad(block, 1)
    per_index = geometry.steps_kji_lps @ plane.normal_lps
    at_zero = float(plane.distance_mm(geometry.origin_lps))
    parts = []
    for axis in range(3):
        b, c = (other for other in range(3) if other != axis)
        faces = np.argwhere(np.diff(padded, axis=axis)).astype(np.float64) + np.array(box.lo_kji) - 1.0
        faces[:, axis] += 0.5
        reach = (abs(per_index[b]) + abs(per_index[c])) / 2.0
        near = np.abs(faces @ per_index + at_zero) <= reach
        corners = np.repeat(faces[near][:, None], 4, axis=1)
        corners[:, :, b] += np.array([-0.5, 0.5, 0.5, -0.5])
        corners[:, :, c] += np.array([-0.5, -0.5, 0.5, 0.5])
        away = corners @ per_index + at_zero
        following = np.roll(away, -1, axis=1)
        # A flat function on a parallelogram changes sign on no edge or on two.
        face, edge = np.nonzero((away >= 0) != (following >= 0))
        t = away[face, edge] / (away[face, edge] - following[face, edge])
        start, end = corners[face, edge], corners[face, (edge + 1) % 4]
        parts.append((start + t[:, None] * (end - start)).reshape(-1, 2, 3))
    return plane.to_uv_mm(geometry.index_to_lps(np.concatenate(parts)))

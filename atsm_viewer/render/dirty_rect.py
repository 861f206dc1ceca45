"""Which pixels a box of voxels touches."""

from __future__ import annotations

import itertools
import math

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.render.view_transform import ViewTransform

PixelRect = tuple[int, int, int, int]

_CORNERS = np.array(list(itertools.product((0, 1), repeat=3)))
_EDGES = [
    (a, b) for a, b in itertools.combinations(range(8), 2) if np.abs(_CORNERS[a] - _CORNERS[b]).sum() == 1
]
_TOUCH_MM = 1e-6


def rect_of_box(view: ViewTransform, geometry: Geometry, box: Box) -> PixelRect | None:
    """Smallest rectangle of pixels that covers the voxel cells of a box where the view cuts it.

    Parameters
    ----------
    view, geometry
        The view, and the grid of the box (both in the space of the PET).
    box
        Voxels.

    Returns
    -------
    tuple or None
        Half-open (x0, y0, x1, y1), clipped to the view, one pixel wider on each side than needed;
        None when the plane misses the box or the box lies outside the view.
    """
    if box.is_empty:
        return None
    ends = np.array([box.lo_kji, box.hi_kji], dtype=np.float64) - 0.5
    corners = geometry.index_to_lps(np.where(_CORNERS == 1, ends[1], ends[0]))
    away = view.plane.distance_mm(corners)
    if away.min() > _TOUCH_MM or away.max() < -_TOUCH_MM:
        return None
    on_plane = [corners[c] for c in range(8) if abs(away[c]) <= _TOUCH_MM]
    for a, b in _EDGES:
        if away[a] * away[b] < 0:
            t = away[a] / (away[a] - away[b])
            on_plane.append(corners[a] + t * (corners[b] - corners[a]))
    pixels = view.pixel_of_uv(view.plane.to_uv_mm(np.array(on_plane)))
    x0, y0 = (math.floor(v) - 1 for v in pixels.min(axis=0))
    x1, y1 = (math.ceil(v) + 1 for v in pixels.max(axis=0))
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, view.width_px), min(y1, view.height_px)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

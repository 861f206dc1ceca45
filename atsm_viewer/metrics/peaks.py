"""The highest mean in a sphere: SUVpeak, named by its volume or diameter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import BoolArray

RADIUS_1ML_MM = 10.0 * math.cbrt(3.0 / (4.0 * math.pi))
"""Radius of a sphere of 1 mL, 6.2035 mm (IBSI 0F91)."""

SMALLEST_SPHERE = 7
"""A small-animal sphere needs at least its centre and the six voxels around it."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The sphere with the highest mean.

    Parameters
    ----------
    mean
        Mean of the finite image voxels whose centres lie in the sphere.
    centre_kji
        The voxel at its centre, inside the ROI.
    n_voxels
        How many voxels were averaged.
    clipped
        Whether the sphere reaches beyond the image.
    """

    mean: float
    centre_kji: Index3
    n_voxels: int
    clipped: bool


def small_animal_diameter_mm(geometry: Geometry) -> float:
    """Diameter for animals: 2 mm, but at least two voxels along every axis."""
    return max(2.0, 2.0 * max(geometry.spacing_kji_mm))


@lru_cache(maxsize=32)
def sphere_offsets(geometry: Geometry, radius_mm: float) -> npt.NDArray[np.intp]:
    """Offsets (n, 3) in [k, j, i] of the voxels whose centres lie within a radius (inclusive).

    Ordered by k, j, i. The count is the ``centre-in`` sphere of the grid, which on coarse grids is
    far from the nominal volume (2 mm: 123 voxels; 4 mm: 19).
    """
    inverse = np.linalg.inv(geometry.steps_kji_lps)
    reach = np.floor(radius_mm * np.linalg.norm(inverse, axis=0) * (1 + 1e-9)).astype(int)
    axes = [np.arange(-r, r + 1) for r in reach]
    index = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    inside = np.linalg.norm(index @ geometry.steps_kji_lps, axis=1) <= radius_mm * (1 + 1e-9)
    offsets: npt.NDArray[np.intp] = index[inside].astype(np.intp)
    offsets.flags.writeable = False
    return offsets


def find_peak(
    image_kji: npt.NDArray[np.generic],
    geometry: Geometry,
    box: Box,
    block_kji: BoolArray,
    radius_mm: float,
    slice_factors: tuple[float, ...] | None = None,
) -> Peak | None:
    """Return the sphere with the highest mean whose centre lies in the ROI; None without voxels.

    The sphere may extend beyond the ROI. Voxels outside the image or without a finite value are
    left out of numerator and denominator (global intensity peak, IBSI 0F91).

    Parameters
    ----------
    image_kji
        Values [k, j, i] of one frame.
    geometry
        Its grid.
    box, block_kji
        The ROI: a box inside the grid and membership [k, j, i].
    radius_mm
        Radius of the sphere, mm.
    slice_factors
        One factor per slice k, or None.
    """
    if not block_kji.any():
        return None
    offsets = sphere_offsets(geometry, radius_mm)
    margin = np.abs(offsets).max(axis=0)
    wide = Box(
        tuple(int(a - m) for a, m in zip(box.lo_kji, margin, strict=True)),  # type: ignore[arg-type]
        tuple(int(b + m) for b, m in zip(box.hi_kji, margin, strict=True)),  # type: ignore[arg-type]
    )
    values, valid = _padded(image_kji, geometry, wide, slice_factors)
    sums = _sphere_sums(values, offsets, margin, box.shape_kji)
    counts = (
        np.full(box.shape_kji, len(offsets), dtype=np.float64)
        if valid.all()
        else np.rint(_sphere_sums(valid.astype(np.float64), offsets, margin, box.shape_kji))
    )
    means = np.where(block_kji & (counts > 0), sums / np.maximum(counts, 1.0), -np.inf)
    if not np.isfinite(means.max()):
        return None
    local = np.unravel_index(int(np.argmax(means)), means.shape)
    # The winner is summed again voxel by voxel: running sums lose digits beside very hot voxels.
    member = tuple(offsets[:, a] + int(local[a]) + int(margin[a]) for a in range(3))
    used = values[member][valid[member]]
    centre = tuple(int(c) + o for c, o in zip(local, box.lo_kji, strict=True))
    reached = offsets + np.array(centre)
    outside = bool((reached < 0).any() or (reached >= np.array(geometry.shape_kji)).any())
    return Peak(float(used.mean()), (centre[0], centre[1], centre[2]), int(used.size), outside)


def _padded(
    image_kji: npt.NDArray[np.generic],
    geometry: Geometry,
    wide: Box,
    slice_factors: tuple[float, ...] | None,
) -> tuple[npt.NDArray[np.float64], BoolArray]:
    """Values of a box that may reach beyond the image (0 where there is none) and where they are valid."""
    values = np.zeros(wide.shape_kji, dtype=np.float64)
    valid = np.zeros(wide.shape_kji, dtype=np.bool_)
    inside = wide.intersect(geometry.box)
    part = image_kji[inside.slices].astype(np.float64)
    if slice_factors is not None:
        part *= np.asarray(slice_factors)[inside.lo_kji[0] : inside.hi_kji[0], None, None]
    finite = np.isfinite(part)
    values[inside.slices_within(wide)] = np.where(finite, part, 0.0)
    valid[inside.slices_within(wide)] = finite
    return values, valid


def _sphere_sums(
    values: npt.NDArray[np.float64],
    offsets: npt.NDArray[np.intp],
    margin: npt.NDArray[np.intp],
    shape_kji: Index3,
) -> npt.NDArray[np.float64]:
    """Sum over the sphere at every voxel of the inner box.

    A sphere is a bundle of runs along i; running sums along i give each run as one difference, so
    the cost is one subtraction per run instead of one addition per voxel of the sphere.
    """
    running = np.zeros((*values.shape[:2], values.shape[2] + 1))
    np.cumsum(values, axis=2, out=running[:, :, 1:])
    total = np.zeros(shape_kji)
    nk, nj, ni = shape_kji
    for (dk, dj), run in groupby(offsets.tolist(), key=lambda o: (o[0], o[1])):
        along = [o[2] for o in run]
        rows = running[margin[0] + dk : margin[0] + dk + nk, margin[1] + dj : margin[1] + dj + nj]
        first, last = int(margin[2]) + along[0], int(margin[2]) + along[-1] + 1
        total += rows[:, :, last : last + ni]
        total -= rows[:, :, first : first + ni]
    return total

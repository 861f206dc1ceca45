"""Distance and values along a line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from atsm_viewer.domain.geometry import FloatArray
from atsm_viewer.domain.plane import Vec3
from atsm_viewer.domain.scan import Scan


@dataclass(frozen=True, eq=False)
class Profile:
    """Values along a line, each that of the voxel whose cell holds the point.

    Parameters
    ----------
    distance_mm
        Array (n,), from the first end.
    pet, ct_hu
        Arrays (n,): stored PET values and HU; NaN outside the image, None without one.
    """

    distance_mm: FloatArray
    pet: FloatArray | None
    ct_hu: FloatArray | None

    @property
    def length_mm(self) -> float:
        """Distance between the ends, mm."""
        return float(self.distance_mm[-1])


def line_profile(scan: Scan, frame: int, a_lps: Vec3, b_lps: Vec3) -> Profile:
    """Look PET and CT up along a line, at least twice per voxel of the finer grid; nothing is blended."""
    length = math.dist(a_lps, b_lps)
    grids = [g for g in (scan.pet_geometry, scan.ct.geometry if scan.ct else None) if g is not None]
    step = min(min(g.spacing_kji_mm) for g in grids) / 2.0
    n = min(1 + max(1, math.ceil(length / step)), 20001)
    share = np.linspace(0.0, 1.0, n)[:, None]
    points = (1.0 - share) * np.asarray(a_lps) + share * np.asarray(b_lps)
    pet = _looked_up(scan.pet.frame_kji(frame), scan.pet_geometry.lps_to_index(points)) if scan.pet else None
    hu = None
    if scan.ct is not None:
        in_ct = scan.ct.geometry.lps_to_index(scan.ct_to_pet.invert(points))
        hu = _looked_up(scan.ct.frame_kji(0), in_ct)
    return Profile(share[:, 0] * length, pet, hu)


def _looked_up(
    values_kji: np.ndarray[tuple[int, ...], np.dtype[np.generic]], index: FloatArray
) -> FloatArray:
    nearest = np.floor(index + 0.5).astype(np.intp)
    inside = np.all((nearest >= 0) & (nearest < values_kji.shape), axis=-1)
    out = np.full(len(index), np.nan)
    out[inside] = values_kji[tuple(nearest[inside].T)]
    return out

"""The plane across which left and right of a body are most alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import FloatArray, Geometry
from atsm_viewer.operations.base import BoolArray
from atsm_viewer.operations.distance import signed_distance_mm

_MAX_SAMPLES = 4000
_SMALLEST_DEG = 0.02


@dataclass(frozen=True, slots=True)
class Midplane:
    """A plane, LPS mm: positions x with ``normal · x = offset_mm``.

    Parameters
    ----------
    normal_lps
        Unit vector towards the patient's left.
    offset_mm
        Where it lies along the normal.
    roll_deg, tilt_deg
        How far the normal turns from the left towards the back, and towards the head.
    """

    normal_lps: tuple[float, float, float]
    offset_mm: float
    roll_deg: float
    tilt_deg: float

    @classmethod
    def through(cls, point_lps: FloatArray, roll_deg: float, tilt_deg: float) -> Midplane:
        """Return the plane through a position."""
        roll, tilt = math.radians(roll_deg), math.radians(tilt_deg)
        n = (math.cos(roll) * math.cos(tilt), math.sin(roll) * math.cos(tilt), math.sin(tilt))
        return cls(n, float(np.dot(n, point_lps)), roll_deg, tilt_deg)

    def moved(self, towards_left_mm: float) -> Midplane:
        """Return the parallel plane some mm towards the patient's left."""
        return Midplane(self.normal_lps, self.offset_mm + towards_left_mm, self.roll_deg, self.tilt_deg)

    def reflect(self, position_lps: FloatArray) -> FloatArray:
        """Positions (…, 3) on the other side."""
        n = np.asarray(self.normal_lps)
        away = position_lps @ n - self.offset_mm
        return np.asarray(position_lps - 2.0 * away[..., None] * n)

    def words(self) -> str:
        """Return where it lies, for people."""
        # Adding zero takes the sign from a rounded −0.
        at, roll, tilt = (round(v, 1) + 0.0 for v in (self.offset_mm, self.roll_deg, self.tilt_deg))
        return f"x = {at:.1f} mm, rolled {roll:.1f}°, tilted {tilt:.1f}°"


def fit_midplane(body_kji: BoolArray, box: Box, geometry: Geometry) -> Midplane:
    """Return the plane across which the distance to the body surface changes least on reflection.

    Starts as the sagittal plane through the centre of mass and walks, in ever smaller steps, along
    offset, roll and tilt as long as the mean squared difference falls.

    Parameters
    ----------
    body_kji
        Array [k, j, i] of bool over ``box``; at least one voxel.
    box, geometry
        Where the block lies.
    """
    from scipy.ndimage import map_coordinates

    inside = np.argwhere(body_kji)
    sample = inside[:: max(1, len(inside) // _MAX_SAMPLES)]
    depth = np.clip(signed_distance_mm(body_kji, geometry), -1e6, 1e6)
    lo = np.asarray(box.lo_kji)
    points = geometry.index_to_lps(sample + lo)
    centre = geometry.index_to_lps(inside.mean(axis=0) + lo)
    here = depth[tuple(sample.T)]

    def plane(offset: float, roll: float, tilt: float) -> Midplane:
        return Midplane.through(centre, roll, tilt).moved(offset)

    def unlike(offset: float, roll: float, tilt: float) -> float:
        there = geometry.lps_to_index(plane(offset, roll, tilt).reflect(points)) - lo
        return float(np.mean((map_coordinates(depth, there.T, order=1, mode="nearest") - here) ** 2))

    at = (0.0, 0.0, 0.0)
    best = unlike(*at)
    steps = (4.0 * max(geometry.spacing_kji_mm), 6.0, 6.0)
    while steps[1] > _SMALLEST_DEG:
        tries = [
            (
                at[0] + s * steps[0] * (n == 0),
                at[1] + s * steps[1] * (n == 1),
                at[2] + s * steps[2] * (n == 2),
            )
            for n in range(3)
            for s in (1.0, -1.0)
        ]
        found = [unlike(*t) for t in tries]
        # A relative gain below rounding is no gain: a body that is symmetric already stays as it is.
        if min(found) < best * (1 - 1e-9) - 1e-12:
            at, best = tries[int(np.argmin(found))], min(found)
        else:
            steps = (steps[0] / 2, steps[1] / 2, steps[2] / 2)
    return plane(*at)

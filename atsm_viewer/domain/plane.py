"""The plane a person looks at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

Vec3 = tuple[float, float, float]


class Orientation(Enum):
    """The three standard planes, in radiological convention (patient left on the right)."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"

    @property
    def u_lps(self) -> Vec3:
        """Unit vector that points right on the screen, LPS."""
        return (0.0, 1.0, 0.0) if self is Orientation.SAGITTAL else (1.0, 0.0, 0.0)

    @property
    def v_lps(self) -> Vec3:
        """Unit vector that points down on the screen, LPS."""
        return (0.0, 1.0, 0.0) if self is Orientation.AXIAL else (0.0, 0.0, -1.0)

    @property
    def axis(self) -> int:
        """Index of the LPS axis along which this plane scrolls (0 L, 1 P, 2 S)."""
        return {Orientation.SAGITTAL: 0, Orientation.CORONAL: 1, Orientation.AXIAL: 2}[self]


@dataclass(frozen=True, slots=True)
class Plane:
    """A viewed plane through a point.

    Parameters
    ----------
    point_lps
        Any position on the plane, LPS mm.
    u_lps, v_lps
        Perpendicular unit vectors that point right and down on the screen, LPS.
    """

    point_lps: Vec3
    u_lps: Vec3
    v_lps: Vec3

    @classmethod
    def through(cls, orientation: Orientation, point_lps: npt.ArrayLike) -> Plane:
        """Return the standard plane of an orientation through a point (LPS mm)."""
        x, y, z = (float(c) for c in np.asarray(point_lps, dtype=np.float64))
        return cls((x, y, z), orientation.u_lps, orientation.v_lps)

    @property
    def normal_lps(self) -> npt.NDArray[np.float64]:
        """Unit normal, u cross v, LPS."""
        return np.asarray(np.cross(self.u_lps, self.v_lps), dtype=np.float64)

    def to_uv_mm(self, position_lps: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """In-plane coordinates (…, 2), mm from ``point_lps``, of positions (…, 3)."""
        offset = np.asarray(position_lps, dtype=np.float64) - np.asarray(self.point_lps)
        basis = np.array([self.u_lps, self.v_lps])
        return np.asarray(offset @ basis.T, dtype=np.float64)

    def to_lps(self, uv_mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Positions (…, 3), LPS mm, of in-plane coordinates (…, 2)."""
        basis = np.array([self.u_lps, self.v_lps])
        return np.asarray(
            np.asarray(uv_mm, dtype=np.float64) @ basis + np.asarray(self.point_lps), dtype=np.float64
        )

    def distance_mm(self, position_lps: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Signed distance along the normal of positions (…, 3), mm."""
        offset = np.asarray(position_lps, dtype=np.float64) - np.asarray(self.point_lps)
        return np.asarray(offset @ self.normal_lps, dtype=np.float64)

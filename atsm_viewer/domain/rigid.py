"""Rigid transforms between two physical spaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vec3 = tuple[float, float, float]
_IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class RigidTransform:
    """Position in the target space = rotation @ position + translation (LPS mm).

    Parameters
    ----------
    rotation
        3x3 rows of a proper rotation.
    translation_mm
        Shift after the rotation, LPS mm.
    """

    rotation: tuple[Vec3, Vec3, Vec3] = _IDENTITY
    translation_mm: Vec3 = (0.0, 0.0, 0.0)

    @property
    def is_identity(self) -> bool:
        """Whether nothing moves."""
        return self.rotation == _IDENTITY and self.translation_mm == (0.0, 0.0, 0.0)

    def apply(self, position_lps: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Positions (…, 3) in the target space of positions (…, 3), LPS mm."""
        position = np.asarray(position_lps, dtype=np.float64)
        return np.asarray(
            position @ np.array(self.rotation).T + np.array(self.translation_mm), dtype=np.float64
        )

    def invert(self, position_lps: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Positions (…, 3) in the source space of positions (…, 3) in the target space, LPS mm."""
        moved = np.asarray(position_lps, dtype=np.float64) - np.array(self.translation_mm)
        return np.asarray(moved @ np.array(self.rotation), dtype=np.float64)


IDENTITY = RigidTransform()
"""Nothing moves."""

"""Where a grid of voxels lies in the patient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.errors import AtsmError

FloatArray = npt.NDArray[np.float64]
Vec3 = tuple[float, float, float]


def _vec(values: npt.ArrayLike) -> Vec3:
    x, y, z = (float(v) for v in np.asarray(values, dtype=np.float64).ravel())
    return (x, y, z)


@dataclass(frozen=True)
class Geometry:
    """A regular grid in patient space: no pixels, only positions.

    Positions are DICOM LPS in mm at voxel **centres**; indices are [k, j, i] in array order.

    Parameters
    ----------
    shape_kji
        Number of voxels along k (slices), j (rows), i (columns).
    origin_lps
        Position of the centre of voxel (0, 0, 0), LPS mm.
    step_k_lps, step_j_lps, step_i_lps
        Displacement from one voxel to the next along each index, LPS mm. The three must be
        linearly independent; they need not be orthogonal (a tilted gantry shears the grid).
    frame_of_reference_uid
        Volumes that share it are in one physical space; empty when unknown.

    Raises
    ------
    AtsmError
        When the shape is not positive or the steps do not span space.
    """

    shape_kji: Index3
    origin_lps: Vec3
    step_k_lps: Vec3
    step_j_lps: Vec3
    step_i_lps: Vec3
    frame_of_reference_uid: str = ""

    def __post_init__(self) -> None:
        if min(self.shape_kji) < 1:
            raise AtsmError(f"A grid of {self.shape_kji} voxels has no voxel.")
        matrix = np.array([self.step_k_lps, self.step_j_lps, self.step_i_lps])
        flat = (*self.origin_lps, *matrix.ravel())
        if not all(math.isfinite(v) for v in flat) or abs(np.linalg.det(matrix)) < 1e-9:
            raise AtsmError("The voxel spacing or orientation of the image is not usable.")

    @classmethod
    def from_affine(
        cls, shape_kji: Index3, origin_lps: npt.ArrayLike, steps_kji_lps: npt.ArrayLike, frame_uid: str = ""
    ) -> Geometry:
        """Build from an origin and a 3x3 array whose **rows** are the k, j, i steps (LPS mm)."""
        steps = np.asarray(steps_kji_lps, dtype=np.float64)
        k, j, i = (int(n) for n in shape_kji)
        return cls((k, j, i), _vec(origin_lps), _vec(steps[0]), _vec(steps[1]), _vec(steps[2]), frame_uid)

    @classmethod
    def axis_aligned(
        cls, shape_kji: Index3, spacing_kji_mm: Vec3, origin_lps: Vec3 = (0.0, 0.0, 0.0), frame_uid: str = ""
    ) -> Geometry:
        """Build a grid whose i, j, k run along +L, +P, +S."""
        dk, dj, di = spacing_kji_mm
        return cls(shape_kji, origin_lps, (0.0, 0.0, dk), (0.0, dj, 0.0), (di, 0.0, 0.0), frame_uid)

    @cached_property
    def steps_kji_lps(self) -> FloatArray:
        """3x3 array, rows are the steps along k, j, i (LPS mm)."""
        steps = np.array([self.step_k_lps, self.step_j_lps, self.step_i_lps], dtype=np.float64)
        steps.flags.writeable = False
        return steps

    @cached_property
    def _inverse(self) -> FloatArray:
        return np.asarray(np.linalg.inv(self.steps_kji_lps), dtype=np.float64)

    @cached_property
    def spacing_kji_mm(self) -> Vec3:
        """Length of the steps along k, j, i, mm."""
        return _vec(np.linalg.norm(self.steps_kji_lps, axis=1))

    @cached_property
    def voxel_volume_mm3(self) -> float:
        """Volume of a voxel, mm3 (the determinant, so that sheared grids are right too)."""
        return float(abs(np.linalg.det(self.steps_kji_lps)))

    @property
    def voxel_volume_ml(self) -> float:
        """Volume of a voxel, mL."""
        return self.voxel_volume_mm3 / 1000.0

    @property
    def box(self) -> Box:
        """The box of all voxels."""
        return Box.of_shape(self.shape_kji)

    @cached_property
    def is_orthogonal(self) -> bool:
        """Whether the three steps are perpendicular (cosines below 1e-3)."""
        unit = self.steps_kji_lps / np.linalg.norm(self.steps_kji_lps, axis=1, keepdims=True)
        return bool(np.all(np.abs(unit @ unit.T - np.eye(3)) < 1e-3))

    @cached_property
    def is_axis_aligned(self) -> bool:
        """Whether every step runs along one patient axis (cosines above 1 - 1e-6)."""
        unit = self.steps_kji_lps / np.linalg.norm(self.steps_kji_lps, axis=1, keepdims=True)
        return bool(np.all(np.abs(unit).max(axis=1) > 1 - 1e-6))

    @cached_property
    def centre_lps(self) -> Vec3:
        """Position of the middle of the grid, LPS mm."""
        return _vec(self.index_to_lps((np.array(self.shape_kji) - 1) / 2.0))

    def index_to_lps(self, index_kji: npt.ArrayLike) -> FloatArray:
        """Positions (…, 3) in LPS mm of (fractional) indices (…, 3) in [k, j, i]."""
        index = np.asarray(index_kji, dtype=np.float64)
        return np.asarray(index @ self.steps_kji_lps + np.asarray(self.origin_lps), dtype=np.float64)

    def lps_to_index(self, position_lps: npt.ArrayLike) -> FloatArray:
        """Fractional indices (…, 3) in [k, j, i] of positions (…, 3) in LPS mm."""
        position = np.asarray(position_lps, dtype=np.float64)
        return np.asarray((position - np.asarray(self.origin_lps)) @ self._inverse, dtype=np.float64)

    def nearest_index(self, position_lps: npt.ArrayLike) -> Index3 | None:
        """The voxel whose cell holds a position (LPS mm), or None outside the grid."""
        k, j, i = (math.floor(v + 0.5) for v in self.lps_to_index(position_lps))
        shape = self.shape_kji
        inside = 0 <= k < shape[0] and 0 <= j < shape[1] and 0 <= i < shape[2]
        return (k, j, i) if inside else None

    def corners_lps(self) -> FloatArray:
        """Positions (8, 3) of the outer corners of the corner voxels' cells, LPS mm."""
        k, j, i = self.shape_kji
        ends = [(-0.5, n - 0.5) for n in (k, j, i)]
        index = np.array([(a, b, c) for a in ends[0] for b in ends[1] for c in ends[2]])
        return self.index_to_lps(index)

    def same_grid(self, other: Geometry, tolerance_mm: float = 1e-3) -> bool:
        """Whether two grids have the same voxels, everywhere within ``tolerance_mm``."""
        if self.shape_kji != other.shape_kji:
            return False
        apart = np.abs(self.corners_lps() - other.corners_lps())
        return bool(apart.max() <= tolerance_mm)

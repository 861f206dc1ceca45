"""Axis orders and signs of other formats against ours ([k, j, i] arrays, LPS mm).

DICOM  Image Position (Patient) is the centre of the first voxel, Image Orientation (Patient) holds
       the direction of a row (index i grows along it) and of a column (index j grows along it).
ITK    positions are LPS; size, spacing and direction **columns** run in i, j, k order.
NIfTI  positions are RAS and array axes run in i, j, k order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.geometry import FloatArray, Geometry

_RAS_LPS = np.array([-1.0, -1.0, 1.0])


def slice_normal(orientation: npt.ArrayLike) -> FloatArray:
    """Unit normal (row direction x column direction) of Image Orientation (Patient) (0020,0037)."""
    values = np.asarray(orientation, dtype=np.float64)
    normal = np.cross(values[:3], values[3:])
    return np.asarray(normal / np.linalg.norm(normal), dtype=np.float64)


def geometry_from_dicom(
    shape_kji: tuple[int, int, int],
    first_position: npt.ArrayLike,
    orientation: npt.ArrayLike,
    pixel_spacing: tuple[float, float],
    step_k_lps: npt.ArrayLike,
    frame_uid: str = "",
) -> Geometry:
    """Build a grid from DICOM attributes.

    Parameters
    ----------
    shape_kji
        Slices, rows, columns.
    first_position
        Image Position (Patient) (0020,0032) of slice 0, LPS mm.
    orientation
        Image Orientation (Patient) (0020,0037), six cosines.
    pixel_spacing
        Pixel Spacing (0028,0030): distance between **rows**, then between columns, mm.
    step_k_lps
        Displacement from one slice to the next, LPS mm.
    frame_uid
        Frame of Reference UID (0020,0052).
    """
    cosines = np.asarray(orientation, dtype=np.float64)
    row = cosines[:3] / np.linalg.norm(cosines[:3])
    column = cosines[3:] / np.linalg.norm(cosines[3:])
    between_rows, between_columns = pixel_spacing
    steps = np.array([np.asarray(step_k_lps, dtype=np.float64), column * between_rows, row * between_columns])
    return Geometry.from_affine(shape_kji, first_position, steps, frame_uid)


def geometry_from_itk(size_ijk: Any, origin: Any, spacing_ijk: Any, direction: Any) -> Geometry:
    """Build a grid from the 3-D size, origin, spacing and row-major 3x3 direction of an ITK image."""
    columns = np.asarray(direction, dtype=np.float64).reshape(3, 3)
    steps_ijk = columns * np.asarray(spacing_ijk, dtype=np.float64)  # column a is the step along axis a
    i, j, k = (int(n) for n in size_ijk)
    return Geometry.from_affine((k, j, i), origin, steps_ijk.T[::-1])


def itk_from_geometry(geometry: Geometry) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Origin, spacing (i, j, k) and row-major direction for an ITK image on a grid."""
    steps_ijk = geometry.steps_kji_lps[::-1]
    spacing = np.linalg.norm(steps_ijk, axis=1)
    direction = (steps_ijk / spacing[:, None]).T
    return (
        tuple(float(v) for v in geometry.origin_lps),
        tuple(float(v) for v in spacing),
        tuple(float(v) for v in direction.ravel()),
    )


def geometry_from_nifti_affine(shape_ijk: tuple[int, int, int], affine_ras: npt.ArrayLike) -> Geometry:
    """Build a grid from a NIfTI 4x4 affine (index i, j, k to RAS mm)."""
    affine = np.asarray(affine_ras, dtype=np.float64)
    steps_ijk = (affine[:3, :3] * _RAS_LPS[:, None]).T
    i, j, k = shape_ijk
    return Geometry.from_affine((k, j, i), affine[:3, 3] * _RAS_LPS, steps_ijk[::-1])


def nifti_affine(geometry: Geometry) -> FloatArray:
    """NIfTI 4x4 affine (index i, j, k to RAS mm) of a grid."""
    affine = np.eye(4)
    affine[:3, :3] = geometry.steps_kji_lps[::-1].T * _RAS_LPS[:, None]
    affine[:3, 3] = np.asarray(geometry.origin_lps) * _RAS_LPS
    return affine

"""Flooding from markers up the slopes of the PET."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import FloatArray, Geometry
from atsm_viewer.operations.base import BoolArray


def gradient_magnitude(values_kji: FloatArray, geometry: Geometry) -> FloatArray:
    """Length of the gradient, value per mm, on any grid; 0 along an axis of one voxel."""
    along = [
        np.gradient(values_kji, axis=axis) if values_kji.shape[axis] > 1 else np.zeros(values_kji.shape)
        for axis in range(3)
    ]
    to_lps = np.linalg.inv(geometry.steps_kji_lps)
    squared = np.zeros(values_kji.shape)
    for lps in range(3):
        squared += sum(along[axis] * to_lps[lps, axis] for axis in range(3)) ** 2
    return np.asarray(np.sqrt(squared))


def flooded(
    values_kji: FloatArray, markers_kji: npt.NDArray[np.int32], where_kji: BoolArray, geometry: Geometry
) -> npt.NDArray[np.int32]:
    """Give every voxel to the marker whose flood reaches it first; steep slopes are reached last.

    Watershed of the gradient magnitude (Vincent and Soille, IEEE PAMI 1991; 13: 583–598).

    Parameters
    ----------
    values_kji
        PET values [k, j, i]; voxels that were not measured (NaN) are left out.
    markers_kji
        Marker number per voxel, 0 for none.
    where_kji
        Voxels that may be reached.
    geometry
        The grid.
    """
    from skimage.segmentation import watershed

    measured = np.isfinite(values_kji)
    if not measured.any():
        raise AtsmError("There is no measured PET value around the ROI.")
    slope = gradient_magnitude(np.where(measured, values_kji, 0.0), geometry)
    labels: npt.NDArray[np.int32] = watershed(slope, markers_kji, mask=where_kji & measured).astype(np.int32)
    return labels

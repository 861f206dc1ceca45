"""Where the PET is hottest over something the size of a tumour."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.volume import Volume

Vec3 = tuple[float, float, float]


def hottest_spot_lps(pet: Volume, frame: int, diameter_mm: float) -> Vec3:
    """Return the centre of the cube of side ``diameter_mm`` with the highest mean.

    A mean over a tumour-sized cube keeps single noisy voxels from winning.

    Parameters
    ----------
    pet
        Values [t, k, j, i]; values that are not finite count as 0.
    frame
        Which t.
    diameter_mm
        Side of the cube, mm; at least one voxel is taken along each axis.

    Returns
    -------
    tuple of float
        LPS mm, the centre of a voxel.
    """
    from scipy.ndimage import uniform_filter

    values = np.nan_to_num(pet.frame_kji(frame).astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    size = [max(1, round(diameter_mm / s)) for s in pet.geometry.spacing_kji_mm]
    mean = uniform_filter(values, size=size, mode="constant")
    x, y, z = pet.geometry.index_to_lps(np.unravel_index(int(np.argmax(mean)), mean.shape))
    return (float(x), float(y), float(z))

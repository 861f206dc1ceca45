"""CT numbers at the centres of PET voxels."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import FloatArray
from atsm_viewer.operations.base import BoolArray, OperationContext

HU_LO, HU_HI = -29.0, 150.0
"""Muscle on clinical CT: Aubrey et al., Acta Physiol 2014; 210: 489–497."""


def hu_at(ctx: OperationContext, box: Box) -> FloatArray:
    """HU [k, j, i] of the CT voxels that hold the centres of the PET voxels of a box; NaN outside the CT.

    Raises
    ------
    AtsmError
        When the scan has no CT.
    """
    ct = ctx.scan.ct
    if ct is None:
        raise AtsmError("This scan has no CT.", "Choose the PET instead.")
    hu = np.full(box.shape_kji, np.nan)
    lo, shape = box.lo_kji, box.shape_kji
    inner = np.stack(np.meshgrid(np.arange(shape[1]), np.arange(shape[2]), indexing="ij"), axis=-1)
    for k in range(shape[0]):  # slice by slice: positions of a whole body would fill the memory
        ctx.check()
        index = np.empty((*shape[1:], 3))
        index[..., 0] = lo[0] + k
        index[..., 1:] = inner + lo[1:]
        in_ct = ctx.scan.ct_to_pet.invert(ctx.geometry.index_to_lps(index))
        nearest = np.floor(ct.geometry.lps_to_index(in_ct) + 0.5).astype(np.intp)
        inside = np.all((nearest >= 0) & (nearest < ct.geometry.shape_kji), axis=-1)
        hu[k][inside] = ct.frame_kji(0)[tuple(nearest[inside].T)]
    return hu


def in_range(hu_kji: FloatArray, lo_hu: float, hi_hu: float) -> BoolArray:
    """Voxels whose CT number lies in a range, both ends included; NaN never does."""
    with np.errstate(invalid="ignore"):
        return np.asarray((hu_kji >= lo_hu) & (hu_kji <= hi_hu))

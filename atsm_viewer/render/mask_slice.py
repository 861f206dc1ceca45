"""The voxels of a ROI that one slice of the grid holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch


def pending_block(
    geometry: Geometry, mask: Mask, pending: Patch | None, within: Box | None = None
) -> tuple[Box, npt.NDArray[np.bool_]]:
    """Voxels of a mask as if a pending patch were written already.

    Parameters
    ----------
    geometry
        Grid of the mask; a patch that reaches beyond it is cut off.
    mask, pending
        The voxels, and the stroke in progress.
    within
        Only this part of the grid, if given.

    Returns
    -------
    tuple
        The box and its array [k, j, i].
    """
    box = mask.box if pending is None or not pending.adds else mask.box.union(pending.box)
    box = box.intersect(geometry.box if within is None else within.intersect(geometry.box))
    block = mask.block_in(box)
    if pending is not None:
        common = pending.box.intersect(box)
        if not common.is_empty:
            change = pending.block_kji[common.slices_within(pending.box)]
            if pending.adds:
                block[common.slices_within(box)] |= change
            else:
                block[common.slices_within(box)] &= ~change
    return box, block


@dataclass(frozen=True, slots=True)
class MaskSlice:
    """Membership in one slice.

    Parameters
    ----------
    lo
        First index along the two axes of ``block``.
    block
        Array of bool over the two axes that remain, in order.
    """

    lo: tuple[int, int]
    block: npt.NDArray[np.bool_]


def mask_slice(
    geometry: Geometry, mask: Mask, pending: Patch | None, axis: int, at: float
) -> MaskSlice | None:
    """Cut a mask across ``axis`` at index coordinate ``at``; None when nothing is there.

    The voxel shown is the one whose cell holds the plane: floor(at + 0.5).
    """
    index = int(np.floor(at + 0.5))
    if not 0 <= index < geometry.shape_kji[axis]:
        return None
    lo, hi = [0, 0, 0], list(geometry.shape_kji)
    lo[axis], hi[axis] = index, index + 1
    slab = Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))
    box, block = pending_block(geometry, mask, pending, slab)
    if box.is_empty:
        return None
    first, second = (a for a in range(3) if a != axis)
    return MaskSlice((box.lo_kji[first], box.lo_kji[second]), np.ascontiguousarray(block.squeeze(axis)))

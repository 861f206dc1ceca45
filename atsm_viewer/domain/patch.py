"""Voxels that a stroke or operation writes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError


@dataclass(frozen=True, eq=False)
class Patch:
    """Voxels to write into a mask.

    Parameters
    ----------
    box
        Where the block lies in the grid.
    block_kji
        Array [k, j, i] of bool, the voxels to write; made read-only.
    adds
        True paints, False erases.
    """

    box: Box
    block_kji: npt.NDArray[np.bool_]
    adds: bool = True

    def __post_init__(self) -> None:
        if self.block_kji.shape != self.box.shape_kji or self.block_kji.dtype != np.bool_:
            raise AtsmError("A patch block must be bool and fit its box.")
        self.block_kji.flags.writeable = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return self.box.is_empty or not bool(self.block_kji.any())

    @property
    def n_voxels(self) -> int:
        """Number of voxels to write."""
        return int(np.count_nonzero(self.block_kji))

"""The voxels of a ROI, cropped to where they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.patch import Patch

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Mask:
    """A set of voxels on a grid, kept as one cropped bool block.

    The block is always the tight bounding box, so equal sets have equal boxes. Identity, not
    equality, tells whether a mask changed; compare sets with :meth:`same_voxels`.

    Parameters
    ----------
    box
        Where the block lies in the grid; the empty mask has :meth:`Box.empty`.
    block_kji
        Array [k, j, i] of bool with the shape of ``box``; made read-only.
    """

    box: Box
    block_kji: BoolArray

    def __post_init__(self) -> None:
        if self.block_kji.shape != self.box.shape_kji or self.block_kji.dtype != np.bool_:
            raise AtsmError("A mask block must be bool and fit its box.")
        self.block_kji.flags.writeable = False

    @classmethod
    def empty(cls) -> Mask:
        """Return the mask without voxels."""
        return cls(Box.empty(), np.zeros((0, 0, 0), dtype=np.bool_))

    @classmethod
    def from_block(cls, box: Box, block_kji: BoolArray) -> Mask:
        """Build from a block that may have empty margins; it is cropped and copied."""
        if box.is_empty or not block_kji.any():
            return cls.empty()
        lo, hi = [], []
        for axis in range(3):
            others = tuple(a for a in range(3) if a != axis)
            hit = np.flatnonzero(block_kji.any(axis=others))
            lo.append(int(hit[0]))
            hi.append(int(hit[-1]) + 1)
        crop = block_kji[lo[0] : hi[0], lo[1] : hi[1], lo[2] : hi[2]]
        base = box.lo_kji
        tight = Box(
            (base[0] + lo[0], base[1] + lo[1], base[2] + lo[2]),
            (base[0] + hi[0], base[1] + hi[1], base[2] + hi[2]),
        )
        return cls(tight, np.ascontiguousarray(crop).copy())

    @classmethod
    def from_dense(cls, dense_kji: npt.NDArray[np.generic]) -> Mask:
        """Build from an array [k, j, i] over the whole grid; non-zero is inside."""
        return cls.from_block(Box.of_shape(dense_kji.shape), np.asarray(dense_kji != 0))

    def to_dense(self, shape_kji: Index3) -> BoolArray:
        """Array [k, j, i] over the whole grid."""
        dense = np.zeros(shape_kji, dtype=np.bool_)
        dense[self.box.slices] = self.block_kji
        return dense

    def block_in(self, box: Box) -> BoolArray:
        """Array of the membership in ``box`` [k, j, i] (False outside the mask's own box)."""
        out = np.zeros(box.shape_kji, dtype=np.bool_)
        common = self.box.intersect(box)
        if not common.is_empty:
            out[common.slices_within(box)] = self.block_kji[common.slices_within(self.box)]
        return out

    @property
    def n_voxels(self) -> int:
        """Number of voxels inside."""
        return int(np.count_nonzero(self.block_kji))

    @property
    def is_empty(self) -> bool:
        """Whether there is no voxel inside."""
        return self.box.is_empty

    def contains(self, index_kji: Index3) -> bool:
        """Whether one voxel is inside."""
        local = tuple(a - b for a, b in zip(index_kji, self.box.lo_kji, strict=True))
        inside = all(0 <= a < n for a, n in zip(local, self.box.shape_kji, strict=True))
        return inside and bool(self.block_kji[local])

    def same_voxels(self, other: Mask) -> bool:
        """Whether two masks hold the same voxels."""
        return self.box == other.box and bool(np.array_equal(self.block_kji, other.block_kji))

    def with_patch(self, patch: Patch) -> Mask:
        """Return the mask after a patch was written; self when nothing changes."""
        if patch.is_empty:
            return self
        here = self.block_in(patch.box)
        if patch.adds:
            if not np.any(patch.block_kji & ~here):
                return self
            box = self.box.union(patch.box)
            block = self.block_in(box)
            block[patch.box.slices_within(box)] |= patch.block_kji
        else:
            if not np.any(patch.block_kji & here):
                return self
            box = self.box
            block = self.block_kji.copy()
            common = patch.box.intersect(box)
            block[common.slices_within(box)] &= ~patch.block_kji[common.slices_within(patch.box)]
        return Mask.from_block(box, block)

    def union(self, other: Mask) -> Mask:
        """Voxels in either."""
        box = self.box.union(other.box)
        return Mask.from_block(box, self.block_in(box) | other.block_in(box))

    def intersect(self, other: Mask) -> Mask:
        """Voxels in both."""
        box = self.box.intersect(other.box)
        return Mask.from_block(box, self.block_in(box) & other.block_in(box))

    def minus(self, other: Mask) -> Mask:
        """Voxels of self that are not in ``other``."""
        return Mask.from_block(self.box, self.block_kji & ~other.block_in(self.box))

    def sha256(self) -> str:
        """Digest of the voxel set: box bounds and packed bits (C order)."""
        digest = hashlib.sha256(repr((self.box.lo_kji, self.box.hi_kji)).encode())
        digest.update(np.packbits(self.block_kji).tobytes())
        return digest.hexdigest()

"""Axis-aligned boxes of voxels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Index3 = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A half-open box of voxel indices, ``lo_kji <= index < hi_kji``.

    Parameters
    ----------
    lo_kji, hi_kji
        First index inside and first index outside, in array order [k, j, i].
    """

    lo_kji: Index3
    hi_kji: Index3

    @classmethod
    def empty(cls) -> Box:
        """Return the box that holds no voxel."""
        return cls((0, 0, 0), (0, 0, 0))

    @classmethod
    def of_shape(cls, shape_kji: Iterable[int]) -> Box:
        """Return the box of a whole array."""
        k, j, i = (int(n) for n in shape_kji)
        return cls((0, 0, 0), (k, j, i))

    @property
    def shape_kji(self) -> Index3:
        """Number of voxels along k, j, i (0 where empty)."""
        k, j, i = (max(0, h - low) for low, h in zip(self.lo_kji, self.hi_kji, strict=True))
        return (k, j, i)

    @property
    def is_empty(self) -> bool:
        """Whether no voxel lies inside."""
        return 0 in self.shape_kji

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """Index expression into an array of the whole grid."""
        k, j, i = (slice(low, max(low, h)) for low, h in zip(self.lo_kji, self.hi_kji, strict=True))
        return (k, j, i)

    def slices_within(self, outer: Box) -> tuple[slice, slice, slice]:
        """Index expression into an array that covers ``outer`` only."""
        k, j, i = (
            slice(low - o, max(low, h) - o)
            for low, h, o in zip(self.lo_kji, self.hi_kji, outer.lo_kji, strict=True)
        )
        return (k, j, i)

    def intersect(self, other: Box) -> Box:
        """Return the common part; empty boxes come out as :meth:`empty`."""
        lo = tuple(max(a, b) for a, b in zip(self.lo_kji, other.lo_kji, strict=True))
        hi = tuple(min(a, b) for a, b in zip(self.hi_kji, other.hi_kji, strict=True))
        box = Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))
        return Box.empty() if box.is_empty else box

    def union(self, other: Box) -> Box:
        """Return the smallest box that holds both."""
        if self.is_empty:
            return other
        if other.is_empty:
            return self
        lo = tuple(min(a, b) for a, b in zip(self.lo_kji, other.lo_kji, strict=True))
        hi = tuple(max(a, b) for a, b in zip(self.hi_kji, other.hi_kji, strict=True))
        return Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))

    def contains(self, other: Box) -> bool:
        """Whether ``other`` lies wholly inside (an empty box always does)."""
        return other.is_empty or self.intersect(other) == other

    def grown(self, margin: int) -> Box:
        """Return the box grown by ``margin`` voxels on each side."""
        lo = tuple(a - margin for a in self.lo_kji)
        hi = tuple(b + margin for b in self.hi_kji)
        return Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))

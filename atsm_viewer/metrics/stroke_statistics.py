"""Statistics of a stroke in progress, updated from the changed voxels only."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.mask import BoolArray, Mask
from atsm_viewer.domain.patch import Patch

_MARGIN = 8  # voxels of room kept around the mask, so that it is rarely copied


class StrokeStatistics:
    """Number, mean, SD and extremes of a mask that grows and shrinks.

    Sums run over the differences from a pivot near the mean, so that the SD keeps its digits. The
    extremes are searched again only when a removed voxel held one of them.
    """

    def __init__(
        self, values_kji: npt.NDArray[np.generic], slice_factors: tuple[float, ...] | None = None
    ) -> None:
        self._values = values_kji
        self._factors = None if slice_factors is None else np.asarray(slice_factors, dtype=np.float64)
        self._grid = Box.of_shape(values_kji.shape)
        self._box = Box.empty()
        self._block: BoolArray = np.zeros((0, 0, 0), dtype=np.bool_)
        self._n = 0
        self._n_nonfinite = 0
        self._pivot = 0.0
        self._sum = 0.0
        self._squares = 0.0
        self._low = math.inf
        self._high = -math.inf
        self._extremes_known = True

    @classmethod
    def begin(
        cls,
        values_kji: npt.NDArray[np.generic],
        mask: Mask,
        slice_factors: tuple[float, ...] | None = None,
    ) -> StrokeStatistics:
        """Start from the mask before the stroke.

        Parameters
        ----------
        values_kji
            Stored values [k, j, i] of one frame.
        mask
            The voxels so far; those outside the grid are left out.
        slice_factors
            One factor per slice k, or None.
        """
        statistics = cls(values_kji, slice_factors)
        statistics.add(Patch(mask.box, mask.block_kji))
        return statistics

    def add(self, patch: Patch) -> int:
        """Paint the voxels of a patch, whatever its ``adds`` says; returns how many were new."""
        box = patch.box.intersect(self._grid)
        if box.is_empty:
            return 0
        block = patch.block_kji[box.slices_within(patch.box)]
        self._make_room(box)
        here = box.slices_within(self._box)
        fresh = block & ~self._block[here]
        self._block[here] |= fresh
        values = self._finite(box, fresh, +1)
        if values.size:
            if self._n == 0:
                self._restart(float(values.mean()))
            away = values - self._pivot
            self._n += int(values.size)
            self._sum += float(away.sum())
            self._squares += float(away @ away)
            self._low = min(self._low, float(values.min()))
            self._high = max(self._high, float(values.max()))
        return int(np.count_nonzero(fresh))

    def remove(self, patch: Patch) -> int:
        """Erase the voxels of a patch, whatever its ``adds`` says; returns how many were there."""
        box = patch.box.intersect(self._box)
        if box.is_empty:
            return 0
        block = patch.block_kji[box.slices_within(patch.box)]
        here = box.slices_within(self._box)
        gone = block & self._block[here]
        self._block[here] &= ~gone
        values = self._finite(box, gone, -1)
        if values.size:
            away = values - self._pivot
            self._n -= int(values.size)
            self._sum -= float(away.sum())
            self._squares -= float(away @ away)
            if self._n == 0:
                self._restart(0.0)
            elif self._extremes_known:
                self._extremes_known = bool(values.min() > self._low and values.max() < self._high)
        return int(np.count_nonzero(gone))

    @property
    def slice_factors(self) -> tuple[float, ...] | None:
        """The factor of every slice k, or None."""
        return None if self._factors is None else tuple(self._factors.tolist())

    @property
    def n(self) -> int:
        """Number of finite voxels."""
        return self._n

    @property
    def n_nonfinite(self) -> int:
        """Number of voxels without a finite value."""
        return self._n_nonfinite

    @property
    def mean(self) -> float | None:
        """Mean; None without voxels."""
        return self._pivot + self._sum / self._n if self._n else None

    @property
    def sd(self) -> float | None:
        """Sample standard deviation (n-1); None for fewer than two voxels."""
        if self._n < 2:
            return None
        squares = self._squares - self._sum * self._sum / self._n
        return math.sqrt(max(0.0, squares) / (self._n - 1))

    @property
    def maximum(self) -> float | None:
        """Largest value; None without voxels."""
        return self._extremes()[1] if self._n else None

    @property
    def minimum(self) -> float | None:
        """Smallest value; None without voxels."""
        return self._extremes()[0] if self._n else None

    def mask(self) -> Mask:
        """The voxels that the stroke has reached."""
        return Mask.from_block(self._box, self._block)

    def _extremes(self) -> tuple[float, float]:
        if not self._extremes_known:
            values = self._values_of(self._box, self._block)
            values = values[np.isfinite(values)]
            self._low, self._high = float(values.min()), float(values.max())
            self._extremes_known = True
        return self._low, self._high

    def _restart(self, pivot: float) -> None:
        self._pivot, self._sum, self._squares = pivot, 0.0, 0.0
        self._low, self._high, self._extremes_known = math.inf, -math.inf, True

    def _values_of(self, box: Box, block: BoolArray) -> npt.NDArray[np.float64]:
        values: npt.NDArray[np.float64] = self._values[box.slices][block].astype(np.float64)
        if self._factors is not None:
            per_slice = np.count_nonzero(block, axis=(1, 2))
            values *= np.repeat(self._factors[box.lo_kji[0] : box.hi_kji[0]], per_slice)
        return values

    def _finite(self, box: Box, block: BoolArray, sign: int) -> npt.NDArray[np.float64]:
        values = self._values_of(box, block)
        finite = np.isfinite(values)
        bad = int(values.size - np.count_nonzero(finite))
        self._n_nonfinite += sign * bad
        return values[finite] if bad else values

    def _make_room(self, box: Box) -> None:
        if self._box.contains(box):
            return
        wide = self._box.union(box.grown(_MARGIN)).intersect(self._grid)
        block = np.zeros(wide.shape_kji, dtype=np.bool_)
        if not self._box.is_empty:
            block[self._box.slices_within(wide)] = self._block
        self._box, self._block = wide, block

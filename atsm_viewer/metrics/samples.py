"""The stored values under a mask, gathered once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.mask import BoolArray, Mask
from atsm_viewer.domain.volume import Volume
from atsm_viewer.metrics.components import count_components
from atsm_viewer.metrics.memo import IdentityCache
from atsm_viewer.metrics.peaks import Peak, find_peak

FloatArray = npt.NDArray[np.float64]
SliceFactors = tuple[float, ...] | None

THRESHOLD_TOLERANCE = 1e-9
_CACHED_VALUES = 32_000_000


@dataclass(frozen=True, eq=False)
class Samples:
    """The finite values of one ROI in one frame, in ascending order, with what was left out.

    Holds no reference to the volume or the mask, so that both can be forgotten.

    Parameters
    ----------
    ordered
        Ascending float64 values in the stored unit, times the factor of their slice where there are
        slice factors.
    n_nonfinite, n_outside
        How many voxels of the mask hold no finite value; how many lie outside the grid.
    box, block_kji
        Where the finite voxels lie: a box of the grid and an array [k, j, i] of bool.
    max_index_kji, max_ties
        Position of the maximum (the lowest index [k, j, i] of equal ones); how many are equal.
    voxel_volume_mm3
        Volume of one voxel, mm3.
    slice_factors
        One factor per slice k, or None for one factor for all.
    """

    ordered: FloatArray
    n_nonfinite: int
    n_outside: int
    box: Box
    block_kji: BoolArray
    max_index_kji: Index3 | None
    max_ties: int
    voxel_volume_mm3: float
    slice_factors: SliceFactors = None
    _peaks: dict[float, Peak | None] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of finite voxels inside the grid."""
        return int(self.ordered.size)

    @property
    def volume_mm3(self) -> float:
        """Volume of the finite voxels, mm3."""
        return self.n * self.voxel_volume_mm3

    @property
    def equiv_diameter_mm(self) -> float:
        """Diameter of the sphere of the same volume, mm: (6V/pi)^(1/3)."""
        return math.cbrt(6.0 * self.volume_mm3 / math.pi)

    @cached_property
    def mean(self) -> float | None:
        """Sum(x)/n; None without voxels."""
        return float(np.mean(self.ordered)) if self.n else None

    @cached_property
    def sd(self) -> float | None:
        """Sample standard deviation (n-1); None for fewer than two voxels."""
        return float(np.std(self.ordered, ddof=1)) if self.n > 1 else None

    @property
    def minimum(self) -> float | None:
        """Smallest value."""
        return float(self.ordered[0]) if self.n else None

    @property
    def maximum(self) -> float | None:
        """Largest value."""
        return float(self.ordered[-1]) if self.n else None

    @cached_property
    def n_negative(self) -> int:
        """How many values lie below 0."""
        return int(np.searchsorted(self.ordered, 0.0, side="left"))

    def percentile(self, p: float) -> float | None:
        """Value at rank 1+(n-1)·p/100, linear between order statistics; None without voxels."""
        if not self.n:
            return None
        rank = (self.n - 1) * p / 100.0
        low = math.floor(rank)
        high = min(low + 1, self.n - 1)
        below, above = float(self.ordered[low]), float(self.ordered[high])
        return below + (above - below) * (rank - low)

    def hottest_tenth(self) -> float | None:
        """Mean of the ceil(n/10) highest values; None for n < 10."""
        if self.n < 10:
            return None
        return float(np.mean(self.ordered[self.n - -(-self.n // 10) :]))

    def at_least(self, threshold: float) -> FloatArray:
        """View of the values at or above a threshold, with a relative tolerance of 1e-9."""
        allowed = threshold - abs(threshold) * THRESHOLD_TOLERANCE
        return self.ordered[np.searchsorted(self.ordered, allowed, side="left") :]

    def above_fraction_of_max(self, fraction: float) -> FloatArray | None:
        """Values at or above a fraction of the maximum; None when the maximum is not positive."""
        top = self.maximum
        return None if top is None or top <= 0 else self.at_least(fraction * top)

    @cached_property
    def n_components(self) -> int:
        """Number of separate parts (voxels that share a face, an edge or a corner are one part)."""
        return count_components(self.block_kji)

    def peak(self, volume: Volume, frame: int, radius_mm: float) -> Peak | None:
        """Highest mean in a sphere centred in the ROI, kept once computed; see ``peaks``.

        ``volume`` and ``frame`` must be those that the samples were gathered from.
        """
        if radius_mm not in self._peaks:
            self._peaks[radius_mm] = find_peak(
                volume.frame_kji(frame),
                volume.geometry,
                self.box,
                self.block_kji,
                radius_mm,
                self.slice_factors,
            )
        return self._peaks[radius_mm]

    def has_peak(self, radius_mm: float) -> bool:
        """Whether the peak of that radius was already computed."""
        return radius_mm in self._peaks


_cache: IdentityCache[Samples] = IdentityCache(_CACHED_VALUES, lambda s: s.n + s.block_kji.size // 8 + 64)


def gather(volume: Volume, frame: int, mask: Mask, slice_factors: SliceFactors = None) -> Samples:
    """Return the samples of a mask in a frame; the same objects give the same result object."""
    make: Callable[[], Samples] = lambda: _gathered(volume, frame, mask, slice_factors)  # noqa: E731
    return _cache.get((volume, mask), (frame, slice_factors), make)


def _gathered(volume: Volume, frame: int, mask: Mask, slice_factors: SliceFactors) -> Samples:
    box = mask.box.intersect(volume.geometry.box)
    block = mask.block_kji[box.slices_within(mask.box)] if not box.is_empty else np.zeros((0, 0, 0), np.bool_)
    n_mask = mask.n_voxels
    n_inside = int(np.count_nonzero(block))
    values = volume.frame_kji(frame)[box.slices][block]
    finite = np.isfinite(values)
    n_nonfinite = int(values.size - np.count_nonzero(finite))
    if n_nonfinite:
        block = block.copy()
        block[block] = finite
        values = values[finite]
    if slice_factors is not None:
        k_of = np.repeat(np.arange(box.lo_kji[0], box.hi_kji[0]), np.count_nonzero(block, axis=(1, 2)))
        values = values.astype(np.float64) * np.asarray(slice_factors, dtype=np.float64)[k_of]
    index: Index3 | None = None
    ties = 0
    if values.size:
        at = int(np.argmax(values))
        ties = int(np.count_nonzero(values == values[at]))
        local = np.unravel_index(int(np.flatnonzero(block)[at]), block.shape)
        index = (
            int(local[0]) + box.lo_kji[0],
            int(local[1]) + box.lo_kji[1],
            int(local[2]) + box.lo_kji[2],
        )
    # Sorting before widening: float32 sorts in half the time and widening keeps the order.
    ordered = np.sort(values).astype(np.float64)
    ordered.flags.writeable = False
    return Samples(
        ordered=ordered,
        n_nonfinite=n_nonfinite,
        n_outside=n_mask - n_inside,
        box=box,
        block_kji=block,
        max_index_kji=index,
        max_ties=ties,
        voxel_volume_mm3=volume.geometry.voxel_volume_mm3,
        slice_factors=slice_factors,
    )

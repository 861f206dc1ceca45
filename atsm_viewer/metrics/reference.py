"""Pooled reference tissue: the denominator of a ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Roi
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.metrics.uncertainty import standard_error


@dataclass(frozen=True, slots=True)
class Moments:
    """Number, mean and sample SD of the voxels of one ROI, and their volume.

    Parameters
    ----------
    n, mean, sd
        SD is None for one voxel.
    volume_mm3
        Volume of the voxels, mm3.
    """

    n: int
    mean: float
    sd: float | None
    volume_mm3: float


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference tissue of one subject in one frame.

    Parameters
    ----------
    value
        Mean after pooling, in the scale of ratios.
    sd
        Sample SD over all voxels; None for one voxel.
    n_voxels, volume_mm3
        Over all ROIs; a voxel in two of them counts once.
    rois
        The ROIs with at least one finite voxel.
    between_roi_sd
        Sample SD of the ROI means; None for one ROI.
    se
        Standard error of ``value``; None when it cannot be known.
    overlapping
        Whether ROIs share voxels.
    """

    value: float
    sd: float | None
    n_voxels: int
    volume_mm3: float
    rois: tuple[Roi, ...]
    between_roi_sd: float | None
    se: float | None
    overlapping: bool

    @property
    def snr(self) -> float | None:
        """Value over its standard error; None when that is unknown or zero."""
        return None if not self.se else self.value / self.se


def reference_of(
    here: RoiFrame, rois: tuple[Roi, ...], painted: tuple[Roi, Moments] | None = None
) -> Reference | None:
    """Pool the ROIs of a reference tissue; None when none of them holds a finite voxel.

    Also None when the slices cannot be compared, see ``Scales.ratio``.

    Parameters
    ----------
    here
        A ROI of the same scan, subject and frame.
    rois
        The ROIs to pool.
    painted
        One of them with the moments of a stroke in progress, which replace those of its mask. Its
        mask must then be the one that the stroke has reached.
    """
    if here.scales.ratio.factor is None:
        return None
    parts: list[tuple[Roi, Moments]] = []
    for roi in rois:
        moments = painted[1] if painted is not None and roi.id == painted[0].id else _moments(here, roi.mask)
        if moments is not None and moments.n:
            parts.append((painted[0] if painted is not None and roi.id == painted[0].id else roi, moments))
    if not parts:
        return None
    overlapping = any(_touching(a.mask, b.mask) for (a, _), (b, _) in combinations(parts, 2))
    pooled = _union(here, parts) if overlapping else _pooled([m for _, m in parts])
    means = [m.mean for _, m in parts]
    value = sum(means) / len(means) if here.state.protocol.muscle_pooling == "rois" else pooled.mean
    between = _sample_sd(means)
    se = (
        between / math.sqrt(len(means))
        if between is not None and len(means) >= 3
        else standard_error(pooled.sd, pooled.volume_mm3, here.state.protocol.fwhm_mm)
    )
    return Reference(
        value=value,
        sd=pooled.sd,
        n_voxels=pooled.n,
        volume_mm3=pooled.volume_mm3,
        rois=tuple(r for r, _ in parts),
        between_roi_sd=between,
        se=se,
        overlapping=overlapping,
    )


def _moments(here: RoiFrame, mask: Mask) -> Moments | None:
    samples = here.samples(here.scales.ratio, mask)
    if samples is None or samples.mean is None:
        return None
    return Moments(samples.n, samples.mean, samples.sd, samples.volume_mm3)


def _pooled(parts: list[Moments]) -> Moments:
    """Combine moments exactly: SS = sum((n_i-1)·s_i² + n_i·(m_i-M)²)."""
    n = sum(p.n for p in parts)
    mean = sum(p.n * p.mean for p in parts) / n
    squares = sum((p.n - 1) * (p.sd or 0.0) ** 2 + p.n * (p.mean - mean) ** 2 for p in parts)
    sd = math.sqrt(squares / (n - 1)) if n > 1 else None
    return Moments(n, mean, sd, sum(p.volume_mm3 for p in parts))


def _union(here: RoiFrame, parts: list[tuple[Roi, Moments]]) -> Moments:
    union = Mask.empty()
    for roi, _ in parts:
        union = union.union(roi.mask)
    moments = _moments(here, union)
    assert moments is not None
    return moments


def _touching(a: Mask, b: Mask) -> bool:
    return not a.box.intersect(b.box).is_empty and not a.intersect(b).is_empty


def _sample_sd(values: list[float]) -> float | None:
    if len(values) < 2:
        return None
    mean = sum(values) / len(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))

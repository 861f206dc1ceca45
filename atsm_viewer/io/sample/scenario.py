"""What is scanned, on which grids, when and with how much activity."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.io.sample.anatomy import Anatomy

SampleKind = Literal["mouse", "patient"]

HALF_LIFE_S = 45722.16
"""Half-life of 64Cu, s (ENSDF: 12.7006 h)."""

INJECTED_AT = datetime(2026, 1, 1, 10, 0, 0)
"""A fixed, invented injection time, so that a sample is the same wherever and whenever it is made."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulated subject with its scan.

    Parameters
    ----------
    kind, anatomy
        Which subject, and what it is made of.
    pet, ct
        The two grids (one frame of reference, different voxels), along +L, +P, +S.
    weight_kg, size_m
        Body weight; height, or None for an animal.
    injected_bq
        Activity at the injection.
    uptake
        Time from the injection to the start of the scan, which is the decay reference.
    bed_duration_s, beds
        Counting time of each bed position, and how many follow each other from feet to head.
    psf_fwhm_mm
        Full width at half maximum of the Gaussian point spread function.
    noise
        Standard deviation of the PET noise at SUV 1, before the variance is scaled by the SUV.
    supersampling
        Sub-voxels per PET voxel and axis on which activity is laid out.
    ct_noise_hu
        Standard deviation of the CT noise.
    reference_muscles
        Names of the tissues that make the muscle ROI.
    seed
        Of the noise.
    """

    kind: SampleKind
    anatomy: Anatomy
    pet: Geometry
    ct: Geometry
    weight_kg: float
    size_m: float | None
    injected_bq: float
    uptake: timedelta
    bed_duration_s: int
    beds: int
    psf_fwhm_mm: float
    noise: float
    supersampling: int
    ct_noise_hu: float
    reference_muscles: tuple[str, ...]
    seed: int

    @property
    def scanned_at(self) -> datetime:
        """Start of the first bed position: Series and first Acquisition date-time, the decay reference."""
        return INJECTED_AT + self.uptake

    @property
    def decayed_bq(self) -> float:
        """Injected activity at the decay reference: D * 2^(-uptake / half-life), Bq."""
        return self.injected_bq * math.exp2(-self.uptake.total_seconds() / HALF_LIFE_S)

    @property
    def bq_per_ml_at_suv_1(self) -> float:
        """Activity concentration that is SUVbw 1 g/mL: decayed activity / weight in g, Bq/mL."""
        return self.decayed_bq / (1000.0 * self.weight_kg)

    def coarser(self, factor: int) -> Scenario:
        """Return the same subject on grids with ``factor`` times larger voxels over the same space."""
        return replace(self, pet=_coarser(self.pet, factor), ct=_coarser(self.ct, factor))


def _coarser(grid: Geometry, factor: int) -> Geometry:
    k, j, i = (max(n // factor, 1) for n in grid.shape_kji)
    # The outer faces stay where they were: the first centre moves inwards by half the growth.
    origin = grid.index_to_lps([(factor - 1) / 2.0] * 3)
    return Geometry.from_affine((k, j, i), origin, grid.steps_kji_lps * factor, grid.frame_of_reference_uid)


def centred_grid(
    shape_kji: tuple[int, int, int],
    spacing_kji_mm: tuple[float, float, float],
    centre_lps: tuple[float, float, float],
    frame_uid: str,
) -> Geometry:
    """Return a grid along +L, +P, +S around a centre (LPS mm); origins are rounded to 0.001 mm.

    Rounding keeps the positions exact in the decimal strings of DICOM.
    """
    reversed_shape, reversed_spacing = shape_kji[::-1], spacing_kji_mm[::-1]
    x, y, z = (
        round(centre_lps[a] - reversed_spacing[a] * (reversed_shape[a] - 1) / 2.0, 3) for a in range(3)
    )
    return Geometry.axis_aligned(shape_kji, spacing_kji_mm, (x, y, z), frame_uid)

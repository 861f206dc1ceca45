"""From labels to images: blur, sampling and noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.io.sample.anatomy import LabelArray
from atsm_viewer.io.sample.scenario import Scenario

FloatImage = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class SimulatedPet:
    """PET images of a scenario, arrays [k, j, i] on its PET grid.

    Parameters
    ----------
    noise_free_suv, suv
        SUVbw (g/mL) after blur and sampling, without and with noise.
    fine_volume_mm3_by_label
        Array [label]: volume of each tissue counted on the supersampled grid, mm3.
    """

    noise_free_suv: FloatImage
    suv: FloatImage
    fine_volume_mm3_by_label: npt.NDArray[np.float64]


def simulate_pet(scenario: Scenario) -> SimulatedPet:
    """Lay out true SUV on sub-voxels, blur with the point spread function, average to voxels, add noise.

    The noise is Poisson-like (variance proportional to the value) and correlated between neighbours as
    after a reconstruction filter. Values below zero are set to zero, as an iterative reconstruction
    gives none; only air is touched by that.
    """
    grid, sub = scenario.pet, scenario.supersampling
    box = _box_of_activity(scenario)
    labels = scenario.anatomy.rasterise(finer_grid(grid, box, sub))
    seen = box.intersect(grid.box)
    here = seen.slices_within(box)
    inner = labels[tuple(slice(part.start * sub, part.stop * sub) for part in here)]
    counts = np.bincount(inner.ravel(), minlength=256)[: len(scenario.anatomy.tissues) + 1]
    fine: npt.NDArray[Any] = scenario.anatomy.suv_by_label().astype(np.float32)[labels]
    sigma_mm = scenario.psf_fwhm_mm / math.sqrt(8.0 * math.log(2.0))
    for axis in range(3):
        weights = sampling_weights(box.shape_kji[axis], sub, sigma_mm / grid.spacing_kji_mm[axis])
        fine = np.moveaxis(np.tensordot(weights, fine, axes=(1, axis)), 0, axis)
    clean: FloatImage = np.zeros(grid.shape_kji, dtype=np.float32)
    clean[seen.slices] = fine[here]
    rng = np.random.default_rng(scenario.seed)
    grain = smoothed(rng.standard_normal(grid.shape_kji, dtype=np.float32), (0.25, 0.25, 0.25))
    grain /= np.float32(_smoothed_sd((0.25, 0.25, 0.25)))
    # A trace of variance everywhere stands for scattered and random counts outside the body.
    noisy = clean + np.float32(scenario.noise) * np.sqrt(clean + np.float32(0.0005)) * grain
    volume = counts * grid.voxel_volume_mm3 / sub**3
    return SimulatedPet(clean, np.maximum(noisy, np.float32(0.0)), volume)


def simulate_ct(scenario: Scenario, labels_kji: LabelArray) -> npt.NDArray[np.int16]:
    """CT numbers [k, j, i] in HU on the CT grid: tissue values and noise, slightly blurred, -1024 to 3071."""
    rng = np.random.default_rng(scenario.seed + 1)
    image: FloatImage = scenario.anatomy.hu_by_label()[labels_kji]
    blur = (0.08, 0.2, 0.2)
    noise = rng.standard_normal(labels_kji.shape, dtype=np.float32)
    noise *= np.float32(scenario.ct_noise_hu / _smoothed_sd(blur))
    image += noise
    image = smoothed(image, blur)
    return np.clip(np.rint(image), -1024, 3071).astype(np.int16)


def finer_grid(grid: Geometry, box: Box, sub: int) -> Geometry:
    """Grid of the ``sub``³ equal sub-voxels of every voxel of ``box``."""
    steps = grid.steps_kji_lps / sub
    first = grid.index_to_lps(np.asarray(box.lo_kji) + (0.5 / sub - 0.5))
    k, j, i = (n * sub for n in box.shape_kji)
    return Geometry.from_affine((k, j, i), first, steps, grid.frame_of_reference_uid)


def sampling_weights(n: int, sub: int, sigma: float) -> FloatImage:
    """Matrix [voxel, sub-voxel] that blurs by a Gaussian and averages to voxels along one axis.

    Every entry is the Gaussian between the two centres, averaged over the sub-voxels of the voxel;
    columns sum to one away from the ends, so activity is conserved. ``sigma`` is in voxels.
    """
    at = (np.arange(n * sub) + 0.5) / sub - 0.5
    gauss = np.exp(-0.5 * ((at[:, None] - at[None, :]) / sigma) ** 2)
    middle = gauss[(n * sub) // 2].sum()
    return np.asarray((gauss / middle).reshape(n, sub, n * sub).mean(axis=1), dtype=np.float32)


def smoothed(image: FloatImage, side_weights_kji: Sequence[float]) -> FloatImage:
    """Convolve [k, j, i] along each axis with (w, 1 - 2 w, w); border voxels are repeated outwards."""
    for axis, side in enumerate(side_weights_kji):
        lines = np.moveaxis(image, axis, 0)
        out = lines * np.float32(1.0 - 2.0 * side)
        weight = np.float32(side)
        out[1:] += weight * lines[:-1]
        out[:-1] += weight * lines[1:]
        out[0] += weight * lines[0]
        out[-1] += weight * lines[-1]
        image = np.moveaxis(out, 0, axis)
    return np.ascontiguousarray(image)


def _smoothed_sd(side_weights_kji: Sequence[float]) -> float:
    """Return the standard deviation that :func:`smoothed` leaves of white noise of 1."""
    return math.prod(math.sqrt((1.0 - 2.0 * w) ** 2 + 2.0 * w * w) for w in side_weights_kji)


def _box_of_activity(scenario: Scenario) -> Box:
    """Voxels that activity can reach, and those just outside the grid that it can reach it from.

    The margin is four standard deviations of the blur.
    """
    lo, hi = scenario.anatomy.bounds_of_active()
    grid = scenario.pet
    margin_mm = 4.0 * scenario.psf_fwhm_mm / math.sqrt(8.0 * math.log(2.0))
    first = np.floor(grid.lps_to_index(np.asarray(lo) - margin_mm)).astype(int)
    last = np.ceil(grid.lps_to_index(np.asarray(hi) + margin_mm)).astype(int) + 1
    active = Box((int(first[0]), int(first[1]), int(first[2])), (int(last[0]), int(last[1]), int(last[2])))
    return active.intersect(grid.box.grown(math.ceil(margin_mm / min(grid.spacing_kji_mm))))

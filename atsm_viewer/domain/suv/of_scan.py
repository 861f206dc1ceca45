"""The SUV assessment of a scan, with what its image contributes; remembered."""

from __future__ import annotations

import math
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.suv.assessment import SuvAssessment, assess
from atsm_viewer.domain.suv.image_facts import ImageFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.volume import Volume

_Box = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]

# By identity of the (frozen) scan or volume; forgotten with it.
_known: WeakKeyDictionary[Scan, dict[tuple[str, SuvOverrides], SuvAssessment]] = WeakKeyDictionary()
_sums: WeakKeyDictionary[Volume, dict[_Box, npt.NDArray[np.float64]]] = WeakKeyDictionary()


def assess_scan(scan: Scan, administration: Administration) -> SuvAssessment | None:
    """Return how values of a scan become SUV for one administration; None without any facts."""
    if scan.pet_facts is None:
        return None
    known = _known.setdefault(scan, {})
    key = (administration.id, administration.entered)
    if key not in known:
        slot = next((s for s in scan.slots if s.administration_id == administration.id), None)
        known[key] = assess(scan.pet_facts, administration.entered, image=image_facts(scan, slot))
    return known[key]


def image_facts(scan: Scan, slot: Slot | None = None) -> ImageFacts:
    """Return what grid and pixels contribute to the checks.

    Parameters
    ----------
    scan
        The grid counts even where the image itself is missing.
    slot
        Where several animals share a bed, the one whose activity is summed; None for everything.

    Returns
    -------
    ImageFacts
        The sum is that of the finite values of the first frame: one number, or one per instance
        where the headers of the series differ.
    """
    _dk, dj, di = scan.pet_geometry.spacing_kji_mm
    _nk, nj, ni = scan.pet_geometry.shape_kji
    value_sum: float | tuple[float, ...] | None = None
    if scan.pet is not None:
        sums = _slice_sums(scan.pet, _box_of(scan, slot))
        value_sum = _per_instance(scan, sums)
    return ImageFacts(
        voxel_volume_ml=scan.pet_geometry.voxel_volume_ml,
        fov_mm=max(nj * dj, ni * di),
        voxel_mm=max(dj, di),
        value_sum=value_sum,
    )


def _per_instance(scan: Scan, sums_k: npt.NDArray[np.float64]) -> float | tuple[float, ...]:
    facts = scan.pet_facts
    if facts is None or len(facts.distinct) < 2 or not scan.pet_instance_tk:
        return float(sums_k.sum())
    totals = [0.0] * len(facts.index)
    for instance, value in zip(scan.pet_instance_tk[0], sums_k, strict=True):
        totals[instance] += float(value)
    return tuple(totals)


def _box_of(scan: Scan, slot: Slot | None) -> _Box:
    nk, nj, ni = scan.pet_geometry.shape_kji
    whole = ((0, nk), (0, nj), (0, ni))
    if slot is None or slot.lo_lps is None or slot.hi_lps is None:
        return whole
    corners = [
        (x, y, z)
        for x in (slot.lo_lps[0], slot.hi_lps[0])
        for y in (slot.lo_lps[1], slot.hi_lps[1])
        for z in (slot.lo_lps[2], slot.hi_lps[2])
    ]
    index = scan.pet_geometry.lps_to_index(np.asarray(corners))
    ends = []
    for axis, size in enumerate((nk, nj, ni)):
        low, high = float(index[:, axis].min()), float(index[:, axis].max())
        ends.append((min(max(math.ceil(low), 0), size), min(max(math.floor(high) + 1, 0), size)))
    return (ends[0], ends[1], ends[2])


def _slice_sums(pet: Volume, box: _Box) -> npt.NDArray[np.float64]:
    """Return the sum [k] of the finite values of the first frame, slices outside the box as 0."""
    known = _sums.setdefault(pet, {})
    if box in known:
        return known[box]
    (k0, k1), (j0, j1), (i0, i1) = box
    sums = np.zeros(pet.geometry.shape_kji[0], dtype=np.float64)
    frame = pet.frame_kji(0)
    for k in range(k0, k1):
        plane = frame[k, j0:j1, i0:i1]
        # NumPy adds pairwise, so float32 keeps six digits; a whole pass in float64 takes three times as long.
        total = float(plane.sum(dtype=np.float32 if plane.dtype == np.float32 else np.float64))
        if not math.isfinite(total):
            total = float(np.where(np.isfinite(plane), plane, 0).sum(dtype=np.float64))
        sums[k] = total
    sums.flags.writeable = False
    known[box] = sums
    return sums

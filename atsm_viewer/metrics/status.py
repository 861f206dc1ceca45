"""Codes for what is doubtful about a row; a number is never left out in silence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from atsm_viewer.domain.radionuclide import nuclide_named
from atsm_viewer.domain.roi import Role
from atsm_viewer.metrics.hypoxic_volume import is_pet_thresholded
from atsm_viewer.metrics.identity import value_unit
from atsm_viewer.metrics.peak_metrics import peak_1ml, peaks_pending
from atsm_viewer.metrics.peaks import RADIUS_1ML_MM
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.metrics.samples import Samples
from atsm_viewer.metrics.scaling import of_frame
from atsm_viewer.metrics.tm_uncertainty import mean_interval
from atsm_viewer.metrics.tumour_frame import TumourFrame

EDGE_SLICES = 2
NONFINITE_SHARE = 0.05
LONG_UPTAKE_HALF_LIVES = 5.0
HALF_LIFE_TOLERANCE = 0.01
UNRELIABLE_SNR = 5.0
PVE_FWHM = 3.0
NO_UNIT = frozenset({"", "NONE", "UNKNOWN"})


def roi_status(here: RoiFrame) -> tuple[str, ...]:
    """Codes of a row of the ROI table, without repetition, in a fixed order."""
    return tuple(dict.fromkeys((*_scan_codes(here), *_sample_codes(here), *_peak_codes(here))))


def tm_status(tumour: TumourFrame) -> tuple[str, ...]:
    """Codes of a row of the T/M table, without repetition, in a fixed order."""
    here = tumour.here
    return tuple(dict.fromkeys((*_scan_codes(here), *_sample_codes(here), *_ratio_codes(tumour))))


def _scan_codes(here: RoiFrame) -> Iterator[str]:
    suv = here.assessment
    if here.scan.pet is None:
        yield "no_image"
    if here.slot is None:
        yield "subject_not_in_scan"
    if here.scales.suv.factor is None:
        yield "suv_unavailable"
    if here.scan.pet is not None and _unit_unknown(here):
        yield "unit_unknown"
    if suv is None:
        return
    if _time_suspect(here):
        # The rules of the SUV compute dynamic scans from the injection on and long uptakes, so the
        # numbers stay; the row says that a person has to look.
        yield "time_suspect"
    if "W-HALFLIFE" in suv.codes or _half_life_off(here):
        yield "half_life_mismatch"
    notices = {n.code for n in here.state.notices if n.scan_id == here.scan.id}
    if "W-ACTIVITY-BALANCE" in notices or "W-ACTIVITY-BALANCE" in suv.codes:
        yield "closure_suspect"


def _unit_unknown(here: RoiFrame) -> bool:
    scales = here.scales
    if (
        scales.suv.factor is not None
        or scales.bq_ml.factor is not None
        or scales.pct_id_per_ml.factor is not None
    ):
        return False
    suv = here.assessment
    refused = suv is not None and any(
        c in ("E-UNITS", "E-CNTS", "E-CNTS-NOFACTOR", "E-CNTS-NONE") for c in suv.codes
    )
    return refused or value_unit(here).strip().upper() in NO_UNIT


def _time_suspect(here: RoiFrame) -> bool:
    suv = here.assessment
    uptake_s = None if suv is None else of_frame(here.scan, here.frame, suv.uptake_s)
    if suv is None or uptake_s is None:
        return False
    dynamic = here.scan.pet is not None and here.scan.pet.n_frames > 1
    half_life = suv.half_life_s
    too_long = half_life is not None and uptake_s > LONG_UPTAKE_HALF_LIVES * half_life.value
    return uptake_s < 0 or (uptake_s == 0 and not dynamic) or too_long


def _half_life_off(here: RoiFrame) -> bool:
    suv = here.assessment
    if suv is None or suv.nuclide is None or suv.half_life_s is None:
        return False
    known = nuclide_named(suv.nuclide.value)
    return known is not None and abs(suv.half_life_s.value / known.half_life_s - 1.0) > HALF_LIFE_TOLERANCE


def _sample_codes(here: RoiFrame) -> Iterator[str]:
    samples, roi = here.ratio_samples, here.roi
    if samples is None:
        return
    n_inside = samples.n + samples.n_nonfinite
    if n_inside == 0:
        yield "empty_roi"
    if samples.n_outside:
        yield "clipped_fov"
    if n_inside and not samples.n:
        yield "all_nonfinite"
    elif samples.n_nonfinite > NONFINITE_SHARE * n_inside:
        yield "nonfinite"
    if not samples.n:
        return
    if _at_edge(here):
        yield "fov_edge"
    if samples.n == 1:
        yield "single_voxel"
    protocol = here.state.protocol
    smallest = {Role.TUMOUR: protocol.min_tumour_voxels, Role.MUSCLE: protocol.min_muscle_voxels}.get(
        roi.role, 0
    )
    if samples.n < smallest:
        yield "few_voxels"
    if samples.n_negative:
        yield "negative_voxels"
    if not here.opposed_mask.is_empty:
        yield "roi_overlap"
    if roi.role is Role.TUMOUR and samples.n_components > 1:
        yield "multi_component"
    if _crosses_slot(here, samples):
        yield "cross_animal"
    fwhm = protocol.fwhm_mm
    if roi.role is Role.TUMOUR and fwhm is not None and samples.equiv_diameter_mm < PVE_FWHM * fwhm:
        yield "pve_risk"


def _at_edge(here: RoiFrame) -> bool:
    box, n_slices = here.roi.mask.box, here.scan.pet_geometry.shape_kji[0]
    return box.lo_kji[0] < EDGE_SLICES or box.hi_kji[0] > n_slices - EDGE_SLICES


def _crosses_slot(here: RoiFrame, samples: Samples) -> bool:
    slot = here.slot
    if slot is None or slot.lo_lps is None or slot.hi_lps is None:
        return False
    index = np.argwhere(samples.block_kji) + np.array(samples.box.lo_kji)
    position = here.scan.pet_geometry.index_to_lps(index)
    low, high = np.minimum(slot.lo_lps, slot.hi_lps), np.maximum(slot.lo_lps, slot.hi_lps)
    return bool(((position < low) | (position > high)).any())


def _peak_codes(here: RoiFrame) -> Iterator[str]:
    samples = here.suv_samples
    if peaks_pending(here):
        yield "peak_pending"
    peak = peak_1ml(here, samples)
    if peak is None or samples is None:
        return
    if samples.equiv_diameter_mm < 2.0 * RADIUS_1ML_MM:
        yield "peak_exceeds_roi"
    if peak.clipped:
        yield "peak_clipped"


def _ratio_codes(tumour: TumourFrame) -> Iterator[str]:
    here, muscle = tumour.here, tumour.muscle
    if here.scales.ratio.factor is None:
        yield "decay_unknown"
        if not here.same_subject_rois(Role.MUSCLE):
            yield "no_muscle"
        return
    if muscle is None:
        if here.scan.pet is not None:
            yield "no_muscle"
        if _muscle_elsewhere(here):
            yield "reference_mismatch"
        return
    if muscle.value <= 0:
        yield "muscle_nonpositive"
    if muscle.n_voxels < here.state.protocol.min_muscle_voxels:
        yield "few_voxels"
    if muscle.snr is not None and muscle.value > 0 and muscle.snr < UNRELIABLE_SNR:
        yield "muscle_unreliable"
    if muscle.overlapping:
        yield "muscle_overlap"
    interval = mean_interval(tumour)
    if interval is not None and interval.unbounded:
        yield "tm_ci_unbounded"
    if tumour.hv_theta is not None and muscle.value > 0 and is_pet_thresholded(here.roi):
        yield "hf_circular"


def _muscle_elsewhere(here: RoiFrame) -> bool:
    """Whether there is muscle, but of another animal or on another scan: it must not be used."""
    own = here.same_subject_rois(Role.MUSCLE)
    others = (r for r in here.state.rois if r.role is Role.MUSCLE and r not in own)
    return any(r.scan_id == here.scan.id or r.subject_id == here.roi.subject_id for r in others)

"""What lies under the pointer, in every unit that is known."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.pet_display import factor_array, fits_slices
from atsm_viewer.domain.geometry import Vec3
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.of_scan import assess_scan
from atsm_viewer.domain.suv.per_instance import Factor, over
from atsm_viewer.metrics.reference import Reference, reference_of
from atsm_viewer.metrics.roi_frame import RoiFrame

NONE = "–"

# By identity of the (frozen) state: pooling the muscle on every pointer move would be waste.
_Key = tuple[str, int, str]
_references: WeakKeyDictionary[SessionState, dict[_Key, tuple[Reference, RoiFrame] | None]] = (
    WeakKeyDictionary()
)


@dataclass(frozen=True, slots=True)
class Readout:
    """The values under the pointer as text; a dash where one is not known.

    Parameters
    ----------
    suv, kbq_ml, pct_id_ml
        PET value in SUV (g/mL), kBq/mL and %ID/mL.
    stored, stored_unit
        PET value as stored; its unit only where none of the three is known, else empty.
    muscle
        PET value as a multiple of the muscle mean of the same subject.
    ct
        CT value in HU.
    position
        Left, posterior, superior in mm.
    voxel
        Index k, j, i of the PET voxel, counted from 0; ``outside`` beside the PET.
    """

    suv: str = NONE
    kbq_ml: str = NONE
    pct_id_ml: str = NONE
    stored: str = NONE
    stored_unit: str = ""
    muscle: str = NONE
    ct: str = NONE
    position: str = NONE
    voxel: str = NONE


def readout(ctx: AppContext, position_lps: Vec3 | None) -> Readout:
    """Return what lies at a position.

    PET values are those of the native voxel whose cell holds the position, in the frame shown;
    nothing is interpolated. The multiple of muscle uses the denominator of the T/M ratios.

    Parameters
    ----------
    ctx
        Session and view.
    position_lps
        LPS mm in the space of the PET; None when the pointer is nowhere.
    """
    state, view = ctx.session.state, ctx.view.state
    scan = next((s for s in state.scans if s.id == view.scan_id), None)
    if scan is None:
        return Readout()
    slot = scan.first_slot if position_lps is None else slot_at(scan, position_lps)
    factors = _factors(state, scan, slot)
    shown = Readout(stored_unit="" if factors or scan.pet is None else (scan.pet.unit or "stored"))
    if position_lps is None:
        return shown
    x, y, z = position_lps
    place = f"{x:.1f}, {y:.1f}, {z:.1f}".replace("-", "−")
    shown = replace(shown, position=place, ct=_ct_text(scan, position_lps))
    index = scan.pet_geometry.nearest_index(position_lps)
    if index is None:
        return replace(shown, voxel="outside")
    shown = replace(shown, voxel=f"{index[0]}, {index[1]}, {index[2]}")
    if scan.pet is None:
        return shown
    frame = min(view.frame, scan.pet.n_frames - 1)
    value = float(np.asarray(scan.pet.frame_kji(frame)[index]))
    if not math.isfinite(value):
        return replace(shown, suv="no value", stored="no value")
    units = {
        unit: number(value * float(factor_array(scan, factor)[frame, index[0]]))
        for unit, factor in factors.items()
    }
    muscle = _multiple(state, scan, slot, value, frame, index[0])
    return replace(shown, stored=number(value), muscle=muscle, **units)


def slot_at(scan: Scan, position_lps: Vec3) -> Slot:
    """Return whose box holds a position (LPS mm); the first slot where none does."""
    for slot in scan.slots:
        if slot.lo_lps is None or slot.hi_lps is None:
            continue
        ends = zip(slot.lo_lps, slot.hi_lps, position_lps, strict=True)
        if all(min(a, b) <= p <= max(a, b) for a, b, p in ends):
            return slot
    return scan.first_slot


def number(value: float) -> str:
    """Return a number with about three digits that count, never in powers of ten.

    At most five decimals; what is smaller still is shown as below that.
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else NONE
    if abs(value) < 0.5e-5:
        return "<0.00001" if value > 0 else ">−0.00001"
    decimals = min(max(2 - math.floor(math.log10(abs(value))), 0), 5)
    return f"{value:.{decimals}f}".replace("-", "−")


def _factors(state: SessionState, scan: Scan, slot: Slot) -> dict[str, Factor]:
    """What stored values are multiplied with, for every unit that is known."""
    assessment = assess_scan(scan, state.administration(slot.administration_id))
    if assessment is None:
        return {}
    factors: dict[str, Factor | None] = {
        "suv": assessment.factor_bw if assessment.available else None,
        "kbq_ml": None if assessment.to_bq_ml is None else over(assessment.to_bq_ml, lambda f: f / 1000.0),
        "pct_id_ml": assessment.pct_id_per_ml,
    }
    return {u: f for u, f in factors.items() if f is not None and fits_slices(scan, f)}


def _multiple(state: SessionState, scan: Scan, slot: Slot, value: float, frame: int, k: int) -> str:
    found = _muscle(state, scan, slot.subject_id, frame)
    if found is None:
        return NONE
    reference, here = found
    if reference.value <= 0:
        return NONE
    # Ratios are formed from stored values, evened out between slices where these differ.
    slices = here.scales.ratio.slice_factors
    return f"{number(value * (slices[k] if slices is not None else 1.0) / reference.value)} ×"


def _muscle(
    state: SessionState, scan: Scan, subject_id: str, frame: int
) -> tuple[Reference, RoiFrame] | None:
    known = _references.setdefault(state, {})
    key = (scan.id, frame, subject_id)
    if key not in known:
        rois = tuple(r for r in state.rois_of(scan.id, Role.MUSCLE) if r.subject_id == subject_id)
        known[key] = None
        if rois:
            here = RoiFrame.of(state, rois[0], frame)
            reference = reference_of(here, rois)
            known[key] = None if reference is None else (reference, here)
    return known[key]


def _ct_text(scan: Scan, position_lps: Vec3) -> str:
    if scan.ct is None:
        return NONE
    value = scan.ct.value_at(scan.ct_to_pet.invert(position_lps))
    if value is None or not math.isfinite(value):
        return NONE
    return f"{value:.0f}".replace("-", "−")

"""Keeps PET unit and window sensible when SUV appears, disappears or changes by much."""

from __future__ import annotations

import math

from atsm_viewer.app.opening import default_pet_window
from atsm_viewer.app.pet_display import PetScale, pet_scales, shown_scale
from atsm_viewer.app.session import Session
from atsm_viewer.app.view_state import ViewState, ViewStore
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState

_LARGEST_KEPT = 3.0
"""Up to this factor a window in SUV keeps its numbers; beyond, it would show black or white."""


class UnitFollower:
    """Follows session and view.

    SUV that becomes available is shown, because it could not be chosen before; SUV that goes away
    gives way to the best unit left, and the unit that was shown comes back with it. The picture
    stays the same where the unit changes: its window is carried over.

    Parameters
    ----------
    session, view
        What is followed and changed.
    """

    def __init__(self, session: Session, view: ViewStore) -> None:
        self._session, self._view = session, view
        self._before: dict[str, str] = {}
        self._ends = (session.subscribe(self._on_state), view.subscribe(self._on_view))

    def close(self) -> None:
        """Stop following."""
        for end in self._ends:
            end()

    def _on_state(self, old: SessionState, new: SessionState) -> None:
        view = self._view.state
        before, after = _scan(old, view.scan_id), _scan(new, view.scan_id)
        if before is None or after is None or _same_dose(old, new, before, after):
            return
        had, has = pet_scales(old, before), pet_scales(new, after)
        shown = had.get(view.pet_unit) or next(iter(had.values()))
        if "suv" in had and "suv" not in has:
            self._before[after.id] = shown.unit
        wanted = shown.unit
        if "suv" in has and "suv" not in had:
            wanted = self._before.pop(after.id, "suv")
        now = has.get(wanted) or next(iter(has.values()))
        lo, hi = carried_window((view.pet_lo, view.pet_hi), shown, now, view.frame)
        if not _sensible(lo, hi):
            lo, hi = default_pet_window(new, after, now.unit, view.frame)
        if (now.unit, lo, hi) != (view.pet_unit, view.pet_lo, view.pet_hi):
            self._view.set(pet_unit=now.unit, pet_lo=lo, pet_hi=hi)

    def _on_view(self, old: ViewState, new: ViewState) -> None:
        state = self._session.state
        before, after = _scan(state, old.scan_id), _scan(state, new.scan_id)
        if before is None or after is None or before is after or old.pet_unit != new.pet_unit:
            return
        shown, now = shown_scale(state, before, old.pet_unit), shown_scale(state, after, new.pet_unit)
        if shown.unit != now.unit:
            lo, hi = default_pet_window(state, after, now.unit, new.frame)
            self._view.set(pet_lo=lo, pet_hi=hi)


def carried_window(
    window: tuple[float, float], old: PetScale, new: PetScale, frame: int
) -> tuple[float, float]:
    """Return a window in another scale.

    Parameters
    ----------
    window
        Lower and upper end in the old scale.
    old, new
        Scales of the same image.
    frame
        The frame shown.

    Returns
    -------
    tuple
        In another unit the window that shows the same picture. In the same unit the same numbers,
        so that a corrected weight is seen in the colours; but when the values change by more than
        a factor 3 (a slip of g and kg, say) the window goes with them.
    """
    before = old.factor_at(min(frame, old.factor_tk.shape[0] - 1), 0)
    after = new.factor_at(min(frame, new.factor_tk.shape[0] - 1), 0)
    ratio = after / before if before else math.nan
    if old.unit == new.unit and 1.0 / _LARGEST_KEPT <= ratio <= _LARGEST_KEPT:
        return window
    # Twelve digits are more than a person can set, and hide the rounding of going there and back.
    lo, hi = (float(f"{end * ratio:.12g}") for end in window)
    return lo, hi


def _sensible(lo: float, hi: float) -> bool:
    return math.isfinite(lo) and math.isfinite(hi) and hi > lo


def _scan(state: SessionState, scan_id: str) -> Scan | None:
    return next((s for s in state.scans if s.id == scan_id), None)


def _same_dose(old: SessionState, new: SessionState, before: Scan, after: Scan) -> bool:
    slot_before, slot_after = before.first_slot, after.first_slot
    return (
        before is after
        and slot_before == slot_after
        and old.administration(slot_before.administration_id).entered
        == new.administration(slot_after.administration_id).entered
    )

"""What the dose card says about a scan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from atsm_viewer.domain.sourced import Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.assessment import SuvAssessment
from atsm_viewer.domain.suv.of_scan import assess_scan


@dataclass(frozen=True, slots=True)
class DoseLine:
    """One line of the card: what, how much, and where it came from."""

    title: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class DoseCard:
    """The card of one subject in one scan.

    Parameters
    ----------
    hours_text
        Hours after injection, in words for large type.
    verdict
        Whether SUV is available, or why not.
    lines
        Every input with its provenance.
    """

    hours_text: str
    verdict: str
    lines: tuple[DoseLine, ...]


def in_unit(value: float, unit: str) -> str:
    """Return a number with 4 significant digits and its unit."""
    return f"{value:.4g} {unit}"


def mass_text(kg: float) -> str:
    """Return a mass in g below 1 kg, else in kg."""
    return in_unit(kg * 1000.0, "g") if kg < 1.0 else in_unit(kg, "kg")


def activity_text(bq: float) -> str:
    """Return an activity in MBq, or kBq below 0.1 MBq."""
    return in_unit(bq / 1e6, "MBq") if bq >= 1e5 else in_unit(bq / 1e3, "kBq")


def duration_text(seconds: float) -> str:
    """Return a time in s, min or h, as a person would say it."""
    if abs(seconds) >= 2 * 3600:
        return in_unit(seconds / 3600.0, "h")
    return in_unit(seconds / 60.0, "min") if abs(seconds) >= 120 else in_unit(seconds, "s")


def time_text(moment: datetime) -> str:
    """Return a date and time to the second."""
    return moment.isoformat(sep=" ", timespec="seconds")


def _line(title: str, sourced: Sourced[Any] | None, text: str) -> DoseLine:
    if sourced is None:
        return DoseLine(title, "unknown", "")
    return DoseLine(title, text, f"from {sourced.described()}")


def dose_card(state: SessionState, scan_id: str) -> DoseCard:
    """Return the card of the first subject of a scan."""
    scan = next((s for s in state.scans if s.id == scan_id), None)
    if scan is None:
        return DoseCard("", "No scan is open.", ())
    assessment = assess_scan(scan, state.administration(scan.first_slot.administration_id))
    if assessment is None:
        return DoseCard(
            "", "SUV is not available: the file says nothing about units, dose or time. T/M is shown.", ()
        )
    return DoseCard(_hours(assessment), _verdict(assessment), _lines(assessment))


def _hours(a: SuvAssessment) -> str:
    uptake = a.uptake_s[0] if isinstance(a.uptake_s, tuple) else a.uptake_s
    return f"{uptake / 3600.0:.2f} h p.i." if uptake is not None else "time p.i. unknown"


def _verdict(a: SuvAssessment) -> str:
    if a.available:
        return f"SUVbw by {a.path}"
    return f"SUV is not available: {a.reason} T/M is shown all the same."


def _lines(a: SuvAssessment) -> tuple[DoseLine, ...]:
    decayed = a.decayed_dose_bq[0] if isinstance(a.decayed_dose_bq, tuple) else a.decayed_dose_bq
    lines = [
        _line("Tracer", a.tracer, a.tracer.value if a.tracer else ""),
        _line("Nuclide", a.nuclide, a.nuclide.value if a.nuclide else ""),
        _line("Half-life", a.half_life_s, duration_text(a.half_life_s.value) if a.half_life_s else ""),
        _line("Weight", a.weight_kg, mass_text(a.weight_kg.value) if a.weight_kg else ""),
        _line("Injected", a.dose_bq, activity_text(a.dose_bq.value) if a.dose_bq else ""),
        _line(
            "Injected at",
            a.administration_time,
            time_text(a.administration_time.value) if a.administration_time else "",
        ),
        _line(
            "Values refer to", a.reference_time, time_text(a.reference_time.value) if a.reference_time else ""
        ),
        _line("Decay rule", a.decay_rule, a.decay_rule.value if a.decay_rule else ""),
        _line("Stored unit", a.units, a.units.value if a.units else ""),
    ]
    if decayed is not None:
        lines.append(
            DoseLine("Activity then", activity_text(decayed), "injected activity, decayed to that time")
        )
    return tuple(lines)

"""The decision path and the sum in plain words."""

from __future__ import annotations

from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.suv.assessment import SuvAssessment
from atsm_viewer.domain.suv.per_instance import Factor

_RULE_WORDS = {
    "START": "All frames are decay corrected to the start of the scan.",
    "ADMIN": "All frames are decay corrected to the injection, so the activity is not decayed.",
    "NONE": "The frames are not decay corrected, so each has its own factor.",
}
_REFERENCE_WORDS = {
    "R0": "It was entered.",
    "R1": "The header states it.",
    "R2": "It is the best supported start of the series.",
    "R3": "The series time was not usable, so it was derived from the frames.",
    "R3b": "The series time was not usable, so it was derived from the decay factors.",
    "R4": "Nothing else was left than the earliest acquisition.",
}


def explain(assessment: SuvAssessment) -> list[str]:
    """Return the way from stored values to SUVbw, one step per line.

    Steps that could not be taken say so; errors and warnings follow the steps.
    """
    a = assessment
    steps = [_units(a)]
    if a.kind_stored is None or a.to_bq_ml is not None:
        steps += _activity_steps(a)
    if a.available and a.factor_bw is not None:
        steps.append(f"SUVbw = stored value × {_number(a.factor_bw)}.")
        steps.append(f"Decision path: {a.path}.")
    else:
        steps.append(f"SUVbw is not available. {a.reason}".strip())
    for notice in a.notices:
        if notice.severity is Severity.INFO:
            continue
        told = notice.change_pct is None or "change the SUV" in notice.text
        change = "" if told else f" ({notice.change_pct:+.2f} % in the SUV)"
        steps.append(f"{notice.code}: {notice.text}{change} {notice.remedy}".strip())
    return steps


def worked_sum(assessment: SuvAssessment, concentration_bq_ml: float, instance: int = 0) -> str:
    """Return the sum for one concentration in words and numbers.

    Parameters
    ----------
    assessment
        As returned by ``assess``.
    concentration_bq_ml
        Activity concentration at the reference time, in Bq/ml.
    instance
        Which instance, where every one has its own activity (decay rule NONE).

    Returns
    -------
    str
        For example ``123.4 kBq/mL × 22.3 g ÷ (7.4 MBq × 2^(−24.00 h / 12.70 h)) = 1.378 g/mL``; the
        reason in words where weight, activity or times are missing.
    """
    a = assessment
    activity = _of_instance(a.decayed_dose_bq, instance)
    if a.weight_kg is None or a.dose_bq is None or activity is None:
        return f"SUVbw cannot be worked out. {a.reason}".strip()
    grams = 1000.0 * a.weight_kg.value
    suv = concentration_bq_ml * grams / activity
    dose = f"{a.dose_bq.value / 1e6:.4g} MBq"
    uptake = _of_instance(a.uptake_s, instance)
    if uptake is not None and a.half_life_s is not None:
        sign = "−" if uptake >= 0 else "+"
        decay = f"2^({sign}{_duration(abs(uptake))} / {_duration(a.half_life_s.value)})"
        dose = f"({dose} × {decay})"
    mass = f"{grams:.4g} g" if grams < 1000 else f"{grams / 1000:.4g} kg"
    return f"{concentration_bq_ml / 1000.0:.4g} kBq/mL × {mass} ÷ {dose} = {suv:.4g} g/mL"


def _units(a: SuvAssessment) -> str:
    if a.units is None:
        return "The unit of the stored values is not usable."
    where = a.units.described()
    if a.kind_stored is not None:
        return f"The stored values are {a.kind_stored} already, from {where}."
    return f"The stored values are in {a.stored_units}, from {where}: × {_number(a.to_bq_ml)} gives Bq/ml."


def _activity_steps(a: SuvAssessment) -> list[str]:
    steps = []
    if a.decay_rule is not None:
        steps.append(f"{_RULE_WORDS[a.decay_rule.value]} From {a.decay_rule.described()}.")
    if a.weight_kg is not None:
        steps.append(f"Weight {a.weight_kg.value:g} kg, from {a.weight_kg.described()}.")
    if a.half_life_s is not None:
        name = "" if a.nuclide is None else f" ({a.nuclide.value})"
        steps.append(f"Half-life {a.half_life_s.value:g} s{name}, from {a.half_life_s.described()}.")
    if a.reference_time is not None:
        rule = a.path.split("/START/")[-1].split(":")[0] if "/START/" in a.path else ""
        words = _REFERENCE_WORDS.get(rule, "")
        told = f"Reference time {a.reference_time.value}, from {a.reference_time.described()}. {words}"
        steps.append(told.strip())
    if a.administration_time is not None:
        steps.append(f"Injection {a.administration_time.value}, from {a.administration_time.described()}.")
    if a.uptake_s is not None:
        steps.append(f"Time from injection to reference: {_span(a.uptake_s)}.")
    if a.dose_bq is not None:
        steps.append(f"Injected activity {a.dose_bq.value / 1e6:.6g} MBq, from {a.dose_bq.described()}.")
    if a.decayed_dose_bq is not None:
        steps.append(f"Activity at the reference: {_number(a.decayed_dose_bq)} Bq.")
    return steps


def _number(value: Factor | None) -> str:
    if value is None:
        return "?"
    if isinstance(value, tuple):
        low, high = min(value), max(value)
        return f"{low:.9g}" if low == high else f"{low:.9g} … {high:.9g} (one per image)"
    return f"{value:.9g}"


def _span(uptake: Factor) -> str:
    if isinstance(uptake, tuple):
        return f"{_duration(min(uptake))} … {_duration(max(uptake))} (one per image)"
    return _duration(uptake)


def _duration(seconds: float) -> str:
    if abs(seconds) >= 2 * 3600.0:
        return f"{seconds / 3600.0:.2f} h"
    if abs(seconds) >= 120.0:
        return f"{seconds / 60.0:.2f} min"
    return f"{seconds:.4g} s"


def _of_instance(value: Factor | None, instance: int) -> float | None:
    return value[instance] if isinstance(value, tuple) else value

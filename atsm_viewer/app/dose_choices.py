"""What a person can choose where the header leaves a doubt: one button each, never chosen for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from atsm_viewer.app.dose_entry import ACTIVITY_UNITS, DECAY_RULES
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.dicom_time import combine, parse_datetime, parse_time
from atsm_viewer.domain.radionuclide import nuclide_named
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.assessment import SuvAssessment
from atsm_viewer.domain.suv.facts import InstanceFacts, RadiopharmaceuticalFacts
from atsm_viewer.domain.suv.of_scan import assess_scan


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer.

    Parameters
    ----------
    label
        Words on the button.
    detail
        What follows from it, for the tooltip.
    values
        Field id to value in base units; entered together as one step.
    """

    label: str
    detail: str
    values: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class _Case:
    scan: Scan
    administration: Administration
    assessment: SuvAssessment

    @property
    def header(self) -> InstanceFacts:
        facts = self.scan.pet_facts
        return facts.distinct[0] if facts is not None and facts.distinct else InstanceFacts()

    @property
    def item(self) -> RadiopharmaceuticalFacts | None:
        items, chosen = (
            self.header.radiopharmaceuticals,
            self.administration.entered.radiopharmaceutical_index,
        )
        if chosen is not None and 0 <= chosen.value < len(items):
            return items[chosen.value]
        return items[0] if items else None

    def with_value(self, field_id: str, value: Any) -> SuvAssessment | None:
        entered = replace(self.administration.entered, **{field_id: Sourced(value, Provenance.TYPED)})
        return assess_scan(self.scan, replace(self.administration, entered=entered))


def choices_for(
    code: str, scan: Scan, administration: Administration, assessment: SuvAssessment
) -> tuple[Choice, ...]:
    """Return the answers to one code; none where the value has to be typed.

    Parameters
    ----------
    code
        Code of a notice of the assessment.
    scan, administration, assessment
        What it is about.
    """
    make = _CHOICES.get(code)
    return () if make is None else make(_Case(scan, administration, assessment))


def _weight(case: _Case) -> tuple[Choice, ...]:
    said = case.header.patient_weight_kg
    if said is None:
        return ()
    return (
        Choice(f"{said:g} g", "Reads the number of the header as grams.", {"weight_kg": said / 1000.0}),
        Choice(f"{said:g} kg", "Confirms kilograms, as the standard says.", {"weight_kg": said}),
    )


def _dose_unit(case: _Case) -> tuple[Choice, ...]:
    said = case.header.ge_tracer_activity if case.item is None or case.item.total_dose is None else None
    said = case.item.total_dose if case.item is not None and said is None else said
    if said is None or said <= 0:
        return ()
    return tuple(
        Choice(
            f"{said:g} {unit}{_balance_words(case, said * ACTIVITY_UNITS[unit])}",
            f"Reads the number of the header as {unit}.",
            {"injected_activity_bq": said * ACTIVITY_UNITS[unit]},
        )
        for unit in ("MBq", "kBq", "Bq", "µCi", "mCi")
    )


def _balance_words(case: _Case, dose_bq: float) -> str:
    balance, now = case.assessment.balance, case.assessment.dose_bq
    if balance is None or now is None or dose_bq <= 0:
        return ""
    return f": {balance.ratio * now.value / dose_bq:.3g} of it in the image"


def _decay_rule(case: _Case) -> tuple[Choice, ...]:
    words = {
        "START": "corrected to the start of the scan",
        "ADMIN": "corrected to the injection",
        "NONE": "not corrected",
    }
    found = []
    start = _first_factor(case.with_value("decay_rule", "START"))
    for rule in DECAY_RULES:
        factor = _first_factor(case.with_value("decay_rule", rule))
        effect = ""
        if factor is not None and start:
            effect = "" if rule == "START" else f" SUV {100.0 * (factor / start - 1.0):+.1f} % against START."
        found.append(
            Choice(f"{rule}: {words[rule]}", f"Decay was {words[rule]}.{effect}", {"decay_rule": rule})
        )
    return tuple(found)


def _first_factor(assessment: SuvAssessment | None) -> float | None:
    factor = None if assessment is None else assessment.factor_bw
    return factor[0] if isinstance(factor, tuple) else factor


_CANDIDATES = {
    "E": "stated in the header",
    "S": "series time",
    "A": "earliest acquisition",
    "B": "counted back from the frames",
    "D": "from the decay factors",
    "P": "from the Philips factors",
}


def _reference(case: _Case) -> tuple[Choice, ...]:
    by_time: dict[datetime, list[str]] = {}
    change: dict[datetime, float | None] = {}
    for candidate in case.assessment.candidates:
        moment = candidate.time.replace(microsecond=0)
        by_time.setdefault(moment, []).append(candidate.name)
        change.setdefault(moment, candidate.change_pct)
    found = []
    for moment, letters in by_time.items():
        percent = change[moment]
        effect = "" if percent is None else f", SUV {percent:+.2f} %"
        exact = next(c.time for c in case.assessment.candidates if c.time.replace(microsecond=0) == moment)
        found.append(
            Choice(
                f"{moment:%H:%M:%S}{effect}",
                "; ".join(f"{letter}: {_CANDIDATES[letter]}" for letter in letters)
                + f" ({moment:%Y-%m-%d}).",
                {"reference_time": exact},
            )
        )
    return tuple(found)


def _injections(case: _Case) -> tuple[Choice, ...]:
    found = []
    for number, item in enumerate(case.header.radiopharmaceuticals):
        dose = (
            ""
            if item.total_dose is None
            else f"{item.total_dose:g} {'MBq' if case.header.is_enhanced else 'Bq'}"
        )
        name = item.nuclide_meaning or item.tracer_meaning or item.radiopharmaceutical or ""
        when = item.start_datetime or item.start_time or ""
        words = ", ".join(part for part in (name, dose, when) if part)
        found.append(
            Choice(f"{number + 1}: {words}", "Uses this injection.", {"radiopharmaceutical_index": number})
        )
    return tuple(found)


def _attenuation(case: _Case) -> tuple[Choice, ...]:
    return (
        Choice(
            "Accept as not quantitative",
            "Computes SUV all the same and labels it NAC.",
            {"accept_missing_attenuation": True},
        ),
    )


def _days(case: _Case) -> tuple[Choice, ...]:
    """The days on which the clock of the header can have been read, with what each means."""
    if case.item is None:
        return ()
    written = parse_datetime(case.item.start_datetime)
    clock = parse_time(case.item.start_time)
    if clock is None and written is not None:
        day = written.clock.replace(hour=0, minute=0, second=0, microsecond=0)
        clock = written.clock - day
    reference = case.assessment.reference_time
    near = reference.value if reference is not None else None
    if near is None and case.assessment.candidates:
        near = case.assessment.candidates[0].time
    if clock is None or near is None:
        return ()
    found = []
    for days in range(4):
        moment = combine(near.date() - timedelta(days=days), clock)
        if moment is None or (near - moment).total_seconds() < thresholds.EARLIEST_UPTAKE_S:
            continue
        hours = (near - moment).total_seconds() / 3600.0
        which = ("day of the scan", "day before", "two days before", "three days before")[days]
        found.append(
            Choice(
                f"{moment:%Y-%m-%d %H:%M} = {hours:.1f} h p.i.",
                f"The {which}.",
                {"administration_time": moment},
            )
        )
    return tuple(found[:3])


def _confirm_time(case: _Case) -> tuple[Choice, ...]:
    found = case.assessment.administration_time
    if found is None:
        return ()
    return (
        Choice(
            f"Confirm {found.value:%Y-%m-%d %H:%M}",
            "Takes this date and time as entered.",
            {"administration_time": found.value},
        ),
        *(c for c in _days(case) if c.values["administration_time"] != found.value),
    )


def _units(case: _Case) -> tuple[Choice, ...]:
    found = [
        Choice("Bq/mL", "The values are activity concentrations in Bq/mL.", {"units": "BQML"}),
        Choice("kBq/mL", "The values are activity concentrations in kBq/mL.", {"units": "KBQML"}),
        Choice("SUVbw", "The values are SUV by body weight already.", {"units": "SUV"}),
        Choice("%ID/g", "The values are per cent of the injected activity per gram.", {"units": "%ID/G"}),
    ]
    name = (case.header.units or "").upper()
    if name == "CPS" and case.header.dose_calibration_factor:
        found.insert(
            0,
            Choice(
                "Calibrate counts/s",
                "Uses DoseCalibrationFactor (0054,1322) and the voxel volume.",
                {"use_dose_calibration": True},
            ),
        )
    if case.header.canon_suv_text:
        found.insert(
            0,
            Choice(
                f"SUVbw × 100 ({case.header.canon_suv_text})",
                "As the private element of the maker says.",
                {"accept_canon_suv_x100": True},
            ),
        )
    return tuple(found)


def _half_life(case: _Case) -> tuple[Choice, ...]:
    nuclide, half_life = case.assessment.nuclide, case.assessment.half_life_s
    known = None if nuclide is None else nuclide_named(nuclide.value)
    found = []
    if known is not None:
        found.append(
            Choice(
                f"Table: {known.name}, {known.half_life_s:g} s",
                "Uses the tabulated half-life.",
                {"nuclide": known.name},
            )
        )
    if half_life is not None:
        found.append(
            Choice(
                f"Header: {half_life.value:g} s", "Confirms the number of the header.",
                {"half_life_s": half_life.value},
            )
        )  # fmt: skip
    return tuple(found)


def _height(case: _Case) -> tuple[Choice, ...]:
    height = case.assessment.height_m
    if height is None:
        return ()
    return (
        Choice(f"Confirm {height.value:g} m", "Takes the height as entered.", {"height_m": height.value}),
    )


_CHOICES: dict[str, Callable[[_Case], tuple[Choice, ...]]] = {
    **dict.fromkeys(("W-WEIGHT-ANIMAL", "W-WEIGHT-GRAMS", "W-WEIGHT-IMPLAUSIBLE"), _weight),
    **dict.fromkeys(
        ("W-DOSE-MBQ", "W-DOSE-LOW", "W-DOSE-ENHANCED-BQ", "W-DOSE-NM-BQ", "W-DOSE-GE-PRIVATE"), _dose_unit
    ),
    **dict.fromkeys(
        (
            "E-DECY-NONE", "E-DC-MISSING", "E-DECY-ABSENT", "W-DC-MISSING", "W-DECY-ABSENT",
            "W-NONE-HAS-DECAYFACTOR", "W-ADMIN-LOOKS-LIKE-START",
        ),
        _decay_rule,
    ),
    **dict.fromkeys(
        (
            "W-REFTIME-B", "W-REFTIME-D", "W-REFTIME-P", "W-REFTIME-CONFLICT", "W-SERIESTIME-REWRITTEN",
            "W-FRT-ZERO", "W-BACKCOMP-SPREAD", "W-REFTIME-MINACQ",
        ),
        _reference,
    ),
    "E-MULTI-RP": _injections,
    "E-NO-ATTN": _attenuation,
    "E-ADMIN-DATE": _days,
    **dict.fromkeys(
        ("W-ADMIN-DATE-INFERRED", "W-ADMIN-DATE-IMPLAUSIBLE", "W-MIDNIGHT", "I-UPTAKE-DAYS"), _confirm_time
    ),
    **dict.fromkeys(("E-UNITS", "I-CANON-SUV", "I-MOLECUBES-SUV"), _units),
    **dict.fromkeys(("W-HALFLIFE", "W-HALFLIFE-UNIT", "W-NUCLIDE-CONTRADICTION"), _half_life),
    "W-HEIGHT-CM": _height,
}  # fmt: skip

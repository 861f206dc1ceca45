"""What has to be entered before SUV can be worked out, all of it at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from atsm_viewer.app.dose_choices import Choice, choices_for
from atsm_viewer.app.dose_fields import DOSE_FIELDS, DoseField, dose_field
from atsm_viewer.app.dose_problems import field_of_code
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.assessment import SuvAssessment
from atsm_viewer.domain.suv.of_scan import assess_scan


@dataclass(frozen=True, slots=True)
class MissingFact:
    """One value that is asked for.

    Parameters
    ----------
    field
        Which field of the dose card.
    code
        The rule that asks.
    reason
        Why it is needed, in words.
    choices
        Answers that can be chosen instead of typed.
    """

    field: DoseField
    code: str
    reason: str
    choices: tuple[Choice, ...] = ()


_ROUNDS = 12


def missing_facts(scan: Scan, administration: Administration) -> tuple[MissingFact, ...]:
    """Return every fact that stands between the scan and its SUV, in the order of the card.

    One missing fact can hide another (without a unit nobody asks for the dose), so each one found
    is answered with a stand-in and the rules are asked again. The stand-ins never leave this function.
    """
    found: dict[str, MissingFact] = {}
    pretended = administration
    for _ in range(_ROUNDS):
        assessment = assess_scan(scan, pretended)
        if assessment is None or assessment.available:
            break
        stand_ins: dict[str, Sourced[Any]] = {}
        for notice in assessment.notices:
            field_id = field_of_code(notice.code)
            if notice.severity is not Severity.ERROR or not field_id:
                continue
            choices = choices_for(notice.code, scan, pretended, assessment)
            found.setdefault(field_id, MissingFact(dose_field(field_id), notice.code, notice.text, choices))
            stand_ins[field_id] = Sourced(_stand_in(field_id, assessment, pretended), Provenance.ASSUMED)
        if not stand_ins:
            break
        pretended = replace(pretended, entered=replace(pretended.entered, **stand_ins))
    order = [f.id for f in DOSE_FIELDS]
    return tuple(sorted(found.values(), key=lambda fact: order.index(fact.field.id)))


def missing_words(facts: tuple[MissingFact, ...]) -> str:
    """Return the names of missing facts as part of a sentence; empty for none."""
    names = [_SHORT.get(fact.code, fact.field.name) for fact in facts]
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more facts"
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)


_SHORT = {
    "E-ADMIN-DATE": "injection date",
    "E-NO-ATTN": "attenuation correction",
    "E-UNITS": "unit of the stored values",
    "E-DOSE": "injected activity",
    "E-DOSE-MISSING": "injected activity",
}


def _stand_in(field_id: str, assessment: SuvAssessment, administration: Administration) -> Any:
    given = administration.entered.administration_time
    scan_start = (
        assessment.reference_time.value
        if assessment.reference_time is not None
        else assessment.candidates[0].time
        if assessment.candidates
        else (given.value if given is not None else datetime(2000, 1, 1)) + timedelta(hours=1)
    )
    return {
        "units": "BQML",
        "calibration_factor": 1.0,
        "accept_missing_attenuation": True,
        "decay_rule": "START",
        "weight_kg": 1.0,
        "height_m": 1.7,
        "sex": "M",
        "injected_activity_bq": 1e8,
        "residual_activity_bq": 0.0,
        "nuclide": "Cu-64",
        "half_life_s": 45722.16,
        "administration_time": scan_start - timedelta(hours=1),
        "reference_time": scan_start,
        "radiopharmaceutical_index": 0,
    }[field_id]

"""What the dose card says about one subject in one scan."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from atsm_viewer.app.dose_choices import Choice, choices_for
from atsm_viewer.app.dose_fields import DOSE_FIELDS, DoseField
from atsm_viewer.app.dose_problems import problems_of
from atsm_viewer.app.missing_facts import MissingFact, missing_facts, missing_words
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Vec3
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.assessment import SuvAssessment
from atsm_viewer.domain.suv.explain import worked_sum
from atsm_viewer.domain.suv.of_scan import assess_scan

_SHORT = {Provenance.PRIVATE: "private", Provenance.STUDY_TABLE: "table"}


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field as it stands.

    Parameters
    ----------
    field
        Its declaration.
    value
        The value that counts, in base units; None when unknown.
    source, source_detail
        Where it came from, in one word and in full; empty when unknown.
    entered
        Whether it was entered and can be withdrawn.
    otherwise
        What would count without the entered value, in words.
    problems
        What is doubtful about it.
    choices
        What can be chosen instead of typed.
    note
        What follows without anything to do, for example a species that was inferred.
    """

    field: DoseField
    value: Any
    source: str
    source_detail: str
    entered: bool
    otherwise: str
    problems: tuple[Notice, ...]
    choices: tuple[Choice, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class DoseCard:
    """The card of one subject in one scan.

    Parameters
    ----------
    administration_id, subject_id
        Whose card; empty when no scan is open.
    hours_text, hours_caption
        Hours after injection for large type, and what they count.
    available
        Whether SUV is available.
    verdict
        By which rules, or why not.
    missing
        What has to be entered first.
    decay_text, sum_text, sum_caption, balance_text
        Decay factor, worked sum and activity balance in words; empty when unknown.
    balance_suspect
        Whether the balance needs a look.
    fields
        Every field that plays a part.
    general
        Doubts about the scan as a whole.
    """

    administration_id: str = ""
    subject_id: str = ""
    hours_text: str = ""
    hours_caption: str = ""
    available: bool = False
    verdict: str = "No scan is open."
    missing: tuple[MissingFact, ...] = ()
    decay_text: str = ""
    sum_text: str = ""
    sum_caption: str = ""
    balance_text: str = ""
    balance_suspect: bool = False
    fields: tuple[FieldView, ...] = ()
    general: tuple[Notice, ...] = ()


def dose_card(
    state: SessionState,
    scan_id: str,
    subject_id: str = "",
    frame: int = 0,
    position_lps: Vec3 | None = None,
) -> DoseCard:
    """Return the card of a subject of a scan.

    Parameters
    ----------
    state, scan_id
        Which scan.
    subject_id
        Which subject; empty for the first one.
    frame, position_lps
        Where the worked sum takes its concentration from (LPS mm).
    """
    scan = next((s for s in state.scans if s.id == scan_id), None)
    if scan is None:
        return DoseCard()
    slot = scan.slot_of(subject_id) or scan.first_slot
    administration, subject = state.administration(slot.administration_id), state.subject(slot.subject_id)
    assessment = assess_scan(scan, administration)
    if assessment is None:
        return DoseCard(
            administration.id,
            subject.id,
            verdict="SUV is not available: the file says nothing about units, dose or time. T/M is shown.",
        )
    missing = () if assessment.available else missing_facts(scan, administration)
    hours, caption = _hours(assessment, _instance(scan, frame, 0))
    sum_text, sum_caption = _sum(scan, assessment, frame, position_lps)
    views = tuple(
        _view(f, scan, administration, subject, assessment)
        for f in DOSE_FIELDS
        if _plays_a_part(f, scan, administration, assessment)
    )
    shown = {n for view in views for n in view.problems}
    balance_text, suspect = _balance(assessment)
    return DoseCard(
        administration_id=administration.id,
        subject_id=subject.id,
        hours_text=hours,
        hours_caption=caption,
        available=assessment.available,
        verdict=_verdict(assessment, missing),
        missing=missing,
        decay_text=_decay(assessment, _instance(scan, frame, 0)),
        sum_text=sum_text,
        sum_caption=sum_caption,
        balance_text=balance_text,
        balance_suspect=suspect,
        fields=views,
        general=tuple(
            n for n in assessment.notices
            if n not in shown and n.severity is not Severity.INFO and n.code != "W-ACTIVITY-BALANCE"
        ),
    )  # fmt: skip


def _instance(scan: Scan, frame: int, k: int) -> int:
    rows = scan.pet_instance_tk
    return rows[frame][k] if frame < len(rows) else 0


def _of(value: float | tuple[float, ...] | None, instance: int) -> float | None:
    return value[instance] if isinstance(value, tuple) else value


def _hours(a: SuvAssessment, instance: int) -> tuple[str, str]:
    uptake, caption = _of(a.uptake_s, instance), "after injection"
    if uptake is None and a.administration_time is not None and a.candidates:
        first = next((c for c in a.candidates if c.name == "A"), a.candidates[0])
        uptake, caption = (first.time - a.administration_time.value).total_seconds(), "injection to scan"
    if uptake is None:
        return "– h p.i.", "time after injection unknown"
    if any(n.code == "I-SIEMENS-ASSAY" for n in a.notices):
        caption = "since the reference of the dose"
    if isinstance(a.uptake_s, tuple) and len(set(a.uptake_s)) > 1:
        caption = "after injection, first image"
    return f"{uptake / 3600.0:.2f} h p.i.".replace("-", "−"), caption


def _verdict(a: SuvAssessment, missing: tuple[MissingFact, ...]) -> str:
    if a.available:
        return f"SUVbw by {a.path}."
    if missing:
        return f"SUV not available: {missing_words(missing)} missing."
    return f"SUV not available: {a.reason}"


def _decay(a: SuvAssessment, instance: int) -> str:
    left = _of(a.decayed_dose_bq, instance)
    if left is None or a.dose_bq is None or a.dose_bq.value <= 0:
        return ""
    factor = left / a.dose_bq.value
    return f"Decay factor {factor:.4g}: {activity_text(left)} of {activity_text(a.dose_bq.value)} left."


def activity_text(bq: float) -> str:
    """Return an activity in MBq, or kBq below 0.1 MBq."""
    return f"{bq / 1e6:.4g} MBq" if bq >= 1e5 else f"{bq / 1e3:.4g} kBq"


def _sum(scan: Scan, a: SuvAssessment, frame: int, position_lps: Vec3 | None) -> tuple[str, str]:
    if not a.available or a.to_bq_ml is None or a.dose_bq is None or a.weight_kg is None:
        return "", ""
    index = None if position_lps is None else scan.pet_geometry.nearest_index(position_lps)
    if scan.pet is None or index is None or frame >= scan.pet.n_frames:
        return worked_sum(a, 1e5, _instance(scan, frame, 0)), "For example"
    instance = _instance(scan, frame, index[0])
    stored, factor = float(np.asarray(scan.pet.frame_kji(frame)[index])), _of(a.to_bq_ml, instance)
    if factor is None or not math.isfinite(stored):
        return worked_sum(a, 1e5, instance), "For example"
    return worked_sum(a, stored * factor, instance), "At the crosshair"


def _balance(a: SuvAssessment) -> tuple[str, bool]:
    found = a.balance
    if found is None:
        return "", False
    low, high = found.expected
    words = f"{found.ratio:.3g} of the dose lies in the image (usual {low:g} to {high:g})"
    if found.is_suspect:
        return f"{words}: it does not fit. Nearest: {found.explanation}.", True
    return f"{words}: {'it fits' if low <= found.ratio <= high else 'plausible, but unusual'}.", False


# -- fields --------------------------------------------------------------------------------

_ONLY_WHEN_ASKED = (
    "calibration_factor",
    "accept_missing_attenuation",
    "use_dose_calibration",
    "accept_canon_suv_x100",
)
_RESOLVED = {
    "weight_kg": "weight_kg",
    "height_m": "height_m",
    "sex": "sex",
    "nuclide": "nuclide",
    "half_life_s": "half_life_s",
    "administration_time": "administration_time",
    "injected_activity_bq": "dose_bq",
    "units": "units",
    "decay_rule": "decay_rule",
    "reference_time": "reference_time",
}
"""Fields that the rules resolve, and where the assessment keeps them."""


def _plays_a_part(f: DoseField, scan: Scan, administration: Administration, a: SuvAssessment) -> bool:
    entered = getattr(administration.entered, f.id, None)
    if f.humans_only:
        return not a.is_animal or entered is not None
    if f.id == "density_g_ml":
        return entered is not None or (a.units is not None and a.units.value == "%ID/G")
    if f.id == "radiopharmaceutical_index" and scan.pet_facts is not None:
        return entered is not None or len(scan.pet_facts.distinct[0].radiopharmaceuticals) > 1
    if f.id in _ONLY_WHEN_ASKED:
        return entered is not None or bool(problems_of(a.notices, f.id))
    return True


def _view(
    f: DoseField, scan: Scan, administration: Administration, subject: Subject, a: SuvAssessment
) -> FieldView:
    entered = _entered(f, administration)
    resolved = _resolved(f, scan, administration, subject, a)
    otherwise = ""
    if entered is not None:
        without = _without(f, administration)
        other = assess_scan(scan, without)
        back = None if other is None else _resolved(f, scan, without, subject, other)
        otherwise = "nothing is known" if back is None else f"{_shown(f, back.value)}, {back.described()}"
    computed = f.id == "injected_activity_bq" and administration.entered.assay_activity_bq is not None
    source, detail = "", ""
    if resolved is not None:
        source = (
            "computed"
            if computed and entered is None
            else _SHORT.get(resolved.provenance, resolved.provenance.value)
        )
        detail = resolved.described()
    problems = problems_of(a.notices, f.id)
    choices: dict[str, Choice] = {}
    for notice in problems:
        for choice in choices_for(notice.code, scan, administration, a):
            choices.setdefault(choice.label, choice)
    note = ""
    if f.id == "species" and resolved is None:
        note = "taken for an animal, by scanner or grid" if a.is_animal else "taken for a person"
    return FieldView(
        field=f, value=None if resolved is None else resolved.value, source=source, source_detail=detail,
        entered=entered is not None, otherwise=otherwise, problems=problems,
        choices=tuple(choices.values()), note=note,
    )  # fmt: skip


def _shown(f: DoseField, value: Any) -> str:
    unit = f.best_unit(value)
    return f"{f.show(value, unit)} {unit}".strip()


def _entered(f: DoseField, administration: Administration) -> Sourced[Any] | None:
    if f.id == "tracer":
        return administration.tracer
    found: Sourced[Any] | None = getattr(administration.entered, f.id, None)
    return found


def _without(f: DoseField, administration: Administration) -> Administration:
    if f.id == "tracer":
        return replace(administration, tracer=None)
    return replace(administration, entered=replace(administration.entered, **{f.id: None}))


def _resolved(
    f: DoseField, scan: Scan, administration: Administration, subject: Subject, a: SuvAssessment
) -> Sourced[Any] | None:
    if f.id == "subject_id":
        return Sourced(subject.label, Provenance.ASSUMED, "pseudonym")
    if f.id == "tracer":
        return administration.tracer or a.tracer
    found: Sourced[Any] | None = (
        getattr(a, _RESOLVED[f.id]) if f.id in _RESOLVED else getattr(administration.entered, f.id)
    )
    header = scan.pet_facts.distinct[0] if scan.pet_facts is not None else None
    if found is None and f.id == "species":
        if subject.species:
            return Sourced(subject.species, Provenance.STUDY_TABLE)
        if header is not None and header.patient_species:
            return Sourced(header.patient_species, Provenance.HEADER, "(0010,2201)")
    if found is None and f.id == "units" and header is not None and header.units:
        return Sourced(header.units, Provenance.HEADER, "(0054,1001)")
    return found if found is not None else _entered(f, administration)

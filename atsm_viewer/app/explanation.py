"""The way from stored values to SUV in words, fit for a methods section or a bug report."""

from __future__ import annotations

from atsm_viewer.app.dose_card import dose_card
from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.assessment import SuvAssessment
from atsm_viewer.domain.suv.explain import explain, worked_sum
from atsm_viewer.domain.suv.of_scan import assess_scan

_EXAMPLE_BQ_ML = 1e5


def explanation(state: SessionState, scan_id: str, subject_id: str = "") -> tuple[str, ...]:
    """Return the decision path of a scan, one step per line, with what the alternatives would change.

    Parameters
    ----------
    state, scan_id
        Which scan.
    subject_id
        Which subject; empty for the first one.
    """
    scan = state.scan(scan_id)
    slot = scan.slot_of(subject_id) or scan.first_slot
    assessment = assess_scan(scan, state.administration(slot.administration_id))
    if assessment is None:
        return ("Nothing is known about units, dose or time.",)
    lines = explain(assessment)
    lines += _alternatives(assessment)
    if assessment.available and assessment.to_bq_ml is not None and assessment.dose_bq is not None:
        lines.append(f"For example: {worked_sum(assessment, _EXAMPLE_BQ_ML)}.")
    card = dose_card(state, scan_id, slot.subject_id)
    if card.balance_text:
        lines.append(f"Activity balance: {card.balance_text}")
    if card.missing:
        names = ", ".join(fact.field.name for fact in card.missing)
        lines.append(f"To be entered: {names}.")
    lines += [f"{n.code}: {n.text}" for n in assessment.notices if n.severity is Severity.INFO]
    return tuple(lines)


_NAMES = {
    "E": "stated in the header",
    "S": "series time",
    "A": "earliest acquisition",
    "B": "counted back from the frames",
    "D": "from the decay factors",
    "P": "from the Philips factors",
}


def _alternatives(assessment: SuvAssessment) -> list[str]:
    lines = []
    for candidate in assessment.candidates:
        change = "" if candidate.change_pct is None else f": SUV {candidate.change_pct:+.2f} %"
        lines.append(
            f"Reference time candidate {candidate.name} ({_NAMES[candidate.name]}) {candidate.time}{change}."
        )
    return lines

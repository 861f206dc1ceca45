"""To which time the pixel values are decay corrected: START, ADMIN or NONE."""

from __future__ import annotations

from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.facts import PetFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.overrides import SuvOverrides

RULES = ("START", "ADMIN", "NONE")


def resolve_decay_rule(facts: PetFacts, overrides: SuvOverrides, findings: Findings) -> Sourced[str] | None:
    """Return the decay rule from CorrectedImage (0028,0051) and DecayCorrection (0054,1102).

    Enhanced PET says DecayCorrected (0018,9758) instead: YES counts as START with its stated
    DecayCorrectionDateTime, NO as NONE.
    """
    if overrides.decay_rule is not None and overrides.decay_rule.value.upper() in RULES:
        return Sourced(
            overrides.decay_rule.value.upper(), overrides.decay_rule.provenance, overrides.decay_rule.detail
        )
    first = facts.distinct[0]
    factors = [f.decay_factor for f in facts.distinct if f.decay_factor is not None]
    declared = (first.decay_correction or "").upper()
    if declared not in RULES and (first.decay_corrected or "").upper() in ("YES", "NO"):
        rule = "START" if _enhanced_says_yes(facts) else "NONE"
        _check_none(rule, factors, findings)
        return Sourced(rule, Provenance.HEADER, "(0018,9758)")
    listed = "DECY" in {c.upper() for c in first.corrected_image}
    if declared not in RULES:
        unknown = f"It says {declared}." if declared else ""
        if not listed:
            findings.add(Stage.DECAY, "E-DC-MISSING", unknown)
            return None
        findings.add(Stage.DECAY, "W-DC-MISSING", unknown)
        return Sourced("START", Provenance.ASSUMED, "decay is listed as corrected")
    if listed and declared == "NONE":
        findings.add(Stage.DECAY, "E-DECY-NONE")
        return None
    if not listed and declared != "NONE" and not _enhanced_says_yes(facts):
        findings.add(Stage.DECAY, "W-DECY-ABSENT")
        starts = {(f.acquisition_date, f.acquisition_time, f.acquisition_datetime) for f in facts.distinct}
        if len(starts) > 1 and len(factors) == len(facts.distinct) and all(v == 1.0 for v in factors):
            findings.add(Stage.DECAY, "E-DECY-ABSENT")
            return None
    _check_none(declared, factors, findings)
    return Sourced(declared, Provenance.HEADER, "(0054,1102)")


def _enhanced_says_yes(facts: PetFacts) -> bool:
    return (facts.distinct[0].decay_corrected or "").upper() == "YES"


def _check_none(rule: str, factors: list[float], findings: Findings) -> None:
    if rule == "NONE" and any(value > 1.0 for value in factors):
        findings.add(Stage.DECAY, "W-NONE-HAS-DECAYFACTOR")

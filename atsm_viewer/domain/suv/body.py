"""Weight, height and sex."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.facts import InstanceFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.overrides import SuvOverrides


@dataclass(frozen=True, slots=True)
class Body:
    """The resolved body of the subject; None where unknown.

    Parameters
    ----------
    weight_kg, height_m, sex
        Sex is ``M``, ``F`` or ``O``.
    """

    weight_kg: Sourced[float] | None
    height_m: Sourced[float] | None
    sex: Sourced[str] | None


def resolve_body(facts: InstanceFacts, overrides: SuvOverrides, is_animal: bool, findings: Findings) -> Body:
    """Return weight (0010,1030), height (0010,1020) and sex (0010,0040), checked."""
    return Body(
        _weight(facts, overrides, is_animal, findings),
        _height(facts, overrides, is_animal, findings),
        _sex(facts, overrides),
    )


def _weight(
    facts: InstanceFacts, overrides: SuvOverrides, is_animal: bool, findings: Findings
) -> Sourced[float] | None:
    entered = overrides.weight_kg
    if entered is not None:
        if entered.value > 0:
            return entered
        findings.add(Stage.BODY, "E-WEIGHT", f"{entered.value:g} kg was entered.")
        return None
    weight = facts.patient_weight_kg
    if weight is None or weight <= 0:
        findings.add(Stage.BODY, "E-WEIGHT")
        return None
    detail = "(0010,1030)"
    if weight >= thresholds.GRAMS_FROM_KG:
        findings.add(Stage.BODY, "W-WEIGHT-GRAMS", f"The header says {weight:g}.")
        weight, detail = weight / 1000.0, "(0010,1030), taken as g"
    elif is_animal and weight >= thresholds.ANIMAL_KG:
        findings.add(Stage.BODY, "W-WEIGHT-ANIMAL", f"The header says {weight:g} kg.", change_pct=-99.9)
    low, high = thresholds.HUMAN_KG
    if not is_animal and not low <= weight <= high:
        findings.add(Stage.BODY, "W-WEIGHT-IMPLAUSIBLE", f"It is {weight:g} kg.")
    return Sourced(weight, Provenance.HEADER, detail)


def _height(
    facts: InstanceFacts, overrides: SuvOverrides, is_animal: bool, findings: Findings
) -> Sourced[float] | None:
    low, high = thresholds.POSSIBLE_HEIGHT
    entered = overrides.height_m
    if entered is not None:
        return entered if low <= entered.value <= high else None
    height = facts.patient_size_m
    if height is None or not low <= height <= high:
        return None
    if height > thresholds.CENTIMETRES_FROM_M and not is_animal:
        findings.add(Stage.BODY, "W-HEIGHT-CM", f"The header says {height:g}.")
        return Sourced(height / 100.0, Provenance.HEADER, "(0010,1020), taken as cm")
    return Sourced(height, Provenance.HEADER, "(0010,1020)")


def _sex(facts: InstanceFacts, overrides: SuvOverrides) -> Sourced[str] | None:
    sex = overrides.sex or Sourced(facts.patient_sex or "", Provenance.HEADER, "(0010,0040)")
    letter = sex.value.strip().upper()
    return Sourced(letter, sex.provenance, sex.detail) if letter in ("M", "F", "O") else None

"""Whether the instances are one series, and which injection applies."""

from __future__ import annotations

from collections.abc import Callable

from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts, RadiopharmaceuticalFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.overrides import SuvOverrides

_ONE_PER_SERIES: tuple[tuple[str, Callable[[InstanceFacts], object], tuple[str, ...]], ...] = (
    ("Units (0054,1001)", lambda f: f.units, ("units",)),
    ("SUVType (0054,1006)", lambda f: f.suv_type, ("units",)),
    ("CorrectedImage (0028,0051)", lambda f: frozenset(f.corrected_image), ()),
    ("DecayCorrection (0054,1102)", lambda f: (f.decay_correction, f.decay_corrected), ("decay_rule",)),
    ("PatientWeight (0010,1030)", lambda f: f.patient_weight_kg, ("weight_kg",)),
    (
        "RadionuclideTotalDose (0018,1074)",
        lambda f: tuple(item.total_dose for item in f.radiopharmaceuticals),
        ("injected_activity_bq", "assay_activity_bq"),
    ),
    (
        "RadionuclideHalfLife (0018,1075)",
        lambda f: tuple(item.half_life_s for item in f.radiopharmaceuticals),
        ("half_life_s", "nuclide"),
    ),
)
"""What must be equal, and the entered values that make a difference harmless."""


def differing_tags(facts: PetFacts, overrides: SuvOverrides) -> tuple[str, ...]:
    """Return the tags that differ between instances and are not replaced by an entered value."""
    entered = set(overrides.entered())
    return tuple(
        tag
        for tag, value, settled_by in _ONE_PER_SERIES
        if not entered & set(settled_by) and len({value(f) for f in facts.distinct}) > 1
    )


def choose_radiopharmaceutical(
    facts: PetFacts, overrides: SuvOverrides, findings: Findings
) -> RadiopharmaceuticalFacts | None:
    """Return the injection that applies; an empty one when the header lists none.

    None, with E-MULTI-RP, when several different ones are listed and neither the agent number of the
    frames nor a person says which.
    """
    items = facts.distinct[0].radiopharmaceuticals
    wanted = overrides.radiopharmaceutical_index
    if wanted is not None and 0 <= wanted.value < len(items):
        return items[wanted.value]
    if _all_entered(overrides):
        return items[0] if len(items) == 1 else RadiopharmaceuticalFacts()
    different = tuple(dict.fromkeys(items))
    if len(different) <= 1:
        return different[0] if different else RadiopharmaceuticalFacts()
    numbers = {f.radiopharmaceutical_agent_number for f in facts.distinct}
    if len(numbers) == 1 and None not in numbers:
        matching = [item for item in different if item.agent_number in numbers]
        if len(matching) == 1:
            return matching[0]
    findings.add(Stage.RADIOPHARMACEUTICAL, "E-MULTI-RP", f"It lists {len(different)}.")
    return None


def _all_entered(overrides: SuvOverrides) -> bool:
    """Return whether nothing of the header's injection is left in force."""
    activity = overrides.injected_activity_bq or overrides.assay_activity_bq
    decay = overrides.half_life_s or overrides.nuclide
    return activity is not None and decay is not None and overrides.administration_time is not None

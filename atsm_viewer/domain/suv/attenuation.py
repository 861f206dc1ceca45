"""Whether the image is corrected for attenuation."""

from __future__ import annotations

from atsm_viewer.domain.suv.facts import InstanceFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.overrides import SuvOverrides

_OTHERS = ("NORM", "DTIM", "SCAT", "DCAL")


def check_attenuation(
    facts: InstanceFacts, overrides: SuvOverrides, is_animal: bool, findings: Findings
) -> None:
    """Refuse people without ATTN in CorrectedImage (0028,0051), warn for animals."""
    listed = {value.upper() for value in facts.corrected_image}
    if "ATTN" not in listed and (facts.attenuation_corrected or "").upper() != "YES":
        accepted = overrides.accept_missing_attenuation
        if accepted is not None and accepted.value:
            findings.add(Stage.ATTENUATION, "W-NAC")
        else:
            findings.add(Stage.ATTENUATION, "W-NO-ATTN" if is_animal else "E-NO-ATTN")
    missing = [name for name in _OTHERS if name not in listed]
    if not any(value.startswith("RAN") for value in listed):
        missing.append("RAN")
    if listed and missing:
        findings.add(Stage.ATTENUATION, "I-CORRECTIONS", f"Not listed: {', '.join(missing)}.")

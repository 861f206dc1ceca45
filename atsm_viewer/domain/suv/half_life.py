"""Which nuclide, and its half-life."""

from __future__ import annotations

import math

from atsm_viewer.domain.radionuclide import (
    TABLE,
    Radionuclide,
    nuclide_in_text,
    nuclide_named,
    nuclide_of_code,
    nuclide_with_half_life,
)
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.facts import InstanceFacts, RadiopharmaceuticalFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.overrides import SuvOverrides


def declared_nuclide(
    item: RadiopharmaceuticalFacts, header: InstanceFacts, findings: Findings
) -> Sourced[Radionuclide] | None:
    """Return the nuclide that codes or, failing that, texts of the header name.

    The series description is never used: it is not a statement about the injection.
    """
    coded = nuclide_of_code(item.nuclide_scheme or "", item.nuclide_code or "") or nuclide_of_code(
        item.tracer_scheme or "", item.tracer_code or ""
    )
    words = (item.nuclide_meaning, item.radiopharmaceutical, item.tracer_meaning, header.ge_tracer_name)
    named = next((found for word in words if word and (found := nuclide_in_text(word))), None)
    if coded is not None:
        if named is not None and named != coded:
            findings.add(Stage.HALF_LIFE, "W-NUCLIDE-CONTRADICTION", f"Code {coded.name}, text {named.name}.")
        return Sourced(coded, Provenance.HEADER, "(0054,0300)")
    return None if named is None else Sourced(named, Provenance.INFERRED, "text of the radiopharmaceutical")


def resolve_half_life(
    item: RadiopharmaceuticalFacts,
    header: InstanceFacts,
    overrides: SuvOverrides,
    needed: bool,
    findings: Findings,
) -> tuple[Sourced[Radionuclide] | None, Sourced[float] | None]:
    """Return nuclide and half-life in s; the second is None with E-HALFLIFE if it is needed.

    Order: entered half-life, entered nuclide, RadionuclideHalfLife (0018,1075), GE private element,
    table entry of the declared nuclide.
    """
    declared = declared_nuclide(item, header, findings)
    entered = overrides.nuclide
    known = None if entered is None else nuclide_named(entered.value)
    if entered is not None and known is not None:
        declared = Sourced(known, entered.provenance, entered.detail)
    if overrides.half_life_s is not None:
        return declared, overrides.half_life_s
    if entered is not None:
        if known is None:
            findings.add(Stage.HALF_LIFE, "E-HALFLIFE", f"{entered.value} is not in the table.")
            return declared, None
        return declared, Sourced(known.half_life_s, entered.provenance, f"table, {known.name}")
    for value, provenance, detail in (
        (item.half_life_s, Provenance.HEADER, "(0018,1075)"),
        (header.ge_half_life_s, Provenance.PRIVATE, "GE (0009,xx3F)"),
    ):
        if value is not None and value > 0:
            return _with_nuclide(declared, value), Sourced(value, provenance, detail)
    if declared is not None:
        findings.add(
            Stage.HALF_LIFE,
            "I-HALFLIFE-INFERRED",
            f"{declared.value.name}, {declared.value.half_life_s:g} s.",
        )
        inferred = Sourced(declared.value.half_life_s, Provenance.INFERRED, f"table, {declared.value.name}")
        return declared, inferred
    if needed:
        hint = nuclide_in_text(header.series_description or "")
        findings.add(
            Stage.HALF_LIFE, "E-HALFLIFE", f"The series description mentions {hint.name}." if hint else ""
        )
    return None, None


def check_half_life(
    nuclide: Sourced[Radionuclide] | None,
    half_life: Sourced[float],
    uptake_s: float | None,
    findings: Findings,
) -> None:
    """Compare the header's half-life with the table.

    Parameters
    ----------
    nuclide, half_life
        As resolved.
    findings
        Receives what does not fit.
    uptake_s
        Time over which the half-life acts, in s; without it no change of the SUV can be told. A
        wrong unit is reported only if it changes the SUV by more than half a per cent.
    """
    if half_life.provenance not in (Provenance.HEADER, Provenance.PRIVATE):
        return
    value = half_life.value
    declared = None if nuclide is None or nuclide.detail == _FROM_HALF_LIFE else nuclide.value
    looks_like = _in_other_unit(value, declared)
    if looks_like is not None or value < thresholds.SHORTEST_HALF_LIFE_S:
        right = looks_like.half_life_s if looks_like else None
        effect = None if uptake_s is None else _change_pct(uptake_s, value, right)
        if effect is None or abs(effect) > 100.0 * thresholds.AGREE_SUV:
            words = f"The header says {value:g} s" + (f", {looks_like.name} fits." if looks_like else ".")
            findings.add(Stage.HALF_LIFE, "W-HALFLIFE-UNIT", words, effect if looks_like else None)
        return
    if declared is None or abs(value / declared.half_life_s - 1.0) <= thresholds.HALF_LIFE_TOLERANCE:
        return
    other = nuclide_with_half_life(value, thresholds.HALF_LIFE_TOLERANCE)
    effect = None if uptake_s is None else _change_pct(uptake_s, value, declared.half_life_s)
    words = f"{declared.name} has {declared.half_life_s:g} s, the header says {value:g} s"
    if other is not None:
        findings.add(Stage.HALF_LIFE, "W-NUCLIDE-CONTRADICTION", f"{words}, as {other.name}.", effect)
    else:
        findings.add(Stage.HALF_LIFE, "W-HALFLIFE", f"{words}.", effect)


_FROM_HALF_LIFE = "from the half-life"


def _with_nuclide(declared: Sourced[Radionuclide] | None, half_life_s: float) -> Sourced[Radionuclide] | None:
    if declared is not None:
        return declared
    near = nuclide_with_half_life(half_life_s, thresholds.HALF_LIFE_TOLERANCE)
    return None if near is None else Sourced(near, Provenance.INFERRED, _FROM_HALF_LIFE)


def _in_other_unit(value: float, declared: Radionuclide | None) -> Radionuclide | None:
    if nuclide_with_half_life(value, thresholds.HALF_LIFE_TOLERANCE) is not None and declared is None:
        return None
    for nuclide in TABLE if declared is None else (declared,):
        for seconds in (60.0, 3600.0, 86400.0):
            if abs(value * seconds / nuclide.half_life_s - 1.0) <= thresholds.UNIT_TOLERANCE:
                return nuclide
    return None


def _change_pct(uptake_s: float, half_life_s: float, other_s: float | None) -> float:
    """What another half-life would change in the SUV; without one, none at all is the extreme."""
    exponent = uptake_s * ((1.0 / other_s if other_s else 0.0) - 1.0 / half_life_s)
    return 100.0 * (math.pow(2.0, min(exponent, 1000.0)) - 1.0)

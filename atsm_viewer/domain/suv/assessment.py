"""From the facts of a PET series to its SUV factor, with every doubt and every resolved input."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from atsm_viewer.domain.normalisation import kind_of_suv_type
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.attenuation import check_attenuation
from atsm_viewer.domain.suv.balance import ActivityBalance
from atsm_viewer.domain.suv.candidates import Candidate, suv_change_pct
from atsm_viewer.domain.suv.chain import Chain, follow_chain
from atsm_viewer.domain.suv.decay_rule import resolve_decay_rule
from atsm_viewer.domain.suv.facts import PetFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.image_facts import ImageFacts
from atsm_viewer.domain.suv.kinds import KindFactor, other_kinds
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.suv.per_instance import Factor, combine, expand, over, spread
from atsm_viewer.domain.suv.relative_decay import counted_together, relative_factors
from atsm_viewer.domain.suv.sanity import check_balance, check_philips_factors, inform
from atsm_viewer.domain.suv.series_check import differing_tags
from atsm_viewer.domain.suv.stored_suv import override_ratio, stored_kind_factor
from atsm_viewer.domain.suv.timeline import Timeline, read_timeline
from atsm_viewer.domain.suv.units import Stored, Units, resolve_units
from atsm_viewer.domain.suv.vendor import says_animal


@dataclass(frozen=True, slots=True)
class SuvAssessment:
    """How the rescaled values of a series become SUV, or why they do not.

    Parameters
    ----------
    available
        Whether SUVbw can be computed.
    kind_stored
        Kind of SUV that the values already are (``SUVbw``, ``SUVlbm (James)``, …), else None.
    stored_units
        Unit of the rescaled values, upper case; empty when unknown.
    path
        The decision path, for example ``BQML/START/R2:SeriesDateTime/RSDT``; empty when unavailable.
    factor_bw
        SUVbw (g/ml) per rescaled value: one number, or one per instance.
    to_bq_ml, pct_id_per_ml
        The same for Bq/ml (at the reference time) and %ID/ml.
    to_bq_ml_is_derived
        Whether Bq/ml comes from turning back a stored SUV.
    kinds
        The other kinds, each with its factor or the reason why not.
    codes
        Errors, then warnings, in the order of the rules.
    notices
        The same in words, and information.
    reference_time, administration_time
        Resolved times; the reference time for START only.
    uptake_s
        Time from administration to reference; one per instance for NONE.
    decayed_dose_bq
        Injected activity at the reference time; one per instance for NONE; as injected for ADMIN.
    weight_kg, height_m, sex, dose_bq, half_life_s, nuclide, tracer, decay_rule, units
        Resolved inputs with their provenance; None where unknown.
    candidates
        Every derivation of the reference time with what it would change in the SUV.
    is_animal
        Whether an animal was scanned.
    balance
        Activity balance when the image was given.
    relative_factor
        For rule NONE: what makes instances comparable, from times and half-life alone; else None.
    counted_together
        For rule NONE: group of each instance that needs no half-life within; None for stored SUV.
    """

    available: bool
    kind_stored: str | None
    stored_units: str
    path: str
    factor_bw: Factor | None
    to_bq_ml: Factor | None
    to_bq_ml_is_derived: bool
    pct_id_per_ml: Factor | None
    kinds: tuple[KindFactor, ...]
    codes: tuple[str, ...]
    notices: tuple[Notice, ...]
    reference_time: Sourced[datetime] | None
    administration_time: Sourced[datetime] | None
    uptake_s: Factor | None
    decayed_dose_bq: Factor | None
    weight_kg: Sourced[float] | None
    height_m: Sourced[float] | None
    sex: Sourced[str] | None
    dose_bq: Sourced[float] | None
    half_life_s: Sourced[float] | None
    nuclide: Sourced[str] | None
    tracer: Sourced[str] | None
    decay_rule: Sourced[str] | None
    units: Sourced[str] | None
    candidates: tuple[Candidate, ...]
    is_animal: bool
    balance: ActivityBalance | None = None
    relative_factor: Factor | None = None
    counted_together: tuple[int, ...] | None = None

    def kind(self, name: str) -> KindFactor:
        """Return one of the other kinds: lbm_james, lbm_janma, lbm_morgan, bsa, ibw.

        Raises
        ------
        KeyError
            For any other name.
        """
        for kind in self.kinds:
            if kind.name == name:
                return kind
        raise KeyError(name)

    @property
    def error(self) -> str | None:
        """The first error code, or None."""
        return next((code for code in self.codes if code.startswith("E-")), None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warning codes."""
        return tuple(code for code in self.codes if code.startswith("W-"))

    @property
    def reason(self) -> str:
        """Why SUVbw is not available, in words; empty when it is."""
        return " ".join(n.text for n in self.notices if n.severity is Severity.ERROR)


_NO_OVERRIDES = SuvOverrides()
# %ID/mL needs no body, so these do not stand in its way; every other error does.
_ABOUT_THE_BODY = ("E-WEIGHT", "E-HEIGHT", "E-SEX", "E-LBM-NONPOSITIVE", "E-ANIMAL-KIND")


def assess(
    facts: PetFacts, overrides: SuvOverrides = _NO_OVERRIDES, *, image: ImageFacts | None = None
) -> SuvAssessment:
    """Work out the SUV factor of a series.

    Never raises for bad header data: what is wrong is told by codes and notices.

    Parameters
    ----------
    facts
        The headers of the series.
    overrides
        What a person, a study table or a sidecar says instead.
    image
        What grid and pixels contribute; None when they are not at hand.

    Raises
    ------
    ValueError
        When ``facts`` holds no instance at all.
    """
    if not facts.index:
        raise ValueError("a series without instances cannot be assessed")
    header = facts.distinct[0]
    findings = Findings()
    tags = differing_tags(facts, overrides)
    if tags:
        findings.add(Stage.SERIES, "E-MIXED-SERIES", f"They differ in {', '.join(tags)}.")
    is_animal = _is_animal(facts, overrides, image)
    timeline = read_timeline(facts)
    decay_findings = Findings()
    rule = resolve_decay_rule(facts, overrides, decay_findings)
    rule_name = None if rule is None else rule.value
    units = resolve_units(facts, overrides, rule_name, image, findings)
    check_attenuation(header, overrides, is_animal, findings)
    chain_findings = Findings()
    chain = follow_chain(facts, overrides, timeline, rule_name, is_animal, chain_findings)
    factor: Factor | None = None
    if units is not None and units.stored is Stored.CONCENTRATION:
        findings.extend(decay_findings)
        findings.extend(chain_findings)
        factor = _from_concentration(units, chain)
    elif units is not None and units.stored is Stored.PCT_ID:
        # A share of the injected activity needs neither the dose nor the times.
        findings.extend(
            chain_findings.only("E-WEIGHT", "W-WEIGHT-GRAMS", "W-WEIGHT-ANIMAL", "W-WEIGHT-IMPLAUSIBLE")
        )
        weight = chain.body.weight_kg
        factor = None if weight is None else over(units.factors, lambda f: f * 10.0 * weight.value)
    elif units is not None:
        file = follow_chain(facts, _NO_OVERRIDES, timeline, rule_name, is_animal, Findings())
        factor = _from_stored_suv(units, overrides, file, chain, is_animal, chain_findings, findings)
    check_philips_factors(facts, overrides, factor, units, findings)
    found = _finish(facts, overrides, image, is_animal, rule, units, chain, factor, findings)
    if rule_name == "NONE" and (units is None or units.stored is Stored.CONCENTRATION):
        found = _with_relative(found, facts, overrides, timeline, units)
    return _named_by_origin(found, facts)


def _with_relative(
    found: SuvAssessment, facts: PetFacts, overrides: SuvOverrides, timeline: Timeline, units: Units | None
) -> SuvAssessment:
    # Counts of unknown unit decay too; without an injection that applies, an entered half-life still does.
    per_header = (1.0,) * len(facts.distinct) if units is None else units.factors
    half_life = found.half_life_s or overrides.half_life_s
    relative = relative_factors(timeline, None if half_life is None else half_life.value, per_header)
    return replace(
        found,
        relative_factor=expand(relative, facts.index),
        counted_together=counted_together(timeline, per_header, facts.index),
    )


def _from_concentration(units: Units, chain: Chain) -> Factor | None:
    weight, activity = chain.body.weight_kg, chain.decayed_bq
    if weight is None or activity is None:
        return None
    return combine(
        units.factors, activity, lambda k, d: k * 1000.0 * weight.value / d if d > 0 else float("nan")
    )


def _from_stored_suv(
    units: Units,
    overrides: SuvOverrides,
    file: Chain,
    chain: Chain,
    is_animal: bool,
    chain_findings: Findings,
    findings: Findings,
) -> Factor | None:
    if kind_of_suv_type(units.suv_type) is not None:
        findings.extend(
            chain_findings.only(
                "E-WEIGHT", "W-WEIGHT-GRAMS", "W-WEIGHT-ANIMAL", "W-WEIGHT-IMPLAUSIBLE", "W-HEIGHT-CM"
            )
        )
    to_bw = stored_kind_factor(units.suv_type, file.body, chain.body, is_animal, findings)
    if to_bw is None:
        return None
    ratio = override_ratio(overrides, file, chain, findings)
    return combine(units.factors, ratio, lambda f, r: f * to_bw * r)


def _is_animal(facts: PetFacts, overrides: SuvOverrides, image: ImageFacts | None) -> bool:
    if overrides.is_animal is not None:
        return overrides.is_animal.value
    if overrides.species is not None and overrides.species.value.strip():
        return thresholds.HUMAN_SPECIES.search(overrides.species.value.upper()) is None
    fov, voxel = (None, None) if image is None else (image.fov_mm, image.voxel_mm)
    return says_animal(facts.distinct[0], fov, voxel)


def _finish(
    facts: PetFacts,
    overrides: SuvOverrides,
    image: ImageFacts | None,
    is_animal: bool,
    rule: Sourced[str] | None,
    units: Units | None,
    chain: Chain,
    factor: Factor | None,
    findings: Findings,
) -> SuvAssessment:
    branching = _branching(overrides, findings)
    if factor is not None:
        factor = over(factor, lambda f: f * branching)
    to_bq, pct = _activity_factors(units, chain, factor, branching)
    blocked = findings.has_error() or factor is None
    if findings.has_error(besides=_ABOUT_THE_BODY):
        pct = None
    index = facts.index
    balance = None
    if image is not None:
        balance = check_balance(
            image, units, chain, expand(to_bq, index), expand(factor, index), is_animal, findings
        )
    inform(facts, chain, findings)
    final = None if blocked else expand(factor, index)
    notices = findings.notices()
    return SuvAssessment(
        available=not blocked,
        kind_stored=_kind_stored(units),
        stored_units="" if units is None else units.unit.value,
        path="" if blocked or units is None else _path(units, rule, chain),
        factor_bw=final,
        to_bq_ml=expand(to_bq, index),
        to_bq_ml_is_derived=units is not None and units.stored is not Stored.CONCENTRATION,
        pct_id_per_ml=expand(pct, index),
        kinds=other_kinds(final, chain.body, is_animal),
        codes=tuple(dict.fromkeys(n.code for n in notices if n.severity is not Severity.INFO)),
        notices=notices,
        reference_time=None if chain.reference is None else chain.reference.time,
        administration_time=None if chain.administration is None else chain.administration.time,
        uptake_s=spread(chain.uptake_s, index),
        decayed_dose_bq=spread(chain.decayed_bq, index),
        weight_kg=chain.body.weight_kg,
        height_m=chain.body.height_m,
        sex=chain.body.sex,
        dose_bq=chain.dose_bq,
        half_life_s=chain.half_life_s,
        nuclide=_nuclide(chain),
        tracer=_tracer(facts, chain),
        decay_rule=rule,
        units=None if units is None else units.unit,
        candidates=_candidates(chain),
        is_animal=is_animal,
        balance=balance,
    )


def _named_by_origin(found: SuvAssessment, facts: PetFacts) -> SuvAssessment:
    """Name the file instead of DICOM elements where the facts were read from another header."""
    origin, provenance = facts.origin, facts.provenance
    if not origin or provenance is None:
        return found
    renamed: dict[str, Any] = {
        f.name: Sourced(value.value, provenance, origin)
        for f in fields(found)
        if isinstance(value := getattr(found, f.name), Sourced) and value.provenance is Provenance.HEADER
    }
    return replace(found, **renamed)


def _activity_factors(
    units: Units | None, chain: Chain, factor: Factor | None, branching: float
) -> tuple[Factor | None, Factor | None]:
    """Return Bq/ml and %ID/ml per stored value, not yet expanded to instances."""
    if units is None:
        return None, None
    activity, weight = chain.decayed_bq, chain.body.weight_kg
    to_bq: Factor | None = None
    if units.stored is Stored.CONCENTRATION:
        to_bq = over(units.factors, lambda f: f * branching)
    elif units.stored is Stored.PCT_ID:
        pct = over(units.factors, lambda f: f * branching)
        return None if activity is None else combine(pct, activity, lambda p, d: p * d / 100.0), pct
    elif factor is not None and activity is not None and weight is not None:
        to_bq = combine(factor, activity, lambda f, d: f * d / (1000.0 * weight.value))
    if to_bq is None or activity is None:
        return to_bq, None
    return to_bq, combine(to_bq, activity, lambda b, d: 100.0 * b / d if d > 0 else float("nan"))


def _branching(overrides: SuvOverrides, findings: Findings) -> float:
    used, true = overrides.branching_used, overrides.branching_true
    if used is None or true is None:
        return 1.0
    ratio = used.value / true.value
    findings.add(Stage.SANITY, "I-BRANCHING", f"{used.value:g} to {true.value:g}.", 100.0 * (ratio - 1.0))
    return ratio


def _path(units: Units, rule: Sourced[str] | None, chain: Chain) -> str:
    if units.stored is not Stored.CONCENTRATION:
        return units.prefix if units.suv_type != "BSA" else "GML/BSA"
    if rule is None or rule.value != "START":
        return f"{units.prefix}/{'' if rule is None else rule.value}"
    return f"{units.prefix}/START/{chain.route()}"


def _kind_stored(units: Units | None) -> str | None:
    if units is None or units.stored is not Stored.SUV:
        return None
    kind = kind_of_suv_type(units.suv_type)
    return "SUVbw" if kind is None else kind.label


def _candidates(chain: Chain) -> tuple[Candidate, ...]:
    reference, half_life = chain.reference, chain.half_life_s
    return tuple(
        Candidate(
            letter,
            time,
            None
            if reference is None or half_life is None
            else suv_change_pct(time, reference.time.value, half_life.value),
        )
        for letter, time in chain.evidence.named()
    )


def _nuclide(chain: Chain) -> Sourced[str] | None:
    found = chain.nuclide
    return None if found is None else Sourced(found.value.name, found.provenance, found.detail)


def _tracer(facts: PetFacts, chain: Chain) -> Sourced[str] | None:
    if chain.item is not None:
        for name, tag in (
            (chain.item.tracer_meaning, "(0054,0304)"),
            (chain.item.radiopharmaceutical, "(0018,0031)"),
        ):
            if name:
                return Sourced(name, Provenance.HEADER, tag)
    private = facts.distinct[0].ge_tracer_name
    return Sourced(private, Provenance.PRIVATE, "GE (0009,xx36)") if private else None

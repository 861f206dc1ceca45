"""The activity chain: from body, dose and times to the activity that a value is compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from atsm_viewer.domain.decay import decayed
from atsm_viewer.domain.dicom_time import parse_time
from atsm_viewer.domain.radionuclide import Radionuclide
from atsm_viewer.domain.sourced import Sourced
from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.administration_time import AdministrationTime, choose_administration_time
from atsm_viewer.domain.suv.body import Body, resolve_body
from atsm_viewer.domain.suv.candidates import Evidence, agree, gather_evidence
from atsm_viewer.domain.suv.dose import header_activity, injected_activity
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts, RadiopharmaceuticalFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.half_life import check_half_life, resolve_half_life
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.suv.reference_time import ReferenceTime, choose_reference_time
from atsm_viewer.domain.suv.relative_decay import frame_moments
from atsm_viewer.domain.suv.series_check import choose_radiopharmaceutical
from atsm_viewer.domain.suv.timeline import Timeline, clock_of
from atsm_viewer.domain.suv.vendor import Vendor, vendor_of


@dataclass(frozen=True, slots=True)
class Chain:
    """What is known about the activity; None where something is missing.

    Parameters
    ----------
    body
        Weight, height, sex.
    item
        The injection of the header that applies.
    nuclide, half_life_s
        Resolved nuclide and half-life.
    dose_bq
        Net activity at the time of injection.
    reference, administration
        Times; the reference only for START.
    evidence
        The candidates of the reference time.
    uptake_s, decayed_bq
        One number for START (decayed also for ADMIN), one per distinct header for NONE.
    """

    body: Body
    item: RadiopharmaceuticalFacts | None
    nuclide: Sourced[Radionuclide] | None
    half_life_s: Sourced[float] | None
    dose_bq: Sourced[float] | None
    reference: ReferenceTime | None
    administration: AdministrationTime | None
    evidence: Evidence
    uptake_s: float | tuple[float, ...] | None
    decayed_bq: float | tuple[float, ...] | None

    def route(self) -> str:
        """Return the end of the decision path for START: reference rule and injection route."""
        ends = (
            self.reference.rule if self.reference else "",
            self.administration.route if self.administration else "",
        )
        return "/".join(end for end in ends if end)


def follow_chain(
    facts: PetFacts,
    overrides: SuvOverrides,
    timeline: Timeline,
    rule: str | None,
    is_animal: bool,
    findings: Findings,
) -> Chain:
    """Resolve every link; what is missing is noted in ``findings``."""
    header = facts.distinct[0]
    body = resolve_body(header, overrides, is_animal, findings)
    item = choose_radiopharmaceutical(facts, overrides, findings)
    is_ge = vendor_of(header.manufacturer) is Vendor.GE
    if item is None:
        evidence = gather_evidence(timeline, None, is_ge, None)
        return Chain(body, None, None, None, None, None, None, evidence, None, None)
    nuclide, half_life = resolve_half_life(item, header, overrides, rule in ("START", "NONE"), findings)
    seconds = None if half_life is None else half_life.value
    philips = _philips_time(facts, overrides, item, timeline, seconds)
    evidence = gather_evidence(timeline, seconds, is_ge, philips)
    reference: ReferenceTime | None = None
    administration: AdministrationTime | None = None
    uptake: float | tuple[float, ...] | None = None
    decayed_bq: float | tuple[float, ...] | None = None
    if rule == "START" and seconds is not None:
        reference = choose_reference_time(evidence, seconds, overrides.reference_time, findings)
        if reference is not None:
            administration = _administration(
                item, header, timeline, reference.time.value, seconds, overrides, findings
            )
    elif rule == "NONE" and seconds is not None:
        moments = frame_moments(timeline, seconds)
        if moments is None:
            findings.add(Stage.REFERENCE, "E-NONE-TIMING")
        first = evidence.earliest or (None if moments is None else min(m for m, _ave in moments))
        if first is not None:
            administration = _administration(item, header, timeline, first, seconds, overrides, findings)
        if administration is not None and moments is not None:
            injection = administration.time.value
            uptake = tuple((m - injection).total_seconds() + average for m, average in moments)
    elif rule == "ADMIN":
        administration = _quiet_administration(item, header, timeline, evidence, seconds, overrides)
        _check_admin(evidence, administration, seconds, findings)
    _note_unused(rule, overrides, findings)
    if administration is None and rule in ("START", "NONE") and not _dates_injection(item, header, overrides):
        findings.add(Stage.ADMINISTRATION, "E-ADMIN-TIME")
    injection_time = None if administration is None else administration.time.value
    dose = injected_activity(item, header, overrides, injection_time, timeline.zone, seconds, findings)
    if dose is None and rule == "ADMIN" and not findings.has_error():
        findings.add(Stage.ADMINISTRATION, "E-ADMIN-TIME" if injection_time is None else "E-HALFLIFE")
    if reference is not None and injection_time is not None:
        uptake = (reference.time.value - injection_time).total_seconds()
    if dose is not None:
        decayed_bq = _decayed(dose.value, uptake, seconds, rule)
        every = decayed_bq if isinstance(decayed_bq, tuple) else (decayed_bq,)
        if any(value is not None and not 0.0 < value < math.inf for value in every):
            findings.add(Stage.ADMINISTRATION, "E-ADMIN-TIME", "No activity would be left, or too much.")
            decayed_bq = None
    if half_life is not None and rule in ("START", "NONE"):
        longest = max(uptake) if isinstance(uptake, tuple) else uptake
        check_half_life(nuclide, half_life, longest, findings)
        _check_infusion(item, timeline, half_life.value, findings)
    return Chain(
        body, item, nuclide, half_life, dose, reference, administration, evidence, uptake, decayed_bq
    )


def _dates_injection(item: RadiopharmaceuticalFacts, header: InstanceFacts, overrides: SuvOverrides) -> bool:
    stated = (item.start_datetime, item.start_time, header.ge_admin_datetime, overrides.administration_time)
    return any(value is not None for value in stated)


def _note_unused(rule: str | None, overrides: SuvOverrides, findings: Findings) -> None:
    if overrides.reference_time is not None and rule in ("ADMIN", "NONE"):
        findings.add(Stage.REFERENCE, "I-OVERRIDE-UNUSED", f"The reference time, for decay rule {rule}.")
    if overrides.administration_time is not None and rule == "ADMIN":
        findings.add(Stage.ADMINISTRATION, "I-OVERRIDE-UNUSED", "The injection time, for decay rule ADMIN.")
    if overrides.injected_activity_bq is not None and overrides.assay_activity_bq is not None:
        findings.add(Stage.DOSE, "I-OVERRIDE-UNUSED", "The assay, because the net activity was entered.")


def _decayed(
    dose_bq: float, uptake: float | tuple[float, ...] | None, half_life_s: float | None, rule: str | None
) -> float | tuple[float, ...] | None:
    if rule == "ADMIN":
        return dose_bq
    if uptake is None or half_life_s is None:
        return None
    if isinstance(uptake, tuple):
        return tuple(decayed(dose_bq, u, half_life_s) for u in uptake)
    return decayed(dose_bq, uptake, half_life_s)


def _administration(
    item: RadiopharmaceuticalFacts,
    header: InstanceFacts,
    timeline: Timeline,
    reference: datetime,
    half_life_s: float,
    overrides: SuvOverrides,
    findings: Findings,
) -> AdministrationTime | None:
    return choose_administration_time(
        item, header, timeline.zone, reference, half_life_s, overrides.administration_time, findings
    )


def _quiet_administration(
    item: RadiopharmaceuticalFacts,
    header: InstanceFacts,
    timeline: Timeline,
    evidence: Evidence,
    half_life_s: float | None,
    overrides: SuvOverrides,
) -> AdministrationTime | None:
    """The time of injection where it is only information: nothing is noted."""
    near = evidence.earliest or evidence.series
    if overrides.administration_time is not None:
        return AdministrationTime(overrides.administration_time, "entered")
    if near is None or half_life_s is None:
        return None
    return _administration(item, header, timeline, near, half_life_s, overrides, Findings())


def _philips_time(
    facts: PetFacts,
    overrides: SuvOverrides,
    item: RadiopharmaceuticalFacts,
    timeline: Timeline,
    half_life_s: float | None,
) -> datetime | None:
    """Candidate P: SUVSF/ACSF = 1000·W·2^(uptake/T½)/D tells which time the console used."""
    header = facts.distinct[0]
    suv, activity = header.philips_suv_scale_factor, header.philips_activity_scale_factor
    if vendor_of(header.manufacturer) is not Vendor.PHILIPS or not suv or not activity or half_life_s is None:
        return None
    weight = resolve_body(header, SuvOverrides(), True, Findings()).weight_kg
    dose = header_activity(item, header, Findings())
    near = timeline.earliest or timeline.series
    if weight is None or dose is None or near is None or suv / activity <= 0:
        return None
    administration = _administration(item, header, timeline, near, half_life_s, overrides, Findings())
    if administration is None:
        return None
    uptake = half_life_s * math.log2(dose.value * (suv / activity) / (1000.0 * weight.value))
    try:
        return administration.time.value + timedelta(seconds=uptake)
    except OverflowError:
        return None


def _check_admin(
    evidence: Evidence,
    administration: AdministrationTime | None,
    half_life_s: float | None,
    findings: Findings,
) -> None:
    if evidence.decay is None or half_life_s is None:
        return
    if administration is not None and agree(evidence.decay, administration.time.value, half_life_s):
        return
    starts = [time for time in (evidence.series, evidence.earliest) if time is not None]
    if any(agree(evidence.decay, time, half_life_s) for time in starts):
        findings.add(Stage.DECAY, "W-ADMIN-LOOKS-LIKE-START", f"They give {evidence.decay}.")


def _check_infusion(
    item: RadiopharmaceuticalFacts, timeline: Timeline, half_life_s: float, findings: Findings
) -> None:
    start, stop = clock_of(item.start_datetime, timeline.zone), clock_of(item.stop_datetime, timeline.zone)
    if start is not None and stop is not None:
        lasted = (stop - start).total_seconds()
    else:
        begin, end = parse_time(item.start_time), parse_time(item.stop_time)
        if begin is None or end is None:
            return
        lasted = (end - begin).total_seconds() % thresholds.LONGEST_UPTAKE_S
    if lasted > thresholds.INFUSION_HALF_LIVES * half_life_s:
        findings.add(Stage.ADMINISTRATION, "W-INFUSION-SLOW", f"{lasted:g} s.")

"""The injected activity at the time of injection."""

from __future__ import annotations

from datetime import datetime, timedelta

from atsm_viewer.domain.net_dose import Measured, net_injected_activity
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.facts import InstanceFacts, RadiopharmaceuticalFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.suv.timeline import clock_of


def header_activity(
    item: RadiopharmaceuticalFacts, header: InstanceFacts, findings: Findings
) -> Sourced[float] | None:
    """Return RadionuclideTotalDose (0018,1074) in Bq; None when missing or not positive.

    The unit is Bq in classic PET and MBq in Enhanced PET and NM; values that cannot be meant so are
    read the other way with a warning, for every tracer.
    """
    dose = item.total_dose
    if dose is None or dose <= 0:
        return None
    said = f"The header says {dose:g}."
    if header.is_enhanced or header.is_nm:
        if dose < thresholds.BQ_LIMIT:
            return Sourced(dose * 1e6, Provenance.HEADER, "(0018,1074) in MBq")
        findings.add(
            Stage.DOSE, "W-DOSE-ENHANCED-BQ" if header.is_enhanced else "W-DOSE-NM-BQ", said, -99.9999
        )
        return Sourced(dose, Provenance.HEADER, "(0018,1074) in Bq")
    if dose < thresholds.MBQ_LIMIT:
        findings.add(Stage.DOSE, "W-DOSE-MBQ", said)
        return Sourced(dose * 1e6, Provenance.HEADER, "(0018,1074) taken as MBq")
    if dose < thresholds.BQ_LIMIT:
        findings.add(Stage.DOSE, "W-DOSE-LOW", said)
    return Sourced(dose, Provenance.HEADER, "(0018,1074)")


def injected_activity(
    item: RadiopharmaceuticalFacts,
    header: InstanceFacts,
    overrides: SuvOverrides,
    injection: datetime | None,
    zone: timedelta | None,
    half_life_s: float | None,
    findings: Findings,
) -> Sourced[float] | None:
    """Return the net activity at the time of injection in Bq, or None with E-DOSE or E-DOSE-MISSING.

    Order: entered activity; entered assay minus residual minus tail; header (less an entered residual
    or tail); GE's private elements. Net: see ``domain.net_dose``.
    """
    entered = overrides.injected_activity_bq
    if entered is not None:
        return _positive(entered, findings)
    quiet = Findings()
    stated = header_activity(item, header, quiet)
    if overrides.assay_activity_bq is not None:
        assay = Measured(overrides.assay_activity_bq.value, _value(overrides.assay_time))
        start = Sourced(assay, overrides.assay_activity_bq.provenance, "assay less what stayed behind")
    elif stated is not None:
        header_activity(item, header, findings)
        start = Sourced(Measured(stated.value), stated.provenance, stated.detail)
    elif item.total_dose is not None:
        findings.add(Stage.DOSE, "E-DOSE", f"The header says {item.total_dose:g}.")
        return None
    else:
        private = _ge_private(header, zone)
        if private is None:
            findings.add(Stage.DOSE, "E-DOSE-MISSING")
            return None
        findings.add(
            Stage.DOSE, "W-DOSE-GE-PRIVATE", f"It reads {header.ge_tracer_activity:g}, taken as MBq."
        )
        start = private
    return _net(start, header, overrides, injection, zone, half_life_s, findings)


def _net(
    start: Sourced[Measured],
    header: InstanceFacts,
    overrides: SuvOverrides,
    injection: datetime | None,
    zone: timedelta | None,
    half_life_s: float | None,
    findings: Findings,
) -> Sourced[float] | None:
    residual = _measured(overrides.residual_activity_bq, overrides.residual_time)
    tail = _measured(overrides.tail_activity_bq, overrides.tail_time)
    if residual is None and start.provenance is Provenance.PRIVATE and header.ge_post_injection_activity:
        time = clock_of(header.ge_post_injection_datetime, zone)
        residual = Measured(_megabecquerel(header.ge_post_injection_activity), time)
    timed = any(m is not None and m.time is not None for m in (start.value, residual, tail))
    if not timed:
        net = start.value.activity_bq - sum(m.activity_bq for m in (residual, tail) if m is not None)
        before = start.value.activity_bq
    elif injection is None or half_life_s is None:
        return None  # the missing time or half-life is already an error of its own
    else:
        net = net_injected_activity(start.value, injection, half_life_s, residual, tail)
        before = start.value.at(injection, half_life_s)
    if before > 0 and (before - net) / before > thresholds.RESIDUE:
        share = 100.0 * (before - net) / before
        findings.add(Stage.DOSE, "W-RESIDUE-HIGH", f"It is {share:.1f} %.")
    lost = overrides.residual_activity_bq or overrides.tail_activity_bq
    if lost is None or overrides.assay_activity_bq is not None:
        return _positive(Sourced(net, start.provenance, start.detail), findings)
    return _positive(Sourced(net, lost.provenance, f"{start.detail} less what stayed behind"), findings)


def _positive(activity: Sourced[float], findings: Findings) -> Sourced[float] | None:
    if activity.value > 0:
        return activity
    findings.add(Stage.DOSE, "E-DOSE", f"It is {activity.value:g} Bq.")
    return None


def _measured(activity: Sourced[float] | None, time: Sourced[datetime] | None) -> Measured | None:
    return None if activity is None else Measured(activity.value, _value(time))


def _value(time: Sourced[datetime] | None) -> datetime | None:
    return None if time is None else time.value


def _megabecquerel(value: float) -> float:
    return value * 1e6 if value < thresholds.BQ_LIMIT else value


def _ge_private(header: InstanceFacts, zone: timedelta | None) -> Sourced[Measured] | None:
    activity = header.ge_tracer_activity
    if activity is None or activity <= 0:
        return None
    measured = Measured(_megabecquerel(activity), clock_of(header.ge_measured_datetime, zone))
    return Sourced(measured, Provenance.PRIVATE, "GE (0009,xx38)")

"""When the tracer was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from atsm_viewer.domain.dicom_time import combine, parse_datetime, parse_time
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.facts import InstanceFacts, RadiopharmaceuticalFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.timeline import clock_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AdministrationTime:
    """The chosen time of injection.

    Parameters
    ----------
    time
        With its provenance.
    route
        ``RSDT`` date-time, ``RST`` clock of the header with the date of the scan, ``GE:0009,3B``,
        or ``entered``.
    """

    time: Sourced[datetime]
    route: str


def choose_administration_time(
    item: RadiopharmaceuticalFacts,
    header: InstanceFacts,
    zone: timedelta | None,
    reference: datetime,
    half_life_s: float,
    entered: Sourced[datetime] | None,
    findings: Findings,
) -> AdministrationTime | None:
    """Return the time of injection, or None with E-ADMIN-TIME or E-ADMIN-DATE.

    The stated date-time counts if it fits the scan; only short half-lives may be dated from the clock.
    There is no upper limit of two half-lives: it would refuse correct data of 64Cu and 62Cu.
    """
    if entered is not None:
        uptake = (reference - entered.value).total_seconds()
        if uptake < thresholds.EARLIEST_UPTAKE_S:
            findings.add(
                Stage.ADMINISTRATION,
                "E-ADMIN-TIME",
                f"The entered {entered.value} is after the scan of {reference}.",
            )
            return None
        _note_uptake(uptake, half_life_s, findings)
        return AdministrationTime(entered, "entered")
    written = parse_datetime(item.start_datetime)
    stated = None if written is None else written.in_zone(zone)
    clock = parse_time(item.start_time)
    if stated is not None and written is not None:
        if _plausible(reference - stated, half_life_s):
            tag = Sourced(stated, Provenance.HEADER, "(0018,1078)")
            return _accept(AdministrationTime(tag, "RSDT"), reference, half_life_s, findings)
        own_clock = stated - combine_midnight(stated)
        if _zone_may_fix(stated, written.offset, zone, reference):
            findings.add(Stage.ADMINISTRATION, "W-TZ", f"It reads {item.start_datetime}.")
            if clock is None or clock == own_clock:
                findings.add(Stage.ADMINISTRATION, "E-ADMIN-TIME")
                return None
        clock = own_clock if clock is None else clock
    private = clock_of(header.ge_admin_datetime, zone)
    if clock is not None and half_life_s < thresholds.CLOCK_ONLY_LIMIT_S:
        return _dated_by_scan(clock, stated is not None, reference, half_life_s, findings)
    if private is not None and _plausible(reference - private, half_life_s):
        found = AdministrationTime(Sourced(private, Provenance.PRIVATE, "GE (0009,xx3B)"), "GE:0009,3B")
        return _accept(found, reference, half_life_s, findings)
    if clock is not None:
        detail = "" if stated is None else f"The header says {stated}, the scan is of {reference}."
        findings.add(Stage.ADMINISTRATION, "E-ADMIN-DATE", detail)
        return None
    findings.add(Stage.ADMINISTRATION, "E-ADMIN-TIME")
    return None


def combine_midnight(moment: datetime) -> datetime:
    """Return the start of the day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _dated_by_scan(
    clock: timedelta, had_date: bool, reference: datetime, half_life_s: float, findings: Findings
) -> AdministrationTime | None:
    code = "W-ADMIN-DATE-IMPLAUSIBLE" if had_date else "W-ADMIN-DATE-INFERRED"
    findings.add(Stage.ADMINISTRATION, code)
    moment = combine(reference.date(), clock)
    if moment is None:
        findings.add(Stage.ADMINISTRATION, "E-ADMIN-TIME")
        return None
    if (moment - reference).total_seconds() > -thresholds.EARLIEST_UPTAKE_S:
        moment -= _DAY
        findings.add(Stage.ADMINISTRATION, "W-MIDNIGHT")
    found = Sourced(moment, Provenance.INFERRED, "clock of (0018,1072), date of the scan")
    return _accept(AdministrationTime(found, "RST"), reference, half_life_s, findings)


def _accept(
    found: AdministrationTime, reference: datetime, half_life_s: float, findings: Findings
) -> AdministrationTime | None:
    uptake = (reference - found.time.value).total_seconds()
    too_long = uptake > thresholds.LONGEST_UPTAKE_HALF_LIVES * half_life_s
    if too_long or uptake < thresholds.EARLIEST_UPTAKE_S:
        findings.add(
            Stage.ADMINISTRATION,
            "E-ADMIN-TIME",
            f"{found.time.value} lies {uptake / 3600.0:.2f} h before {reference}, "
            f"{uptake / half_life_s:.1f} half-lives.",
        )
        return None
    _note_uptake(uptake, half_life_s, findings)
    return found


def _note_uptake(uptake_s: float, half_life_s: float, findings: Findings) -> None:
    if uptake_s < 0:
        findings.add(Stage.ADMINISTRATION, "W-UPTAKE-NEGATIVE", f"It lies {-uptake_s:g} s after.")
    elif uptake_s > thresholds.LONGEST_UPTAKE_HALF_LIVES * half_life_s:
        findings.add(Stage.ADMINISTRATION, "W-UPTAKE-LONG", f"{uptake_s / half_life_s:.1f} half-lives.")
    if uptake_s > thresholds.CONFIRM_UPTAKE_S:
        findings.add(Stage.ADMINISTRATION, "I-UPTAKE-DAYS", f"{uptake_s / 3600.0:.2f} h.")


def _plausible(uptake: timedelta, half_life_s: float) -> bool:
    longest = max(thresholds.LONGEST_UPTAKE_S, thresholds.LONGEST_UPTAKE_HALF_LIVES * half_life_s)
    return thresholds.EARLIEST_UPTAKE_S <= uptake.total_seconds() < longest


def _zone_may_fix(
    stated: datetime, offset: timedelta | None, zone: timedelta | None, reference: datetime
) -> bool:
    """Return whether some zone of the scan would put the injection 0 to 24 h before it.

    Zones run from -12 to +14 h, so the clock of the scan differs from the written one by at most
    26 h; larger contradictions are not a matter of zones.
    """
    if offset is None or zone is not None:
        return False
    uptake = reference - stated
    shifts = (timedelta(hours=hours) - offset for hours in range(-12, 15))
    return any(timedelta(0) <= uptake - shift <= _DAY for shift in shifts)

"""The times of a series, parsed once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from atsm_viewer.domain.dicom_time import combine, parse_date, parse_datetime, parse_offset, parse_time
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts


@dataclass(frozen=True, slots=True)
class FrameTime:
    """The times of one header.

    Parameters
    ----------
    acquired
        Start of counting.
    reference_s
        FrameReferenceTime (0054,1300) in s after the series reference time.
    duration_s
        ActualFrameDuration (0018,1242) in s.
    decay_factor
        (0054,1321).
    occurred
        FrameReferenceDateTime (0018,9151) of Enhanced PET: when the values of the frame hold.
    count
        How many instances have this header.
    """

    acquired: datetime | None
    reference_s: float | None
    duration_s: float | None
    decay_factor: float | None
    occurred: datetime | None
    count: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The times of a series, all on the clock of the scan.

    Parameters
    ----------
    zone
        TimezoneOffsetFromUTC (0008,0201), if stated.
    series
        Series date and time.
    frames
        One entry per distinct header.
    explicit
        Stated reference time with the element it came from.
    """

    zone: timedelta | None
    series: datetime | None
    frames: tuple[FrameTime, ...]
    explicit: tuple[datetime, str] | None

    @property
    def earliest(self) -> datetime | None:
        """Start of counting of the earliest instance."""
        return min((f.acquired for f in self.frames if f.acquired is not None), default=None)


def read_timeline(facts: PetFacts) -> Timeline:
    """Parse the times of every distinct header."""
    first = facts.distinct[0]
    zone = parse_offset(first.timezone_offset)
    counts = [0] * len(facts.distinct)
    for i in facts.index:
        counts[i] += 1
    series = [combine(parse_date(f.series_date), parse_time(f.series_time)) for f in facts.distinct]
    return Timeline(
        zone=zone,
        series=min((s for s in series if s is not None), default=None),
        frames=tuple(_frame(f, zone, n) for f, n in zip(facts.distinct, counts, strict=True)),
        explicit=_explicit(facts, zone),
    )


def clock_of(value: str | None, zone: timedelta | None) -> datetime | None:
    """Return a DT value on the clock of the scan, or None."""
    parsed = parse_datetime(value)
    return None if parsed is None else parsed.in_zone(zone)


def _frame(facts: InstanceFacts, zone: timedelta | None, count: int) -> FrameTime:
    apart = combine(parse_date(facts.acquisition_date), parse_time(facts.acquisition_time))
    together = clock_of(facts.acquisition_datetime, zone)
    # In Enhanced PET the frame's own date-time is the exact one; the top level holds the first frame's.
    acquired = (together or apart) if facts.is_enhanced else (apart or together)
    return FrameTime(
        acquired=acquired,
        reference_s=_seconds(facts.frame_reference_time_ms),
        duration_s=_seconds(facts.actual_frame_duration_ms),
        decay_factor=facts.decay_factor,
        occurred=clock_of(facts.frame_reference_datetime, zone),
        count=count,
    )


def _explicit(facts: PetFacts, zone: timedelta | None) -> tuple[datetime, str] | None:
    elements = (
        ("DecayCorrectionDateTime", [f.decay_correction_datetime for f in facts.distinct]),
        ("SIEMENS:0071,22", [f.siemens_decay_correction_datetime for f in facts.distinct]),
        ("GE:0009,0D", [f.ge_scan_datetime for f in facts.distinct]),
    )
    for name, values in elements:
        for value in values:
            stated = None if value is None else clock_of(value, zone)
            if stated is not None:
                return stated, name
    return None


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000.0

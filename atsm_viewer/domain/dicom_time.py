"""Dates and times as DICOM writes them (PS3.5 DA, TM, DT) and as older files wrote them.

Nothing here raises on bad header text: an unreadable value is a missing value, and the rules that
need it say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_DA = re.compile(r"(\d{4})(\d{2})(\d{2})|(\d{4})[.-](\d{2})[.-](\d{2})")
_TM = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(\.\d*)?)?)?")
_DT = re.compile(r"(\d{8})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d*)?)?)?)([+-]\d{4})?")
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})")


@dataclass(frozen=True, slots=True)
class DicomDateTime:
    """A DT value: what the clock showed, and the zone when it was written.

    Parameters
    ----------
    clock
        Date and time as written, without zone.
    offset
        Offset from UTC of the ``&ZZXX`` suffix, or None.
    """

    clock: datetime
    offset: timedelta | None = None

    def in_zone(self, zone: timedelta | None) -> datetime:
        """Return the clock of the zone ``zone`` (0008,0201).

        Without a suffix or without a known zone the clock is returned as written: DA, TM and DT
        of one file are then taken to share a zone.
        """
        if self.offset is None or zone is None:
            return self.clock
        return self.clock - self.offset + zone


def clean_text(value: object) -> str:
    """Return header text without padding; private elements may arrive as bytes."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return str(value).strip(" \t\r\n\0")


def parse_date(value: object) -> date | None:
    """Return a DA value (``YYYYMMDD``, also ``YYYY.MM.DD``), or None when missing or unreadable.

    Years outside 1000 to 9000 are placeholders, and time arithmetic at the ends of the calendar
    would overflow: they count as missing.
    """
    match = _DA.fullmatch(clean_text(value))
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    if not 1000 <= year <= 9000:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def parse_time(value: object) -> timedelta | None:
    """Return a TM value as time since midnight, or None when missing or unreadable.

    ``HH``, ``HHMM``, ``HHMMSS`` with any fraction, also ``HH:MM:SS``. The fraction is a decimal
    fraction: ``.5`` is half a second and ``.000005`` is five microseconds. Second 60 is legal.
    """
    match = _TM.fullmatch(clean_text(value))
    if match is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    if hour > 23 or minute > 59 or second > 60:
        return None
    digits = (match.group(4) or ".")[1:7].ljust(6, "0")
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=int(digits))


def parse_datetime(value: object) -> DicomDateTime | None:
    """Return a DT value, or None when missing, unreadable or without a time of day."""
    match = _DT.fullmatch(clean_text(value))
    if match is None:
        return None
    clock = combine(parse_date(match.group(1)), parse_time(match.group(2)))
    if clock is None:
        return None
    return DicomDateTime(clock, parse_offset(match.group(3)))


def parse_offset(value: object) -> timedelta | None:
    """Return an offset from UTC such as ``+0900`` (0008,0201), or None."""
    match = _OFFSET.fullmatch(clean_text(value))
    if match is None:
        return None
    offset = timedelta(hours=int(match.group(2)), minutes=int(match.group(3)))
    return -offset if match.group(1) == "-" else offset


def combine(day: date | None, since_midnight: timedelta | None) -> datetime | None:
    """Return day and time together; None unless both are known (never the clock alone)."""
    if day is None or since_midnight is None:
        return None
    try:
        return datetime(day.year, day.month, day.day) + since_midnight
    except OverflowError:
        return None

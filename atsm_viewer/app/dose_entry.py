"""Numbers with units, dates and words as people write them, for the dose card, tables and flags.

Nothing is guessed: what can be read in two ways is refused with the two ways to write it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.radionuclide import TABLE, nuclide_named

MASS_UNITS: Mapping[str, float] = {"g": 1e-3, "kg": 1.0, "mg": 1e-6}
ACTIVITY_UNITS: Mapping[str, float] = {
    "MBq": 1e6, "kBq": 1e3, "Bq": 1.0, "GBq": 1e9, "µCi": 3.7e4, "mCi": 3.7e7, "nCi": 37.0,
}  # fmt: skip
DURATION_UNITS: Mapping[str, float] = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
LENGTH_UNITS: Mapping[str, float] = {"m": 1.0, "cm": 0.01, "mm": 0.001}
DENSITY_UNITS: Mapping[str, float] = {"g/mL": 1.0}
CALIBRATION_UNITS: Mapping[str, float] = {"Bq/mL": 1.0, "kBq/mL": 1e3}
SEXES: Mapping[str, str] = {
    "m": "M", "male": "M", "f": "F", "female": "F", "o": "O", "other": "O",
}  # fmt: skip
DECAY_RULES = ("START", "ADMIN", "NONE")

_NUMBER = re.compile(r"\s*([+-]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+")
_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:\s+|\s*T\s*)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?",
    re.IGNORECASE,
)
_DATE_ONLY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_CLOCK_ONLY = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_FORM = "Write it as 2026-01-02 09:20, on the clock of the scan."
_YES, _NO = {"yes", "true", "1", "y"}, {"no", "false", "0", "n"}


def parse_number(text: str, what: str) -> float:
    """Return a number written with a decimal point or comma.

    Raises
    ------
    AtsmError
        When it is no number, not finite, or could mean a thousand as well as a fraction (``7,400``).
    """
    cleaned = text.strip()
    if _THOUSANDS.fullmatch(cleaned) and ("," in cleaned or cleaned.count(".") > 1):
        whole = re.sub(r"[.,]", "", cleaned)
        raise AtsmError(
            f"The {what} “{cleaned}” can be read in two ways.",
            f"Write {whole}, or {cleaned.replace(',', '.', 1)} with a point.",
        )
    try:
        value = float(cleaned.replace(",", ".") if cleaned.count(",") == 1 else cleaned)
    except ValueError:
        raise AtsmError(f"“{cleaned}” is not a number.", f"Enter the {what} as a number.") from None
    if not math.isfinite(value):
        raise AtsmError(f"“{cleaned}” is not a number.", f"Enter the {what} as a number.")
    return value


def parse_quantity(
    text: str, units: Mapping[str, float], what: str, default_unit: str | None = None, *, zero: bool = False
) -> float:
    """Return a quantity in the base unit of ``units``.

    Parameters
    ----------
    text
        For example ``7.4 MBq``; a unit in the text wins over ``default_unit``.
    units
        Unit to factor.
    what
        Name of the quantity for messages, for example ``weight``.
    default_unit
        Unit of a bare number; None when a bare number says too little.
    zero
        Whether zero is allowed; negative never is.

    Raises
    ------
    AtsmError
        When it cannot be read, the unit is missing or unknown, or the number is out of range.
    """
    names = ", ".join(units)
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise AtsmError(
            f"“{text.strip()}” cannot be read as {what}.", f"Write a number with its unit: {names}."
        )
    written = match.group(2)
    unit = unit_named(written, units) if written else default_unit
    if unit is None and not written:
        raise AtsmError(f"The {what} “{text.strip()}” has no unit.", f"Add one of {names}.")
    if unit is None:
        raise AtsmError(f"“{written}” is not a unit of the {what}.", f"Use one of {names}.")
    value = parse_number(match.group(1), what)
    if value < 0 or (value == 0 and not zero):
        raise AtsmError(f"The {what} must be positive, not “{text.strip()}”.")
    return value * units[unit]


def unit_named(written: str, units: Mapping[str, float]) -> str | None:
    """Return the unit that was written, whatever its case, unless case tells two units apart."""
    plain = written.replace("μ", "µ").replace("uCi", "µCi").replace("UCI", "µCi")
    if plain in units:
        return plain
    # mBq and MBq, mg and Mg differ by their case alone: the other case is not repaired.
    if plain in ("mBq", "Mg"):
        return None
    found = [unit for unit in units if unit.lower() == plain.lower()]
    return found[0] if len(found) == 1 else None


def parse_mass(text: str, default_unit: str | None = None) -> float:
    """Return a body mass in kg."""
    return parse_quantity(text, MASS_UNITS, "weight", default_unit)


def parse_activity(text: str, default_unit: str | None = None, *, zero: bool = False) -> float:
    """Return an activity in Bq."""
    return parse_quantity(text, ACTIVITY_UNITS, "activity", default_unit, zero=zero)


def parse_duration(text: str, default_unit: str | None = None) -> float:
    """Return a half-life in s."""
    return parse_quantity(text, DURATION_UNITS, "half-life", default_unit)


def parse_length(text: str, default_unit: str | None = None) -> float:
    """Return a body height in m."""
    return parse_quantity(text, LENGTH_UNITS, "height", default_unit)


def parse_moment(text: str) -> datetime:
    """Return a date and time; seconds and their fraction may be left out.

    Raises
    ------
    AtsmError
        When date or clock is missing, a zone is given, or there is no such day.
    """
    cleaned = text.strip()
    match = _TIME.fullmatch(cleaned)
    if match is None:
        if _DATE_ONLY.fullmatch(cleaned):
            raise AtsmError(f"The time of day is missing in “{cleaned}”.", _FORM)
        if _CLOCK_ONLY.fullmatch(cleaned):
            raise AtsmError(f"The date is missing in “{cleaned}”.", _FORM)
        if _TIME.match(cleaned) and re.search(r"(Z|[+-]\d{2}:?\d{2})$", cleaned):
            raise AtsmError(f"“{cleaned}” carries a time zone.", _FORM)
        raise AtsmError(f"“{cleaned}” is not a date and time.", _FORM)
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    micro = int((match.group(7) or "").ljust(6, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, second, micro)
    except ValueError:
        raise AtsmError(f"There is no such day or time: “{cleaned}”.", _FORM) from None
    if not 1900 <= year <= 2200:
        raise AtsmError(f"The year of “{cleaned}” cannot be right.", _FORM)
    return moment


def parse_nuclide(text: str) -> str:
    """Return the name of a tabulated nuclide, for example ``Cu-64`` for ``64Cu``."""
    found = nuclide_named(text)
    if found is None:
        names = ", ".join(n.name for n in TABLE)
        raise AtsmError(f"“{text.strip()}” is not a nuclide of the table.", f"Use one of {names}.")
    return found.name


def parse_sex(text: str) -> str:
    """Return ``M``, ``F`` or ``O``."""
    found = SEXES.get(text.strip().lower())
    if found is None:
        raise AtsmError(f"“{text.strip()}” is not a sex that the formulas know.", "Use M, F or O.")
    return found


def parse_decay_rule(text: str) -> str:
    """Return ``START``, ``ADMIN`` or ``NONE``."""
    rule = text.strip().upper()
    if rule not in DECAY_RULES:
        raise AtsmError(f"“{text.strip()}” is not a decay rule.", "Use START, ADMIN or NONE.")
    return rule


def parse_item(text: str) -> int:
    """Return the index, from 0, of an injection numbered from 1."""
    if not text.strip().isdigit() or int(text) < 1:
        raise AtsmError(f"“{text.strip()}” is not the number of an injection.", "Count from 1.")
    return int(text) - 1


def parse_yes(text: str) -> bool:
    """Return whether a text says yes."""
    word = text.strip().lower()
    if word in _YES | _NO:
        return word in _YES
    raise AtsmError(f"“{text.strip()}” is neither yes nor no.", "Write yes or no.")


def parse_words(text: str, what: str) -> str:
    """Return text without blanks around it; raises AtsmError when nothing is left."""
    cleaned = " ".join(text.split())
    if not cleaned:
        raise AtsmError(f"The {what} is empty.")
    if len(cleaned) > 200 or not cleaned.isprintable():
        raise AtsmError(f"The {what} is too long or holds characters that cannot be shown.")
    return cleaned

"""Header values cleaned: numbers and texts as files really write them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from atsm_viewer.domain.dicom_time import clean_text


def number(value: object) -> float | None:
    """Return a finite number from a number, a padded text or bytes; None for everything else."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, list | tuple):
        return number(value[0]) if len(value) == 1 else None
    try:
        result = float(value) if isinstance(value, int | float) else float(clean_text(value))
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def text(value: object) -> str | None:
    """Return text without padding, or None when nothing is left."""
    return clean_text(value) or None


def texts(value: object) -> tuple[str, ...]:
    """Return a multi-valued text; a single value and backslash-separated text are accepted."""
    if value is None:
        return ()
    parts: Iterable[object]
    if isinstance(value, str | bytes):
        parts = clean_text(value).split("\\")
    elif isinstance(value, Iterable):
        parts = value
    else:
        parts = (value,)
    return tuple(cleaned for part in parts if (cleaned := clean_text(part)))


def first_of(values: Mapping[str, object], *names: str) -> object:
    """Return the first value that is present under one of several names."""
    return next((values[name] for name in names if values.get(name) is not None), None)

"""Notices: doubtful data in words, kept with the session."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """One doubt or refusal, shown in a panel, written into CSV and project.

    Parameters
    ----------
    code
        Stable short name, for example ``E-ADMIN-DATE`` or ``clipped_fov``.
    severity
        How much it matters.
    text
        What is doubtful, in words.
    remedy
        What a person can do about it; may be empty.
    scan_id
        The scan it is about, or empty.
    change_pct
        What the alternative would change in the SUV, in per cent, where that is known.
    """

    code: str
    severity: Severity
    text: str
    remedy: str = ""
    scan_id: str = ""
    change_pct: float | None = None

"""The collector of doubts while an SUV is worked out."""

from __future__ import annotations

from enum import IntEnum

from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.suv.code_texts import TEXTS

_SEVERITY = {"E": Severity.ERROR, "W": Severity.WARNING, "I": Severity.INFO}


class Stage(IntEnum):
    """The order in which the rules are told, whatever order they are computed in."""

    SERIES = 0
    UNITS = 1
    ATTENUATION = 2
    DECAY = 3
    RADIOPHARMACEUTICAL = 4
    BODY = 5
    DOSE = 6
    HALF_LIFE = 7
    REFERENCE = 8
    ADMINISTRATION = 9
    VENDOR = 10
    SANITY = 11


class Findings:
    """Notices in the order of their stage; errors come first."""

    def __init__(self) -> None:
        self._found: list[tuple[Stage, Notice]] = []

    def add(self, stage: Stage, code: str, detail: str = "", change_pct: float | None = None) -> None:
        """Note one code with what is special about this case."""
        text, remedy = TEXTS[code]
        words = f"{text} {detail}".strip()
        notice = Notice(code, _SEVERITY[code[0]], words, remedy, change_pct=change_pct)
        self._found.append((stage, notice))

    def notices(self) -> tuple[Notice, ...]:
        """Return errors, then warnings, then information, each by stage."""
        order = [Severity.ERROR, Severity.WARNING, Severity.INFO]
        ranked = sorted(self._found, key=lambda item: (order.index(item[1].severity), item[0]))
        return tuple(dict.fromkeys(notice for _stage, notice in ranked))

    def extend(self, other: Findings) -> None:
        """Take over everything that another collector noted."""
        self._found.extend(other._found)

    def only(self, *codes: str) -> Findings:
        """Return a collector that holds only some codes."""
        chosen = Findings()
        chosen._found = [item for item in self._found if item[1].code in codes]
        return chosen

    def has_error(self, besides: tuple[str, ...] = ()) -> bool:
        """Return whether anything blocks the SUV, other than some codes."""
        return any(n.severity is Severity.ERROR and n.code not in besides for _stage, n in self._found)

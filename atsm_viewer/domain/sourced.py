"""A value together with where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")


class Provenance(Enum):
    """Where a value came from (the words that are shown and exported)."""

    HEADER = "header"
    PRIVATE = "private element"
    SIDECAR = "sidecar"
    STUDY_TABLE = "study table"
    TYPED = "typed"
    INFERRED = "inferred"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T]):
    """A value with its provenance.

    Parameters
    ----------
    value
        The value, in the unit that the field's name states.
    provenance
        Where it came from.
    detail
        The tag, private element, file or rule, for example ``(0010,1030)``.
    """

    value: T
    provenance: Provenance
    detail: str = ""

    def described(self) -> str:
        """Return the provenance in words, with its detail in brackets."""
        return f"{self.provenance.value} ({self.detail})" if self.detail else self.provenance.value

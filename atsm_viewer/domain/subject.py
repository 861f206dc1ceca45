"""Animals and patients."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """One animal or patient, known by a pseudonym.

    Parameters
    ----------
    id
        Stable identifier.
    label
        What is shown and exported as ``subject_id``.
    species, sex, group
        As far as known; empty otherwise.
    """

    id: str
    label: str
    species: str = ""
    sex: str = ""
    group: str = ""

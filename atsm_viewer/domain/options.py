"""Declared parameters of tools and operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from atsm_viewer.domain.errors import AtsmError

OptionValue = float | bool | str


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One parameter: what it is called, what it may be, where it starts.

    Parameters
    ----------
    id
        Stable short name, unit suffix included.
    title
        Words on screen.
    default
        Where it starts; its type is the type of the option.
    unit
        Shown behind the value; empty where there is none.
    minimum, maximum, step
        For numbers.
    choices
        For text: value and words on screen.
    shown_when
        Id of another option and the values of it with which this one means something; empty for
        always.
    """

    id: str
    title: str
    default: OptionValue
    unit: str = ""
    minimum: float = 0.0
    maximum: float = 1e9
    step: float = 1.0
    choices: tuple[tuple[str, str], ...] = ()
    shown_when: tuple[str, tuple[OptionValue, ...]] | None = None

    def checked(self, value: OptionValue) -> OptionValue:
        """Return the value brought into range; raises AtsmError for another type or choice."""
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise AtsmError(f"{self.title} is either on or off, not {value!r}.")
            return value
        if isinstance(self.default, str):
            if value not in tuple(c for c, _ in self.choices):
                raise AtsmError(f"{self.title} cannot be {value!r}.")
            return value
        if isinstance(value, bool | str):
            raise AtsmError(f"{self.title} is a number, not {value!r}.")
        return min(max(float(value), self.minimum), self.maximum)


def option_values(
    specs: tuple[OptionSpec, ...], given: Mapping[str, OptionValue] | None = None
) -> dict[str, OptionValue]:
    """Return a complete, checked set of values; raises AtsmError for unknown names."""
    given = given or {}
    unknown = set(given) - {s.id for s in specs}
    if unknown:
        raise AtsmError(f"There is no option {sorted(unknown)[0]!r}.")
    return {s.id: s.checked(given.get(s.id, s.default)) for s in specs}

"""What a metric is: its columns and how they are computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from atsm_viewer.domain.results import Cell, Column

C = TypeVar("C")
Cells = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Metric(Generic[C]):
    """One metric or one close family.

    Parameters
    ----------
    name
        Stable short name of the family.
    unit
        Unit of its main column; empty for pure numbers.
    definition
        One sentence that defines it.
    columns
        What it fills, in output order.
    compute
        Returns the cells of its columns for a ROI or a tumour in a frame; a column that is left out
        is an empty cell.
    """

    name: str
    unit: str
    definition: str
    columns: tuple[Column, ...]
    compute: Callable[[C], Cells]

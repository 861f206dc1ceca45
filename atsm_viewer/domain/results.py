"""Tables of values that were already computed."""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result table.

    Parameters
    ----------
    name
        Column name in the CSV; carries the unit suffix.
    title
        Short head for people, with its unit.
    definition
        One sentence that defines the number.
    """

    name: str
    title: str
    definition: str


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Rows of values under named columns.

    Parameters
    ----------
    columns
        In output order.
    rows
        One dictionary per row, from column name to value; None is an empty cell.
    """

    columns: tuple[Column, ...]
    rows: tuple[dict[str, Cell], ...]

    def column_names(self) -> tuple[str, ...]:
        """Names in output order."""
        return tuple(c.name for c in self.columns)

    def row_where(self, **wanted: Cell) -> dict[str, Cell]:
        """Return the first row with these values; raises KeyError when there is none."""
        for row in self.rows:
            if all(row.get(k) == v for k, v in wanted.items()):
                return row
        raise KeyError(wanted)


@dataclass(frozen=True, slots=True)
class Results:
    """The two tables of a session.

    Parameters
    ----------
    rois
        One row per ROI and frame.
    tm
        One row per tumour and frame.
    """

    rois: ResultTable
    tm: ResultTable

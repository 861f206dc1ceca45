"""Tables as text: comma, semicolon or tab, from a file or from a spreadsheet's clipboard."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from atsm_viewer.domain.errors import AtsmError

_LARGEST = 4_000_000
_SEPARATORS = ("\t", ";", ",")


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of texts.

    Parameters
    ----------
    heads
        Column heads.
    rows
        Row number as a spreadsheet counts it (the heads are row 1) and its cells, one per head.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table_text(text: str, name: str) -> TextTable:
    """Return the table that a text holds.

    The separator is the one of tab, semicolon and comma that the head line holds most; a single
    column needs none. Blank rows and rows that start with ``#`` are skipped.

    Parameters
    ----------
    text
        What the file or clipboard holds.
    name
        For messages.

    Raises
    ------
    AtsmError
        When there is no row below the heads, a head is repeated, or a row has more cells than heads.
    """
    if len(text) > _LARGEST:
        raise AtsmError(f"{name} is too large for a dose table.", "It may hold 4 MB of text.")
    cleaned = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in cleaned.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise AtsmError(
            f"{name[0].upper()}{name[1:]} is empty.",
            "A dose table has a line of heads and one row per subject.",
        )
    separator = max(_SEPARATORS, key=lines[0].count)
    try:
        reader = csv.reader(io.StringIO(cleaned), delimiter=separator, strict=True)
        found = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise AtsmError(f"{name} is not a table.", "Check its quotation marks.", str(error)) from error
    table = [(n, row) for n, row in found if any(row) and not row[0].startswith("#")]
    heads = table[0][1]
    while heads and not heads[-1]:
        heads.pop()
    repeated = sorted({h for h in heads if h and heads.count(h) > 1})
    if repeated:
        raise AtsmError(f"{name} has the column “{repeated[0]}” twice.", "Rename or remove one of them.")
    if len(table) < 2:
        raise AtsmError(f"{name} has heads but no row.", "Write one row per subject and administration.")
    rows = []
    for number, row in table[1:]:
        if any(row[len(heads) :]):
            raise AtsmError(
                f"Row {number} of {name} has more cells than there are columns.",
                "A decimal comma needs quotation marks, or semicolons between the columns.",
            )
        rows.append((number, tuple((row + [""] * len(heads))[: len(heads)])))
    return TextTable(tuple(heads), tuple(rows))

"""The one form in which result tables become CSV, wherever the CSV goes.

RFC 4180: UTF-8 without a mark, comma, one header row, CRLF at the end of every line, quotes only
where needed. Numbers have a decimal point and up to 10 significant digits; an unknown value is an
empty cell. With ``decimal_comma`` the separator is a semicolon and the decimal sign a comma, as
spreadsheets in much of Europe expect.
"""

from __future__ import annotations

import csv
import io
import math

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.results import Cell, ResultTable

SIGNIFICANT_DIGITS = 10
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def table_csv(table: ResultTable, *, decimal_comma: bool = False, strict: bool = True) -> bytes:
    """Return a table as CSV; equal tables give equal bytes.

    Parameters
    ----------
    table
        What is written.
    decimal_comma
        See above.
    strict
        False writes an empty cell for a number that is not finite: a project must be saved even
        then, and its audit copy holds the number in full.

    Raises
    ------
    AtsmError
        When a cell holds a number that is not finite, unless ``strict`` is False.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if decimal_comma else ",", lineterminator="\r\n")
    names = table.column_names()
    writer.writerow(names)
    for row in table.rows:
        writer.writerow([_cell_text(name, row.get(name), decimal_comma, strict) for name in names])
    # Half a surrogate pair (from a broken file name) has no UTF-8 form.
    return out.getvalue().encode("utf-8", errors="replace")


def _cell_text(name: str, value: Cell, decimal_comma: bool, strict: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # A spreadsheet would run such a text as a formula; the apostrophe makes it text again.
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    if isinstance(value, int):
        return str(int(value))
    if not math.isfinite(value):
        if not strict:
            return ""
        raise AtsmError(
            f"The column “{name}” holds a number that is not finite.", "Nothing was written.", repr(value)
        )
    text = f"{value + 0.0:.{SIGNIFICANT_DIGITS}g}"
    return text.replace(".", ",") if decimal_comma else text

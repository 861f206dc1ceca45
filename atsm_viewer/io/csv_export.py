"""The two result tables as CSV and JSON, and what their columns mean.

CSV follows RFC 4180: UTF-8 without a mark, comma, one header row, CRLF at the end of every line,
quotes only where needed. Numbers have a decimal point and up to 10 significant digits; an unknown
value is an empty cell. With ``decimal_comma`` the separator is a semicolon and the decimal sign a
comma, as spreadsheets in much of Europe expect.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.results import Cell, Results, ResultTable

SIGNIFICANT_DIGITS = 10
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_results_csv(
    results: Results, folder: Path, stem: str, *, decimal_comma: bool = False, overwrite: bool = False
) -> tuple[Path, Path]:
    """Write ``<stem>_rois.csv`` and ``<stem>_tm.csv``; equal results give equal bytes.

    Both files are written aside and flushed to the disk first and then put in place, so that an
    older file is either kept or replaced as a whole.

    Raises
    ------
    AtsmError
        When a file is already there and ``overwrite`` is false, when it cannot be written, or when
        a cell holds a number that is not finite.
    """
    paths = (folder / f"{stem}_rois.csv", folder / f"{stem}_tm.csv")
    tables = (results.rois, results.tm)
    contents = {
        path: _csv_text(table, decimal_comma).encode("utf-8")
        for path, table in zip(paths, tables, strict=True)
    }
    _write_all(contents, overwrite)
    return paths


def results_to_json(results: Results) -> dict[str, list[dict[str, Cell]]]:
    """Return ``{"rois": [{column: value}], "tm": [...]}``, ready for ``json.dumps``.

    Columns stand in output order, unknown values are None (``null``), numbers are not rounded.
    """
    return {
        name: [{column: row.get(column) for column in table.column_names()} for row in table.rows]
        for name, table in (("rois", results.rois), ("tm", results.tm))
    }


def write_data_dictionary(results: Results, path: Path, *, overwrite: bool = False) -> Path:
    """Write what every column of both tables means, as JSON.

    Raises
    ------
    AtsmError
        When the file is already there and ``overwrite`` is false, or cannot be written.
    """
    described = {
        name: [{"name": c.name, "title": c.title, "definition": c.definition} for c in table.columns]
        for name, table in (("rois", results.rois), ("tm", results.tm))
    }
    text = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
    _write_all({path: text.encode("utf-8")}, overwrite)
    return path


def _csv_text(table: ResultTable, decimal_comma: bool) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if decimal_comma else ",", lineterminator="\r\n")
    names = table.column_names()
    writer.writerow(names)
    for row in table.rows:
        writer.writerow([_cell_text(name, row.get(name), decimal_comma) for name in names])
    return out.getvalue()


def _cell_text(name: str, value: Cell, decimal_comma: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # A spreadsheet would run such a text as a formula; the apostrophe makes it text again.
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    if isinstance(value, int):
        return str(int(value))
    if not math.isfinite(value):
        raise AtsmError(
            f"The column “{name}” holds a number that is not finite.", "Nothing was written.", repr(value)
        )
    text = f"{value + 0.0:.{SIGNIFICANT_DIGITS}g}"
    return text.replace(".", ",") if decimal_comma else text


def _write_all(contents: Mapping[Path, bytes], overwrite: bool) -> None:
    """Put all files in place, or none: they are staged beside their places first."""
    if not overwrite:
        for path in contents:
            if path.exists():
                raise AtsmError(f"“{path}” already exists.", "Choose another name, or allow overwriting.")
    staged: dict[Path, Path] = {}
    path = next(iter(contents))
    try:
        for path, data in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
            staged[path] = aside
            with aside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for path, aside in staged.items():
            os.replace(aside, path)
    except OSError as error:
        raise AtsmError(
            f"“{path}” could not be written: {error.strerror or error}.",
            "Choose another folder, or close the file in other programs.",
            repr(error),
        ) from error
    finally:
        for aside in staged.values():
            aside.unlink(missing_ok=True)

"""The two result tables as CSV and JSON files, and what their columns mean."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.results import Cell, Results
from atsm_viewer.io.csv_table import table_csv


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
        path: table_csv(table, decimal_comma=decimal_comma) for path, table in zip(paths, tables, strict=True)
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

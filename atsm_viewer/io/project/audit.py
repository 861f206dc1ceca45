"""Copies of the last results: a table for people, and the full numbers for ``verify``."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from atsm_viewer.domain.results import Cell, Results, ResultTable
from atsm_viewer.io.project.codec import decode, encode

AUDIT_MEMBER = "results/audit.json"


def results_members(results: Results) -> tuple[tuple[str, bytes], ...]:
    """Return name and bytes of the members that hold the results."""
    audit = json.dumps(encode(results), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return (
        ("results/rois.csv", _table_csv(results.rois)),
        ("results/tm.csv", _table_csv(results.tm)),
        (AUDIT_MEMBER, audit.encode("ascii")),
    )


def results_of_audit(audit: dict[str, Any]) -> Results:
    """Return the stored results; raises ProjectError when they are not usable."""
    results: Results = decode(Results, audit, "results")
    return results


def _table_csv(table: ResultTable) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    names = table.column_names()
    writer.writerow(names)
    for row in table.rows:
        writer.writerow([_cell(row.get(name)) for name in names])
    return text.getvalue().encode("utf-8", errors="replace")


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.7g}" if abs(value) < float("inf") else ""
    if isinstance(value, str):
        clean = "".join(" " if c < " " or c == "\x7f" else c for c in value)
        # A spreadsheet would run these as formulas.
        return "'" + clean if value[:1] in tuple("=+-@|＝＋－＠\t\r") else clean
    return str(value)

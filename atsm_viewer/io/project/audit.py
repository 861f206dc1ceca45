"""Copies of the last results: a table for people, and the full numbers for ``verify``."""

from __future__ import annotations

import json
from typing import Any

from atsm_viewer.domain.results import Results
from atsm_viewer.io.csv_table import table_csv
from atsm_viewer.io.project.codec import decode, encode

AUDIT_MEMBER = "results/audit.json"


def results_members(results: Results) -> tuple[tuple[str, bytes], ...]:
    """Return name and bytes of the members that hold the results."""
    audit = json.dumps(encode(results), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return (
        ("results/rois.csv", table_csv(results.rois, strict=False)),
        ("results/tm.csv", table_csv(results.tm, strict=False)),
        (AUDIT_MEMBER, audit.encode("ascii")),
    )


def results_of_audit(audit: dict[str, Any]) -> Results:
    """Return the stored results; raises ProjectError when they are not usable."""
    results: Results = decode(Results, audit, "results")
    return results

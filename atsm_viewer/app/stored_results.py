"""Numbers of the last save, shown where the image they were measured on is missing.

They are marked with the status ``stored_results`` wherever they go, and only stand in for a ROI
whose voxels are the ones that were measured.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.results import Cell, Results, ResultTable
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project.audit import results_of_audit
from atsm_viewer.metrics.identity import mask_digest

STORED = "stored_results"


def stored_results(audit: dict[str, Any] | None) -> Results | None:
    """Return the results of the last save, unmarked; None when there are none that can be used."""
    if audit is None:
        return None
    try:
        found = results_of_audit(audit)
    except AtsmError:
        return None  # the loader has said that they are damaged
    return Results(_each(found.rois, unmarked), _each(found.tm, unmarked))


def with_stored(results: Results, stored: Results | None, state: SessionState) -> Results:
    """Return results in which stored rows stand in, marked, for the rows of ROIs without an image.

    Parameters
    ----------
    results
        As computed from ``state``.
    stored
        Of the last save, or None.
    state
        The session.
    """
    if stored is None:
        return results
    blind = {
        roi.id: mask_digest(roi.mask)
        for roi in state.rois
        if state.scan(roi.scan_id).pet is None and not roi.mask.is_empty
    }
    if not blind:
        return results
    return Results(_filled(results.rois, stored.rois, blind), _filled(results.tm, stored.tm, blind))


def is_stored(row: dict[str, Cell]) -> bool:
    """Whether a row holds numbers of the last save instead of fresh ones."""
    return STORED in _codes(row)


def unmarked(row: dict[str, Cell]) -> dict[str, Cell]:
    """Return a row without the mark."""
    codes = [c for c in _codes(row) if c != STORED]
    return {**row, "status": ";".join(codes) or None} if is_stored(row) else row


def _filled(now: ResultTable, stored: ResultTable, blind: dict[str, str]) -> ResultTable:
    usable: dict[str, list[dict[str, Cell]]] = {}
    for row in stored.rows:
        roi_id = str(row.get("roi_id"))
        if roi_id in blind and row.get("mask_sha256") == blind[roi_id]:
            usable.setdefault(roi_id, []).append(_marked(row))
    rows: list[dict[str, Cell]] = []
    for row in now.rows:
        roi_id = str(row.get("roi_id"))
        rows.extend(usable.pop(roi_id, [row]))
    return replace(now, rows=tuple(rows))


def _marked(row: dict[str, Cell]) -> dict[str, Cell]:
    codes = [STORED, *(c for c in _codes(row) if c not in (STORED, "no_image"))]
    return {**row, "status": ";".join(codes)}


def _each(table: ResultTable, change: Any) -> ResultTable:
    return replace(table, rows=tuple(change(row) for row in table.rows))


def _codes(row: dict[str, Cell]) -> list[str]:
    return [c for c in str(row.get("status") or "").split(";") if c]

"""Whether a project still gives the numbers it stored."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atsm_viewer import __version__
from atsm_viewer.app.project_opening import open_project_file
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.results import Cell, ResultTable
from atsm_viewer.io.project.audit import results_of_audit
from atsm_viewer.metrics.evaluate import evaluate

RELATIVE_TOLERANCE = 1e-9
# These say who computed, not what.
_NOT_COMPARED = frozenset({"app_version", "project", "schema_version"})


@dataclass(frozen=True)
class Difference:
    """A cell that is not what it was."""

    roi: str
    frame: Cell
    column: str
    stored: Cell
    now: Cell


@dataclass(frozen=True)
class Verification:
    """The answer.

    Parameters
    ----------
    path
        The project.
    compared
        Number of cells compared.
    differences
        Cells that differ.
    problems
        What kept cells from being recomputed, in words.
    """

    path: Path
    compared: int
    differences: tuple[Difference, ...]
    problems: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything was recomputed and nothing differs."""
        return not self.differences and not self.problems

    def lines(self) -> list[str]:
        """Return the report as text."""
        head = "agrees" if self.agrees else "DOES NOT AGREE"
        out = [f"{self.path.name}: {head}; {self.compared} values compared, {len(self.differences)} differ"]
        out += [f"  problem: {p}" for p in self.problems]
        out += [
            f"  {d.roi}, frame {d.frame}, {d.column}: stored {d.stored}, now {d.now}"
            for d in self.differences
        ]
        return out

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "project": self.path.name,
            "agrees": self.agrees,
            "compared": self.compared,
            "problems": list(self.problems),
            "differences": [
                {"roi": d.roi, "frame": d.frame, "column": d.column, "stored": d.stored, "now": d.now}
                for d in self.differences
            ],
        }


def verify_project(path: Path) -> Verification:
    """Recompute a project and compare with its audit copy.

    Raises
    ------
    AtsmError
        When the file is not a project that can be read.
    """
    if not path.exists():
        raise AtsmError(f"“{path}” does not exist.")
    opened = open_project_file(path)
    problems = [n.text for n in opened.state.notices if n.severity is Severity.ERROR]
    if opened.audit is None:
        return Verification(path, 0, (), (*problems, "The project stores no results to compare with."))
    stored = results_of_audit(opened.audit)
    now = evaluate(opened.state, app_version=__version__)
    compared, differences = 0, []
    for old_table, new_table in ((stored.rois, now.rois), (stored.tm, now.tm)):
        count, found = _compare(old_table, new_table)
        compared += count
        differences.extend(found)
    return Verification(path, compared, tuple(differences), tuple(problems))


def _compare(stored: ResultTable, now: ResultTable) -> tuple[int, list[Difference]]:
    new_rows = {(r.get("roi_id"), r.get("frame_index")): r for r in now.rows}
    count, found = 0, []
    for row in stored.rows:
        key = (row.get("roi_id"), row.get("frame_index"))
        name = str(row.get("roi_name"))
        other = new_rows.pop(key, None)
        if other is None:
            found.append(Difference(name, key[1], "(row)", "stored", None))
            continue
        for column, value in row.items():
            if column in _NOT_COMPARED:
                continue
            count += 1
            if not _same(value, other.get(column)):
                found.append(Difference(name, key[1], column, value, other.get(column)))
    for key, row in new_rows.items():
        found.append(Difference(str(row.get("roi_name")), key[1], "(row)", None, "new"))
    return count, found


def _same(a: Cell, b: Cell) -> bool:
    if isinstance(a, float | int) and isinstance(b, float | int):
        return math.isclose(a, b, rel_tol=RELATIVE_TOLERANCE, abs_tol=0.0)
    return a == b

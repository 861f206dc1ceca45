"""Whether a project still gives the numbers it stored."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from atsm_viewer import __version__
from atsm_viewer.app.image_places import ImagePlaces
from atsm_viewer.app.project_opening import open_project_file
from atsm_viewer.app.stored_results import stored_results
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.results import Cell, ResultTable
from atsm_viewer.metrics.evaluate import evaluate

SUFFIX = ".atsm"
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
    unverifiable
        Names of ROIs that cannot be recomputed because their image is missing or refused.
    """

    path: Path
    compared: int
    differences: tuple[Difference, ...]
    problems: tuple[str, ...]
    unverifiable: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether everything was recomputed and nothing differs."""
        return not self.differences and not self.problems and not self.unverifiable

    @property
    def verdict(self) -> str:
        """``agrees``, ``differs``, or ``cannot be verified``."""
        if self.differences:
            return "differs"
        return "agrees" if self.agrees else "cannot be verified"

    def lines(self) -> list[str]:
        """Return the report as text."""
        head = {"agrees": "agrees", "differs": "DOES NOT AGREE"}.get(self.verdict, "CANNOT BE VERIFIED")
        out = [f"{self.path.name}: {head}; {self.compared} values compared, {len(self.differences)} differ"]
        out += [f"  problem: {p}" for p in self.problems]
        if self.unverifiable:
            out.append(f"  not recomputed, image missing: {', '.join(self.unverifiable)}")
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
            "verdict": self.verdict,
            "unverifiable": list(self.unverifiable),
            "compared": self.compared,
            "problems": list(self.problems),
            "differences": [
                {"roi": d.roi, "frame": d.frame, "column": d.column, "stored": d.stored, "now": d.now}
                for d in self.differences
            ],
        }


def verify_project(
    path: Path, *, search: Sequence[Path] = (), places: ImagePlaces | None = None
) -> Verification:
    """Recompute a project and compare with its audit copy.

    Parameters
    ----------
    path
        The project.
    search, places
        Where else images may lie; see :func:`open_project_file`.

    Raises
    ------
    AtsmError
        When the file is not a project that can be read.
    """
    if not path.exists():
        raise AtsmError(f"“{path}” does not exist.")
    opened = open_project_file(path, search=search, places=places)
    problems = [n.text for n in opened.state.notices if n.severity is Severity.ERROR]
    if opened.audit is None:
        return Verification(path, 0, (), (*problems, "The project stores no results to compare with."))
    stored = stored_results(opened.audit)
    if stored is None:
        return Verification(path, 0, (), (*problems, "The stored results cannot be read."))
    now = evaluate(opened.state, app_version=__version__)
    compared, differences = 0, []
    blind = {r.id: r.name for r in opened.state.rois if opened.state.scan(r.scan_id).pet is None}
    for old_table, new_table in ((stored.rois, now.rois), (stored.tm, now.tm)):
        count, found = _compare(_seen(old_table, blind), _seen(new_table, blind))
        compared += count
        differences.extend(found)
    return Verification(path, compared, tuple(differences), tuple(problems), tuple(blind.values()))


def projects_in(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the project files among files and, recursively, in folders; hidden folders are left out.

    Raises
    ------
    AtsmError
        When a path does not exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise AtsmError(f"“{path}” does not exist.")
        if not path.is_dir():
            found[path] = None
            continue
        for folder, names, files in os.walk(path):
            names[:] = sorted(n for n in names if not n.startswith("."))
            ours = (n for n in sorted(files) if n.lower().endswith(SUFFIX) and not n.startswith("."))
            found.update((Path(folder) / n, None) for n in ours)
    return tuple(found)


def verify_all(
    paths: Sequence[Path], *, search: Sequence[Path] = (), places: ImagePlaces | None = None
) -> Iterator[Verification]:
    """Yield the verdict on each project; one that cannot be read is a verdict too."""
    for path in paths:
        try:
            yield verify_project(path, search=search, places=places)
        except AtsmError as error:
            yield Verification(path, 0, (), (str(error),))


def _seen(table: ResultTable, blind: Mapping[str, str]) -> ResultTable:
    return replace(table, rows=tuple(r for r in table.rows if r.get("roi_id") not in blind))


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

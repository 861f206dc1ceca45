"""One piece of code writes the CSV of exports and of project files."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.results import Column, Results, ResultTable
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.csv_export import write_results_csv
from atsm_viewer.io.csv_table import table_csv
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project

COLUMNS = (Column("roi_name", "ROI", "its name"), Column("suv_mean", "SUVmean", "mean"))


def test_the_copy_in_a_project_has_the_bytes_of_the_export(tmp_path: Path) -> None:
    table = ResultTable(COLUMNS, ({"roi_name": "a;“b”\n", "suv_mean": 2.0 / 3.0},))
    results = Results(table, ResultTable(COLUMNS, ()))
    rois, tm = write_results_csv(results, tmp_path, "x")
    save_project(SessionState(), tmp_path / "x.atsm", meta=ProjectMeta.new(), results=results)
    with zipfile.ZipFile(tmp_path / "x.atsm") as container:
        assert container.read("results/rois.csv") == rois.read_bytes()
        assert container.read("results/tm.csv") == tm.read_bytes()
    assert b"0.6666666667" in rois.read_bytes()


def test_a_number_that_is_not_finite_stops_an_export_but_never_a_save(tmp_path: Path) -> None:
    table = ResultTable(COLUMNS, ({"roi_name": "a", "suv_mean": math.inf},))
    with pytest.raises(AtsmError, match="suv_mean"):
        table_csv(table)
    assert table_csv(table, strict=False) == b"roi_name,suv_mean\r\na,\r\n"
    save_project(SessionState(), tmp_path / "x.atsm", meta=ProjectMeta.new(), results=Results(table, table))

"""CSV and JSON of the result tables."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.results import Cell, Column, Results, ResultTable
from atsm_viewer.io.csv_export import results_to_json, write_data_dictionary, write_results_csv

COLUMNS = tuple(Column(n, f"{n} title", f"{n} means this.") for n in ("name", "n", "x", "status"))


def table(*rows: tuple[Cell, ...]) -> ResultTable:
    return ResultTable(COLUMNS, tuple(dict(zip((c.name for c in COLUMNS), r, strict=True)) for r in rows))


RESULTS = Results(
    table(("Müller, “left”", 3, 3.4118328855170965, None), ('say "hi"\nthere', 0, -1.5e-12, "a;b")),
    table(("T1", 216, 110.59200000000003, "few_voxels")),
)


def read(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def test_both_files_come_back_through_another_reader(tmp_path) -> None:
    rois, tm = write_results_csv(RESULTS, tmp_path, "study")
    assert (rois.name, tm.name) == ("study_rois.csv", "study_tm.csv")
    assert read(rois) == [
        ["name", "n", "x", "status"],
        ["Müller, “left”", "3", "3.411832886", ""],
        ['say "hi"\nthere', "0", "-1.5e-12", "a;b"],
    ]
    assert read(tm)[1] == ["T1", "216", "110.592", "few_voxels"]


def test_lines_end_with_crlf_and_the_file_has_no_mark(tmp_path) -> None:
    _, tm = write_results_csv(RESULTS, tmp_path, "s")
    assert tm.read_bytes() == b"name,n,x,status\r\nT1,216,110.592,few_voxels\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_texts_that_a_spreadsheet_would_run_are_made_harmless(tmp_path, start) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    rois, _ = write_results_csv(Results(table((text, 1, -2.0, "ok")), table()), tmp_path, "s")
    row = read(rois)[1]
    assert row[0] == "'" + text
    assert row[2] == "-2"  # numbers stay numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1 + 0.2, "0.3"), (1 / 3, "0.3333333333"), (123456789.125, "123456789.1"), (2.0, "2"), (-0.0, "0"),
     (1e-7, "1e-07"), (1.5e300, "1.5e+300")],
)  # fmt: skip
def test_numbers_keep_ten_significant_digits(tmp_path, value, text) -> None:
    rois, _ = write_results_csv(Results(table(("a", 1, value, None)), table()), tmp_path, "s")
    assert read(rois)[1][2] == text


def test_the_european_variant_uses_semicolon_and_decimal_comma(tmp_path) -> None:
    rois, _ = write_results_csv(RESULTS, tmp_path, "s", decimal_comma=True)
    rows = read(rois, ";")
    assert rows[1][2] == "3,411832886"
    assert rows[2][3] == "a;b"


def test_existing_files_are_kept_unless_overwriting_was_asked_for(tmp_path) -> None:
    (tmp_path / "s_tm.csv").write_text("precious")
    with pytest.raises(AtsmError, match="s_tm"):
        write_results_csv(RESULTS, tmp_path, "s")
    assert [p.name for p in tmp_path.iterdir()] == ["s_tm.csv"]
    assert (tmp_path / "s_tm.csv").read_text() == "precious"
    write_results_csv(RESULTS, tmp_path, "s", overwrite=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["s_rois.csv", "s_tm.csv"]
    assert "precious" not in (tmp_path / "s_tm.csv").read_text()


def test_equal_results_give_equal_bytes(tmp_path) -> None:
    one = write_results_csv(RESULTS, tmp_path / "a", "s")
    two = write_results_csv(RESULTS, tmp_path / "b", "s")
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


def test_a_failed_write_leaves_the_old_file_and_no_debris(tmp_path, monkeypatch) -> None:
    (tmp_path / "s_rois.csv").write_text("old")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AtsmError, match="No space left") as caught:
        write_results_csv(RESULTS, tmp_path, "s", overwrite=True)
    assert "s_rois.csv" in str(caught.value)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("s_rois.csv", "old")]


def test_a_folder_that_cannot_be_made_is_named(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AtsmError, match="could not be written"):
        write_results_csv(RESULTS, tmp_path / "file" / "below", "s")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_never_written(tmp_path, value) -> None:
    with pytest.raises(AtsmError, match="“x”"):
        write_results_csv(Results(table(("a", 1, value, None)), table()), tmp_path, "s")
    assert list(tmp_path.iterdir()) == []


def test_json_holds_both_tables_unrounded() -> None:
    back = json.loads(json.dumps(results_to_json(RESULTS)))
    assert back["rois"][0] == {"name": "Müller, “left”", "n": 3, "x": 3.4118328855170965, "status": None}
    assert [len(back["rois"]), len(back["tm"])] == [2, 1]
    assert list(back["tm"][0]) == ["name", "n", "x", "status"]


def test_the_data_dictionary_describes_every_column(tmp_path) -> None:
    path = write_data_dictionary(RESULTS, tmp_path / "columns.json")
    described = json.loads(path.read_text(encoding="utf-8"))
    assert [c["name"] for c in described["tm"]] == ["name", "n", "x", "status"]
    assert described["rois"][2] == {"name": "x", "title": "x title", "definition": "x means this."}
    with pytest.raises(AtsmError, match="columns"):
        write_data_dictionary(RESULTS, path)

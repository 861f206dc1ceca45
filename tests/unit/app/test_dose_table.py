"""Dose tables and sidecars: read by heads, matched by subject, entered as one step."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atsm_viewer.app.commands import command
from atsm_viewer.app.context import build_context
from atsm_viewer.app.dose_table import parse_dose_table, parse_sidecar, read_dose_file, table_edit
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.volume import Modality, Volume

TABLE = """subject_id,weight_g,nuclide,tracer,dose (MBq),assay,assay_time,residual_kBq,injected_at,comment
M01,22.3,64Cu,64Cu-ATSM,7.4,,,,2026-01-01 10:00,fine
M02,25,Cu-64,64Cu-ATSM,,8.1 MBq,2026-01-01T09:50,420,2026-01-01 10:05,
"""


def state_of(*labels: str, scans: int = 1) -> SessionState:
    grid = Geometry.axis_aligned((4, 4, 4), (1.0, 1.0, 1.0))
    facts = PetFacts.from_instances([InstanceFacts(units="BQML")])
    pet = Volume(grid, np.ones((1, 4, 4, 4), dtype=np.float32), "BQML", Modality.PET)
    made = tuple(
        Scan(
            f"scan{n}", f"{n} h", grid, pet, None,
            tuple(Slot(f"s{i}", f"a{i}-{n}") for i in range(len(labels))), pet_facts=facts,
        )
        for n in range(scans)
    )  # fmt: skip
    return SessionState(
        tuple(Subject(f"s{i}", label) for i, label in enumerate(labels)),
        tuple(Administration(f"a{i}-{n}", f"s{i}") for i in range(len(labels)) for n in range(scans)),
        made,
    )


def entered(state: SessionState, administration: str = "a0-0") -> dict[str, Any]:
    found = state.administration(administration).entered
    return {name: getattr(found, name) for name in found.entered()}


def from_table(value: Any) -> Sourced[Any]:
    return Sourced(value, Provenance.STUDY_TABLE, "doses.csv")


def test_each_row_goes_to_its_subject_with_units_from_heads_or_cells() -> None:
    state = state_of("M01", "M02")
    edit, left = table_edit(state, parse_dose_table(TABLE, "doses.csv"))
    after = edit.apply(state)
    assert left == ()
    assert entered(after) == {
        "weight_kg": from_table(pytest.approx(0.0223)),
        "nuclide": from_table("Cu-64"),
        "injected_activity_bq": from_table(7.4e6),
        "administration_time": from_table(datetime(2026, 1, 1, 10)),
    }
    assert after.administrations[0].tracer == from_table("64Cu-ATSM")
    second = entered(after, "a1-0")
    assert second["assay_activity_bq"] == from_table(pytest.approx(8.1e6))
    assert second["assay_time"] == from_table(datetime(2026, 1, 1, 9, 50))
    assert second["residual_activity_bq"] == from_table(420e3)
    assert "injected_activity_bq" not in second


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_tables_from_a_spreadsheet_come_with_tabs_or_semicolons_and_decimal_commas(separator) -> None:
    text = (
        separator.join(["Animal", "Weight (g)", "Dose [MBq]"])
        + "\r\n"
        + separator.join(["M01", "22,3", "7,4"])
    )
    (row,) = parse_dose_table("\ufeff" + text + "\r\n\r\n", "the clipboard")
    assert row.subject == "M01"
    assert [v for _f, v in row.values] == [pytest.approx(0.0223), pytest.approx(7.4e6)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("subject_id,weight\nM01,22.3", ["Row 2 of doses.csv", "“weight”", "no unit"]),
        ("subject_id,weight_g\nM01,22\nM02,heavy", ["Row 3", "“weight_g”", "cannot be read"]),
        ("subject_id,injected_at\nM01,09:20", ["Row 2", "“injected_at”", "date is missing"]),
        ("subject_id,shoe_size\nM01,3", ["unknown column “shoe_size”", "subject_id, species"]),
        ("subject_id,weight_g,weight_g\nM01,1,2", ["“weight_g” twice"]),
        ("subject_id,weight_g,weight_kg\nM01,22,0.022", ["Row 2", "weight twice"]),
        ("subject_id,weight_g\nM01,22,3", ["Row 2", "more cells"]),
        ("subject_id,weight_g\nM01,22\nM01,23", ["Row 3", "repeats “M01” of row 2"]),
        ("subject_id,weight_g\n", ["no row"]),
        ("", ["empty"]),
        ('subject_id,weight_g\n"M01,22', ["not a table"]),
    ],
)
def test_a_bad_table_is_refused_by_row_and_column(text, words) -> None:
    with pytest.raises(AtsmError) as refused:
        parse_dose_table(text, "doses.csv")
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_rows_of_other_subjects_are_left_out_and_named_and_none_at_all_is_an_error() -> None:
    rows = parse_dose_table(TABLE, "doses.csv")
    assert table_edit(state_of("M02"), rows)[1] == ("M01",)
    with pytest.raises(AtsmError, match="No row of the table is about “X”"):
        table_edit(state_of("X"), rows)


def test_a_row_without_subject_serves_the_only_one() -> None:
    rows = parse_dose_table("weight_g\n22.3\n", "doses.csv")
    assert entered(table_edit(state_of("X"), rows)[0].apply(state_of("X")))
    with pytest.raises(AtsmError, match="subject is missing in row 2"):
        table_edit(state_of("X", "Y"), rows)


def test_several_administrations_are_told_apart_by_the_scan() -> None:
    state = state_of("M01", scans=2)
    with pytest.raises(AtsmError, match="several administrations"):
        table_edit(state, parse_dose_table("subject_id,weight_g\nM01,22", "doses.csv"))
    rows = parse_dose_table("subject_id,scan,weight_g\nM01,0 h,22\nM01,1 h,23\n", "doses.csv")
    after = table_edit(state, rows)[0].apply(state)
    assert entered(after, "a0-0")["weight_kg"].value == pytest.approx(0.022)
    assert entered(after, "a0-1")["weight_kg"].value == pytest.approx(0.023)


def test_a_sidecar_holds_one_or_several_cards() -> None:
    one = {"weight": "22.3 g", "dose_MBq": 7.4, "injected_at": "2026-01-01T10:00"}
    for data in (one, [one], {"subjects": [one]}):
        (row,) = parse_sidecar(json.dumps(data), "dose.json")
        assert (row.provenance, row.detail) == (Provenance.SIDECAR, "dose.json")
        assert [v for _f, v in row.values] == [
            pytest.approx(0.0223), pytest.approx(7.4e6), datetime(2026, 1, 1, 10),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["{", "3", "[]", "[3]", '{"weight": [1]}', '{"weight": true}', '{"x": 1}', "[" * 9999]
)
def test_a_bad_sidecar_is_refused_in_words(text) -> None:
    with pytest.raises(AtsmError):
        parse_sidecar(text, "dose.json")


def test_files_are_read_by_their_ending(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text('{"weight": "22.3 g"}', encoding="utf-8")
    (tmp_path / "d.csv").write_text("weight\n22.3 g\n", encoding="utf-8")
    (tmp_path / "d.bin").write_bytes(b"\xff\xfe\x00\x01")
    assert read_dose_file(tmp_path / "d.json")[0].provenance is Provenance.SIDECAR
    assert read_dose_file(tmp_path / "d.csv")[0].provenance is Provenance.STUDY_TABLE
    for name in ("d.bin", "absent.csv"):
        with pytest.raises(AtsmError, match=name):
            read_dose_file(tmp_path / name)


class Person:
    """Answers the questions of the commands."""

    def __init__(self, path: Path | None = None, clipboard: str | None = None) -> None:
        self.path, self.clipboard, self.messages = path, clipboard, []

    def choose_open_file(self, title: str, filters: str) -> Path | None:
        return self.path

    def clipboard_text(self) -> str | None:
        return self.clipboard

    def show_message(self, text: str) -> None:
        self.messages.append(text)


@pytest.mark.parametrize(
    ("name", "label"), [("dose.load", "Load dose table"), ("dose.paste", "Paste dose table")]
)
def test_loading_and_pasting_are_one_undo_step(name, label, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text(TABLE, encoding="utf-8")
    person = Person(path, TABLE)
    ctx = build_context(SettingsStore(None), InlineJobRunner(), person)  # type: ignore[arg-type]
    state = state_of("M02")
    ctx.session.replace(state, saved=True)
    command(name).run(ctx)
    assert ctx.session.undo_labels == (label,)
    assert person.messages == ["Dose table entered. Rows for other subjects were left out: M01."]
    assert len(entered(ctx.session.state)) == 6
    ctx.session.undo()
    assert ctx.session.state is state
    person.path = person.clipboard = None
    if name == "dose.paste":
        with pytest.raises(AtsmError, match="clipboard is empty"):
            command(name).run(ctx)
    else:
        command(name).run(ctx)
        assert ctx.session.state is state

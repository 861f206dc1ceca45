"""Opening, saving and exporting as a person does it, with a person who answers from a script."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atsm_viewer.app import documents
from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.ui_port import SaveAnswer
from atsm_viewer.domain.edits import RenameRoi
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.state import SessionState

TUMOUR = np.zeros((6, 10, 12), dtype=bool)
TUMOUR[2:4, 3:6, 4:8] = True
MUSCLE = np.zeros((6, 10, 12), dtype=bool)
MUSCLE[0:2, 7:10, 0:5] = True


@pytest.fixture
def opened(ctx: AppContext, study: Any, write_mask: Callable[..., Path], tmp_path: Path) -> AppContext:
    """The study is open and has a tumour and a muscle."""
    documents.open_paths(ctx, [study.root])
    documents.import_mask(ctx, write_mask(tmp_path / "tumour.nii.gz", TUMOUR), Role.TUMOUR, "T")
    documents.import_mask(ctx, write_mask(tmp_path / "muscle.nii.gz", MUSCLE), Role.MUSCLE, "M")
    return ctx


def test_opening_a_folder_shows_its_pet_with_its_ct_and_nothing_needs_saving(
    ctx: AppContext, port: Any, study: Any
) -> None:
    documents.open_paths(ctx, [study.root])
    (scan,) = ctx.session.state.scans
    assert scan.pet is not None
    assert scan.ct is not None
    assert np.allclose(scan.pet.values_tkji[0], study.values, rtol=1e-6)
    assert not ctx.session.is_dirty
    assert ctx.view.state.scan_id == scan.id
    assert ctx.document.path is None
    assert ctx.document.folder == study.root.parent  # never among the images
    assert ctx.settings.settings.recent == (str(study.root),)
    assert (port.asked, port.errors) == ([], [])  # there is nothing to choose


def test_several_pets_are_asked_about_and_a_later_change_of_mind_is_possible(
    ctx: AppContext, port: Any, write_study: Callable[..., Any], tmp_path: Path
) -> None:
    studies = [write_study(tmp_path / "both" / n, seed=seed) for n, seed in (("a", 1), ("b", 2))]
    documents.open_paths(ctx, [tmp_path / "both"])
    assert port.asked == ["series"]
    (scan,) = ctx.session.state.scans
    assert scan.pet is not None
    assert any(np.allclose(scan.pet.values_tkji[0], s.values, rtol=1e-6) for s in studies)
    documents.choose_series(ctx)
    assert port.asked == ["series", "series"]


def test_no_name_of_the_person_reaches_the_session(ctx: AppContext, study: Any) -> None:
    documents.open_paths(ctx, [study.root])
    (subject,) = ctx.session.state.subjects
    assert subject.label == "SUBJ-0001"
    assert "DOE" not in ctx.document.title
    assert "PAT-4711-ID" not in ctx.document.title


@pytest.mark.parametrize("kind", ["empty folder", "texts", "missing"])
def test_what_holds_no_images_is_refused_and_the_open_study_stays(
    opened: AppContext, port: Any, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "other"
    if kind != "missing":
        folder.mkdir()
    if kind == "texts":
        (folder / "notes.txt").write_text("not an image")
    before, view = opened.session.state, opened.view.state
    port.unsaved = [SaveAnswer.DISCARD]
    documents.open_paths(opened, [folder])
    (error,) = port.errors
    assert "other" in error.user_message
    assert opened.session.state is before
    assert opened.view.state is view
    assert opened.session.is_dirty


def test_a_person_who_cancels_the_choice_of_series_keeps_the_open_study(
    opened: AppContext, port: Any, write_study: Callable[..., Any], tmp_path: Path
) -> None:
    before = opened.session.state
    for name, seed in (("a", 1), ("b", 2)):
        write_study(tmp_path / "both" / name, seed=seed)
    port.take_series, port.unsaved = False, [SaveAnswer.DISCARD]
    documents.open_paths(opened, [tmp_path / "both"])
    assert port.asked[-1] == "series"
    assert opened.session.state is before
    assert port.errors == []


@pytest.mark.parametrize("answer", list(SaveAnswer))
def test_unsaved_work_is_asked_about_before_another_study_takes_its_place(
    opened: AppContext, port: Any, study: Any, tmp_path: Path, answer: SaveAnswer
) -> None:
    before, target = opened.session.state, tmp_path / "kept.atsm"
    port.unsaved, port.save_file, port.asked = [answer], [target], []
    documents.open_paths(opened, [study.pet])
    assert port.asked[0] == "unsaved before opening something else"
    assert (opened.session.state is before) is (answer is SaveAnswer.CANCEL)
    assert target.exists() is (answer is SaveAnswer.SAVE)
    if answer is SaveAnswer.CANCEL:
        assert port.asked == ["unsaved before opening something else"]
        assert opened.session.is_dirty


@pytest.mark.parametrize("action", ["open", "close", "sample"])
def test_when_saving_first_is_abandoned_nothing_is_lost(
    opened: AppContext, port: Any, study: Any, action: str
) -> None:
    before = opened.session.state
    port.unsaved, port.save_file = [SaveAnswer.SAVE], [None]
    if action == "open":
        documents.open_paths(opened, [study.pet])
    elif action == "close":
        documents.close(opened)
    else:
        documents.open_sample(opened, "mouse")
    assert opened.session.state is before
    assert opened.session.is_dirty


def test_closing_leaves_an_empty_session_that_needs_no_saving(opened: AppContext, port: Any) -> None:
    port.unsaved = [SaveAnswer.DISCARD]
    documents.close(opened)
    assert opened.session.state.scans == ()
    assert not opened.session.is_dirty
    assert (opened.view.state.scan_id, opened.document.path, opened.document.title) == ("", None, "")


def test_listeners_never_see_a_view_of_a_scan_that_the_state_does_not_hold(
    opened: AppContext, port: Any, study: Any
) -> None:
    wrong: list[str] = []

    def look(*_: object) -> None:
        state: SessionState = opened.session.state
        view = opened.view.state
        if view.scan_id and all(s.id != view.scan_id for s in state.scans):
            wrong.append("scan")
        if view.active_roi_id and state.find_roi(view.active_roi_id) is None:
            wrong.append("roi")

    opened.session.subscribe(look)
    opened.view.subscribe(look)
    port.unsaved = [SaveAnswer.DISCARD]
    documents.open_paths(opened, [study.root])
    documents.close(opened)
    assert wrong == []


def test_a_saved_project_comes_back_with_rois_view_and_numbers(
    opened: AppContext, port: Any, tmp_path: Path
) -> None:
    opened.view.set(layout="row", pet_hi=3.5, cursor_lps=(4.0, 6.0, 3.0))
    numbers = opened.live.exact()
    port.save_file = [tmp_path / "work" / "case.atsm"]
    (tmp_path / "work").mkdir()
    assert documents.save(opened)
    assert not opened.session.is_dirty
    assert opened.document.name == "case"
    documents.close(opened)
    documents.open_paths(opened, [tmp_path / "work" / "case.atsm"])
    assert port.errors == []
    state = opened.session.state
    assert [(r.name, r.role) for r in state.rois] == [("T", Role.TUMOUR), ("M", Role.MUSCLE)]
    assert np.array_equal(state.rois[0].mask.to_dense((6, 10, 12)), TUMOUR)
    assert (opened.view.state.layout, opened.view.state.pet_hi) == ("row", 3.5)
    assert opened.view.state.cursor_lps == (4.0, 6.0, 3.0)
    assert opened.live.exact().tm.rows == numbers.tm.rows
    assert not opened.session.is_dirty


def test_save_writes_to_the_known_file_without_asking_and_save_as_asks(
    opened: AppContext, port: Any, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.atsm", tmp_path / "b.atsm"
    port.save_file = [first]
    documents.save(opened)
    before, port.asked = first.read_bytes(), []
    opened.session.apply(RenameRoi(opened.session.state.rois[0].id, "other"), "Rename")
    assert documents.save(opened)
    assert port.asked == []
    assert first.read_bytes() != before
    kept, port.save_file = first.read_bytes(), [second]
    opened.session.apply(RenameRoi(opened.session.state.rois[0].id, "third"), "Rename")
    assert documents.save_as(opened)
    assert opened.document.path == second
    assert first.read_bytes() == kept
    assert port.proposals[-1] == first


def test_the_ending_is_added_but_never_replaces_a_file_that_nobody_was_asked_about(
    opened: AppContext, port: Any, tmp_path: Path
) -> None:
    port.save_file = [tmp_path / "case"]
    assert documents.save_as(opened)
    kept = (tmp_path / "case.atsm").read_bytes()
    port.save_file = [tmp_path / "case"]
    opened.session.apply(RenameRoi(opened.session.state.rois[0].id, "other"), "Rename")
    assert not documents.save_as(opened)
    assert "already exists" in port.errors[-1].user_message
    assert (tmp_path / "case.atsm").read_bytes() == kept
    assert opened.session.is_dirty


def test_a_save_that_fails_says_so_and_leaves_the_session_dirty(
    opened: AppContext, port: Any, tmp_path: Path
) -> None:
    port.save_file = [tmp_path / "no such folder" / "case.atsm"]
    assert not documents.save(opened)
    assert len(port.errors) == 1
    assert opened.session.is_dirty
    assert opened.document.path is None


def test_settings_that_cannot_be_written_stop_neither_opening_nor_saving(
    port: Any, study: Any, tmp_path: Path
) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    ctx = build_context(SettingsStore(tmp_path / "blocked" / "settings.json"), InlineJobRunner(), port)
    documents.open_paths(ctx, [study.root])
    assert len(ctx.session.state.scans) == 1
    port.save_file = [tmp_path / "case.atsm"]
    assert documents.save(ctx)
    assert not ctx.session.is_dirty
    assert any("settings could not be saved" in m for m in port.messages)


def test_a_project_that_cannot_be_read_is_refused_and_the_open_study_stays(
    opened: AppContext, port: Any, tmp_path: Path
) -> None:
    (tmp_path / "bad.atsm").write_bytes(b"not a project")
    before, port.unsaved = opened.session.state, [SaveAnswer.DISCARD]
    documents.open_paths(opened, [tmp_path / "bad.atsm"])
    assert "bad.atsm" in port.errors[-1].user_message
    assert opened.session.state is before


def test_export_writes_the_two_tables_with_the_numbers_by_definition(
    opened: AppContext, port: Any, study: Any, tmp_path: Path
) -> None:
    port.save_file = [tmp_path / "out_rois.csv"]
    documents.export_csv(opened)
    with open(tmp_path / "out_rois.csv", encoding="utf-8", newline="") as stream:
        tumour, muscle = csv.DictReader(stream)
    with open(tmp_path / "out_tm.csv", encoding="utf-8", newline="") as stream:
        (ratio,) = csv.DictReader(stream)
    assert float(tumour["suv_mean"]) == pytest.approx(study.values[TUMOUR].mean() * study.factor, rel=1e-6)
    assert float(muscle["suv_sd"]) == pytest.approx(study.values[MUSCLE].std(ddof=1) * study.factor, rel=1e-6)
    expected = study.values[TUMOUR].mean() / study.values[MUSCLE].mean()
    assert float(ratio["tm_mean"]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("chosen", "existing", "is_written"),
    [
        ("out_rois.csv", ["out_rois.csv", "out_tm.csv"], True),  # replacing one of a pair was agreed
        ("out_tm.csv", ["out_tm.csv"], True),
        ("out_rois.csv", ["out_tm.csv"], False),
        ("out.csv", ["out_rois.csv"], False),
        ("out.csv", ["out.csv", "out_rois.csv"], False),
        ("out", [], True),
    ],
)
def test_export_replaces_only_what_the_person_agreed_to(
    opened: AppContext, port: Any, tmp_path: Path, chosen: str, existing: list[str], is_written: bool
) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    for name in existing:
        (folder / name).write_text("precious")
    port.save_file = [folder / chosen]
    if is_written:
        documents.export_csv(opened)
        assert all((folder / n).read_text() != "precious" for n in ("out_rois.csv", "out_tm.csv"))
    else:
        with pytest.raises(AtsmError, match="already exists"):
            documents.export_csv(opened)
        assert sorted(p.name for p in folder.iterdir()) == sorted(existing)
        assert all((folder / n).read_text() == "precious" for n in existing)


def test_the_picture_is_a_png_whatever_was_typed(opened: AppContext, port: Any, tmp_path: Path) -> None:
    port.save_file = [tmp_path / "figure"]
    documents.export_picture(opened)
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    port.save_file = [tmp_path / "figure"]
    with pytest.raises(AtsmError, match="already exists"):
        documents.export_picture(opened)


def test_a_person_who_cancels_an_export_gets_no_file(opened: AppContext, port: Any, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    port.save_file = [None, None]
    documents.export_csv(opened)
    documents.export_picture(opened)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_mask_of_another_grid_is_taken_at_the_centres_of_pet_voxels_and_said(
    ctx: AppContext, port: Any, study: Any, write_mask: Callable[..., Path], tmp_path: Path
) -> None:
    documents.open_paths(ctx, [study.root])
    fine = np.zeros((18, 20, 24), dtype=bool)  # cells of 1 mm
    fine[6:12, 6:11, 8:15] = True
    documents.import_mask(ctx, write_mask(tmp_path / "fine.nii.gz", fine, (1.0, 1.0, 1.0)))
    (roi,) = ctx.session.state.rois
    expected = np.zeros((6, 10, 12), dtype=bool)
    for k, j, i in np.ndindex(6, 10, 12):
        expected[k, j, i] = fine[3 * k, 2 * j, 2 * i]
    assert np.array_equal(roi.mask.to_dense((6, 10, 12)), expected)
    assert dict(roi.method.params) == {"file": "fine.nii.gz", "resampled": "true"}
    assert port.messages
    assert ctx.view.state.active_roi_id == roi.id
    assert (roi.name, roi.role) == ("fine", Role.TUMOUR)
    assert ctx.session.undo() == "Import fine"


@pytest.mark.parametrize("kind", ["missing", "text", "elsewhere", "empty"])
def test_a_mask_that_cannot_be_used_is_refused_in_words_and_adds_nothing(
    ctx: AppContext, study: Any, write_mask: Callable[..., Path], tmp_path: Path, kind: str
) -> None:
    documents.open_paths(ctx, [study.root])
    path = tmp_path / "mask.nii.gz"
    if kind == "text":
        path.write_text("not a mask")
    elif kind == "elsewhere":
        write_mask(path, TUMOUR, origin=(500.0, 0.0, 0.0))
    elif kind == "empty":
        write_mask(path, np.zeros((6, 10, 12)))
    with pytest.raises(AtsmError):
        documents.import_mask(ctx, path)
    assert ctx.session.state.rois == ()
    assert not ctx.session.is_dirty


@pytest.mark.parametrize(
    ("text", "expected"),
    [("PET WB 1 h", "PET_WB_1_h"), ("a/b\\c:d*e", "a_b_c_d_e"), ("...", "study"), ("Maus Ä", "Maus_Ä")],
)
def test_any_title_makes_a_file_name(text: str, expected: str) -> None:
    assert documents.safe_stem(text) == expected

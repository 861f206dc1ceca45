"""Two windows, two machines, failing disks: nobody overwrites anybody, and nothing is lost."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atsm_viewer.app import documents, project_care
from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.result_rows import result_rows
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.edits import RenameRoi
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.roi import Role
from atsm_viewer.io.project.backup_store import list_backups
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.lock import LockOwner, lock_file, lock_owner

INSIDE = np.zeros((6, 10, 12), dtype=bool)
INSIDE[2:4, 3:6, 4:8] = True


@pytest.fixture
def saved(ctx: AppContext, port: Any, study: Any, write_mask: Callable[..., Path], tmp_path: Path) -> Path:
    documents.open_paths(ctx, [study.root])
    documents.import_mask(ctx, write_mask(tmp_path / "mask.nii.gz", INSIDE), Role.TUMOUR, "T")
    path = tmp_path / "work" / "case.atsm"
    path.parent.mkdir()
    port.save_file = [path]
    assert documents.save(ctx)
    return path


class Person:
    """Answers from a list, and remembers what was said."""

    def __init__(self) -> None:
        self.choices: list[int | None] = []
        self.save_file: list[Path] = []
        self.folder: Path | None = None
        self.backup: Callable[[Any], Any] = lambda versions: None
        self.asked: list[str] = []
        self.said: list[str] = []

    def ask_choice(self, title: str, text: str, options: Any) -> int | None:
        self.asked.append(text)
        return self.choices.pop(0)

    def choose_save_file(self, *args: Any) -> Path:
        return self.save_file.pop(0)

    def choose_folder(self, title: str) -> Path | None:
        return self.folder

    def choose_backup(self, project: Path, versions: Any) -> Any:
        return self.backup(versions)

    def show_error(self, error: AtsmError) -> None:
        self.said.append(str(error))

    def show_message(self, text: str) -> None:
        self.said.append(text)

    def show_report(self, title: str, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def second() -> AppContext:
    """Another window."""
    return build_context(SettingsStore(None), InlineJobRunner(), Person())  # type: ignore[arg-type]


def rename(ctx: AppContext, name: str) -> None:
    ctx.session.apply(RenameRoi(ctx.session.state.rois[0].id, name), "Rename")


def test_a_second_window_opens_read_only_says_who_and_offers_another_name(
    ctx: AppContext, saved: Path, second: AppContext, tmp_path: Path
) -> None:
    person: Any = second.port
    documents.open_paths(second, [saved])
    assert "another window" in second.document.read_only
    assert "project_locked" in {n.code for n in second.session.state.notices}
    assert any("read-only" in s for s in person.said)
    rename(second, "Mine")
    before = saved.read_bytes()
    person.choices = [None]
    assert not documents.save(second)
    assert "read-only" in person.asked[0]
    assert second.session.is_dirty
    assert saved.read_bytes() == before
    person.choices, person.save_file = [0], [tmp_path / "work" / "mine.atsm"]
    assert documents.save(second)
    assert second.document.read_only == ""
    assert saved.read_bytes() == before
    assert load_project(tmp_path / "work" / "mine.atsm").state.rois[0].name == "Mine"
    assert documents.save(second)


def test_the_lock_goes_when_the_study_is_closed_or_another_is_opened(
    ctx: AppContext, saved: Path, study: Any
) -> None:
    assert lock_owner(saved) is not None
    documents.close(ctx)
    assert not lock_file(saved).exists()
    documents.open_paths(ctx, [saved])
    assert lock_owner(saved) is not None
    documents.open_paths(ctx, [saved])
    assert lock_owner(saved) is not None
    assert ctx.document.read_only == ""
    documents.open_paths(ctx, [study.pet])
    assert not lock_file(saved).exists()


def _held_elsewhere(project: Path) -> LockOwner:
    owner = replace(LockOwner.myself(), host="bench-pc", pid=77)
    lock_file(project).write_text(json.dumps(asdict(owner)))
    return owner


@pytest.mark.parametrize(
    ("answer", "opens", "reason"), [(0, True, "bench-pc"), (1, True, ""), (None, False, "")]
)
def test_a_project_of_another_machine_is_a_question(
    ctx: AppContext, saved: Path, second: AppContext, answer: int | None, opens: bool, reason: str
) -> None:
    documents.close(ctx)
    owner = _held_elsewhere(saved)
    person: Any = second.port
    person.choices = [answer]
    documents.open_paths(second, [saved])
    assert "bench-pc" in person.asked[0]
    assert bool(second.session.state.scans) is opens
    assert reason in second.document.read_only
    assert (second.document.read_only == "") is (reason == "")
    assert (lock_owner(saved) == owner) is (answer != 1)


def test_a_project_that_was_taken_over_is_not_overwritten(ctx: AppContext, port: Any, saved: Path) -> None:
    _held_elsewhere(saved)
    rename(ctx, "Mine")
    before = saved.read_bytes()
    assert not documents.save(ctx)
    assert "bench-pc" in str(port.errors[-1])
    assert saved.read_bytes() == before
    assert ctx.session.is_dirty


@pytest.mark.parametrize("call", ["fsync", "replace", "link"])
def test_a_failed_save_leaves_file_and_dirty_flag_as_they_were(
    ctx: AppContext, port: Any, saved: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    rename(ctx, "Mine")
    before = saved.read_bytes()

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    if call == "link":
        monkeypatch.setattr(shutil, "copy2", full)
    assert not documents.save(ctx)
    monkeypatch.undo()
    assert "No space left" in str(port.errors[-1])
    assert saved.read_bytes() == before
    assert ctx.session.is_dirty
    assert documents.save(ctx)
    assert not ctx.session.is_dirty


def test_a_vanished_folder_fails_in_words_and_keeps_the_work(
    ctx: AppContext, port: Any, saved: Path, tmp_path: Path
) -> None:
    rename(ctx, "Mine")
    saved.parent.rename(tmp_path / "gone")
    assert not documents.save(ctx)
    assert "case.atsm" in str(port.errors[-1])
    assert ctx.session.is_dirty
    port.save_file = [tmp_path / "rescued.atsm"]
    assert documents.save_as(ctx)
    assert load_project(tmp_path / "rescued.atsm").state.rois[0].name == "Mine"


def test_saving_keeps_versions_and_one_can_be_restored(
    ctx: AppContext, saved: Path, second: AppContext
) -> None:
    documents.close(ctx)
    documents.open_paths(second, [saved])
    rename(second, "Second")
    assert documents.save(second)
    present = saved.read_bytes()
    person: Any = second.port
    person.backup = lambda versions: versions[-1]
    project_care.browse_backups(second)
    assert second.session.state.rois[0].name == "T"
    assert not second.session.is_dirty
    assert lock_owner(saved) is not None
    assert present in [v.path.read_bytes() for v in list_backups(saved)]
    assert "Restored" in person.said[-1]


def test_missing_images_show_stored_numbers_until_the_images_are_found(
    ctx: AppContext, saved: Path, second: AppContext, study: Any, tmp_path: Path
) -> None:
    whole = ctx.live.exact().rois.rows[0]
    documents.close(ctx)
    shutil.move(study.root, tmp_path / ".far")
    documents.open_paths(second, [saved])
    second.live.exact()
    (row,) = result_rows(second)
    assert row.stored
    assert row.numbers["suv_mean"] == whole["suv_mean"]
    # Saving without the image keeps the stored numbers, and they stay marked.
    assert documents.save(second)
    audit = load_project(saved).audit
    assert audit is not None
    assert audit["rois"]["rows"][0]["suv_mean"] == whole["suv_mean"]
    assert "stored_results" in audit["rois"]["rows"][0]["status"]
    person: Any = second.port
    person.folder = tmp_path / ".far"
    project_care.find_images(second)
    second.live.exact()
    (row,) = result_rows(second)
    assert not row.stored
    assert row.numbers["suv_mean"] == whole["suv_mean"]
    assert not project_care.missing_images(second.session.state)
    assert not second.session.is_dirty
    project_care.verify_saved(second)


def test_copies_to_send_are_written_from_the_window(
    ctx: AppContext, saved: Path, second: AppContext, tmp_path: Path
) -> None:
    documents.close(ctx)
    documents.open_paths(second, [saved])
    person: Any = second.port
    person.choices, person.save_file = [0], [tmp_path / "packed.atsm", tmp_path / "clean"]
    project_care.save_packed_copy(second)
    assert load_project(tmp_path / "packed.atsm").meta.embeds == ("ct", "pet")
    project_care.save_deidentified_copy(second)
    assert load_project(tmp_path / "clean.atsm").state.subjects[0].label == "SUBJ-0001"
    project_care.toggle_file_names_only(second)
    assert project_care.tells_file_names_only(second)
    assert documents.save(second)
    assert load_project(saved).meta.file_names_only

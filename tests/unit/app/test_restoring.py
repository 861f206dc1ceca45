"""Restoring an earlier version: what is open is given up only when the restored one was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atsm_viewer.app import documents, project_care
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.jobs import CancelToken
from atsm_viewer.app.ui_port import SaveAnswer
from atsm_viewer.domain.edits import RenameRoi
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.roi import Role
from atsm_viewer.io.project.load import load_project

TUMOUR = np.zeros((6, 10, 12), dtype=bool)
TUMOUR[2:4, 3:6, 4:8] = True


class Later:
    """Runs work when told to, as the window does."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def run(self, title: str, work: Any, on_done: Any, on_error: Any, *, quiet: bool = False) -> CancelToken:
        token = CancelToken()

        def go() -> None:
            try:
                answer = work(lambda fraction, words: None, token)
            except AtsmError as error:
                on_error(error)
            else:
                on_done(answer)

        self.waiting.append(go)
        return token

    def go(self) -> None:
        self.waiting.pop(0)()


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def project(ctx: AppContext, port: Any, study: Any, write_mask: Callable[..., Path], tmp_path: Path) -> Path:
    """Saved twice: “T”, then “second”; open."""
    path = tmp_path / "case.atsm"
    documents.open_paths(ctx, [study.root])
    documents.import_mask(ctx, write_mask(tmp_path / "t.nii.gz", TUMOUR), Role.TUMOUR, "T")
    port.save_file = [path]
    assert documents.save(ctx)
    rename(ctx, "second")
    assert documents.save(ctx)
    port.choose_backup = lambda project, versions: versions[-1]
    port.messages.clear()
    port.asked.clear()
    return path


@pytest.fixture
def window(ctx: AppContext, project: Path, later: Later) -> AppContext:
    return replace(ctx, jobs=later)


def rename(ctx: AppContext, name: str) -> None:
    ctx.session.apply(RenameRoi(ctx.session.state.rois[0].id, name), "Rename")


def name_in(path: Path) -> str:
    return load_project(path).state.rois[0].name


def test_restored_is_said_only_when_it_is_shown_and_one_question_is_asked(
    window: AppContext, port: Any, project: Path, later: Later
) -> None:
    rename(window, "unsaved")
    port.unsaved = [SaveAnswer.DISCARD]
    project_care.browse_backups(window)
    assert name_in(project) == "T"
    assert window.session.is_dirty
    assert window.session.state.rois[0].name == "unsaved"
    assert not any("Restored" in words for words in port.messages)
    later.go()
    assert len(port.asked) == 1
    assert window.session.state.rois[0].name == "T"
    assert not window.session.is_dirty
    assert port.messages[-1].startswith("Restored case.atsm of ")
    rename(window, "after")
    assert documents.save(window)
    assert name_in(project) == "after"


def test_when_the_restored_file_cannot_be_read_the_work_stays_unsaved_and_open(
    window: AppContext, port: Any, project: Path, later: Later, tmp_path: Path
) -> None:
    rename(window, "unsaved")
    port.unsaved = [SaveAnswer.DISCARD]
    project_care.browse_backups(window)
    project.write_bytes(b"torn")
    later.go()
    assert len(port.errors) == 1
    assert not any("Restored" in words for words in port.messages)
    assert "Save project as" in port.messages[-1]
    assert window.session.is_dirty
    assert window.session.state.rois[0].name == "unsaved"
    port.save_file = [tmp_path / "kept.atsm"]
    assert documents.save_as(window)
    assert name_in(tmp_path / "kept.atsm") == "unsaved"


def test_who_does_not_give_up_unsaved_work_restores_nothing(
    window: AppContext, port: Any, project: Path, later: Later
) -> None:
    rename(window, "unsaved")
    port.unsaved = [SaveAnswer.CANCEL]
    before = project.read_bytes()
    project_care.browse_backups(window)
    assert (project.read_bytes(), later.waiting, port.messages) == (before, [], [])
    assert window.session.is_dirty


def test_a_version_that_cannot_be_restored_leaves_the_project_and_the_work(
    window: AppContext, port: Any, project: Path, later: Later
) -> None:
    rename(window, "unsaved")
    port.unsaved = [SaveAnswer.DISCARD]
    before = project.read_bytes()

    def torn(project: Path, versions: Any) -> Any:
        versions[-1].path.write_bytes(b"torn")
        return versions[-1]

    port.choose_backup = torn
    with pytest.raises(AtsmError, match="could not be restored"):
        project_care.browse_backups(window)
    assert (project.read_bytes(), later.waiting, port.messages) == (before, [], [])
    assert window.session.is_dirty

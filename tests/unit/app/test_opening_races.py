"""Work drawn while something opens is asked about; no project is saved over by another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atsm_viewer.app import documents
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.samples import build_sample
from atsm_viewer.app.ui_port import SaveAnswer
from atsm_viewer.domain.edits import RenameRoi
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.project.load import load_project


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample("mouse", Path(tmp_path_factory.mktemp("study")) / "mouse").root


def during_opening(ctx: AppContext, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Let something happen after the work and before its answer arrives."""
    run = ctx.jobs.run

    def slow(title: str, work: Any, on_done: Any, on_error: Any, *, quiet: bool = False) -> Any:
        def done(answer: Any) -> None:
            happens()
            on_done(answer)

        return run(title, work, done, on_error, quiet=quiet)

    monkeypatch.setattr(ctx.jobs, "run", slow)


def test_work_done_while_a_study_opens_is_not_lost_without_a_question(
    ctx: AppContext, port: Any, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents.open_paths(ctx, [sample / "sample-truth.atsm"])
    roi = ctx.session.state.rois[0]
    during_opening(ctx, monkeypatch, lambda: ctx.session.apply(RenameRoi(roi.id, "Mine"), "Rename"))
    port.unsaved = [SaveAnswer.CANCEL]
    documents.open_paths(ctx, [sample / "pet"])
    assert ctx.session.state.rois[0].name == "Mine"
    assert ctx.session.is_dirty
    assert ctx.document.path == sample / "sample-truth.atsm"


def test_a_listener_that_fails_never_lets_a_new_session_be_saved_over_the_old_project(
    ctx: AppContext, sample: Path, tmp_path: Path
) -> None:
    project = tmp_path / "mine.atsm"
    project.write_bytes((sample / "sample-truth.atsm").read_bytes())
    documents.open_paths(ctx, [project])
    assert len(ctx.session.state.rois) == 2

    def broken(old: object, new: object) -> None:
        raise RuntimeError("a view went wrong")

    end = ctx.session.subscribe(broken)
    with pytest.raises(RuntimeError):
        documents.open_paths(ctx, [sample / "pet"])
    end()
    assert ctx.document.path is None
    assert len(load_project(project).state.rois) == 2


def test_numbers_that_cannot_be_computed_do_not_keep_the_drawing_from_being_saved(
    ctx: AppContext, port: Any, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "kept.atsm"
    documents.open_paths(ctx, [sample / "sample-truth.atsm"])

    def fail() -> None:
        raise AtsmError("cannot measure")

    monkeypatch.setattr(ctx.live, "exact", fail)
    port.save_file = [project]
    assert documents.save_as(ctx)
    assert any("without results" in text for text in port.messages)
    saved = load_project(project)
    assert [r.mask.n_voxels for r in saved.state.rois] == [r.mask.n_voxels for r in ctx.session.state.rois]
    assert np.all([r.mask.n_voxels > 0 for r in saved.state.rois])


def test_closing_forgets_which_images_were_open(ctx: AppContext, sample: Path) -> None:
    documents.open_paths(ctx, [sample / "pet"])
    assert ctx.document.image_paths
    documents.close(ctx)
    assert ctx.document.image_paths == ()
    assert ctx.document.path is None

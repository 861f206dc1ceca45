"""From files to a session: progress, cancelling, a CT that cannot be read, and samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atsm_viewer.app.jobs import Cancelled, CancelToken, InlineJobRunner
from atsm_viewer.app.project_opening import open_project_file
from atsm_viewer.app.samples import TRUTH_PROJECT, build_sample, load_sample
from atsm_viewer.app.study_loading import catalogue_of, load_pair, rejected_notice
from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.io.digest import pixel_digest
from atsm_viewer.io.sample import SampleStudy
from atsm_viewer.metrics.evaluate import evaluate


def test_pet_and_ct_become_one_scan_of_one_subject(study: Any) -> None:
    _, pairs = catalogue_of([study.root])
    seen: list[float] = []
    state = load_pair(pairs[0], progress=lambda fraction, words: seen.append(fraction))
    (scan,) = state.scans
    assert scan.pet is not None
    assert scan.ct is not None
    assert np.allclose(scan.pet.values_tkji[0], study.values, rtol=1e-6)
    assert scan.pet_source is not None
    assert scan.pet_source.pixel_digest == pixel_digest(scan.pet)
    assert state.administration_of(scan, state.subjects[0].id) is state.administrations[0]
    assert seen == sorted(seen)
    assert seen[-1] <= 1.0


def test_notices_name_their_scan_and_given_ones_are_kept(study: Any) -> None:
    _, pairs = catalogue_of([study.root])
    given = Notice("files_left_out", Severity.INFO, "Left out: a.")
    state = load_pair(pairs[0], notices=(given,))
    assert state.notices[0].text == given.text
    assert all(n.scan_id == state.scans[0].id for n in state.notices)


def test_a_ct_that_cannot_be_read_leaves_the_pet(study: Any) -> None:
    _, pairs = catalogue_of([study.root])
    for path in study.ct.iterdir():
        path.write_bytes(path.read_bytes()[:-40])
    state = load_pair(pairs[0])
    assert state.scans[0].pet is not None
    assert state.scans[0].ct is None
    assert "ct_unreadable" in {n.code for n in state.notices}


def test_a_pet_that_cannot_be_read_is_an_error(study: Any) -> None:
    _, pairs = catalogue_of([study.root])
    for path in study.pet.iterdir():
        path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(AtsmError):
        load_pair(pairs[0])


@pytest.mark.parametrize("at", [0.0, 0.2, 0.5, 0.92])
def test_cancelling_at_any_moment_ends_the_work_without_a_session(study: Any, at: float) -> None:
    _, pairs = catalogue_of([study.root])
    token = CancelToken()

    def progress(fraction: float, words: str) -> None:
        if fraction >= at:
            token.cancel()

    with pytest.raises((Cancelled, OperationCancelled)):
        load_pair(pairs[0], progress, token)


def test_a_cancelled_search_finds_nothing(study: Any) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises((Cancelled, OperationCancelled)):
        catalogue_of([study.root], cancel=token)


@pytest.mark.parametrize("stop", [Cancelled, OperationCancelled])
def test_cancelled_work_calls_neither_answer_nor_error(stop: type[Exception]) -> None:
    called: list[object] = []

    def work(progress: object, cancel: object) -> None:
        raise stop

    InlineJobRunner().run("x", work, called.append, called.append)
    assert called == []


def test_work_calls_exactly_one_of_answer_and_error() -> None:
    answers: list[object] = []
    errors: list[object] = []
    runner = InlineJobRunner()

    def fails(progress: object, cancel: object) -> int:
        raise AtsmError("no")

    runner.run("x", lambda progress, cancel: 7, answers.append, errors.append)
    runner.run("x", fails, answers.append, errors.append)
    assert answers == [7]
    assert [str(e) for e in errors] == ["no"]
    with pytest.raises(ZeroDivisionError):  # a defect is not hidden
        runner.run("x", lambda progress, cancel: 1 // 0, answers.append, errors.append)


def test_files_left_out_are_counted_in_one_notice(study: Any) -> None:
    for n in range(3):
        (study.root / f"{n}.txt").write_text("x")
    catalogue, _ = catalogue_of([study.root])
    (notice,) = rejected_notice(catalogue)
    assert notice.severity is Severity.INFO
    assert "and 2 more" in notice.text


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AtsmError, match="nowhere"):
        catalogue_of([tmp_path / "nowhere"])


def test_two_studies_in_one_folder_are_not_mixed(write_study: Callable[..., Any], tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 2)):
        write_study(tmp_path / name, seed=seed)
    _, pairs = catalogue_of([tmp_path])
    assert len(pairs) == 2
    for pair in pairs:
        assert pair.ct is not None
        assert pair.ct.frame_of_reference_uid == pair.pet.frame_of_reference_uid


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleStudy:
    return build_sample("mouse", tmp_path_factory.mktemp("sample") / "mouse")


def test_the_truth_project_of_the_sample_measures_its_truth(sample: SampleStudy) -> None:
    state = open_project_file(sample.root / TRUTH_PROJECT).state
    assert [n for n in state.notices if n.severity is Severity.ERROR] == []
    truth = json.loads(sample.truth_path.read_text(encoding="utf-8"))
    results = evaluate(state, app_version="x")
    (ratio,) = results.tm.rows
    assert ratio["tm_mean"] == pytest.approx(truth["tm_mean"]["final"], rel=1e-6)
    assert ratio["tm_max"] == pytest.approx(truth["tm_max"]["final"], rel=1e-6)
    assert ratio["hours_pi"] == pytest.approx(24.0)


def test_a_sample_that_is_there_is_used_again_and_not_rewritten(sample: SampleStudy) -> None:
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in sample.root.rglob("*")}
    build_sample("mouse", sample.root)
    assert {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in sample.root.rglob("*")} == before


def test_a_lost_truth_project_is_made_again(sample: SampleStudy) -> None:
    (sample.root / TRUTH_PROJECT).unlink()
    build_sample("mouse", sample.root)
    assert len(open_project_file(sample.root / TRUTH_PROJECT).state.rois) == 2


def test_the_sample_opens_with_its_own_name_and_time_point(sample: SampleStudy) -> None:
    state = load_sample(sample)
    assert state.subjects[0].label.startswith("SAMPLE-")
    assert state.scans[0].label == "24 h"
    assert state.rois == ()

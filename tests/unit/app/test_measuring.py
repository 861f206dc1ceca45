"""Measuring without a window, and checking what a project stored."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atsm_viewer.app import documents
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.measuring import MaskRequest, measure
from atsm_viewer.app.project_opening import open_project_file
from atsm_viewer.app.verification import verify_project
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.roi import Role
from atsm_viewer.io.project.save import save_project
from atsm_viewer.metrics.evaluate import evaluate

SHAPE = (6, 10, 12)
TUMOUR = np.zeros(SHAPE, dtype=bool)
TUMOUR[2:4, 3:6, 4:8] = True
MUSCLE = np.zeros(SHAPE, dtype=bool)
MUSCLE[0:2, 6:10, 0:5] = True


@pytest.fixture
def masks(write_mask: Callable[..., Path], tmp_path: Path) -> list[MaskRequest]:
    return [
        MaskRequest(write_mask(tmp_path / "t.nii.gz", TUMOUR), Role.TUMOUR, "T"),
        MaskRequest(write_mask(tmp_path / "m.nii.gz", MUSCLE), Role.MUSCLE, ""),
    ]


@pytest.fixture
def project(ctx: AppContext, port: Any, study: Any, masks: list[MaskRequest], tmp_path: Path) -> Path:
    documents.open_paths(ctx, [study.root])
    for request in masks:
        documents.import_mask(ctx, request.path, request.role, request.name)
    port.save_file = [tmp_path / "case.atsm"]
    assert documents.save(ctx)
    return tmp_path / "case.atsm"


def test_the_numbers_are_those_of_the_definition(study: Any, masks: list[MaskRequest]) -> None:
    measured = measure(study.root, masks)
    tumour, muscle = measured.results.rois.rows
    (ratio,) = measured.results.tm.rows
    suv = study.values * study.factor
    assert (tumour["roi_name"], muscle["roi_name"]) == ("T", "m")
    assert tumour["n_voxels"] == TUMOUR.sum()
    assert tumour["volume_mm3"] == pytest.approx(TUMOUR.sum() * 3 * 2 * 2)
    assert tumour["suv_mean"] == pytest.approx(suv[TUMOUR].mean(), rel=1e-6)
    assert tumour["suv_max"] == pytest.approx(suv[TUMOUR].max(), rel=1e-6)
    assert tumour["suv_sd"] == pytest.approx(suv[TUMOUR].std(ddof=1), rel=1e-6)
    assert tumour["hours_pi"] == pytest.approx(3.0)
    assert ratio["tm_mean"] == pytest.approx(suv[TUMOUR].mean() / suv[MUSCLE].mean(), rel=1e-6)
    assert ratio["tm_max"] == pytest.approx(suv[TUMOUR].max() / suv[MUSCLE].mean(), rel=1e-6)
    assert not measured.has_errors


def test_the_same_images_and_masks_give_the_same_files_byte_for_byte(
    study: Any, masks: list[MaskRequest], tmp_path: Path
) -> None:
    written = [
        [p.read_bytes() for p in measure(study.root, masks).write_csv(tmp_path / run, overwrite=False)]
        for run in ("one", "two")
    ]
    assert written[0] == written[1]
    assert len(written[0]) == 2


def test_a_project_gives_the_table_of_its_masks(study: Any, project: Path, masks: list[MaskRequest]) -> None:
    of_project, of_masks = measure(project, []), measure(study.root, masks)
    for ours, theirs in zip(of_project.results.rois.rows, of_masks.results.rois.rows, strict=True):
        for column in (
            "n_voxels",
            "suv_mean",
            "suv_sd",
            "suv_max",
            "suv_peak_1ml",
            "mask_sha256",
            "image_sha256",
        ):
            assert ours[column] == theirs[column], column
    assert of_project.results.tm.rows[0]["tm_mean"] == of_masks.results.tm.rows[0]["tm_mean"]
    assert of_project.stem == "case"


def test_a_mask_can_be_added_to_the_rois_of_a_project(project: Path, masks: list[MaskRequest]) -> None:
    measured = measure(project, [MaskRequest(masks[0].path, Role.OTHER, "again")])
    assert [r["roi_name"] for r in measured.results.rois.rows] == ["T", "m", "again"]


def test_one_bad_mask_does_not_keep_the_others_from_being_measured(
    study: Any, masks: list[MaskRequest], tmp_path: Path
) -> None:
    (tmp_path / "bad.nii.gz").write_text("no")
    bad = MaskRequest(tmp_path / "bad.nii.gz", Role.TUMOUR, "")
    measured = measure(study.root, [bad, *masks])
    assert [r["roi_name"] for r in measured.results.rois.rows] == ["T", "m"]
    (notice,) = [n for n in measured.notices if n.code == "mask_unreadable"]
    assert "bad.nii.gz" in notice.text
    assert measured.has_errors


def test_the_pet_is_chosen_by_its_uid_and_an_unknown_one_is_refused(
    write_study: Callable[..., Any], tmp_path: Path
) -> None:
    studies = [write_study(tmp_path / "both" / n, seed=seed, ct=False) for n, seed in (("a", 1), ("b", 2))]
    uids = [
        measure(s.root, []).state.scans[0].pet_source.series_uid
        for s in studies  # type: ignore[union-attr]
    ]
    for study, uid in zip(studies, uids, strict=True):
        scan = measure(tmp_path / "both", [], pet_uid=uid).state.scans[0]
        assert scan.pet is not None
        assert np.allclose(scan.pet.values_tkji[0], study.values, rtol=1e-6)
    (notice,) = [n for n in measure(tmp_path / "both", []).notices if n.code == "several_pets"]
    assert "--pet" in notice.remedy
    with pytest.raises(AtsmError, match=r"1\.2\.3"):
        measure(tmp_path / "both", [], pet_uid="1.2.3")


def test_files_that_exist_are_not_replaced_unless_wanted(
    study: Any, masks: list[MaskRequest], tmp_path: Path
) -> None:
    measured, out = measure(study.root, masks), tmp_path / "out"
    paths = (
        *measured.write_csv(out, overwrite=False),
        measured.write_picture(out / "p.png", overwrite=False),
    )
    for path in paths:
        path.write_text("precious")
    with pytest.raises(AtsmError, match="already exists"):
        measured.write_csv(out, overwrite=False)
    with pytest.raises(AtsmError, match="already exists"):
        measured.write_picture(out / "p.png", overwrite=False)
    assert {p.read_text() for p in paths} == {"precious"}
    measured.write_csv(out, overwrite=True)
    measured.write_picture(out / "p.png", overwrite=True)
    assert all(p.read_bytes() != b"precious" for p in paths)


def test_a_folder_that_cannot_be_made_is_told_in_words(study: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AtsmError, match="could not be made"):
        measure(study.root, []).write_csv(tmp_path / "file" / "out", overwrite=True)


def test_a_fresh_project_verifies(project: Path) -> None:
    report = verify_project(project)
    assert report.agrees
    assert report.compared > 100
    assert report.differences == ()
    assert "agrees" in report.lines()[0]


@pytest.mark.parametrize(
    ("table", "column", "change"),
    [("rois", "suv_mean", 1 + 1e-8), ("tm", "tm_max", 0.5), ("rois", "n_voxels", 2)],
)
def test_a_stored_number_that_is_not_what_the_voxels_give_is_found(
    project: Path, table: str, column: str, change: float
) -> None:
    opened = open_project_file(project)
    results = evaluate(opened.state, app_version="elsewhere")
    rows = [dict(r) for r in getattr(results, table).rows]
    rows[0][column] *= change  # type: ignore[operator]
    wrong = replace(results, **{table: replace(getattr(results, table), rows=tuple(rows))})
    path = project.with_name("wrong.atsm")
    save_project(opened.state, path, meta=opened.meta, results=wrong)
    report = verify_project(path)
    assert not report.agrees
    assert [(d.roi, d.column) for d in report.differences] == [("T", column)]
    assert report.differences[0].stored == rows[0][column]
    assert any(column in line for line in report.lines())
    assert report.to_json()["agrees"] is False
    # The same with the right numbers agrees, whoever computed them.
    save_project(opened.state, path, meta=opened.meta, results=results, overwrite_changed=True)
    assert verify_project(path).agrees


def test_a_roi_that_was_stored_without_results_or_lost_since_is_a_difference(project: Path) -> None:
    opened = open_project_file(project)
    results = evaluate(opened.state, app_version="elsewhere")
    path = project.with_name("less.atsm")
    fewer = replace(results, rois=replace(results.rois, rows=results.rois.rows[1:]))
    save_project(opened.state, path, meta=opened.meta, results=fewer)
    assert [(d.roi, d.column, d.now) for d in verify_project(path).differences] == [("T", "(row)", "new")]
    smaller = replace(opened.state, rois=opened.state.rois[1:])
    save_project(smaller, path, meta=opened.meta, results=results, overwrite_changed=True)
    found = {(d.roi, d.column, d.now) for d in verify_project(path).differences}
    assert ("T", "(row)", None) in found


def test_bytes_changed_inside_the_file_never_verify(project: Path) -> None:
    data = bytearray(project.read_bytes())
    at = data.index(b'"suv_mean"', data.index(b"results/audit.json"))
    digit = next(n for n in range(at + 11, len(data)) if chr(data[n]).isdigit())
    data[digit] = ord("9") if data[digit] != ord("9") else ord("8")
    path = project.with_name("bytes.atsm")
    path.write_bytes(data)
    try:
        report = verify_project(path)
    except AtsmError:
        return
    assert not report.agrees


def test_a_project_without_its_images_or_without_results_does_not_verify(project: Path, study: Any) -> None:
    opened = open_project_file(project)
    bare = project.with_name("bare.atsm")
    save_project(opened.state, bare, meta=opened.meta)
    report = verify_project(bare)
    assert (report.agrees, report.compared) == (False, 0)
    assert "no results" in report.problems[-1]
    shutil.rmtree(study.root)
    report = verify_project(project)
    assert not report.agrees
    assert any("not found" in p for p in report.problems)
    with pytest.raises(AtsmError, match="does not exist"):
        verify_project(project.with_name("none.atsm"))

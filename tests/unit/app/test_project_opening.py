"""Projects and their images: found again, refused when changed, missed without losing a ROI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from atsm_viewer.app import documents
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.project_opening import open_project_file
from atsm_viewer.app.verification import verify_project
from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.state import SessionState

INSIDE = np.zeros((6, 10, 12), dtype=bool)
INSIDE[2:4, 3:6, 4:8] = True


@pytest.fixture
def project(ctx: AppContext, port: Any, study: Any, write_mask: Callable[..., Path], tmp_path: Path) -> Path:
    """A saved project with one ROI beside the study."""
    documents.open_paths(ctx, [study.root])
    documents.import_mask(ctx, write_mask(tmp_path / "mask.nii.gz", INSIDE), Role.MUSCLE, "M")
    path = tmp_path / "work" / "case.atsm"
    path.parent.mkdir()
    port.save_file = [path]
    assert documents.save(ctx)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def check_roi(state: SessionState) -> None:
    (roi,) = state.rois
    assert (roi.name, roi.role) == ("M", Role.MUSCLE)
    assert np.array_equal(roi.mask.to_dense((6, 10, 12)), INSIDE)


def errors(state: SessionState) -> list[str]:
    return [n.code for n in state.notices if n.severity is Severity.ERROR]


def test_images_are_found_where_they_were_and_nothing_on_disk_changes(
    project: Path, study: Any, tmp_path: Path
) -> None:
    before = contents(tmp_path)
    state = open_project_file(project).state
    (scan,) = state.scans
    assert scan.pet is not None
    assert scan.ct is not None
    assert np.allclose(scan.pet.values_tkji[0], study.values, rtol=1e-6)
    assert errors(state) == []
    check_roi(state)
    assert contents(tmp_path) == before


def test_a_project_and_its_images_may_move_together(project: Path, study: Any, tmp_path: Path) -> None:
    new = tmp_path / "elsewhere"
    new.mkdir()
    shutil.move(project.parent, new / "work")
    shutil.move(study.root, new / "study")
    state = open_project_file(new / "work" / project.name).state
    assert state.scans[0].pet is not None
    assert state.scans[0].ct is not None
    assert errors(state) == []


def test_images_that_lie_beside_the_project_now_are_found_under_other_names(
    project: Path, study: Any
) -> None:
    target = project.parent / "moved" / "deep"
    target.mkdir(parents=True)
    for number, path in enumerate(sorted([*study.pet.iterdir(), *study.ct.iterdir()])):
        shutil.move(path, target / f"IM{number}")
    state = open_project_file(project).state
    assert state.scans[0].pet is not None
    assert state.scans[0].ct is not None
    assert errors(state) == []


def test_images_are_found_in_a_further_folder(project: Path, study: Any, tmp_path: Path) -> None:
    far = tmp_path / ".far" / "away"  # hidden: not looked through without being told to
    shutil.move(study.root, far)
    assert open_project_file(project).state.scans[0].pet is None
    found = open_project_file(project, search=[far]).state
    assert found.scans[0].pet is not None
    assert "image_missing" not in {n.code for n in found.notices}


def test_a_project_without_its_images_opens_with_its_rois_and_says_so(project: Path, study: Any) -> None:
    shutil.rmtree(study.root)
    opened = open_project_file(project)
    (scan,) = opened.state.scans
    assert (scan.pet, scan.ct) == (None, None)
    assert scan.pet_geometry.shape_kji == (6, 10, 12)
    check_roi(opened.state)
    missing = [n for n in opened.state.notices if n.code == "image_missing"]
    assert [n.severity for n in missing] == [Severity.ERROR, Severity.WARNING]  # PET, then CT
    assert all(n.remedy for n in missing)
    assert opened.audit is not None  # the stored numbers are still there to be shown


def test_a_project_that_missed_its_images_once_is_whole_again_when_they_are_back(
    ctx: AppContext, project: Path, study: Any, tmp_path: Path
) -> None:
    aside = tmp_path / ".aside"
    shutil.move(study.root, aside)
    documents.open_paths(ctx, [project])
    assert ctx.session.state.scans[0].pet is None
    assert documents.save(ctx)
    shutil.move(aside, study.root)
    state = open_project_file(project).state
    assert state.scans[0].pet is not None
    assert errors(state) == []
    check_roi(state)


def test_a_missing_ct_leaves_the_pet_to_be_measured(project: Path, study: Any) -> None:
    shutil.rmtree(study.ct)
    state = open_project_file(project).state
    assert state.scans[0].pet is not None
    assert state.scans[0].ct is None
    assert [n.code for n in state.notices] == ["image_missing"]
    assert errors(state) == []


def test_an_image_whose_values_changed_is_refused_and_the_rois_are_kept(project: Path, study: Any) -> None:
    path = sorted(study.pet.iterdir())[0]
    ds = pydicom.dcmread(path)
    stored = np.frombuffer(ds.PixelData, "<u2").copy()
    stored[0] += 1  # one count in one voxel
    ds.PixelData = stored.tobytes()
    ds.save_as(path)
    state = open_project_file(project).state
    assert state.scans[0].pet is None
    assert errors(state) == ["image_refused"]
    check_roi(state)
    assert not verify_project(project).agrees


def test_a_copy_with_other_instance_uids_is_used_with_a_notice(project: Path, study: Any) -> None:
    for path in study.pet.iterdir():
        ds = pydicom.dcmread(path)
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
        ds.PatientName = "ANON"
        ds.save_as(path)
    state = open_project_file(project).state
    assert state.scans[0].pet is not None
    assert "image_copy" in {n.code for n in state.notices}
    assert errors(state) == []


def test_a_lost_slice_makes_the_image_another_one(project: Path, study: Any) -> None:
    os.remove(sorted(study.pet.iterdir())[-1])
    state = open_project_file(project).state
    assert state.scans[0].pet is None
    assert errors(state)[0] in ("image_missing", "image_refused")
    check_roi(state)


def test_opening_shows_progress_that_never_goes_back(project: Path) -> None:
    seen: list[float] = []
    open_project_file(project, progress=lambda fraction, words: seen.append(fraction))
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] <= 1

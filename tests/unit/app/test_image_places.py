"""Moved images are found again; changed ones are refused in words; the index never gets in the way."""

from __future__ import annotations

import errno
import json
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
from atsm_viewer.app.image_places import MAX_FOLDERS, ImagePlaces
from atsm_viewer.app.project_opening import open_project_file
from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.roi import Role
from atsm_viewer.io.relocate import MAX_NEARBY_FILES, ImageFinder, SearchPlan

INSIDE = np.zeros((6, 10, 12), dtype=bool)
INSIDE[2:4, 3:6, 4:8] = True


@pytest.fixture
def project(ctx: AppContext, port: Any, study: Any, write_mask: Callable[..., Path], tmp_path: Path) -> Path:
    documents.open_paths(ctx, [study.root])
    documents.import_mask(ctx, write_mask(tmp_path / "mask.nii.gz", INSIDE), Role.MUSCLE, "M")
    path = tmp_path / "work" / "case.atsm"
    path.parent.mkdir()
    port.save_file = [path]
    assert documents.save(ctx)
    return path


def test_images_moved_into_another_folder_beside_the_project_are_found(
    project: Path, study: Any, tmp_path: Path
) -> None:
    shutil.move(study.root, tmp_path / "renamed")
    opened = open_project_file(project)
    assert opened.state.scans[0].pet is not None
    assert opened.state.scans[0].ct is not None


def test_images_seen_before_on_this_machine_are_found_by_their_uid(
    project: Path, study: Any, tmp_path: Path
) -> None:
    hidden = tmp_path / ".archive" / "2026"
    shutil.move(study.root, hidden)
    assert open_project_file(project).state.scans[0].pet is None
    index = tmp_path / "state" / "places.json"
    seen = open_project_file(project, search=[hidden]).state
    ImagePlaces(index).remember(seen)
    opened = open_project_file(project, places=ImagePlaces(index))
    assert opened.state.scans[0].pet is not None
    assert opened.state.scans[0].ct is not None
    assert not [n for n in opened.state.notices if n.code.startswith("image_")]


def test_the_index_holds_uids_and_folders_and_nothing_of_the_person(
    project: Path, study: Any, tmp_path: Path
) -> None:
    index = tmp_path / "places.json"
    state = open_project_file(project).state
    ImagePlaces(index).remember(state)
    plain = json.loads(index.read_text())
    source = state.scans[0].pet_source
    assert source is not None
    assert plain["images"][source.series_uid] == [str(study.pet)]
    assert "DOE" not in index.read_text()


def test_an_image_that_says_it_is_the_one_but_has_other_values_is_refused_and_explained(
    project: Path, study: Any, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.move(study.root, moved)
    path = sorted((moved / study.pet.name).iterdir())[0]
    ds = pydicom.dcmread(path)
    stored = np.frombuffer(ds.PixelData, "<u2").copy()
    stored[0] += 1
    ds.PixelData = stored.tobytes()
    # Other instances too: nothing but the series UID is left to know it by.
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
    ds.save_as(path)
    state = open_project_file(project).state
    assert state.scans[0].pet is None
    (notice,) = [n for n in state.notices if n.severity is Severity.ERROR]
    assert notice.code == "image_refused"
    assert "other values" in notice.text


def test_a_changed_image_does_not_end_the_search_for_the_right_one(
    project: Path, study: Any, tmp_path: Path
) -> None:
    right = tmp_path / ".right"
    shutil.copytree(study.root, right)
    path = sorted(study.pet.iterdir())[0]
    ds = pydicom.dcmread(path)
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
    ds.PixelData = bytes(len(ds.PixelData))
    ds.save_as(path)
    assert open_project_file(project).state.scans[0].pet is None
    state = open_project_file(project, search=[right]).state
    assert state.scans[0].pet is not None
    assert np.allclose(state.scans[0].pet.values_tkji[0], study.values, rtol=1e-6)


def test_a_copy_keeps_the_identity_and_the_header_facts_of_the_project(project: Path, study: Any) -> None:
    before = open_project_file(project).state.scans[0]
    for path in study.pet.iterdir():
        ds = pydicom.dcmread(path)
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
        ds.SeriesDate = "19990101"
        ds.save_as(path)
    after = open_project_file(project).state.scans[0]
    assert after.pet is not None
    assert after.pet_facts == before.pet_facts
    assert before.pet_source is not None
    assert after.pet_source is not None
    assert after.pet_source.sop_digest == before.pet_source.sop_digest


def test_the_search_around_a_project_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from atsm_viewer.io import relocate

    looked: list[Path] = []
    monkeypatch.setattr(
        relocate,
        "_entries",
        lambda paths, *rest: looked.extend(paths) or (),  # type: ignore[func-returns-value]
    )
    folder = tmp_path / "a" / "b"
    (folder / "deep").mkdir(parents=True)
    (tmp_path / "many").mkdir()
    for n in range(MAX_NEARBY_FILES + 50):
        (tmp_path / "many" / f"{n}").touch()
    (tmp_path / "a" / ".hidden").mkdir()
    (tmp_path / "a" / ".hidden" / "x").touch()
    source = open_source()
    ImageFinder(SearchPlan(folder=folder)).find(source)
    assert len(looked) <= 2 * MAX_NEARBY_FILES
    assert not [p for p in looked if ".hidden" in p.parts]


def open_source() -> Any:
    from atsm_viewer.domain.image_source import ImageSource

    return ImageSource("dicom-series", (), series_uid="1.2.3")


def test_the_home_folder_and_what_holds_it_are_not_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from atsm_viewer.io import relocate

    home = tmp_path / "home" / "alice"
    monkeypatch.setattr(Path, "home", lambda: home)
    assert not relocate._may_be_searched(home)
    assert not relocate._may_be_searched(tmp_path / "home")
    assert not relocate._may_be_searched(Path("/"))
    assert relocate._may_be_searched(home / "study")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 2}', b'{"schema": 1, "images": [1]}',
                                     b'{"schema": 1, "images": {"a": 3, "b": [1, "x\\u0000"]}}',
                                     b"[" * 100000])  # fmt: skip
def test_a_broken_index_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "places.json"
    path.write_bytes(content)
    assert ImagePlaces(path).folders([open_source()]) == ()


@pytest.mark.parametrize("call", ["replace", "mkdir"])
def test_a_fault_while_the_index_is_written_leaves_the_old_one(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    index = tmp_path / "index" / "places.json"
    state = open_project_file(project).state
    if call == "replace":
        index.parent.mkdir()
        index.write_bytes(b'{"schema": 1, "images": {}}')
    before = index.read_bytes() if index.exists() else None

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="No space"):
        ImagePlaces(index).remember(state)
    monkeypatch.undo()
    assert (index.read_bytes() if index.exists() else None) == before
    assert not index.parent.exists() or not list(index.parent.glob(".*"))


def test_only_the_last_folders_of_an_image_are_kept(project: Path, study: Any, tmp_path: Path) -> None:
    index = tmp_path / "places.json"
    for n in range(MAX_FOLDERS + 2):
        shutil.copytree(study.root, tmp_path / f".copy{n}")
        state = open_project_file(project).state
        shutil.rmtree(study.root)
        state = open_project_file(project, search=[tmp_path / f".copy{n}"]).state
        ImagePlaces(index).remember(state)
        shutil.copytree(tmp_path / f".copy{n}", study.root)
    source = state.scans[0].pet_source
    assert source is not None
    folders = json.loads(index.read_text())["images"][source.series_uid]
    assert len(folders) == MAX_FOLDERS
    assert folders[0] == str(tmp_path / f".copy{MAX_FOLDERS + 1}" / study.pet.name)

"""Archives of images: opened, and refused where they are not what they seem."""

from __future__ import annotations

import stat
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.read_series import read_series
from atsm_viewer.io.zip_folder import forget_unpacked, unpack_zip

VALUES = np.arange(60, dtype=np.float32).reshape(3, 4, 5)


@pytest.fixture(autouse=True)
def temporary_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield place
    forget_unpacked()


def archive_of(tmp_path: Path, name: str = "study.zip") -> Path:
    image = tmp_path / "a_pet.nii"
    sitk.WriteImage(sitk.GetImageFromArray(VALUES), str(image))
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(image, "sub/a_pet.nii")
    return path


def test_a_zip_opens_like_a_folder_and_leaves_nothing_behind(tmp_path: Path, temporary_place: Path) -> None:
    path = archive_of(tmp_path)
    (entry,) = scan_paths([path]).series
    assert np.array_equal(read_series(entry).volume.values_tkji[0], VALUES)
    assert unpack_zip(path) == unpack_zip(path)
    assert len(list(temporary_place.iterdir())) == 1
    forget_unpacked()
    assert list(temporary_place.iterdir()) == []


def test_only_the_last_archives_stay_unpacked(tmp_path: Path, temporary_place: Path) -> None:
    for n in range(6):
        unpack_zip(archive_of(tmp_path, f"{n}.zip"))
    assert len(list(temporary_place.iterdir())) == 3


def test_a_zip_inside_a_folder_is_left_alone(tmp_path: Path, temporary_place: Path) -> None:
    archive_of(tmp_path)
    found = scan_paths([tmp_path])
    assert [e.description for e in found.series] == ["a_pet.nii"]
    assert list(temporary_place.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../evil.nii", "/evil.nii", "a/../../evil.nii", "C:\\evil.nii", "..\\evil.nii"]
)
def test_names_that_lead_outside_are_refused(tmp_path: Path, temporary_place: Path, name: str) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(AtsmError, match=r"x\.zip.*outside"):
        unpack_zip(path)
    assert list(temporary_place.iterdir()) == []
    assert not (tmp_path / "evil.nii").exists()


def test_links_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    link = zipfile.ZipInfo("link.nii")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("b.txt", "b")
    assert [p.name for p in unpack_zip(path).iterdir()] == ["b.txt"]


def test_a_bomb_is_refused_before_it_grows(tmp_path: Path, temporary_place: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("z", "w") as out:
        for _ in range(1100):
            out.write(bytes(1 << 20))
    with pytest.raises(AtsmError, match=r"x\.zip.*would grow"):
        unpack_zip(path)
    assert list(temporary_place.iterdir()) == []


def test_damage_passwords_and_too_many_files_are_told(
    tmp_path: Path, temporary_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive_of(tmp_path)
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(data)
    with pytest.raises(AtsmError, match=r"study\.zip.*damaged"):
        unpack_zip(path)
    path = archive_of(tmp_path)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(AtsmError, match=r"study\.zip.*password"):
        unpack_zip(path)
    monkeypatch.setattr("atsm_viewer.io.zip_folder.MAX_MEMBERS", 0)
    with pytest.raises(AtsmError, match=r"study\.zip.*more than"):
        unpack_zip(archive_of(tmp_path))
    assert list(temporary_place.iterdir()) == []


def test_unpacking_can_be_cancelled(tmp_path: Path, temporary_place: Path) -> None:
    with pytest.raises(OperationCancelled):
        scan_paths([archive_of(tmp_path)], cancelled=lambda: True)
    assert list(temporary_place.iterdir()) == []

"""Digests, and finding images again after they were moved."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.uid import generate_uid

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.digest import pixel_digest, sop_digest
from atsm_viewer.io.read_series import LoadedImage, read_series
from atsm_viewer.io.relocate import find_series

GRID = Geometry.axis_aligned((2, 3, 4), (1.0, 1.0, 1.0))


def load(path: Path) -> LoadedImage:
    (entry,) = scan_paths([path]).series
    return read_series(entry)


def test_the_sop_digest_is_that_of_the_sorted_uids_joined_by_line_feeds() -> None:
    assert sop_digest(["1.3", "1.2"]) == hashlib.sha256(b"1.2\n1.3").hexdigest()
    assert sop_digest([]) == ""


def test_the_pixel_digest_is_that_of_little_endian_float32_in_order_t_k_j_i() -> None:
    values = np.random.default_rng(0).random((2, 2, 3, 4)).astype(np.float32)
    volume = Volume(GRID, values, "BQML", Modality.PET, (FrameTime(), FrameTime()))
    assert pixel_digest(volume) == hashlib.sha256(values.astype("<f4").tobytes(order="C")).hexdigest()


def test_integer_and_floating_images_of_equal_values_have_one_digest() -> None:
    whole = np.arange(24, dtype=np.int16).reshape(1, 2, 3, 4)
    a = Volume(GRID, whole, "HU", Modality.CT)
    b = Volume(GRID, whole.astype(np.float32), "HU", Modality.CT)
    assert pixel_digest(a) == pixel_digest(b)


def test_a_moved_series_is_found_by_its_uid(pet_writer: Any, tmp_path: Path) -> None:
    pet_writer.stack(3)
    identity = load(pet_writer.folder).source
    moved = tmp_path / "elsewhere" / "deep"
    moved.parent.mkdir()
    shutil.move(pet_writer.folder, moved)
    other = type(pet_writer)(tmp_path / "elsewhere" / "other")
    other.stack(3)
    found = find_series(identity, [tmp_path / "gone", tmp_path / "elsewhere"])
    assert found is not None
    assert found.series_uid == identity.series_uid
    assert all(path.parent == moved for path in found.paths)


def test_a_copy_with_new_uids_is_found_by_its_pixels(pet_writer: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    pet_writer.stack(3)
    image = load(pet_writer.folder)
    identity = replace(image.source, pixel_digest=pixel_digest(image.volume))
    uid = generate_uid()
    for path in pet_writer.folder.iterdir():
        ds = pydicom.dcmread(path)
        ds.SeriesInstanceUID, ds.SOPInstanceUID = uid, generate_uid()
        ds.save_as(path)
    found = find_series(identity, [pet_writer.folder])
    assert found is not None
    assert found.series_uid == uid


def test_a_series_with_other_pixels_is_not_taken_for_it(pet_writer: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    pet_writer.stack(3)
    identity = replace(load(pet_writer.folder).source, pixel_digest="0" * 64)
    stranger = type(pet_writer)(tmp_path / "stranger")
    stranger.stack(3)
    assert find_series(identity, [stranger.folder]) is None
    assert find_series(identity, [tmp_path / "gone"]) is None


def test_a_moved_volume_file_is_found_by_its_pixels(tmp_path: Path) -> None:
    from dataclasses import replace

    for number in range(3):
        values = np.full((3, 4, 5), number, np.float32)
        sitk.WriteImage(sitk.GetImageFromArray(values), str(tmp_path / f"pet_{number}.nii"))
    image = load(tmp_path / "pet_1.nii")
    identity = replace(image.source, pixel_digest=pixel_digest(image.volume))
    (tmp_path / "pet_1.nii").rename(tmp_path / "pet_renamed.nii")
    found = find_series(identity, [tmp_path])
    assert found is not None
    assert found.paths == (tmp_path / "pet_renamed.nii",)

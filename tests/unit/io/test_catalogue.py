"""What a scan of files and folders finds, sets aside and rejects; which pairs it proposes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.io.catalogue import no_images_error, propose_pairs, scan_paths
from atsm_viewer.io.read_series import read_series

BUNDLED = Path(pydicom.__file__).parent / "data"


def test_files_of_any_kind_are_listed_or_rejected_with_a_reason(pet_writer: Any, tmp_path: Path) -> None:
    pet_writer.stack(3)
    (tmp_path / "empty.dcm").touch()
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / "empty.nii").touch()
    (tmp_path / "broken.nii.gz").write_bytes(b"\x1f\x8b junk")
    (tmp_path / "junk.dcm").write_bytes(bytes(range(256)) * 20)
    catalogue = scan_paths([tmp_path])
    assert [entry.n_files for entry in catalogue.series] == [3]
    reasons = {item.path.name: item.reason for item in catalogue.rejected}
    assert reasons == {
        "empty.dcm": "“empty.dcm” is empty.",
        "notes.txt": "“notes.txt” is not a DICOM file.",
        "empty.nii": "“empty.nii” is empty.",
        "broken.nii.gz": "“broken.nii.gz” cannot be read as a volume file.",
        "junk.dcm": "“junk.dcm” is not a DICOM file.",
    }


def test_a_truncated_slice_is_rejected_and_its_series_says_so(pet_writer: Any) -> None:
    pet_writer.stack(4)
    paths = {float(pydicom.dcmread(p).ImagePositionPatient[2]): p for p in pet_writer.folder.iterdir()}
    last = paths[max(paths)]
    last.write_bytes(last.read_bytes()[:-30])
    catalogue = scan_paths([pet_writer.folder])
    assert [item.path for item in catalogue.rejected] == [last]
    assert "truncated" in catalogue.rejected[0].reason
    image = read_series(catalogue.series[0])
    assert "damaged_files" in {notice.code for notice in image.notices}


def test_links_in_a_circle_and_pipes_are_passed_over(pet_writer: Any) -> None:
    pet_writer.stack(2)
    os.symlink(pet_writer.folder, pet_writer.folder / "loop", target_is_directory=True)
    os.mkfifo(pet_writer.folder / "pipe")
    catalogue = scan_paths([pet_writer.folder, pet_writer.folder])
    assert [entry.n_files for entry in catalogue.series] == [2]
    assert not catalogue.rejected


def test_a_scan_can_be_cancelled(pet_writer: Any) -> None:
    pet_writer.stack(2)
    with pytest.raises(OperationCancelled):
        scan_paths([pet_writer.folder], cancelled=lambda: True)


def test_nothing_to_open_says_why(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    catalogue = scan_paths([tmp_path])
    assert catalogue.series == ()
    error = no_images_error([tmp_path], catalogue)
    assert tmp_path.name in error.user_message
    assert "notes.txt" in error.hint


def test_an_empty_folder_says_that_it_is_empty(tmp_path: Path) -> None:
    assert "empty" in no_images_error([tmp_path], scan_paths([tmp_path])).hint


@pytest.mark.parametrize(
    "path", [p for p in sorted(BUNDLED.rglob("*")) if p.is_file()], ids=lambda path: path.name
)
def test_every_file_that_comes_with_pydicom_opens_or_is_declined_in_words(path: Path) -> None:
    catalogue = scan_paths([path])
    assert len(catalogue.series) + len(catalogue.rejected) == 1
    for item in catalogue.rejected:
        assert item.reason
    for entry in catalogue.series:
        if not entry.suitable:
            assert entry.reason
            continue
        try:
            image = read_series(entry)
        except AtsmError as error:
            words = error.user_message
            assert path.name in words or "slice" in words
        else:
            expected = pydicom.dcmread(path)
            stored = expected.pixel_array * float(expected.RescaleSlope) + float(expected.RescaleIntercept)
            assert np.allclose(image.volume.values_tkji[0, 0], stored)


def test_pairs_follow_the_frame_of_reference_before_the_study(
    pet_writer: Any, ct_writer: Any, tmp_path: Path
) -> None:
    pet_writer.stack(3)
    other = type(ct_writer)(tmp_path / "other", "CT")
    other.study_uid, ct_writer.study_uid = pet_writer.study_uid, pet_writer.study_uid
    ct_writer.frame_uid = pet_writer.frame_uid
    other.stack(9)
    ct_writer.stack(3)
    (pair,) = propose_pairs(scan_paths([tmp_path]))
    assert pair.ct is not None
    assert pair.ct.series_uid == ct_writer.series_uid
    assert "frame of reference" in pair.reason


def test_of_two_cts_the_one_that_covers_the_pet_is_proposed(
    pet_writer: Any, ct_writer: Any, tmp_path: Path
) -> None:
    pet_writer.stack(5)
    near = type(ct_writer)(tmp_path / "near", "CT")
    for writer in (ct_writer, near):
        writer.frame_uid, writer.study_uid = pet_writer.frame_uid, pet_writer.study_uid
    near.stack(5)
    for k in range(20):
        ct_writer.write((0, 0, 400.0 + k))
    (pair,) = propose_pairs(scan_paths([tmp_path]))
    assert pair.ct is not None
    assert pair.ct.series_uid == near.series_uid


def test_a_ct_of_another_study_is_not_proposed(pet_writer: Any, ct_writer: Any, tmp_path: Path) -> None:
    pet_writer.stack(2)
    ct_writer.stack(2)
    (pair,) = propose_pairs(scan_paths([tmp_path]))
    assert pair.ct is None


def test_the_corrected_pet_comes_first_but_every_pet_is_proposed(pet_writer: Any, tmp_path: Path) -> None:
    raw = type(pet_writer)(tmp_path / "nac")
    raw.stack(6, CorrectedImage=["DECY"])
    derived = type(pet_writer)(tmp_path / "derived")
    derived.stack(6, ImageType=["DERIVED", "PRIMARY"])
    pet_writer.stack(3)
    pairs = propose_pairs(scan_paths([tmp_path]))
    assert [pair.pet.series_uid for pair in pairs] == [
        pet_writer.series_uid,
        derived.series_uid,
        raw.series_uid,
    ]


def test_volume_files_pair_by_their_names(tmp_path: Path) -> None:
    for name in ("a_pet.nii.gz", "a_ct.nii.gz", "a_mask.nii.gz"):
        sitk.WriteImage(sitk.GetImageFromArray(np.ones((3, 4, 5), np.float32)), str(tmp_path / name))
    (pair,) = propose_pairs(scan_paths([tmp_path]))
    assert pair.ct is not None
    assert (pair.pet.description, pair.ct.description) == ("a_pet.nii.gz", "a_ct.nii.gz")


def test_two_thousand_headers_are_indexed_quickly_enough_to_wait_for(pet_writer: Any) -> None:
    # Absolute times drift; this only guards against falling off the quick way altogether.
    for k in range(60):
        pet_writer.write((0, 0, 4.0 * k))
    (entry,) = scan_paths([pet_writer.folder]).series
    assert not any(header.by_pydicom for header in entry.headers)

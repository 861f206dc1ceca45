"""Damaged volume files end as an image or as one AtsmError that names a file, quickly."""

from __future__ import annotations

import gzip
import json
import random
import struct
import time
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest

from atsm_viewer.app.study_loading import fresh_state
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.read_series import read_series

SHAPE = (3, 4, 5)
INTERESTING = (
    b"\0",
    b"\xff",
    b"-",
    b"9" * 12,
    b"nan",
    b"1e999",
    b"\n",
    b" ",
    b"../",
    b"[",
    b"\x7f\xff",
    b"\x80\0",
)

INVEON = """version 1\nmodality 0\nfile_type 5\ntotal_frames 2\ndata_type 2\nx_dimension 5\ny_dimension 4
z_dimension 3\npixel_size 0.08\naxial_plane_size 0.08\nisotope Cu-64\nisotope_half_life 45720
isotope_branching_fraction 0.17\ncalibration_units 1\ncalibration_factor 100\ndecay_correction_applied 1
scan_time Thu Jan 02 12:00:00 2025\ninjection_time Thu Jan 02 09:00:00 2025\ndose 0.2\ndose_units 1
subject_weight 22\nsubject_weight_units 1\nend_of_header
frame 0\ndata_file_pointer 0 0\nframe_start 0\nframe_duration 60\nscale_factor 2\nend_of_header
frame 1\ndata_file_pointer 0 120\nframe_start 60\nframe_duration 60\nscale_factor 3\nend_of_header
"""
INTERFILE = """!INTERFILE :=\n!name of data file := a.i33\n!total number of images := 3\n!matrix size [1] := 5
!matrix size [2] := 4\n!number format := signed integer\n!number of bytes per pixel := 2
imagedata byte order := LITTLEENDIAN\nscaling factor (mm/pixel) [1] := 4\nscaling factor (mm/pixel) [2] := 4
centre-centre slice separation (pixels) := 0.75\nstudy date := 2025:01:02\nstudy time := 12:00:00
rescale slope := 0.5\nimage units := Bq/ml\nstudy duration (sec) := 60\n!END OF INTERFILE :=
"""
BIDS = {
    "TracerRadionuclide": "Cu64", "InjectedRadioactivity": 5, "InjectedRadioactivityUnits": "MBq",
    "TimeZero": "10:00:00", "InjectionStart": 0, "ScanStart": 10, "FrameTimesStart": [10, 70],
    "FrameDuration": [60, 60], "Units": "Bq/mL", "ImageDecayCorrected": True, "ImageDecayCorrectionTime": 0,
    "BodyWeight": 0.02,
}  # fmt: skip


def inveon(folder: Path) -> tuple[Path, Path]:
    (folder / "a.img").write_bytes(np.arange(120, dtype="<i2").tobytes())
    (folder / "a.img.hdr").write_text(INVEON)
    return folder / "a.img.hdr", folder / "a.img.hdr"


def interfile(folder: Path) -> tuple[Path, Path]:
    (folder / "a.i33").write_bytes(np.arange(60, dtype="<i2").tobytes())
    (folder / "a.h33").write_text(INTERFILE)
    return folder / "a.h33", folder / "a.h33"


def analyze(folder: Path) -> tuple[Path, Path]:
    head = bytearray(348)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<5h", head, 40, 4, 5, 4, 3, 1)
    struct.pack_into("<2h", head, 70, 4, 16)
    struct.pack_into("<3f", head, 80, 2.0, 3.0, 4.0)
    (folder / "a.hdr").write_bytes(head)
    (folder / "a.img").write_bytes(np.arange(60, dtype="<i2").tobytes())
    return folder / "a.hdr", folder / "a.hdr"


def ecat(folder: Path) -> tuple[Path, Path]:
    path = folder / "a.v"
    path.write_bytes(ecat_bytes())
    return path, path


def packed_ecat(folder: Path) -> tuple[Path, Path]:
    path = folder / "a.v.gz"
    path.write_bytes(gzip.compress(ecat_bytes()))
    return path, path


def ecat_bytes() -> bytes:
    data = bytearray(512 * 6)
    data[:10] = b"MATRIX72v\0"
    struct.pack_into(">H", data, 50, 7)
    struct.pack_into(">f", data, 144, 1.0)
    data[466:471] = b"Bq/cc"
    struct.pack_into(">12i", data, 512, 29, 2, 0, 2, 0x1010001, 3, 4, 1, 0x1010002, 5, 6, 1)
    for block in (2, 4):
        struct.pack_into(">5H", data, 512 * block, 6, 3, 5, 4, 3)
        struct.pack_into(">f", data, 512 * block + 26, 1.0)
        struct.pack_into(">3f", data, 512 * block + 34, 0.2, 0.2, 0.2)
        struct.pack_into(">2I", data, 512 * block + 46, 1000, 500 * block)
    return bytes(data)


def nifti_with_sidecar(folder: Path) -> tuple[Path, Path]:
    nibabel.save(nibabel.Nifti1Image(np.ones((5, 4, 3, 2), np.float32), np.eye(4)), folder / "a_pet.nii")
    (folder / "a_pet.json").write_text(json.dumps(BIDS))
    return folder / "a_pet.nii", folder / "a_pet.json"


def nifti(folder: Path) -> tuple[Path, Path]:
    nibabel.save(nibabel.Nifti1Image(np.ones((5, 4, 3), np.float32), np.eye(4)), folder / "a_pet.nii")
    return folder / "a_pet.nii", folder / "a_pet.nii"


def raw(folder: Path) -> tuple[Path, Path]:
    (folder / "a.raw").write_bytes(bytes(240))
    said = {
        "format": "raw volume 1", "data": "a.raw", "shape_tkji": [1, 3, 4, 5], "number_type": "float32",
        "big_endian": False, "offset": 0, "spacing_kji_mm": [1, 1, 1], "modality": "PT", "unit": "BQML",
    }  # fmt: skip
    (folder / "a.raw.json").write_text(json.dumps(said))
    return folder / "a.raw.json", folder / "a.raw.json"


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Change, cut, double or lose a few bytes; often in the first kilobytes, where headers are."""
    result = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(max(len(result), 1))
        choice = rng.randrange(5)
        if choice == 0 and result:
            result[at] = rng.randrange(256)
        elif choice == 1:
            piece = rng.choice(INTERESTING)
            result[at : at + len(piece)] = piece
        elif choice == 2:
            result[at:at] = rng.choice(INTERESTING)
        elif choice == 3:
            del result[at : at + rng.randrange(1, 40)]
        else:
            start = rng.randrange(max(len(result), 1))
            result[at:at] = result[start : start + rng.randrange(1, 80)]
    return bytes(result[: rng.randrange(len(result) + 1)] if rng.random() < 0.05 else result)


def opened_or_refused(path: Path) -> str:
    """Return why a file was refused; empty when it opened. Any other exception fails the test."""
    catalogue = scan_paths([path])
    if catalogue.rejected:
        return catalogue.rejected[0].reason
    (entry,) = catalogue.series
    try:
        loaded = read_series(entry)
    except AtsmError as error:
        return error.user_message
    fresh_state(loaded, None, loaded.notices)
    assert loaded.volume.values_tkji.size > 0
    return ""


Maker = Callable[[Path], tuple[Path, Path]]
MAKERS: tuple[Maker, ...] = (inveon, interfile, analyze, ecat, packed_ecat, nifti_with_sidecar, nifti, raw)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_two_hundred_and_fifty_mutations_end_as_an_image_or_in_words(make: Maker, tmp_path: Path) -> None:
    opened, target = make(tmp_path)
    original = target.read_bytes()
    rng = random.Random(make.__name__)
    images, refused, slowest = 0, 0, 0.0
    for _ in range(250):
        target.write_bytes(mutated(original, rng))
        start = time.perf_counter()
        reason = opened_or_refused(opened)
        slowest = max(slowest, time.perf_counter() - start)
        assert not reason or "“" in reason  # names a file
        images, refused = images + (not reason), refused + bool(reason)
    assert images > 0
    assert refused > 0
    assert slowest < 2.0

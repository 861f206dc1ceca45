"""ECAT 7 against nibabel, against published numbers, and damaged on purpose."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest
from nibabel.ecat import EcatImage

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.read_series import read_series
from atsm_viewer.io.readers.ecat import read_ecat

FOUR_FRAMES = "synthetic_ecat_integer_16x16x16x4.v.gz"


def load(path: Path) -> LoadedImage:
    (entry,) = scan_paths([path]).series
    return read_series(entry)


def with_nibabel(path: Path) -> np.ndarray:
    opened = gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb")  # noqa: SIM115
    with opened as file:
        holder = nibabel.FileHolder(fileobj=file)
        image = EcatImage.from_file_map({"image": holder, "header": holder})
        frames = image.get_subheaders()
        # i, j, k as stored: nibabel turns every axis round when asked for this orientation
        return np.stack(
            [
                frames.data_from_fileobj(t, orientation="neurological")[::-1, ::-1, ::-1].T
                for t in range(frames.get_nframes())
            ]
        )


def ecat_file(shape_kji: tuple[int, int, int] = (3, 4, 5), n_frames: int = 2) -> bytearray:
    """A small file written from the layout of the format."""
    stored = np.arange(n_frames * np.prod(shape_kji), dtype=">i2").reshape(n_frames, *shape_kji)
    main = bytearray(512)
    main[:10] = b"MATRIX72v\0"
    struct.pack_into(">H", main, 50, 7)
    struct.pack_into(">I", main, 62, 1_735_819_200)  # 2025-01-02 12:00:00 UTC
    main[66:71] = b"Cu-64"
    struct.pack_into(">f", main, 74, 45720.0)
    struct.pack_into(">f", main, 144, 10.0)
    struct.pack_into(">f", main, 224, 70.0)
    struct.pack_into(">H", main, 330, 3)
    struct.pack_into(">I", main, 454, 1_735_815_600)
    main[466:471] = b"Bq/cc"
    directory = bytearray(512)
    struct.pack_into(">4i", directory, 0, 31 - n_frames, 2, 0, n_frames)
    body = b""
    for n in range(n_frames):
        first = 3 + len(body) // 512
        data = stored[n].tobytes().ljust(512, b"\0")
        struct.pack_into(">4i", directory, 16 * (n + 1), 0x1010001 + n, first, first + 1, 1)
        sub = bytearray(512)
        k, j, i = shape_kji
        struct.pack_into(">5H", sub, 0, 6, 3, i, j, k)
        struct.pack_into(">f", sub, 26, 0.5)
        struct.pack_into(">3f", sub, 34, 0.2, 0.3, 0.4)
        struct.pack_into(">2I", sub, 46, 60_000, 60_000 * n)
        struct.pack_into(">fI", sub, 80, 1.0 + n, 0b1000000011)
        body += bytes(sub) + data
    return main + directory + bytearray(body)


def test_the_four_frames_have_the_published_means_and_times(shared_dir: Path) -> None:
    volume = load(shared_dir / "data" / "ecat" / FOUR_FRAMES).volume
    assert volume.values_tkji.mean(axis=(1, 2, 3)) == pytest.approx([4095, 12287, 20479, 28671])
    assert [f.start_s for f in volume.frames] == [0, 10, 20, 30]
    assert [f.duration_s for f in volume.frames] == [10] * 4
    assert volume.geometry.spacing_kji_mm == pytest.approx((1.21875,) * 3)


@pytest.mark.parametrize("name", [FOUR_FRAMES, "tinypet.v"])
def test_values_are_those_of_nibabel(shared_dir: Path, name: str) -> None:
    path = shared_dir / "data" / "ecat" / name
    assert load(path).volume.values_tkji == pytest.approx(with_nibabel(path), rel=1e-6)


def test_header_facts_feed_the_suv_rules(tmp_path: Path) -> None:
    path = tmp_path / "a.v"
    path.write_bytes(ecat_file())
    image = load(path)
    volume = image.volume
    assert volume.values_tkji[1, 2, 3, 4] == (60 + 59) * 0.5 * 10.0
    assert volume.geometry.spacing_kji_mm == pytest.approx((4.0, 3.0, 2.0))
    assert image.facts is not None
    first, second = image.facts.distinct
    assert (first.units, first.decay_correction, first.corrected_image) == (
        "BQML",
        "START",
        ("NORM", "ATTN", "DECY"),
    )
    assert (first.series_date, first.series_time, second.acquisition_time) == (
        "20250102",
        "120000.000000",
        "120100.000000",
    )
    assert (second.decay_factor, first.patient_weight_kg) == (2.0, 70.0)
    assert first.radiopharmaceuticals[0].start_datetime == "20250102110000.000000"
    assert first.radiopharmaceuticals[0].half_life_s == 45720.0


def test_a_dosage_without_a_unit_is_told_and_not_used(tmp_path: Path) -> None:
    data = ecat_file()
    struct.pack_into(">f", data, 458, 5.5)
    (tmp_path / "a.v").write_bytes(data)
    image = load(tmp_path / "a.v")
    assert image.facts is not None
    assert image.facts.distinct[0].radiopharmaceuticals[0].total_dose is None
    assert any(n.code == "dose_unit" and "5.5" in n.text for n in image.notices)


def test_head_first_and_feet_first_lie_the_other_way_round(tmp_path: Path) -> None:
    corners = {}
    for code in (2, 3):
        data = ecat_file()
        struct.pack_into(">H", data, 330, code)
        (tmp_path / "a.v").write_bytes(data)
        corners[code] = load(tmp_path / "a.v").volume.geometry.index_to_lps((0, 0, 0))
    assert corners[2] == pytest.approx(corners[3] * [-1, 1, -1])


@pytest.mark.parametrize(
    ("offset", "kind", "value", "words"),
    [
        (512 + 4, ">i", 4, "circle"),  # the next directory block is the second frame …
        (512 + 12, ">i", 30_000, "damaged"),
        (1024, ">H", 99, "data type"),
        (1024 + 4, ">H", 60_000, "damaged|too short"),
        (1024 + 26, ">f", float("nan"), "scale factor"),
        (1024 + 34, ">f", 1e9, "spacing"),
        (512 + 20, ">i", 2_000_000_000, "damaged|ends too early"),
        (50, ">H", 11, "not an image"),
    ],
)
def test_a_damaged_file_is_refused_in_words(
    tmp_path: Path, offset: int, kind: str, value: float, words: str
) -> None:
    data = ecat_file()
    struct.pack_into(kind, data, offset, value)
    if words == "circle":  # … made a directory block that points to itself
        struct.pack_into(">4i", data, 3 * 512, 31, 4, 0, 0)
    path = tmp_path / "a.v"
    path.write_bytes(data)
    with pytest.raises(AtsmError, match=words):
        read_ecat(path)


def test_a_truncated_or_broken_packed_file_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(bytes(ecat_file()))
    path = tmp_path / "a.v.gz"
    for data in (packed[:200], packed[:-4] + b"abcd", packed[:100] + b"\xff" * 80 + packed[180:]):
        path.write_bytes(data)
        with pytest.raises(AtsmError, match=r"a\.v\.gz"):
            read_ecat(path)
    path.write_bytes(packed)
    assert read_ecat(path).volume.n_frames == 2

"""Hostile DICOM files: each ends as data or as one AtsmError, within 2 s and 1 GB, and nothing dies."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

pytest.importorskip("resource", reason="memory is measured with POSIX resource")

CHILD = Path(__file__).with_name("opening_child.py")
ROOT = Path(__file__).resolve().parents[2]
SECONDS, MEGABYTES = 2.0, 1024.0


def slice_of(syntax: str = ExplicitVRLittleEndian, **attributes: Any) -> Dataset:
    ds = Dataset()
    ds.file_meta, ds.preamble = FileMetaDataset(), bytes(128)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.128", generate_uid()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.Modality, ds.ImageType, ds.Units = "PT", ["ORIGINAL", "PRIMARY"], "BQML"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = (generate_uid() for _ in range(3))
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing, ds.SliceThickness = [2, 2], 3
    ds.Rows = ds.Columns = 16
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 0
    ds.RescaleSlope, ds.RescaleIntercept = "1", "0"
    ds.PixelData = bytes(512)
    for name, value in attributes.items():
        setattr(ds, name, value)
    return ds


def written(path: Path, ds: Dataset) -> Path:
    ds.save_as(path, enforce_file_format=True)
    return path


def compressed(syntax: str, frame: bytes, **attributes: Any) -> Dataset:
    ds = slice_of(syntax, **attributes)
    ds.PixelData = encapsulate([frame])
    ds["PixelData"].is_undefined_length = True
    return ds


def nested(path: Path, depth: int, *, defined: bool = False) -> Path:
    """A private sequence in a sequence in a sequence …"""
    before, after = slice_of(), slice_of()
    for name in ("Rows", "Columns", "PixelData"):
        delattr(before, name)
    body = b""
    if defined:
        for _ in range(depth):
            item = struct.pack("<HHL", 0xFFFE, 0xE000, len(body)) + body
            body = struct.pack("<HH2sHL", 0x0009, 0x1001, b"SQ", 0, len(item)) + item
    else:
        opening = struct.pack("<HH2sHL", 0x0009, 0x1001, b"SQ", 0, 0xFFFFFFFF)
        opening += struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
        closing = struct.pack("<HHLHHL", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
        body = opening * depth + closing * depth
    whole = written(path, after).read_bytes()
    at = whole.index(struct.pack("<HH2s", 0x0018, 0x0050, b"DS"))
    path.write_bytes(whole[:at] + body.replace(b"\x09\x00\x01\x10", b"\x17\x00\x01\x10") + whole[at:])
    return path


def bomb(path: Path, gigabytes: float) -> Path:
    """A deflated file of one megabyte per gigabyte."""
    ds = slice_of(DeflatedExplicitVRLittleEndian)
    whole = written(path, ds).read_bytes()
    length = int.from_bytes(whole[140:144], "little")
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    size = int(gigabytes * 1024**3)
    plain = written(path, slice_of()).read_bytes()
    inside = plain[144 + int.from_bytes(plain[140:144], "little") :]
    at = inside.index(struct.pack("<HH", 0x7FE0, 0x0010))
    head = inside[:at] + struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, size)
    parts = [deflater.compress(head)]
    zeros = bytes(1024 * 1024)
    parts += [deflater.compress(zeros) for _ in range(size // len(zeros))]
    path.write_bytes(whole[: 144 + length] + b"".join(parts) + deflater.flush())
    return path


def with_jpeg_size(name: str, marker: int, rows: int, columns: int) -> bytes:
    frame = bytearray(next(pydicom.encaps.generate_frames(pydicom.dcmread(get_testdata_file(name)).PixelData,
                                                          number_of_frames=1)))  # fmt: skip
    at = frame.index(bytes((0xFF, marker)))
    frame[at + 5 : at + 9] = struct.pack(">HH", rows, columns)
    return bytes(frame)


def with_j2k_size(size: int) -> bytes:
    data = pydicom.dcmread(get_testdata_file("MR_small_jp2klossless.dcm")).PixelData
    frame = bytearray(next(pydicom.encaps.generate_frames(data, number_of_frames=1)))
    at = frame.index(b"\xff\x4f\xff\x51")
    frame[at + 8 : at + 16] = struct.pack(">LL", size, size)
    return bytes(frame)


def lossless_jpeg(rows: int, columns: int) -> bytes:
    table = b"\xff\xc4" + struct.pack(">HB", 20, 0) + bytes([1]) + bytes(15) + b"\0"
    return (
        b"\xff\xd8\xff\xc3" + struct.pack(">HBHHB3B", 11, 16, rows, columns, 1, 1, 0x11, 0) + table
        + b"\xff\xda" + struct.pack(">HB2B3B", 8, 1, 1, 0, 1, 0, 0) + bytes(64) + b"\xff\xd9"
    )  # fmt: skip


def huge(path: Path, **attributes: Any) -> Path:
    return written(path, slice_of(**attributes))


def text_replaced(path: Path, old: bytes, new: bytes) -> Path:
    whole = written(path, slice_of(RescaleSlope="1.5000")).read_bytes()
    assert whole.count(old) == 1
    path.write_bytes(whole.replace(old, new))
    return path


# name: (how it is made, words that the refusal must hold; "" where the file is good)
ROWS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "good plain": (lambda p: huge(p), ""),
    "65535 rows and columns": (lambda p: huge(p, Rows=65535, Columns=65535), "truncated"),
    "65535 rows and columns, big-endian": (
        lambda p: written(p, slice_of(ExplicitVRBigEndian, Rows=65535, Columns=65535)), "truncated"),
    "2e9 frames": (lambda p: huge(p, NumberOfFrames="2000000000"), "truncated"),
    "2e9 frames, big-endian": (
        lambda p: written(p, slice_of(ExplicitVRBigEndian, NumberOfFrames="2000000000")), "truncated"),
    "2e9 compressed frames": (
        lambda p: written(p, compressed(RLELossless, bytes(64), NumberOfFrames="2000000000")), "truncated"),
    "truncated pixels": (lambda p: huge(p, PixelData=bytes(100)), "truncated"),
    "20,000 sequences deep": (lambda p: nested(p, 20_000), "damaged"),
    "5,000 sequences of stated length deep": (lambda p: nested(p, 5_000, defined=True), ""),
    "deflated bomb": (lambda p: bomb(p, 1.0), "deflated"),
    "JPEG-LS header lies": (
        lambda p: written(p, compressed(
            JPEGLSLossless, with_jpeg_size("MR_small_jpeg_ls_lossless.dcm", 0xF7, 65535, 65535),
            Rows=64, Columns=64)), "65535 × 65535"),
    "JPEG lossless header lies": (
        lambda p: written(p, compressed(JPEGLosslessSV1, lossless_jpeg(65535, 65535))), "65535 × 65535"),
    "JPEG 2000 header lies": (
        lambda p: written(p, compressed(JPEG2000Lossless, with_j2k_size(60000), Rows=64, Columns=64)),
        "60000 × 60000"),
    "JPEG-LS and DICOM headers lie alike": (
        lambda p: written(p, compressed(
            JPEGLSLossless, with_jpeg_size("MR_small_jpeg_ls_lossless.dcm", 0xF7, 8000, 8000),
            Rows=8000, Columns=8000)), "decod"),
    "JPEG lossless and DICOM headers lie alike": (
        lambda p: written(p, compressed(JPEGLosslessSV1, lossless_jpeg(8000, 8000), Rows=8000,
                                        Columns=8000)), ""),
    "JPEG 2000 and DICOM headers lie alike": (
        lambda p: written(p, compressed(JPEG2000Lossless, with_j2k_size(8000), Rows=8000, Columns=8000)),
        ""),
    "RLE of nothing, 8000 rows and columns": (
        lambda p: written(p, compressed(RLELossless, bytes(64), Rows=8000, Columns=8000)), "decode"),
    "JPEG 2000 and DICOM headers lie alike, 30000 rows": (
        lambda p: written(p, compressed(JPEG2000Lossless, with_j2k_size(30000), Rows=30000, Columns=30000)),
        "too large"),
    "slope 1e400": (lambda p: text_replaced(p, b"1.5000", b"1e400 "), "not a number"),
    "slope 0": (lambda p: text_replaced(p, b"1.5000", b"0.0000"), "slope of 0"),
    "orientation of zeros": (lambda p: huge(p, ImageOrientationPatient=[0] * 6), "orientation"),
    "spacing 0": (lambda p: huge(p, PixelSpacing=[0, 0]), "spacing"),
    "spacing -1": (lambda p: huge(p, PixelSpacing=[-1, 2]), "spacing"),
}  # fmt: skip


def opened(tmp_path: Path, paths: list[Path], seconds: float) -> dict[str, Any]:
    """Open files in a fresh process and return how each ended."""
    listing, answer = tmp_path / "paths.txt", tmp_path / "answer.json"
    listing.write_text("\n".join(map(str, paths)))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1"}
    ran = subprocess.run(
        [sys.executable, str(CHILD), str(listing), str(answer), str(get_testdata_file("MR_small_RLE.dcm"))],
        env=environment, timeout=seconds, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, f"the program died: {ran.stderr[-3000:]}"
    return dict(json.loads(answer.read_text()))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("hostile")
    paths = {name: make(folder / f"{n:02d}.dcm") for n, (name, (make, _)) in enumerate(ROWS.items())}
    answer = opened(folder, list(paths.values()), 120)
    found = {item["path"]: item for item in answer["files"]}
    return {"decoder_mb": answer["decoder_mb"], **{name: found[str(path)] for name, path in paths.items()}}


@pytest.mark.parametrize("name", ROWS)
def test_a_hostile_file_ends_as_data_or_in_words_within_two_seconds(
    hostile: dict[str, Any], name: str
) -> None:
    answer, words = hostile[name], ROWS[name][1]
    assert not answer["outcome"].startswith("DEFECT"), answer
    assert answer["seconds"] < SECONDS + 0.5, answer  # the decoder's own limit and its end
    if words:
        assert answer["outcome"].startswith("refused"), answer
        assert words in answer["outcome"], answer
    if name.startswith("good"):
        assert answer["outcome"] == "data"


def test_hostile_files_take_less_than_a_gigabyte_here_and_in_the_decoder(hostile: dict[str, Any]) -> None:
    peak = max(hostile[name]["peak_mb"] for name in ROWS)
    assert peak < MEGABYTES
    assert 0 < hostile["decoder_mb"] < MEGABYTES


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Change a file where its structure lies: lengths, tags, types, markers; or cut, double, flip."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if len(out) < 200:
            break
        kind = rng.randrange(6)
        # Most of what can go wrong lies in the header and at the start of the compressed pixels.
        at = rng.randrange(
            132, min(len(out) - 8, rng.choice((400, 3000, len(out)))) if len(out) > 410 else 140
        )
        if kind == 0:
            out[at] = rng.randrange(256)
        elif kind == 1:
            out[at : at + 4] = struct.pack(
                "<L", rng.choice((0, 1, 0xFFFFFFFF, 0xFFFFFFFE, 0x7FFFFFFF, 65536))
            )
        elif kind == 2:
            out[at : at + 2] = rng.choice(
                (b"SQ", b"UN", b"OW", b"DS", b"\xff\xff", b"\0\0", b"US", b"\xfe\xff")
            )
        elif kind == 3:
            del out[rng.randrange(200, len(out)) :]
        elif kind == 4:
            length = rng.randrange(1, 64)
            out[at:at] = out[at : at + length]
        else:
            markers = [n for n in range(len(out) - 1) if out[n] == 0xFF and out[n + 1] >= 0x4F]
            if markers:
                place = rng.choice(markers)
                out[place + 2 : place + 4] = struct.pack(">H", rng.randrange(65536))
    return bytes(out)


REAL = (
    "CT_small.dcm", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "JPGExtended.dcm", "JPEG2000.dcm", "image_dfl.dcm",
    "693_J2KI.dcm", "JPEGLSNearLossless_16.dcm", "liver_1frame.dcm", "rtdose_rle_1frame.dcm",
)  # fmt: skip
N_MUTATIONS = 500


def test_mutations_of_real_files_never_crash_or_hang(tmp_path: Path) -> None:
    rng = random.Random(20260101)
    sources = []
    for name in REAL:
        ds = pydicom.dcmread(get_testdata_file(name))
        # What says PET has its pixels read; other kinds would be set aside unread.
        ds.Modality, ds.SOPClassUID = "PT", "1.2.840.10008.5.1.4.1.1.128"
        ds.ImageType, ds.PixelSpacing, ds.SliceThickness = ["ORIGINAL", "PRIMARY"], [2, 2], 3
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
        ds.save_as(tmp_path / name, enforce_file_format=False)
        sources.append((tmp_path / name).read_bytes())
    paths = []
    for n in range(N_MUTATIONS):
        path = tmp_path / f"m{n:03d}.dcm"
        path.write_bytes(mutated(sources[n % len(sources)], rng))
        paths.append(path)
    answer = opened(tmp_path, [tmp_path / name for name in REAL] + paths, 150)
    files = answer["files"]
    defects = [item for item in files if item["outcome"].startswith("DEFECT")]
    assert not defects, defects[:5]
    assert len(files) == N_MUTATIONS + len(REAL)
    slow = [item for item in files if item["seconds"] > SECONDS + 1.5]
    assert not slow, slow
    assert max(item["peak_mb"] for item in files) < MEGABYTES
    n_data = sum(item["outcome"] == "data" for item in files)
    assert n_data > 50, "most mutations must reach the pixels for this test to mean anything"

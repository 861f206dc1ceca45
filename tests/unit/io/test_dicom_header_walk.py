"""The quick header walk says exactly what pydicom says, or steps aside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as DicomSequence

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.dicom.decode import stored_pixels
from atsm_viewer.io.dicom.header import InstanceHeader, header_with_pydicom, read_header
from atsm_viewer.io.dicom.pixels import read_native
from atsm_viewer.io.dicom.tags import KEPT_SEQUENCES, TAG_OF, WANTED
from atsm_viewer.io.dicom.walk import NeedMoreBytes, NotOrdinary, walk_header

BUNDLED = Path(pydicom.__file__).parent / "data"


def assert_same(quick: InstanceHeader, slow: InstanceHeader) -> None:
    names = [name for tag, name in WANTED.items() if tag not in KEPT_SEQUENCES]
    for name in names:
        if name == "SpecificCharacterSet":
            continue
        a, b = quick.raw(name), slow.raw(name)
        if name in ("PatientID", "SeriesDescription", "StudyDescription") and not a.isascii():
            continue  # the texts of rare character sets are decoded only by pydicom
        if a[:2] == b[:2] and TAG_OF[name] in (0x00280120, 0x00280121):
            continue
        assert [p.strip() for p in quick.texts(name)] == [p.strip() for p in slow.texts(name)] or a == b, name
    for tag in KEPT_SEQUENCES:
        assert (tag in quick.values) == (tag in slow.values)
    assert quick.has_pixels == slow.has_pixels
    assert quick.n_frames == slow.n_frames


def corpus(shared_dir: Path) -> Iterator[Path]:
    data = shared_dir / "data"
    for folder in ("ibsi_sts", "ct_broken", "acrin_flt"):
        yield from (data / folder).rglob("*.dcm")
    yield from sorted((data / "sts_raw_ge").rglob("*.dcm"))[::20]


def test_walk_and_pydicom_agree_on_published_files(shared_dir: Path) -> None:
    walked = 0
    for path in corpus(shared_dir):
        quick = read_header(path)
        if not quick.by_pydicom:
            walked += 1
            assert_same(quick, header_with_pydicom(path))
    assert walked > 200


def test_pixels_by_the_quick_way_equal_pydicom_on_published_files(shared_dir: Path) -> None:
    compared = 0
    for path in corpus(shared_dir):
        header = read_header(path)
        if header.has_pixels:
            empty = np.empty((header.integer("Rows") or 0, header.integer("Columns") or 0), dtype=np.float32)
            plain = read_native(header, empty)
            assert plain is not None
            assert np.array_equal(plain, stored_pixels(path)[0])
            compared += 1
    assert compared > 200


def bundled_files() -> list[Path]:
    return [p for p in sorted(BUNDLED.rglob("*")) if p.is_file() and p.suffix not in (".py", ".pyc")]


@pytest.mark.parametrize("path", bundled_files(), ids=lambda path: path.name)
def test_walk_and_pydicom_agree_on_the_files_that_come_with_pydicom(path: Path) -> None:
    try:
        quick = read_header(path)
    except AtsmError as error:
        assert path.name in error.user_message  # noqa: PT017 - either outcome is right
        return
    if quick.by_pydicom or not quick.has_pixels or not quick.raw("Rows"):
        return
    assert_same(quick, header_with_pydicom(path))
    if not quick.is_truncated and path.name != "badVR.dcm":  # its Number of Frames is unreadable
        empty = np.empty((quick.integer("Rows") or 0, quick.integer("Columns") or 0), dtype=np.float32)
        plain = read_native(quick, empty)
        if plain is not None:
            assert np.array_equal(plain, stored_pixels(path)[0])


def test_a_header_longer_than_the_first_read_is_walked_further(pet_writer: Any) -> None:
    def long_private(ds: Dataset) -> None:
        block = ds.private_block(0x0029, "MAKER", create=True)
        block.add_new(0x01, "OB", bytes(100_000))

    path = pet_writer.write((1, 2, 3), edit=long_private)
    header = read_header(path)
    assert not header.by_pydicom
    assert header.text("Units") == "BQML"
    assert_same(header, header_with_pydicom(path))


@pytest.mark.parametrize("undefined", [False, True])
def test_nested_sequences_are_stepped_over(pet_writer: Any, undefined: bool) -> None:
    def nested(ds: Dataset) -> None:
        innermost, middle = Dataset(), Dataset()
        innermost.Rows, innermost.Units = 99, "CNTS"  # must not be mistaken for those of the image
        innermost.PixelData = bytes(8)
        innermost["PixelData"].VR = "OW"
        middle.IconImageSequence = DicomSequence([innermost])
        outer = Dataset()
        outer.ReferencedImageSequence = DicomSequence([middle, middle])
        ds.ReferencedStudySequence = DicomSequence([outer])
        if undefined:
            for item in (
                ds["ReferencedStudySequence"],
                outer["ReferencedImageSequence"],
                middle["IconImageSequence"],
            ):
                item.is_undefined_length = True
            for dataset in (outer, middle, innermost):
                dataset.is_undefined_length_sequence_item = True

    path = pet_writer.write((1, 2, 3), edit=nested)
    header = read_header(path)
    assert not header.by_pydicom
    assert header.integer("Rows") == 5
    assert header.text("Units") == "BQML"
    assert_same(header, header_with_pydicom(path))


def test_random_damage_is_refused_in_words_or_read_but_never_crashes(pet_writer: Any) -> None:
    whole = pet_writer.write((1, 2, 3)).read_bytes()
    rng = np.random.default_rng(7)
    victim = pet_writer.folder / "victim.dcm"
    for _ in range(300):
        damaged = bytearray(whole)
        for at in rng.integers(132, len(damaged), 3):
            damaged[at] = int(rng.integers(256))
        victim.write_bytes(bytes(damaged[: int(rng.integers(140, len(damaged) + 1))]))
        try:
            header = read_header(victim)
            header.is_truncated  # noqa: B018 - must not raise either
        except AtsmError as error:
            assert error.user_message  # noqa: PT017 - either outcome is right


def test_the_walk_steps_aside_where_it_is_not_at_home() -> None:
    with pytest.raises(NotOrdinary):
        walk_header(bytes(400), 400)
    with pytest.raises(NotOrdinary):
        walk_header(b"", 0)
    with pytest.raises((NotOrdinary, NeedMoreBytes)):
        walk_header(bytes(128) + b"DICM" + b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\x00", 10_000)

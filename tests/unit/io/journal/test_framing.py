"""Records are whole or they do not count."""

from __future__ import annotations

import io
import struct
import zlib

import pytest

from atsm_viewer.io.journal import limits
from atsm_viewer.io.journal.errors import JournalError
from atsm_viewer.io.journal.framing import Frame, Tail, encode_frame, read_frames


def _read(data: bytes) -> list[Frame | Tail]:
    return list(read_frames(io.BytesIO(data), len(data)))


def test_a_record_is_laid_out_as_the_format_says() -> None:
    body = struct.pack("<II", 2, 3) + b"{}" + b"abc"
    assert encode_frame(b"{}", b"abc") == body + struct.pack("<I", zlib.crc32(body))


def test_records_come_back_in_order_and_the_end_is_clean() -> None:
    data = encode_frame(b"one", b"") + encode_frame(b"two", b"blob")
    first, second, tail = _read(data)
    assert isinstance(first, Frame)
    assert (first.at, first.json, first.blob) == (0, b"one", b"")
    assert isinstance(second, Frame)
    assert (second.at, second.json, second.blob) == (15, b"two", b"blob")
    assert tail == Tail(0, "")


def test_a_record_torn_at_any_byte_is_left_out_and_the_ones_before_it_stay() -> None:
    good, last = encode_frame(b"kept", b"voxels"), encode_frame(b"torn", b"more voxels")
    for n in range(1, len(last)):
        *frames, tail = _read(good + last[:n])
        assert [f.json for f in frames if isinstance(f, Frame)] == [b"kept"], n
        assert isinstance(tail, Tail)
        assert tail.n_bytes == n
        assert tail.reason


def test_any_flipped_bit_ends_reading_before_that_record() -> None:
    good, bad = encode_frame(b"kept", b"voxels"), encode_frame(b"flipped", b"more voxels")
    after = encode_frame(b"after", b"")
    for at in range(len(bad)):
        for bit in range(8):
            broken = bytearray(bad)
            broken[at] ^= 1 << bit
            *frames, tail = _read(good + bytes(broken) + after)
            assert [f.json for f in frames if isinstance(f, Frame)] == [b"kept"], (at, bit)
            assert isinstance(tail, Tail)
            assert tail.n_bytes == len(bad) + len(after)


def test_a_length_that_the_file_cannot_hold_allocates_nothing() -> None:
    data = struct.pack("<II", limits.MAX_JSON_BYTES, limits.MAX_BLOB_BYTES) + b"x"
    assert _read(data) == [Tail(len(data), "the last record was cut short")]
    data = struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF) + b"x"
    assert _read(data) == [Tail(len(data), "a record states an impossible length")]


def test_a_record_that_no_reader_accepts_is_not_written() -> None:
    with pytest.raises(JournalError, match="too large"):
        encode_frame(b"x" * (limits.MAX_JSON_BYTES + 1), b"")

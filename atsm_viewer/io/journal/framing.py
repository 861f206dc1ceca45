"""Records in a file: ``lenH | lenB | JSON | blob | crc32``.

Lengths and checksum are little-endian unsigned 32-bit numbers; the CRC-32 (ISO 3309, as in ZIP) covers
everything before it. A record counts only when it is whole, so whatever a crash leaves at the end of the
file is cut off and never taken for data.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from atsm_viewer.io.journal import limits
from atsm_viewer.io.journal.errors import JournalError

_LENGTHS = struct.Struct("<II")
_CHECK = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole record.

    Parameters
    ----------
    at
        Offset of its first byte in the file.
    json
        UTF-8 text of a JSON object.
    blob
        Packed voxels that the JSON points into.
    """

    at: int
    json: bytes
    blob: bytes


@dataclass(frozen=True, slots=True)
class Tail:
    """What was left after the last whole record.

    Parameters
    ----------
    n_bytes
        Bytes that could not be used; 0 when the file ends cleanly.
    reason
        Why, in words; empty when it ends cleanly.
    """

    n_bytes: int = 0
    reason: str = ""


def encode_frame(json: bytes, blob: bytes) -> bytes:
    """Return a record as bytes.

    Raises
    ------
    JournalError
        When it is larger than a reader accepts.
    """
    if len(json) > limits.MAX_JSON_BYTES or len(blob) > limits.MAX_BLOB_BYTES:
        raise JournalError(
            "One step is too large for the journal.", detail=f"{len(json)} + {len(blob)} bytes"
        )
    body = _LENGTHS.pack(len(json), len(blob)) + json + blob
    return body + _CHECK.pack(zlib.crc32(body))


def read_frame(stream: BinaryIO, size: int) -> Frame | Tail:
    """Read the record at the present position, or say why there is none.

    Parameters
    ----------
    stream
        Seekable, at the start of a record or at the end.
    size
        Bytes in the file: nothing is allocated for a length that it cannot hold.
    """
    at = stream.tell()
    left = size - at
    if left <= 0:
        return Tail()
    head = stream.read(_LENGTHS.size)
    if len(head) < _LENGTHS.size:
        return Tail(left, "the last record was cut short")
    n_json, n_blob = _LENGTHS.unpack(head)
    if n_json > limits.MAX_JSON_BYTES or n_blob > limits.MAX_BLOB_BYTES:
        return Tail(left, "a record states an impossible length")
    if left < _LENGTHS.size + n_json + n_blob + _CHECK.size:
        return Tail(left, "the last record was cut short")
    json, blob, check = stream.read(n_json), stream.read(n_blob), stream.read(_CHECK.size)
    if len(json) < n_json or len(blob) < n_blob or len(check) < _CHECK.size:
        return Tail(left, "the last record was cut short")
    if _CHECK.unpack(check)[0] != zlib.crc32(blob, zlib.crc32(json, zlib.crc32(head))):
        return Tail(left, "a record fails its checksum")
    return Frame(at, json, blob)


def read_frames(stream: BinaryIO, size: int) -> Iterator[Frame | Tail]:
    """Yield every whole record, then exactly one :class:`Tail`."""
    while True:
        found = read_frame(stream, size)
        yield found
        if isinstance(found, Tail):
            return

"""Finding the intact members of a ZIP whose directory is lost."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from atsm_viewer.io.project import limits

_SIGNATURE = b"PK\x03\x04"
_HEADER = struct.Struct("<4s5H3I2H")


def salvage_members(stream: BinaryIO) -> dict[str, bytes]:
    """Return every member whose local header, bytes and checksum are whole; the first of a name wins.

    Reads the file from its start and follows the local headers; a broken header is skipped by
    searching for the next one. The same limits hold as for an intact file.
    """
    stream.seek(0)
    raw = stream.read(limits.MAX_TOTAL_BYTES)
    found: dict[str, bytes] = {}
    budget = limits.MAX_TOTAL_BYTES
    at = raw.find(_SIGNATURE)
    tried = 0
    while at >= 0 and tried < limits.MAX_MEMBERS:
        tried += 1
        member = _member_at(raw, at, budget)
        if member is None:
            at = raw.find(_SIGNATURE, at + 4)
            continue
        name, data, end = member
        if name not in found:
            found[name] = data
            budget -= len(data)
        at = raw.find(_SIGNATURE, end)
    return found


def _member_at(raw: bytes, at: int, budget: int) -> tuple[str, bytes, int] | None:
    if at + _HEADER.size > len(raw):
        return None
    _, _, flags, method, _, _, crc, packed_size, size, name_size, extra_size = _HEADER.unpack_from(raw, at)
    start = at + _HEADER.size + name_size + extra_size
    end = start + packed_size
    too_much = size > min(budget, limits.MAX_MEMBER_BYTES, limits.MAX_RATIO * packed_size)
    # Our writer never encrypts and always states the sizes in the local header.
    if flags & 0x2049 or method not in (0, 8) or too_much or end > len(raw):
        return None
    packed = raw[start:end]
    if method == 8:
        try:
            inflater = zlib.decompressobj(-15)
            packed = inflater.decompress(packed, size + 1)
        except zlib.error:
            return None
    if len(packed) != size or zlib.crc32(packed) != crc:
        return None
    name = raw[at + _HEADER.size : at + _HEADER.size + name_size].decode("ascii", errors="replace")
    return name, packed, end

"""A bounded walk over the top-level elements of a little-endian DICOM header.

Only the ordinary case is handled, because it is what a folder of 2,000 slices consists of. For
everything else the walk answers None and the file goes through pydicom.
"""

from __future__ import annotations

from struct import Struct

from atsm_viewer.io.dicom.tags import (
    FLOAT_PIXELS,
    KEPT_SEQUENCES,
    PIXEL_DATA,
    PRIVATE_GROUPS,
    PRIVATE_MAX_BYTES,
    WANTED,
)

IMPLICIT_LE = "1.2.840.10008.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"

_LONG_VRS = frozenset(
    {b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UC", b"UR", b"UT", b"UN", b"SV", b"UV"}
)
_UNDEFINED = 0xFFFFFFFF
_TAG = Struct("<HH").unpack_from
_U32 = Struct("<L").unpack_from
_U16 = Struct("<H").unpack_from
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_MAX_NESTING = 32


class NeedMoreBytes(Exception):
    """The buffer ends before the pixel data."""


class NotOrdinary(Exception):
    """The header is not of the kind that the walk handles."""


class Walked:
    """What the walk found: raw values by tag, the transfer syntax and where the pixels lie."""

    __slots__ = ("pixel_length", "pixel_offset", "pixel_tag", "transfer_syntax", "values")

    def __init__(self, transfer_syntax: str) -> None:
        self.transfer_syntax = transfer_syntax
        self.values: dict[int, bytes] = {}
        self.pixel_tag = 0
        self.pixel_offset = -1
        self.pixel_length = -1


def walk_header(buffer: bytes, size: int) -> Walked:
    """Walk a header that starts at byte 0 of ``buffer``.

    Parameters
    ----------
    buffer
        The first bytes of the file.
    size
        Length of the whole file in bytes.

    Raises
    ------
    NeedMoreBytes
        When the header is longer than the buffer.
    NotOrdinary
        When there is no preamble, the syntax is deflated or big-endian, or a length makes no sense.
    """
    if len(buffer) < 144 or buffer[128:132] != b"DICM":
        raise NotOrdinary
    position, syntax = file_meta(buffer)
    if syntax in (DEFLATED, BIG_ENDIAN) or not syntax:
        raise NotOrdinary
    walked = Walked(syntax)
    _dataset(buffer, position, size, explicit=syntax != IMPLICIT_LE, walked=walked)
    return walked


def file_meta(buffer: bytes) -> tuple[int, str]:
    """Return where the data set starts, and the transfer syntax.

    Raises
    ------
    NeedMoreBytes
        When the buffer ends within the file meta information.
    """
    position, end, syntax = 132, len(buffer), ""
    while position + 12 <= end:
        group, element = _TAG(buffer, position)
        if group != 2:
            return position, syntax
        if buffer[position + 4 : position + 6] in _LONG_VRS:
            length, start = _U32(buffer, position + 8)[0], position + 12
        else:
            length, start = _U16(buffer, position + 6)[0], position + 8
        if element == 0x0010:
            syntax = buffer[start : start + length].decode("ascii", "replace").rstrip("\0 ")
        position = start + length
    raise NeedMoreBytes


def _dataset(buffer: bytes, position: int, size: int, *, explicit: bool, walked: Walked) -> None:
    end, values, last = len(buffer), walked.values, -1
    wanted = WANTED
    while True:
        if position == size:
            return  # a header without pixels
        if position + 12 > end:
            if position + 8 > size:
                raise NotOrdinary
            if end < size:
                raise NeedMoreBytes
            if position + 8 > end:
                raise NotOrdinary
        group, element = _TAG(buffer, position)
        tag = group << 16 | element
        if tag <= last:
            raise NotOrdinary
        last = tag
        length, start = _length(buffer, position, explicit)
        if group == 0x7FE0:
            if tag == PIXEL_DATA or tag in FLOAT_PIXELS:
                walked.pixel_tag, walked.pixel_offset = tag, start
                walked.pixel_length = -1 if length == _UNDEFINED else length
                return
            position = start + length
            continue
        if length == _UNDEFINED:
            stop = _skip_items(buffer, start, size, explicit, 0)
            if tag in KEPT_SEQUENCES:
                values[tag] = buffer[start:stop]
            position = stop
            continue
        stop = start + length
        if stop > size:
            raise NotOrdinary
        if tag in wanted or (group in PRIVATE_GROUPS and length <= PRIVATE_MAX_BYTES):
            if stop > end:
                raise NeedMoreBytes
            values[tag] = buffer[start:stop]
        position = stop


def _length(buffer: bytes, position: int, explicit: bool) -> tuple[int, int]:
    """Return the length of the value and where it starts."""
    if not explicit:
        return _U32(buffer, position + 4)[0], position + 8
    vr = buffer[position + 4 : position + 6]
    if vr in _LONG_VRS:
        if position + 12 > len(buffer):
            raise NeedMoreBytes
        return _U32(buffer, position + 8)[0], position + 12
    if not (vr.isalpha() and vr.isupper()):
        raise NotOrdinary
    return _U16(buffer, position + 6)[0], position + 8


def _skip_items(buffer: bytes, position: int, size: int, explicit: bool, depth: int) -> int:
    """Return the position behind a sequence of undefined length."""
    if depth > _MAX_NESTING:
        raise NotOrdinary
    while True:
        if position + 8 > len(buffer):
            raise NeedMoreBytes if len(buffer) < size else NotOrdinary
        group, element = _TAG(buffer, position)
        tag, length = group << 16 | element, _U32(buffer, position + 4)[0]
        position += 8
        if tag == _SEQUENCE_END:
            return position
        if tag != _ITEM:
            raise NotOrdinary
        if length != _UNDEFINED:
            position += length
        else:
            position = _skip_item(buffer, position, size, explicit, depth)


def _skip_item(buffer: bytes, position: int, size: int, explicit: bool, depth: int) -> int:
    """Return the position behind an item of undefined length."""
    while True:
        if position + 8 > len(buffer):
            raise NeedMoreBytes if len(buffer) < size else NotOrdinary
        group, element = _TAG(buffer, position)
        if group << 16 | element == _ITEM_END:
            return position + 8
        length, start = _length(buffer, position, explicit)
        if length == _UNDEFINED:
            position = _skip_items(buffer, start, size, explicit, depth + 1)
        else:
            position = start + length

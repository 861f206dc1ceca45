"""Compare what a compressed picture says about its own size with what the DICOM header says.

Decoders believe the codestream. One that claims 65535 x 65535 pixels made third-party decoders hang,
end the whole program or take gigabytes, so it is looked at before any decoder sees it.
"""

from __future__ import annotations

import struct

from atsm_viewer.domain.errors import AtsmError

# Start of frame of every JPEG process, and of JPEG-LS; C4, C8 and CC are tables and reserved.
_START_OF_FRAME = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_JP2_BOX = b"\x00\x00\x00\x0cjP  "
_MAX_MARKERS = 10_000


def refuse_lying_codestream(frame: bytes, rows: int, columns: int, samples: int, name: str) -> None:
    """Raise when a codestream states another size than its file.

    Parameters
    ----------
    frame
        One encapsulated frame. What is neither JPEG nor JPEG 2000 (RLE) states no size and passes.
    rows, columns, samples
        As the DICOM header states them.
    name
        The file, for the message.

    Raises
    ------
    AtsmError
        When the sizes differ, or no size is found where there must be one.
    """
    if frame[:2] == b"\xff\xd8":
        stated = _jpeg_size(frame)
    elif frame[:4] == b"\xff\x4f\xff\x51" or frame[:8] == _JP2_BOX:
        stated = _jpeg_2000_size(frame)
    else:
        return
    if stated != (rows, columns, samples):
        said = "no size" if stated is None else f"{stated[0]} × {stated[1]} pixels of {stated[2]} sample(s)"
        raise AtsmError(
            f"The compressed picture in “{name}” states {said}, "
            f"but the header {rows} × {columns} pixels of {samples} sample(s).",
            "The file is damaged; copy the series again.",
        )


def _jpeg_size(frame: bytes) -> tuple[int, int, int] | None:
    """Rows, columns and components of the start-of-frame marker (ISO 10918-1 B.2.2, ISO 14495-1 C.2.2)."""
    position, end = 2, len(frame)
    for _ in range(_MAX_MARKERS):
        while position < end and frame[position] != 0xFF:
            return None
        while position < end and frame[position] == 0xFF:  # fill bytes
            position += 1
        if position >= end:
            return None
        marker = frame[position]
        position += 1
        if marker in _WITHOUT_LENGTH:
            continue
        if position + 8 > end:
            return None
        if marker in _START_OF_FRAME:
            _length, _precision, rows, columns, components = struct.unpack_from(">HBHHB", frame, position)
            return rows, columns, components
        length = struct.unpack_from(">H", frame, position)[0]
        if length < 2:
            return None
        position += length
    return None


def _jpeg_2000_size(frame: bytes) -> tuple[int, int, int] | None:
    """Rows, columns and components of the SIZ marker (ISO 15444-1 A.5.1)."""
    start = frame.find(b"\xff\x4f\xff\x51")
    if start < 0 or start + 42 > len(frame):
        return None
    x1, y1, x0, y0 = struct.unpack_from(">4L", frame, start + 8)
    components = struct.unpack_from(">H", frame, start + 40)[0]
    return y1 - y0, x1 - x0, components

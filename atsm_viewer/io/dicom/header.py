"""The header of one file: what was kept of it, and typed access to its values."""

from __future__ import annotations

import math
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.dicom.tags import (
    BINARY_US,
    FLOAT_PIXELS,
    KEPT_SEQUENCES,
    MULTIFRAME_CLASSES,
    PIXEL_DATA,
    PRIVATE_GROUPS,
    PRIVATE_MAX_BYTES,
    TAG_OF,
    WANTED,
)
from atsm_viewer.io.dicom.walk import (
    BIG_ENDIAN,
    DEFLATED,
    EXPLICIT_LE,
    IMPLICIT_LE,
    NeedMoreBytes,
    NotOrdinary,
    Walked,
    walk_header,
)

# The walk needs no pydicom, whose import takes half a second: it is fetched where it is used.
if TYPE_CHECKING:
    from pydicom.dataelem import DataElement, RawDataElement
    from pydicom.dataset import Dataset

_FIRST_READ = 16 * 1024
_LAST_READ = 4 * 1024 * 1024
_ITEM_BYTES = 8  # tag and length of one encapsulated fragment


class InstanceHeader:
    """What was kept of the header of one file.

    Attributes
    ----------
    path
        The file.
    values
        Raw value bytes by tag; text values in the file's encoding, binary US/SS little-endian.
    transfer_syntax
        (0002,0010).
    pixel_offset, pixel_length
        Where the pixel data lie, bytes; -1 where the walk does not know (then pydicom reads them).
    file_size
        Bytes.
    by_pydicom
        Whether pydicom read the header.
    """

    __slots__ = (
        "by_pydicom", "file_size", "path", "pixel_length", "pixel_offset", "pixel_tag",
        "transfer_syntax", "values",
    )  # fmt: skip

    def __init__(self, path: Path, walked: Walked, file_size: int, by_pydicom: bool) -> None:
        self.path = path
        self.values = walked.values
        self.transfer_syntax = walked.transfer_syntax
        self.pixel_tag = walked.pixel_tag
        self.pixel_offset = walked.pixel_offset
        self.pixel_length = walked.pixel_length
        self.file_size = file_size
        self.by_pydicom = by_pydicom

    def raw(self, name: str) -> bytes:
        """Raw bytes of a wanted element, empty when absent."""
        return self.values.get(TAG_OF[name], b"")

    def text(self, name: str) -> str:
        """Text of an element without padding, empty when absent."""
        raw = self.values.get(TAG_OF[name])
        return _decode(raw, self.values.get(_CHARSET, b"")) if raw else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Parts of a multi-valued text."""
        text = self.text(name)
        return tuple(part.strip() for part in text.split("\\")) if text else ()

    def numbers(self, name: str) -> tuple[float, ...]:
        """Parts of a decimal string as finite floats; empty when absent.

        Raises
        ------
        AtsmError
            When a part is not a finite number.
        """
        values = _finite_numbers(self.values.get(TAG_OF[name]) or b"")
        if values is None:
            raise AtsmError(f"“{self.path.name}”: {name} is “{self.text(name)}”, which is not a number.")
        return values

    def number(self, name: str) -> float | None:
        """First part of a decimal string, None when absent."""
        values = self.numbers(name)
        return values[0] if values else None

    def integer(self, name: str, *, signed: bool = False) -> int | None:
        """Binary (US or SS) or integer-string value, None when absent."""
        raw = self.values.get(TAG_OF[name])
        if not raw:
            return None
        if TAG_OF[name] in BINARY_US:
            return int.from_bytes(raw[:2], "little", signed=signed)
        value = self.number(name)
        return None if value is None else int(value)

    @property
    def n_frames(self) -> int:
        """Number of frames in the file; 1 when absent or unreadable."""
        text = self.text("NumberOfFrames")
        return max(1, int(text)) if text.isdigit() else 1

    @property
    def is_multiframe(self) -> bool:
        """Whether geometry and scaling are stated per frame, in functional groups."""
        return self.n_frames > 1 or self.text("SOPClassUID") in MULTIFRAME_CLASSES

    @property
    def has_pixels(self) -> bool:
        """Whether there is pixel data."""
        return self.pixel_tag != 0

    @property
    def frame_bytes(self) -> int:
        """Bytes that one native frame needs."""
        rows, columns = self.integer("Rows") or 0, self.integer("Columns") or 0
        bits, samples = self.integer("BitsAllocated") or 0, self.integer("SamplesPerPixel") or 1
        return rows * columns * samples * ((bits + 7) // 8)

    @property
    def is_native(self) -> bool:
        """Whether the pixels lie plain and little-endian in the file, at a known place."""
        return self.pixel_offset >= 0 and self.transfer_syntax in (IMPLICIT_LE, EXPLICIT_LE)

    @property
    def is_truncated(self) -> bool:
        """Whether a file is too small for the pixels that it states."""
        if not self.has_pixels or not self.frame_bytes:
            return False
        if not self.is_native:
            # Where pydicom reads, only what no file can do is refused here: uncompressed pixels that
            # are more than the file, compressed frames that are more than the headers they need.
            least = _ITEM_BYTES * self.n_frames
            if self.transfer_syntax in (IMPLICIT_LE, EXPLICIT_LE, BIG_ENDIAN):
                least = self.frame_bytes * self.n_frames if self.integer("BitsAllocated") != 1 else 0
            elif self.transfer_syntax == DEFLATED:
                least = 0
            return least > self.file_size
        needed = (self.frame_bytes if self.integer("BitsAllocated") != 1 else 0) * self.n_frames
        available = min(self.pixel_length, self.file_size - self.pixel_offset)
        return self.pixel_length >= 0 and available < needed


def read_header(path: Path) -> InstanceHeader:
    """Read the header of a file: by the bounded walk where possible, else with pydicom.

    Raises
    ------
    AtsmError
        When the file is empty, unreadable or not DICOM.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            size = os.fstat(descriptor).st_size
            walked = _walk(descriptor, size)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise AtsmError(f"“{path.name}” cannot be read.", detail=str(error)) from error
    if size == 0:
        raise AtsmError(f"“{path.name}” is empty.")
    if walked is not None:
        return InstanceHeader(path, walked, size, by_pydicom=False)
    return header_with_pydicom(path)


def _walk(descriptor: int, size: int) -> Walked | None:
    wanted = _FIRST_READ
    buffer = os.read(descriptor, wanted)
    while True:
        try:
            return walk_header(buffer, size)
        except NotOrdinary:
            return None
        except NeedMoreBytes:
            if len(buffer) >= min(size, _LAST_READ):
                return None
            wanted *= 8
            more = os.read(descriptor, wanted)
            if not more:
                return None
            buffer += more


def header_with_pydicom(path: Path) -> InstanceHeader:
    """Read the header of a file with pydicom, into the same form as the walk gives.

    Raises
    ------
    AtsmError
        When pydicom cannot read it or there is nothing of DICOM in it.
    """
    from atsm_viewer.io.dicom.pydicom_door import damage_in_words, read_dataset

    dataset = read_dataset(path, pixels=False)
    with damage_in_words(path):
        if not any(keyword in dataset for keyword in ("SOPClassUID", "SeriesInstanceUID", "Rows")):
            raise AtsmError(f"“{path.name}” is not a DICOM image.")
        walked = Walked(_syntax(dataset))
        for tag in dataset.keys():  # noqa: SIM118 - iterating the data set itself would decode every value
            number = int(tag)
            private = tag.group in PRIVATE_GROUPS
            if number in WANTED or private:
                item = dataset.get_item(tag)
                if item is not None and (number in KEPT_SEQUENCES or item.VR != "SQ"):
                    raw = _raw_bytes(item)
                    if not private or len(raw) <= PRIVATE_MAX_BYTES:
                        walked.values[number] = raw
        walked.pixel_tag = _pixel_tag(path, dataset)
    return InstanceHeader(path, walked, path.stat().st_size, by_pydicom=True)


def _syntax(dataset: Dataset) -> str:
    stated = getattr(dataset, "file_meta", {}).get("TransferSyntaxUID")
    if stated:
        return str(stated)
    implicit, little = dataset.original_encoding
    if implicit:
        return IMPLICIT_LE
    return EXPLICIT_LE if little else BIG_ENDIAN


def _pixel_tag(path: Path, header: Dataset) -> int:
    """Return the tag of the pixel data of a file whose header was read without them."""
    from atsm_viewer.io.dicom.pydicom_door import read_dataset

    if "Rows" not in header:
        return 0
    whole = read_dataset(path, pixels=True)
    return next((tag for tag in (PIXEL_DATA, *FLOAT_PIXELS) if tag in whole), 0)


_WORD_BYTES = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8}


def _raw_bytes(item: DataElement | RawDataElement) -> bytes:
    """Return the bytes of a value as the walk would keep them."""
    from pydicom.dataelem import RawDataElement
    from pydicom.multival import MultiValue

    if isinstance(item, RawDataElement):
        raw = item.value or b""
        size = _WORD_BYTES.get(item.VR or "", 1)
        if item.is_little_endian or size == 1:
            return raw
        return b"".join(raw[at : at + size][::-1] for at in range(0, len(raw), size))
    value = item.value
    parts = list(value) if isinstance(value, MultiValue) else [value]
    return b"" if value is None else "\\".join(str(part) for part in parts).encode("utf-8", "replace")


_CHARSET = TAG_OF["SpecificCharacterSet"]


@lru_cache(maxsize=8192)  # most values repeat from slice to slice
def _decode(raw: bytes, charset: bytes) -> str:
    if raw.isascii() and b"\x1b" not in raw:  # an escape announces another character set (Japanese, Korean)
        return raw.decode("ascii").strip("\0 \t\r\n")
    from pydicom.charset import convert_encodings, decode_bytes

    declared = [part.strip() for part in charset.decode("ascii", "replace").strip("\0 ").split("\\")]
    encodings = convert_encodings(declared if declared != [""] else ["ISO_IR 100"])
    return decode_bytes(raw, encodings, set()).strip("\0 \t\r\n")


@lru_cache(maxsize=8192)
def _finite_numbers(raw: bytes) -> tuple[float, ...] | None:
    """Parts of a decimal string; None where one is not a finite number."""
    text = raw.decode("latin-1").strip("\0 \t\r\n")
    try:
        values = tuple(float(part) for part in text.split("\\")) if text else ()
    except ValueError:
        return None
    return values if all(math.isfinite(v) for v in values) else None

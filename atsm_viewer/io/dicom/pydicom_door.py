"""The way to pydicom, for everything that the header walk does not handle."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
from pydicom.datadict import add_private_dict_entry
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.dicom.walk import DEFLATED, NeedMoreBytes, file_meta

# Without these entries the values would come as bytes from files with implicit VR.
add_private_dict_entry("SIEMENS MED PT", 0x00711022, "DT", "Decay Correction DateTime", "1")
add_private_dict_entry("Philips PET Private Group", 0x70531000, "DS", "SUV Scale Factor", "1")
add_private_dict_entry(
    "Philips PET Private Group", 0x70531009, "DS", "Activity Concentration Scale Factor", "1"
)

# Sloppy values are judged by our own rules and notices. A filter for the whole process, because files
# are read in several threads and a filter for a moment is not safe there.
warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")

# A small deflated file may inflate to gigabytes. No single image needs more than the first number; an
# object of many frames may, but measured values do not shrink like zeros, and memory has to hold it thrice.
_INFLATED_BYTES = 64 * 1024 * 1024
_INFLATED_BYTES_OF_MANY_FRAMES = 4 * _INFLATED_BYTES
_MAX_RATIO = 12
_CHUNK_BYTES = 1024 * 1024
_START_BYTES = 64 * 1024


def read_dataset(path: Path, *, pixels: bool) -> Dataset:
    """Read a file with pydicom.

    Parameters
    ----------
    path
        The file; a missing preamble is tolerated where the first element looks like DICOM.
    pixels
        Whether the pixel data are read too.

    Raises
    ------
    AtsmError
        When the file cannot be read; the message names it and the reason.
    """
    with damage_in_words(path):
        _refuse_inflating_without_end(path)
        return pydicom.dcmread(path, stop_before_pixels=not pixels, force=_starts_without_preamble(path))


@contextmanager
def damage_in_words(path: Path) -> Iterator[None]:
    """Turn whatever a parser or a lazily decoded value raises into words that name the file.

    Raises
    ------
    AtsmError
        In place of any other exception.
    """
    try:
        yield
    except AtsmError:
        raise
    except InvalidDicomError:
        raise AtsmError(f"“{path.name}” is not a DICOM file.") from None
    except OSError as error:
        raise AtsmError(f"“{path.name}” cannot be read.", detail=str(error)) from error
    except Exception as error:
        # Files from anywhere may make a parser fail in any way; the cause is kept in the detail.
        raise AtsmError(
            f"“{path.name}” is damaged and cannot be read as DICOM.",
            detail=f"{type(error).__name__}: {error}",
        ) from error


def _starts_without_preamble(path: Path) -> bool:
    with open(path, "rb") as stream:
        start = stream.read(132)
    if start[128:132] == b"DICM":
        return False
    # (0002,xxxx) or (0008,xxxx) first, in either byte order, with a small element number
    return start[:2] in (b"\x02\x00", b"\x08\x00") or start[:2] in (b"\x00\x02", b"\x00\x08")


def _refuse_inflating_without_end(path: Path) -> None:
    """Inflate a deflated file in small pieces, keeping none, before pydicom inflates it as a whole.

    Raises
    ------
    AtsmError
        When it becomes larger than an image can be.
    """
    with open(path, "rb") as stream:
        start = stream.read(_START_BYTES)
        if start[128:132] != b"DICM" or DEFLATED.encode() not in start:
            return
        try:
            position, syntax = file_meta(start)
        except NeedMoreBytes:
            position, syntax = 0, DEFLATED
        if syntax != DEFLATED:
            return
        stream.seek(position)
        inflater, size, packed = zlib.decompressobj(-zlib.MAX_WBITS), 0, 0
        while position and (piece := stream.read(_CHUNK_BYTES)):
            packed += len(piece)
            while piece:
                size += len(inflater.decompress(piece, _CHUNK_BYTES))
                piece = inflater.unconsumed_tail
                if size > _INFLATED_BYTES_OF_MANY_FRAMES or size > max(_INFLATED_BYTES, _MAX_RATIO * packed):
                    position, piece = 0, b""
    if not position:
        raise AtsmError(
            f"“{path.name}” is a deflated DICOM file that grows beyond {size // 1024**2} MB: not opened.",
            "Save the series uncompressed, for example with dcmconv, and open it again.",
        )

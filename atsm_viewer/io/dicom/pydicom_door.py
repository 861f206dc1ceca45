"""The way to pydicom, for everything that the header walk does not handle."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
from pydicom.datadict import add_private_dict_entry
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.dicom.walk import DEFLATED

# Without these entries the values would come as bytes from files with implicit VR.
add_private_dict_entry("SIEMENS MED PT", 0x00711022, "DT", "Decay Correction DateTime", "1")
add_private_dict_entry("Philips PET Private Group", 0x70531000, "DS", "SUV Scale Factor", "1")
add_private_dict_entry(
    "Philips PET Private Group", 0x70531009, "DS", "Activity Concentration Scale Factor", "1"
)

# Sloppy values are judged by our own rules and notices. A filter for the whole process, because files
# are read in several threads and a filter for a moment is not safe there.
warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")

# A small deflated file may inflate to gigabytes.
_MAX_DEFLATED_BYTES = 64 * 1024 * 1024


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
    _refuse_large_deflated(path)
    with damage_in_words(path):
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


def _refuse_large_deflated(path: Path) -> None:
    if os.path.getsize(path) <= _MAX_DEFLATED_BYTES:
        return
    with open(path, "rb") as stream:
        if DEFLATED.encode() in stream.read(1024):
            raise AtsmError(
                f"“{path.name}” is a deflated DICOM file of more than 64 MB and is not opened.",
                "Save the series uncompressed, for example with dcmconv, and open it again.",
            )

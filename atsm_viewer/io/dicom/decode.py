"""Pixels of one file that is not plain: numbers in other order or form here, compressed ones in a process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import UID

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.catalogue_entries import Cancelled
from atsm_viewer.io.dicom.decoder import DECODERS
from atsm_viewer.io.dicom.pydicom_door import read_dataset
from atsm_viewer.io.dicom.walk import BIG_ENDIAN, DEFLATED, EXPLICIT_LE, IMPLICIT_LE

_NATIVE = frozenset({"", IMPLICIT_LE, EXPLICIT_LE, BIG_ENDIAN, DEFLATED})


def stored_pixels(path: Path, syntax: str = "", cancelled: Cancelled | None = None) -> npt.NDArray[Any]:
    """Return stored values [frame, j, i] of a file, decoded.

    Parameters
    ----------
    path
        The file.
    syntax
        Its transfer syntax where it is known: compressed files are then not read twice.
    cancelled
        Asked now and then; True ends the work.

    Raises
    ------
    AtsmError
        When the file cannot be decoded; the message names a missing codec.
    OperationCancelled
        When ``cancelled`` said so.
    """
    if syntax not in _NATIVE:
        return DECODERS.decode(path, cancelled=cancelled)
    return stored_pixels_of(path, read_dataset(path, pixels=True), cancelled)


def stored_pixels_of(path: Path, dataset: Dataset, cancelled: Cancelled | None = None) -> npt.NDArray[Any]:
    """Return stored values [frame, j, i] of a data set that was read with its pixels.

    Raises
    ------
    AtsmError
        When it cannot be decoded.
    OperationCancelled
        When ``cancelled`` said so.
    """
    syntax = str(getattr(dataset, "file_meta", {}).get("TransferSyntaxUID", "") or "")
    samples = int(dataset.get("SamplesPerPixel", 1) or 1)
    if samples != 1:
        raise AtsmError(f"“{path.name}” is a colour picture, not an image of measured values.")
    if syntax in _NATIVE:
        pixels = _native(path, dataset, bool(syntax))
    else:
        pixels = DECODERS.decode(path, cancelled=cancelled)
    shape = (int(dataset.Rows), int(dataset.Columns))
    if pixels.shape[-2:] != shape or pixels.ndim not in (2, 3):
        raise AtsmError(f"“{path.name}” holds {pixels.shape} pixels but states {shape}.")
    return pixels.reshape(-1, *shape)


def _native(path: Path, dataset: Dataset, has_syntax: bool) -> npt.NDArray[Any]:
    if not has_syntax:
        implicit, little = dataset.original_encoding
        dataset.ensure_file_meta()
        dataset.file_meta.TransferSyntaxUID = _plain_syntax(implicit, little)
    try:
        return np.asarray(dataset.pixel_array)
    except Exception as error:
        raise AtsmError(
            f"The pixels of “{path.name}” cannot be decoded.",
            "The file may be damaged or only partly copied.",
            detail=f"{type(error).__name__}: {error}",
        ) from error


def _plain_syntax(implicit: bool | None, little: bool | None) -> UID:
    if implicit:
        return UID(IMPLICIT_LE)
    return UID(EXPLICIT_LE if little else BIG_ENDIAN)

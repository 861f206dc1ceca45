"""Pixels of one file through pydicom: compressed, big-endian, floating-point, anything not plain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.dicom.itk_decode import ITK_SYNTAXES, stored_pixels_by_itk
from atsm_viewer.io.dicom.pydicom_door import read_dataset


def stored_pixels(path: Path) -> npt.NDArray[Any]:
    """Return stored values [frame, j, i] of a file, decoded.

    Raises
    ------
    AtsmError
        When the file cannot be decoded; the message names a missing codec.
    """
    dataset = read_dataset(path, pixels=True)
    return stored_pixels_of(path, dataset)


def stored_pixels_of(path: Path, dataset: Dataset) -> npt.NDArray[Any]:
    """Return stored values [frame, j, i] of a data set that was read with its pixels.

    Raises
    ------
    AtsmError
        When it cannot be decoded.
    """
    syntax = UID(str(getattr(dataset, "file_meta", {}).get("TransferSyntaxUID", "") or ""))
    if _needs_itk(path, syntax, dataset):
        return stored_pixels_by_itk(path, dataset)
    if not syntax:
        implicit, little = dataset.original_encoding
        dataset.ensure_file_meta()
        dataset.file_meta.TransferSyntaxUID = _plain_syntax(implicit, little)
    try:
        pixels = np.asarray(dataset.pixel_array)
    except Exception as error:
        raise AtsmError(
            f"The pixels of “{path.name}” cannot be decoded.",
            "The file may be damaged or only partly copied.",
            detail=f"{type(error).__name__}: {error}",
        ) from error
    samples = int(dataset.get("SamplesPerPixel", 1) or 1)
    if samples != 1:
        raise AtsmError(f"“{path.name}” is a colour picture, not an image of measured values.")
    shape = (int(dataset.Rows), int(dataset.Columns))
    if pixels.shape[-2:] != shape or pixels.ndim not in (2, 3):
        raise AtsmError(f"“{path.name}” holds {pixels.shape} pixels but states {shape}.")
    return pixels.reshape(-1, *shape)


def _plain_syntax(implicit: bool | None, little: bool | None) -> UID:
    if implicit:
        return UID("1.2.840.10008.1.2")
    return UID("1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2")


def _needs_itk(path: Path, syntax: UID, dataset: Dataset) -> bool:
    """Whether no decoder of pydicom is installed for a syntax that ITK decodes.

    Raises
    ------
    AtsmError
        When nothing here decodes it; the message names the codec.
    """
    if not syntax or not syntax.is_transfer_syntax or not syntax.is_encapsulated:
        return False
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        raise AtsmError(
            f"“{path.name}” is compressed as {syntax.name}, which cannot be decoded.",
            "Save the series uncompressed, for example with gdcmconv --raw, and open it again.",
        ) from None
    if decoder.is_available:
        return False
    if syntax in ITK_SYNTAXES and int(dataset.get("NumberOfFrames", 1) or 1) == 1:
        return True
    raise AtsmError(
        f"“{path.name}” is compressed as {syntax.name}, and no decoder for it is installed.",
        "Install python-gdcm, or save the series uncompressed (gdcmconv --raw), and open it again.",
        detail="; ".join(decoder.missing_dependencies),
    )

"""Compressed pixels of one file through ITK, where pydicom has no decoder installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from pydicom.dataset import Dataset

from atsm_viewer.domain.errors import AtsmError

# JPEG lossless (57, 70), JPEG-LS (80, 81), JPEG 2000 (90, 91), JPEG extended (51)
ITK_SYNTAXES = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70, 80, 81, 90, 91))


def stored_pixels_by_itk(path: Path, dataset: Dataset) -> npt.NDArray[Any]:
    """Return stored values [1, j, i] of a single-frame file.

    ITK answers with rescaled values; slope and intercept of the same file are taken out again, so
    that the caller's rules apply to stored values alone.

    Raises
    ------
    AtsmError
        When ITK cannot decode it, or its answer is not whole stored values.
    """
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO("GDCMImageIO")
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise AtsmError(
            f"The pixels of “{path.name}” cannot be decoded.",
            "Save the series uncompressed, for example with gdcmconv --raw, and open it again.",
            detail=str(error),
        ) from error
    rescaled = sitk.GetArrayFromImage(image).astype(np.float64)
    slope = float(dataset.get("RescaleSlope", 1) or 1)
    intercept = float(dataset.get("RescaleIntercept", 0) or 0)
    exact = (rescaled - intercept) / slope
    stored = np.rint(exact)
    shape = (int(dataset.Rows), int(dataset.Columns))
    if (
        image.GetNumberOfComponentsPerPixel() != 1
        or stored.shape[-2:] != shape
        or stored.size != shape[0] * shape[1]
    ):
        raise AtsmError(f"“{path.name}” decodes to an image of another kind or size than it states.")
    bits = int(dataset.get("BitsStored", 16) or 16)
    signed = int(dataset.get("PixelRepresentation", 0) or 0) == 1
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    if np.abs(exact - stored).max() > 0.01 or stored.min() < low or stored.max() > high:
        raise AtsmError(f"The decoded pixels of “{path.name}” are not the values that its header describes.")
    result: npt.NDArray[Any] = stored.astype(np.int32).reshape(1, *shape)
    return result

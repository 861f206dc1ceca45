"""NIfTI, NRRD and MetaImage files through SimpleITK."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.io.conventions import geometry_from_itk
from atsm_viewer.io.dicom.memory import refuse_beyond_memory

_MODALITY_WORDS = {"pet": "PT", "pt": "PT", "suv": "PT", "ct": "CT", "ctac": "CT"}
_MASK_WORDS = {"mask", "seg", "segmentation", "label", "labels", "labelmap", "roi", "rois", "dseg"}


@dataclass(frozen=True, slots=True)
class ItkArray:
    """Values and grid of a volume file.

    Parameters
    ----------
    geometry
        Grid, LPS mm.
    values_tkji
        Array [t, k, j, i] in the type of the file.
    n_components
        Number of components per voxel (layers of a segmentation); 1 for an image.
    """

    geometry: Geometry
    values_tkji: npt.NDArray[Any]
    n_components: int


def words_of(path: Path) -> set[str]:
    """Return the words of a file name in lower case, without the endings."""
    stem = path.name.lower().split(".")[0] if not path.name.startswith(".") else path.name.lower()
    return set(re.split(r"[^a-z0-9]+", stem))


def modality_by_name(path: Path) -> str:
    """Return what the file name says: ``PT``, ``CT``, ``SEG`` for a mask, or an empty string."""
    words = words_of(path)
    if words & _MASK_WORDS or path.name.lower().endswith(".seg.nrrd"):
        return "SEG"
    found = {_MODALITY_WORDS[word] for word in words if word in _MODALITY_WORDS}
    return found.pop() if len(found) == 1 else ""


def itk_shape(path: Path) -> tuple[int, ...]:
    """Return the size (i, j, k[, t]) from the header of a volume file.

    Raises
    ------
    AtsmError
        When the header cannot be read.
    """
    reader = _reader(path)
    return tuple(int(n) for n in reader.GetSize())


def read_itk(path: Path) -> ItkArray:
    """Read a volume file.

    Raises
    ------
    AtsmError
        When it cannot be read, is not 3-D or 4-D, is too large, or its spacing makes no sense.
    """
    import SimpleITK as sitk

    reader = _reader(path)
    size = tuple(int(n) for n in reader.GetSize())
    if len(size) == 2:
        raise AtsmError(f"“{path.name}” is a flat picture, not a volume.")
    if len(size) not in (3, 4):
        raise AtsmError(f"“{path.name}” has {len(size)} dimensions; 3 or 4 are supported.")
    components = int(reader.GetNumberOfComponents())
    refuse_beyond_memory(int(np.prod(size)) * components * 4, path.name)
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise _unreadable(path, error) from error
    n = len(size)
    direction = np.array(image.GetDirection()).reshape(n, n)[:3, :3]
    spacing = np.array(image.GetSpacing())[:3]
    if not np.isfinite(spacing).all() or spacing.min() < 1e-3 or spacing.max() > 100.0:
        raise AtsmError(
            f"“{path.name}” states a voxel spacing of {spacing.tolist()} mm, which is not usable."
        )
    geometry = geometry_from_itk(size[:3], image.GetOrigin()[:3], spacing, direction)
    values = sitk.GetArrayFromImage(image)
    if n == 3:
        values = values[np.newaxis]
    return ItkArray(geometry, values, components)


def _reader(path: Path) -> Any:
    import SimpleITK as sitk  # late: the library takes a quarter of a second to load

    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise _unreadable(path, error) from error
    return reader


def _unreadable(path: Path, error: Exception) -> AtsmError:
    if "orthonormal" in str(error):
        return AtsmError(
            f"The axes of “{path.name}” are not perpendicular, which is not supported in volume files.",
            "Open the original DICOM series instead.",
            detail=str(error),
        )
    return AtsmError(
        f"“{path.name}” cannot be read as a volume file.",
        "The file may be damaged or only partly copied.",
        detail=str(error),
    )

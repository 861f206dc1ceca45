"""NIfTI (with its BIDS sidecar), NRRD and MetaImage as images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.readers.bids_sidecar import read_sidecar, sidecar_path
from atsm_viewer.io.readers.frame_facts import from_first_frame, instances_by_slice
from atsm_viewer.io.readers.itk_volume import itk_shape, modality_by_name, read_itk
from atsm_viewer.io.readers.reader import Summary

# Air outside a body is near -1000 HU; no PET holds that over a whole percent of its voxels.
_HU_AIR = -500.0


def summarise_itk(path: Path) -> Summary:
    """Read the header only.

    Raises
    ------
    AtsmError
        When it cannot be read.
    """
    if path.stat().st_size == 0:
        raise AtsmError(f"“{path.name}” is empty.")
    shape = tuple(reversed(itk_shape(path)))
    modality = modality_by_name(path)
    reason = "the file name says that it is a mask" if modality == "SEG" else ""
    if len(shape) not in (3, 4):
        reason = f"{len(shape)} dimensions: not a volume"
    if not modality and not reason and _says_pet(path, shape):
        modality = "PT"
    return Summary(shape, modality, "HU" if modality == "CT" else "", reason)


def read_itk_image(kind: str, path: Path, given: Modality | None = None) -> LoadedImage:
    """Read an image; a NIfTI with the sidecar beside it.

    Raises
    ------
    AtsmError
        When it cannot be read, holds several components per voxel, or does not fit its sidecar.
    """
    image = read_itk(path)
    if image.n_components != 1:
        raise AtsmError(f"“{path.name}” holds {image.n_components} components per voxel; it is not an image.")
    values = image.values_tkji
    n_frames, n_slices = values.shape[0], values.shape[1]
    sidecar = read_sidecar(path, n_frames) if kind == "nifti" and given is not Modality.CT else None
    notices: list[Notice] = []
    if given is not None:
        modality = given
    elif sidecar is not None:
        modality = Modality.PET
    else:
        modality, notices = _modality(path, values)
    if modality is Modality.CT and _fits_int16(values):
        kept: npt.NDArray[Any] = values.astype(np.int16)
    else:
        kept = values.astype(np.float32)
    source = ImageSource(kind=kind, paths=(path,), description=path.name)
    if sidecar is not None:
        volume = Volume(image.geometry, kept, sidecar.unit, modality, from_first_frame(sidecar.frames))
        numbering = instances_by_slice(n_frames, n_slices)
        return LoadedImage(volume, source, sidecar.facts, numbering, (*notices, *sidecar.notices))
    unit = "HU" if modality is Modality.CT else ""
    if modality is Modality.PET:
        text = f"“{path.name}” does not say in which unit its values are."
        notices.append(Notice("unit_unknown", Severity.WARNING, text, "State the unit before reading SUV."))
    if n_frames > 1:
        text = f"“{path.name}” holds {n_frames} frames but no frame times."
        notices.append(Notice("frame_times", Severity.WARNING, text))
    volume = Volume(image.geometry, kept, unit, modality, (FrameTime(),) * n_frames)
    return LoadedImage(volume, source, notices=tuple(notices))


def _says_pet(path: Path, shape: tuple[int, ...]) -> bool:
    if not sidecar_path(path).is_file():
        return False
    try:
        return read_sidecar(path, shape[0] if len(shape) == 4 else 1) is not None
    except AtsmError:  # told, with the reason, when the image is read
        return False


def _fits_int16(values: npt.NDArray[Any]) -> bool:
    if values.dtype.kind not in "iu":
        return False
    return bool(values.min() >= -32768 and values.max() <= 32767)


def _modality(path: Path, values: npt.NDArray[Any]) -> tuple[Modality, list[Notice]]:
    """Say what a volume file holds, from its name or its values, and that this was assumed."""
    by_name = modality_by_name(path)
    if by_name in ("PT", "CT"):
        modality, why = Modality(by_name), "by its file name"
    elif np.mean(values[0] < _HU_AIR) > 0.01:
        modality, why = Modality.CT, "because many values lie below -500, as air does in HU"
    else:
        modality, why = Modality.PET, "because its values do not look like HU"
    name = "PET" if modality is Modality.PET else "CT"
    text = f"“{path.name}” was taken for a {name} {why}."
    return modality, [
        Notice("modality_assumed", Severity.WARNING, text, "Open it as something else if that is wrong.")
    ]

"""Read one image of the catalogue."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.io.catalogue_entries import Cancelled, Progress, SeriesEntry
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.readers.itk_volume import modality_by_name, read_itk

__all__ = ["LoadedImage", "read_series"]

# Air outside a body is near -1000 HU; no PET holds that over a whole percent of its voxels.
_HU_AIR = -500.0


def read_series(
    entry: SeriesEntry,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    modality: Modality | None = None,
) -> LoadedImage:
    """Read an image of the catalogue into memory.

    Parameters
    ----------
    entry
        From :func:`atsm_viewer.io.catalogue.scan_paths`.
    progress, cancelled
        See there.
    modality
        What a volume file holds, where the person knows; DICOM files say it themselves.

    Raises
    ------
    AtsmError
        When the image is not suitable or cannot be read; the message names the file.
    OperationCancelled
        When ``cancelled`` said so.
    """
    if cancelled is not None and cancelled():
        raise OperationCancelled
    if not entry.suitable:
        raise AtsmError(f"“{entry.description or entry.id}” is not opened: {entry.reason}.")
    if entry.kind != "dicom-series":
        return _read_volume_file(entry, modality)
    # pydicom takes half a second to import: not before something is read.
    from atsm_viewer.io.dicom.multiframe import read_multiframe
    from atsm_viewer.io.dicom.read import read_single_frames

    kind = {"PT": Modality.PET, "CT": Modality.CT}.get(entry.modality, Modality.OTHER)
    if any(header.is_multiframe for header in entry.headers):
        return read_multiframe(entry, kind, progress, cancelled)
    return read_single_frames(entry, kind, progress, cancelled)


def _read_volume_file(entry: SeriesEntry, given: Modality | None) -> LoadedImage:
    path = entry.paths[0]
    image = read_itk(path)
    if image.n_components != 1:
        raise AtsmError(f"“{path.name}” holds {image.n_components} components per voxel; it is not an image.")
    values = image.values_tkji
    modality, notices = (given, []) if given else _modality(entry, values)
    if modality is Modality.CT and _fits_int16(values):
        kept: npt.NDArray[Any] = values.astype(np.int16)
    else:
        kept = values.astype(np.float32)
    unit = "HU" if modality is Modality.CT else ""
    if modality is Modality.PET:
        text = f"“{path.name}” does not say in which unit its values are."
        notices.append(Notice("unit_unknown", Severity.WARNING, text, "State the unit before reading SUV."))
    n_frames = values.shape[0]
    if n_frames > 1:
        text = f"“{path.name}” holds {n_frames} frames but no frame times."
        notices.append(Notice("frame_times", Severity.WARNING, text))
    source = ImageSource(kind=entry.kind, paths=(path,), description=path.name)
    volume = Volume(image.geometry, kept, unit, modality, (FrameTime(),) * n_frames)
    return LoadedImage(volume, source, notices=tuple(notices))


def _fits_int16(values: npt.NDArray[Any]) -> bool:
    if values.dtype.kind not in "iu":
        return False
    return bool(values.min() >= -32768 and values.max() <= 32767)


def _modality(entry: SeriesEntry, values: npt.NDArray[Any]) -> tuple[Modality, list[Notice]]:
    """Say what a volume file holds, from its name or its values, and that this was assumed."""
    by_name = modality_by_name(entry.paths[0])
    if by_name in ("PT", "CT"):
        modality, why = Modality(by_name), "by its file name"
    elif np.mean(values[0] < _HU_AIR) > 0.01:
        modality, why = Modality.CT, "because many values lie below -500, as air does in HU"
    else:
        modality, why = Modality.PET, "because its values do not look like HU"
    name = "PET" if modality is Modality.PET else "CT"
    text = f"“{entry.paths[0].name}” was taken for a {name} {why}."
    return modality, [
        Notice("modality_assumed", Severity.WARNING, text, "Open it as something else if that is wrong.")
    ]

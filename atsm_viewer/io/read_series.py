"""Read one image of the catalogue."""

from __future__ import annotations

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.domain.volume import Modality
from atsm_viewer.io.catalogue_entries import Cancelled, Progress, SeriesEntry
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.readers import reader_of_kind

__all__ = ["LoadedImage", "read_series"]


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
        return reader_of_kind(entry.kind).read(entry.paths[0], modality)
    # pydicom takes half a second to import: not before something is read.
    from atsm_viewer.io.dicom.multiframe import read_multiframe
    from atsm_viewer.io.dicom.read import read_single_frames

    kind = {"PT": Modality.PET, "CT": Modality.CT}.get(entry.modality, Modality.OTHER)
    if any(header.is_multiframe for header in entry.headers):
        return read_multiframe(entry, kind, progress, cancelled)
    return read_single_frames(entry, kind, progress, cancelled)

"""Find the images of a project again after they were moved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.io.catalogue import SeriesEntry, scan_paths
from atsm_viewer.io.catalogue_entries import Cancelled, Progress
from atsm_viewer.io.digest import pixel_digest, sop_digest
from atsm_viewer.io.read_series import read_series


def find_series(
    identity: ImageSource,
    candidates: Sequence[Path],
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> SeriesEntry | None:
    """Search files and folders for the image that a project names.

    A DICOM series is known by its series UID and its SOP Instance UIDs; where no series has that
    UID (a recompressed or de-identified copy), and for volume files, by the digest of its values.

    Parameters
    ----------
    identity
        What the project knows of the image.
    candidates
        Files and folders to search; missing ones are passed over.
    progress, cancelled
        See :func:`atsm_viewer.io.catalogue.scan_paths`.

    Returns
    -------
    SeriesEntry or None
        The image, or None when nothing has its identity.
    """
    existing = [path for path in candidates if path.exists()]
    if not existing:
        return None
    entries = [entry for entry in scan_paths(existing, progress, cancelled).series if entry.suitable]
    if identity.kind == "dicom-series":
        named = [entry for entry in entries if entry.series_uid and entry.series_uid == identity.series_uid]
        for entry in named:
            if not identity.sop_digest or _sop_digest(entry) == identity.sop_digest:
                return entry
        entries = named or [entry for entry in entries if entry.kind == "dicom-series"]
    else:
        entries = [entry for entry in entries if entry.kind == identity.kind]
    if not identity.pixel_digest:
        same_name = [
            entry for entry in entries if identity.paths and entry.description == identity.description
        ]
        return same_name[0] if len(same_name) == 1 and identity.kind != "dicom-series" else None
    return next((entry for entry in entries if _has_pixels(entry, identity, cancelled)), None)


def _sop_digest(entry: SeriesEntry) -> str:
    return sop_digest({header.text("SOPInstanceUID") for header in entry.headers})


def _has_pixels(entry: SeriesEntry, identity: ImageSource, cancelled: Cancelled | None) -> bool:
    if identity.kind == "dicom-series" and entry.n_files != identity.n_instances:
        return False
    try:
        image = read_series(entry, cancelled=cancelled)
    except AtsmError:
        if cancelled is not None and cancelled():
            raise
        return False  # a candidate that cannot be read is not the one that is sought
    return pixel_digest(image.volume) == identity.pixel_digest

"""Find the images in files and folders, and propose which PET and CT belong together."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.io.catalogue_entries import (
    Cancelled,
    Catalogue,
    Progress,
    ProposedPair,
    RejectedFile,
    SeriesEntry,
)
from atsm_viewer.io.dicom.grouping import group_series
from atsm_viewer.io.dicom.header import InstanceHeader, read_header
from atsm_viewer.io.pairing import propose_pairs
from atsm_viewer.io.readers import kind_of, reader_of_kind
from atsm_viewer.io.readers.companions import header_of
from atsm_viewer.io.zip_folder import is_zip, unpack_zip

__all__ = [
    "Catalogue",
    "ProposedPair",
    "RejectedFile",
    "SeriesEntry",
    "no_images_error",
    "propose_pairs",
    "scan_paths",
]

MAX_FILES = 100_000


def scan_paths(
    paths: Sequence[Path], progress: Progress | None = None, cancelled: Cancelled | None = None
) -> Catalogue:
    """Find every image in files and folders (recursively).

    Parameters
    ----------
    paths
        Files and folders; a .zip that is named itself is unpacked (one in a folder is not); links
        that lead in a circle and things that are not files are skipped.
    progress
        Called now and then with the fraction done (0–1) and words.
    cancelled
        Asked now and then; True ends the scan.

    Returns
    -------
    Catalogue
        Suitable images first; every file that is not opened is listed with its reason.

    Raises
    ------
    AtsmError
        When there are more than 100 000 files.
    OperationCancelled
        When ``cancelled`` said so.
    """
    headers: list[InstanceHeader] = []
    volumes: list[SeriesEntry] = []
    rejected: list[RejectedFile] = []
    places = [unpack_zip(path, progress, cancelled) if is_zip(path) else path for path in paths]
    files = list(_files(places, cancelled))
    opened: set[Path] = set()
    for number, found in enumerate(files):
        if cancelled is not None and cancelled():
            raise OperationCancelled
        if number % 64 == 0 and progress is not None:
            progress(number / len(files), "Looking at files")
        path = header_of(found) or found
        if path in opened:  # header and data of one image
            continue
        opened.add(path)
        try:
            kind = kind_of(path)
            if kind:
                volumes.append(_volume_entry(path, kind))
            else:
                header = read_header(path)
                reason = _file_reason(header)
                if reason:
                    rejected.append(RejectedFile(path, reason, header.text("SeriesInstanceUID")))
                else:
                    headers.append(header)
        except AtsmError as error:
            rejected.append(RejectedFile(path, error.user_message))
    entries = [*group_series(headers, [r for r in rejected if r.series_uid]), *volumes]
    entries.sort(
        key=lambda e: (not e.suitable, e.patient_label, e.study_date, e.study_time, e.description, e.id)
    )
    if progress is not None:
        progress(1.0, "Looking at files")
    return Catalogue(tuple(entries), tuple(rejected))


def no_images_error(paths: Sequence[Path], catalogue: Catalogue) -> AtsmError:
    """Return the error that says, with the reasons, that nothing can be opened."""
    where = ", ".join(f"“{path.name or path}”" for path in list(paths)[:3])
    reasons: dict[str, int] = {}
    for entry in catalogue.series:
        if not entry.suitable:
            reasons[entry.reason] = reasons.get(entry.reason, 0) + entry.n_files
    for item in catalogue.rejected:
        reasons[item.reason] = reasons.get(item.reason, 0) + 1
    most = sorted(reasons.items(), key=lambda pair: -pair[1])[:5]
    return AtsmError(
        f"There is no PET or CT image that can be opened in {where}.",
        "; ".join(reason.rstrip(".") for reason, _count in most) + ("." if most else "")
        or "The folder is empty.",
        detail="\n".join(f"{count} × {reason}" for reason, count in most),
    )


def _file_reason(header: InstanceHeader) -> str:
    """Why a readable DICOM file cannot be part of any series; empty when it can."""
    if header.path.name.upper().startswith("DICOMDIR") and not header.has_pixels:
        return f"“{header.path.name}” is a DICOM directory, not an image."
    if not header.text("SeriesInstanceUID") and not header.has_pixels:
        return f"“{header.path.name}” is DICOM but holds no image."
    if header.is_truncated:
        return f"“{header.path.name}” is truncated: the file ends before its pixels do."
    return ""


def _volume_entry(path: Path, kind: str) -> SeriesEntry:
    summary = reader_of_kind(kind).summarise(path)
    return SeriesEntry(
        id=str(path),
        kind=kind,
        modality=summary.modality,
        description=path.name,
        paths=(path,),
        study_date=summary.study_date,
        study_time=summary.study_time,
        shape=summary.size_words,
        units=summary.units,
        suitable=not summary.reason,
        reason=summary.reason,
    )


def _files(paths: Sequence[Path], cancelled: Cancelled | None) -> Iterator[Path]:
    """Yield regular files, each folder once (a link may lead in a circle)."""
    seen_folders: set[tuple[int, int]] = set()
    seen_files: set[Path] = set()
    waiting = [Path(path) for path in reversed(list(paths))]
    count = 0
    while waiting:
        if cancelled is not None and cancelled():
            raise OperationCancelled
        path = waiting.pop()
        try:
            info = os.stat(path)
            if stat.S_ISDIR(info.st_mode):
                identity = (info.st_dev, info.st_ino)
                if identity in seen_folders:
                    continue
                seen_folders.add(identity)
                with os.scandir(path) as entries:
                    listing = sorted(entries, key=lambda entry: entry.name, reverse=True)
                folders = [Path(e.path) for e in listing if e.is_dir()]
                plain = [Path(e.path) for e in reversed(listing) if e.is_file()]
                waiting.extend(folders)
            else:
                plain = [path] if stat.S_ISREG(info.st_mode) else []
        except OSError:
            plain = [path]  # reported as unreadable, with the reason, when it is opened
        for file in plain:
            if file in seen_files:
                continue
            seen_files.add(file)
            count += 1
            if count > MAX_FILES:
                raise AtsmError(
                    f"There are more than {MAX_FILES:,} files.", "Choose the folder of one patient or study."
                )
            yield file

"""Find the images of a project again after they were moved."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    return _match(identity, _entries(candidates, progress, cancelled), True, cancelled).entry


MAX_NEARBY_FILES = 4000
_LEVELS_UP = 2
_MAX_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Parameters
    ----------
    entry
        The image, or None.
    changed
        An image that says it is the one but is not: same series UID, or same file, other values.
    """

    entry: SeriesEntry | None = None
    changed: SeriesEntry | None = None


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """Where to look, one place after the other.

    Parameters
    ----------
    chosen
        Files and folders that the person named.
    folder
        The folder of the project; it and two folders above are looked through, but only so many
        files, never the root or a folder that holds the home of a user. None to leave that out.
    places
        Folders in which images of this machine were seen before.
    """

    chosen: tuple[Path, ...] = ()
    folder: Path | None = None
    places: tuple[Path, ...] = ()


class ImageFinder:
    """Finds the images of one project; every place is looked through once, and only if need be.

    The order is: where the project says, where the person says, around the project, where images
    of this machine were seen before. Copies with other UIDs are recognised by their values only in
    the first two and in the project's own folder: elsewhere every image would have to be read.

    Parameters
    ----------
    plan
        Where to look.
    progress, cancelled
        See :func:`atsm_viewer.io.catalogue.scan_paths`.
    """

    def __init__(
        self, plan: SearchPlan, progress: Progress | None = None, cancelled: Cancelled | None = None
    ) -> None:
        self._plan = plan
        self._progress = progress
        self._cancelled = cancelled
        self._known: dict[str, tuple[SeriesEntry, ...]] = {}

    def find(self, identity: ImageSource) -> Found:
        """Return where an image is; raises OperationCancelled."""
        changed: SeriesEntry | None = None
        paths = tuple(p for p in identity.paths if p.is_absolute())
        # Bare names stand for files beside the project.
        if self._plan.folder is not None:
            paths += tuple(self._plan.folder / p for p in identity.paths if not p.is_absolute())
        stages = (
            (f"stored:{paths}", paths, True),
            ("chosen", self._plan.chosen, True),
            ("folder", (self._plan.folder,) if self._plan.folder is not None else (), True),
            ("around", None, False),
            ("places", self._plan.places, False),
        )
        for name, candidates, by_values in stages:
            if name not in self._known:
                wanted = self._nearby() if candidates is None else candidates
                if name == "folder":
                    wanted = tuple(_files_near(wanted, MAX_NEARBY_FILES))
                self._known[name] = _entries(wanted, self._progress, self._cancelled)
            found = _match(identity, self._known[name], by_values, self._cancelled)
            if found.entry is not None:
                return found
            changed = changed or found.changed
        return Found(None, changed)

    def _nearby(self) -> tuple[Path, ...]:
        if self._plan.folder is None:
            return ()
        above = [p for p in self._plan.folder.parents[:_LEVELS_UP] if _may_be_searched(p)]
        return tuple(_files_near(above, MAX_NEARBY_FILES))


def _may_be_searched(folder: Path) -> bool:
    home = Path(os.path.abspath(Path.home()))
    return len(folder.parts) > 2 and not home.is_relative_to(folder)


def _files_near(folders: Sequence[Path], limit: int) -> Iterator[Path]:
    """Yield files, the nearest first, without hidden folders and links, up to a number."""
    waiting = [(folder, 0) for folder in folders]
    seen: set[Path] = set()
    n = 0
    while waiting:
        folder, depth = waiting.pop(0)
        if folder in seen:
            continue
        seen.add(folder)
        try:
            with os.scandir(folder) as entries:
                listing = sorted(entries, key=lambda e: e.name)
        except OSError:
            continue  # a folder that may not be looked into holds nothing for us
        for entry in listing:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < _MAX_DEPTH:
                    waiting.append((Path(entry.path), depth + 1))
            elif entry.is_file():
                n += 1
                if n > limit:
                    return
                yield Path(entry.path)


def _entries(
    candidates: Sequence[Path], progress: Progress | None, cancelled: Cancelled | None
) -> tuple[SeriesEntry, ...]:
    existing = [path for path in candidates if path.exists()]
    if not existing:
        return ()
    return tuple(entry for entry in scan_paths(existing, progress, cancelled).series if entry.suitable)


def _match(
    identity: ImageSource, entries: Sequence[SeriesEntry], by_values: bool, cancelled: Cancelled | None
) -> Found:
    if identity.kind == "dicom-series":
        named = [entry for entry in entries if entry.series_uid and entry.series_uid == identity.series_uid]
        for entry in named:
            if not identity.sop_digest or _sop_digest(entry) == identity.sop_digest:
                return Found(entry)
        rest = [e for e in entries if e.kind == "dicom-series"] if by_values and not named else []
        entries = named or rest
    else:
        names = {p.name for p in identity.paths} | {identity.description}
        entries = [e for e in entries if e.kind == identity.kind]
        named = [e for e in entries if e.description in names]
        entries = entries if by_values else named
    if not identity.pixel_digest:
        only = len(named) == 1 and identity.kind != "dicom-series" and bool(identity.paths)
        return Found(named[0] if only else None)
    entry_found = next((entry for entry in entries if _has_pixels(entry, identity, cancelled)), None)
    return Found(entry_found, named[0] if entry_found is None and named else None)


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

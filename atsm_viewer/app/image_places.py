"""Where images were seen before: a small index of this person on this machine.

Keyed by Series Instance UID (or by the digest of the values, for files without UIDs); it holds the
folder and no name of a person. A broken or deleted index is an empty one: images are then searched
for as if they were never seen.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import platformdirs

from atsm_viewer.app.settings import APP_DIR, SettingsStore, settings_file
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.state import SessionState

SCHEMA = 1
MAX_IMAGES = 2000
MAX_FOLDERS = 4
MAX_BYTES = 4 * 1024 * 1024


def places_file() -> Path:
    """Where the index is kept."""
    return Path(platformdirs.user_state_dir(APP_DIR, appauthor=False)) / "image-places.json"


def places_of(settings: SettingsStore) -> ImagePlaces:
    """Return the index of this person; one that remembers nothing where settings are not kept either."""
    if settings.path is None:
        return ImagePlaces(None)
    own = settings.path == settings_file()
    return ImagePlaces(places_file() if own else settings.path.with_name("image-places.json"))


class ImagePlaces:
    """From images to the folders in which they were seen, newest first.

    Parameters
    ----------
    path
        The file; None to remember nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._folders: dict[str, list[str]] = {} if path is None else _read(path)

    def folders(self, sources: Iterable[ImageSource | None]) -> tuple[Path, ...]:
        """Return existing folders in which any of these images was seen."""
        found: dict[str, None] = {}
        for source in sources:
            for folder in self._folders.get(_key(source), []) if source is not None else []:
                found.setdefault(folder)
        return tuple(Path(f) for f in found if os.path.isdir(f))

    def remember(self, state: SessionState) -> None:
        """Note where the images of a session lie now.

        Raises
        ------
        OSError
            When the index cannot be written; it is then as it was.
        """
        if self._path is None:
            return
        before = {k: list(v) for k, v in self._folders.items()}
        for scan in state.scans:
            pairs = ((scan.pet, scan.pet_source), (scan.ct, scan.ct_source))
            for source in (source for image, source in pairs if image is not None and source is not None):
                key, folders = _key(source), sorted({str(p.parent) for p in source.paths if p.is_absolute()})
                if key and folders:
                    known = [f for f in self._folders.pop(key, []) if f not in folders]
                    self._folders[key] = [*folders, *known][:MAX_FOLDERS]
        self._folders = dict(list(self._folders.items())[-MAX_IMAGES:])
        if self._folders != before:
            _write(self._path, self._folders)


def _key(source: ImageSource | None) -> str:
    return (source.series_uid or source.pixel_digest) if source is not None else ""


def _read(path: Path) -> dict[str, list[str]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            return {}
        plain: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    images = plain.get("images") if isinstance(plain, dict) and plain.get("schema") == SCHEMA else None
    if not isinstance(images, dict):
        return {}
    return {
        key: [f for f in folders if isinstance(f, str) and "\0" not in f][:MAX_FOLDERS]
        for key, folders in images.items()
        if isinstance(folders, list)
    }


def _write(path: Path, folders: dict[str, list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".image-places-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump({"schema": SCHEMA, "images": folders}, stream, ensure_ascii=True)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)

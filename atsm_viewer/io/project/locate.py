"""Where images lie, told without naming the user, the machine or the patient."""

from __future__ import annotations

import ntpath
import os
import re
from pathlib import Path
from typing import Any

from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project.codec import decode, decode_fields, encode
from atsm_viewer.io.project.errors import ProjectError

# The patient label is the ID in the header: it stays in memory.
_NOT_WRITTEN = frozenset({"paths", "patient_label"})


def encode_source(
    source: ImageSource | None, folder: Path, names_only: bool = False
) -> dict[str, Any] | None:
    """Return the identity of an image with its place relative to the project's folder.

    The place is ``{"folder": "../PET", "files": [...]}``. The folder is null, and the files are
    bare names, where a relative path would spell out an absolute one: on another drive, or when
    the way leads up to the root or out of the home folder. Names of folders and files between the
    project and the images are kept, since the images could not be found again without them; a study
    whose folders are named after patients needs other names before its project is passed on, or
    ``names_only``: then no folder is told, and the images are searched for beside the project.
    """
    if source is None:
        return None
    fields = {k: v for k, v in encode(source_without_paths(source)).items() if k not in _NOT_WRITTEN}
    if names_only:
        return {**fields, "locate": {"folder": None, "files": [p.name for p in source.paths]}}
    return {**fields, "locate": _locate(source.paths, folder)}


def decode_source(data: Any, folder: Path, where: str) -> ImageSource | None:
    """Return the identity with candidate paths; bare relative names where the place is unknown."""
    if data is None:
        return None
    kwargs = decode_fields(ImageSource, data, where, _NOT_WRITTEN)
    locate = data.get("locate")
    if not isinstance(locate, dict):
        raise ProjectError(f"The project file has no “{where}.locate”.")
    at = decode(str | None, locate.get("folder"), f"{where}.locate.folder")
    files = decode(tuple[str, ...], locate.get("files", []), f"{where}.locate.files")
    for text in (*files, at or ""):
        if "\0" in text or text.startswith(("/", "\\")) or ntpath.splitdrive(text)[0]:
            raise ProjectError(f"In the project file “{where}.locate” is not a relative path.", detail=text)
    if at is None:
        return ImageSource(paths=tuple(Path(f) for f in files), **kwargs)
    base = os.path.normpath(folder / at)
    return ImageSource(paths=tuple(Path(os.path.normpath(os.path.join(base, f))) for f in files), **kwargs)


def without_folders(texts: Any, state: SessionState, folder: Path) -> Any:
    """Return encoded values with the folders of the images, the project and the user cut from all text.

    A notice or the parameters of an import may name a file; its name says enough.
    """
    sources = [s for scan in state.scans for s in (scan.pet_source, scan.ct_source) if s is not None]
    named = {p.parent for s in sources for p in s.paths if p.is_absolute()} | {folder, Path.home()}
    # The root alone stands in too much text, and says nothing.
    known = sorted({str(p) for p in named if len(p.parts) > 1}, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(k) + r"(?:[/\\\\]|(?![^\s/\\\\]))" for k in known))

    def cut(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub("", value)
        if isinstance(value, list):
            return [cut(v) for v in value]
        return {k: cut(v) for k, v in value.items()} if isinstance(value, dict) else value

    return cut(texts)


def source_without_paths(source: ImageSource) -> dict[str, Any]:
    """Return the fields of an identity that may be written anywhere."""
    return {
        name: getattr(source, name) for name in ImageSource.__dataclass_fields__ if name not in _NOT_WRITTEN
    }


def _locate(paths: tuple[Path, ...], folder: Path) -> dict[str, Any]:
    if not paths or not all(p.is_absolute() for p in paths):
        return {"folder": None, "files": [p.name for p in paths]}
    absolute = [os.path.abspath(p) for p in paths]
    try:
        base = os.path.commonpath([os.path.dirname(p) for p in absolute])
        shared = os.path.commonpath([base, folder])
    except ValueError:  # another drive
        return {"folder": None, "files": [p.name for p in paths]}
    climbs = shared != str(folder)
    home = Path(os.path.abspath(Path.home()))
    leaves_home = Path(shared) != home and home.is_relative_to(shared)
    if climbs and (leaves_home or os.path.dirname(shared) == shared):
        return {"folder": None, "files": [p.name for p in paths]}
    return {
        "folder": Path(os.path.relpath(base, folder)).as_posix(),
        "files": [Path(os.path.relpath(p, base)).as_posix() for p in absolute],
    }

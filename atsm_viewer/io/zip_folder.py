"""Images in a .zip: unpacked under limits into a temporary folder that ends with the program."""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.io.catalogue_entries import Cancelled, Progress

MAX_MEMBERS = 100_000
_KEPT = 2
_CHUNK = 1 << 20
# A real study packs two to five times, one with wide empty margins perhaps fifty times.
_BOMB_RATIO, _BOMB_BYTES = 100, 1 << 30

_Key = tuple[Path, int, int]
_unpacked: dict[_Key, tempfile.TemporaryDirectory[str]] = {}


def is_zip(path: Path) -> bool:
    """Whether a file is a .zip by name and content."""
    return path.suffix.lower() == ".zip" and path.is_file() and zipfile.is_zipfile(path)


def unpack_zip(path: Path, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Path:
    """Return a temporary folder with the files of an archive.

    The folder of an unchanged archive is used again. It is removed when the program ends, or when
    two other archives were opened since.

    Raises
    ------
    AtsmError
        When the archive is damaged, protected by a password, names files outside itself, holds more
        than 100 000 files, unpacks absurdly large, or does not fit onto the disk.
    OperationCancelled
        When ``cancelled`` said so.
    """
    try:
        info = path.stat()
        key = (path.resolve(), info.st_mtime_ns, info.st_size)
        if key in _unpacked and Path(_unpacked[key].name).is_dir():
            _unpacked[key] = _unpacked.pop(key)  # the youngest again
            return Path(_unpacked[key].name)
        folder = tempfile.TemporaryDirectory(prefix="atsm-zip-", ignore_cleanup_errors=True)
    except OSError as error:
        raise AtsmError(f"“{path.name}” cannot be unpacked.", detail=str(error)) from error
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked(archive, path, info.st_size, Path(folder.name))
            _extract(archive, members, path, Path(folder.name), progress, cancelled)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError) as error:
        folder.cleanup()
        raise AtsmError(f"“{path.name}” is damaged and cannot be unpacked.", detail=str(error)) from error
    except OSError as error:
        folder.cleanup()
        raise AtsmError(f"“{path.name}” cannot be unpacked.", "Is the disk full?", str(error)) from error
    except (AtsmError, OperationCancelled):
        folder.cleanup()
        raise
    _unpacked[key] = folder
    while len(_unpacked) > _KEPT + 1:
        _unpacked.pop(next(iter(_unpacked))).cleanup()
    return Path(folder.name)


def forget_unpacked() -> None:
    """Remove every unpacked folder."""
    while _unpacked:
        _unpacked.popitem()[1].cleanup()


def _checked(archive: zipfile.ZipFile, path: Path, size: int, folder: Path) -> list[zipfile.ZipInfo]:
    """Return the files to unpack, before anything is written."""
    members = [m for m in archive.infolist() if not m.is_dir() and not _is_link(m)]
    if len(members) > MAX_MEMBERS:
        raise AtsmError(f"“{path.name}” holds more than {MAX_MEMBERS:,} files.", "Pack one study only.")
    for member in members:
        if member.flag_bits & 1:
            raise AtsmError(f"“{path.name}” is protected by a password.", "Unpack it and open the folder.")
        if not _is_inside(member.filename):
            raise AtsmError(
                f"“{path.name}” names a file outside itself and is not unpacked.", detail=member.filename
            )
    total = sum(m.file_size for m in members)
    if total > _BOMB_BYTES and total > _BOMB_RATIO * size:
        raise AtsmError(
            f"“{path.name}” would grow from {size / 1e6:.1f} MB to {total / 1e9:.1f} GB and is not unpacked.",
            "If you trust it, unpack it yourself and open the folder.",
        )
    free = shutil.disk_usage(folder).free
    if total > 0.9 * free:
        raise AtsmError(
            f"“{path.name}” needs {total / 1e9:.1f} GB of temporary space, {free / 1e9:.1f} GB are free.",
            "Unpack it onto a larger disk and open the folder.",
        )
    return members


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def _is_inside(name: str) -> bool:
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    absolute = windows.drive or windows.root or posix.is_absolute()
    return not absolute and ".." not in (*windows.parts, *posix.parts) and "\0" not in name


def _extract(
    archive: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    path: Path,
    folder: Path,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> None:
    total, done = max(sum(m.file_size for m in members), 1), 0
    for number, member in enumerate(members):
        target = folder.joinpath(*PurePosixPath(member.filename.replace("\\", "/")).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed, open(target, "xb") as out:
            done += _copy(packed, out, cancelled)
        if progress is not None and number % 32 == 0:
            progress(min(done / total, 1.0), f"Unpacking {path.name}")


def _copy(packed: IO[bytes], out: IO[bytes], cancelled: Cancelled | None) -> int:
    count = 0
    while True:
        if cancelled is not None and cancelled():
            raise OperationCancelled
        chunk = packed.read(_CHUNK)
        if not chunk:
            return count
        out.write(chunk)
        count += len(chunk)

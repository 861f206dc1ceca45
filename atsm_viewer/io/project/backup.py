"""The steps of the file system that a safe save is made of."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from pathlib import Path

_NO_FOLDER_FLUSH = {errno.EINVAL, errno.EBADF, errno.EACCES, errno.ENOTSUP, errno.EISDIR, errno.EPERM}


def staged_name(target: Path) -> Path:
    """Return a hidden, unused name beside the target."""
    return target.with_name(f".{target.name[:40]}.{os.getpid()}.{secrets.token_hex(4)}.tmp")


def keep_copy(target: Path, backup: Path) -> None:
    """Make ``backup`` hold the bytes that ``target`` holds now; the target is never absent.

    A hard link costs nothing; where the file system has none the file is copied and flushed.
    """
    fresh = staged_name(backup)
    try:
        try:
            os.link(target, fresh)
        except OSError:
            shutil.copy2(target, fresh)
            with fresh.open("rb+") as stream:
                os.fsync(stream.fileno())
        replace_file(fresh, backup)
    finally:
        # Renaming one link onto another of the same file does nothing and leaves both.
        fresh.unlink(missing_ok=True)


def replace_file(source: Path, target: Path, attempts: int = 5 if os.name == "nt" else 1) -> None:
    """Rename over the target in one step; on Windows virus scanners and indexers are waited for."""
    for attempt in range(attempts):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if attempt == attempts - 1:
                raise
            time.sleep(0.05 * 2**attempt)


def flush_folder(folder: Path) -> None:
    """Make the rename durable, where the system can flush a folder at all."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems cannot; the rename has happened and the file was flushed.
        if error.errno not in _NO_FOLDER_FLUSH:
            raise
    finally:
        os.close(handle)

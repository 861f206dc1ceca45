"""Telling a running program from one that died.

Every running program holds a lock of the operating system on a file of its own. The system releases it
when the program ends, however it ends, so neither a killed program nor a reused process number misleads.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from atsm_viewer.io.journal.journal_file import PRIVATE_FILE, make_private

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_SUFFIX = ".lock"


class InstanceLock:
    """A held lock; see :func:`hold`."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle: int | None = handle

    def release(self) -> None:
        """Let go and delete the file."""
        if self._handle is not None:
            # Deleted first, so that nobody finds a file that is free but still there.
            if os.name != "nt":
                self.path.unlink(missing_ok=True)
            self.abandon()
            self.path.unlink(missing_ok=True)

    def abandon(self) -> None:
        """Let go but leave the file, as the death of the program does."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def lock_path(root: Path, instance: str) -> Path:
    """Return where the lock of an instance lies."""
    return root / f"{instance}{LOCK_SUFFIX}"


def hold(root: Path, instance: str) -> InstanceLock | None:
    """Take the lock of an instance; None when somebody else holds it.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    make_private(root)
    path = lock_path(root, instance)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        os.close(handle)
        return None
    except OSError:
        os.close(handle)
        raise
    return InstanceLock(path, handle)

"""The steps on disk that a journal is made of."""

from __future__ import annotations

import os
from pathlib import Path

from atsm_viewer.io.project.backup import flush_folder, replace_file

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


def make_private(folder: Path) -> None:
    """Make a folder, with its parents, that nobody else can look into."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name != "nt":
        folder.chmod(PRIVATE_FOLDER)


class JournalFile:
    """An append-only file that begins with whole records; a failed write leaves no torn record behind.

    Parameters
    ----------
    path
        Where. What lies there is replaced in one step once the new content is on disk.
    content
        The first records.

    Raises
    ------
    OSError
        When it cannot be written; what was there is untouched.
    """

    def __init__(self, path: Path, content: bytes) -> None:
        self.path = path
        make_private(path.parent)
        staged = path.with_name(f".{path.name}.tmp")
        staged.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._handle = os.open(staged, flags, PRIVATE_FILE)
        self.size = 0
        try:
            self.append(content)
            self.sync()
            if os.name == "nt":  # an open file cannot be renamed there
                os.close(self._handle)
                replace_file(staged, path)
                self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            else:
                replace_file(staged, path)
            flush_folder(path.parent)
        except BaseException:
            os.close(self._handle)
            staged.unlink(missing_ok=True)
            raise

    def append(self, data: bytes) -> None:
        """Write records at the end.

        Raises
        ------
        OSError
            When they could not be written whole; the file ends where it ended before.
        """
        view = memoryview(data)
        try:
            while view:
                view = view[self.write(view) :]
        except OSError:
            os.ftruncate(self._handle, self.size)
            os.lseek(self._handle, self.size, os.SEEK_SET)
            raise
        self.size += len(data)

    def write(self, view: memoryview) -> int:
        """Write some bytes and return how many; a test can make it fail."""
        return os.write(self._handle, view)

    def sync(self) -> None:
        """Make everything written so far survive a loss of power."""
        os.fsync(self._handle)

    def close(self) -> None:
        """Close the file and keep it."""
        os.close(self._handle)

    def remove(self) -> None:
        """Close the file and delete it, and its folder when that is empty."""
        os.close(self._handle)
        delete_journal(self.path)


def delete_journal(path: Path) -> None:
    """Delete a journal, and its folder when that is empty."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()

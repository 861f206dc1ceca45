"""Reading the members of a project file that may be hostile."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from atsm_viewer.io.project import limits
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.salvage import salvage_members

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*/?")
_DAMAGE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, NotImplementedError,
)  # fmt: skip


class MemberDamagedError(ValueError):
    """The bytes of a member are not what was written."""


class Archive:
    """The members of a project file, checked against the limits; nothing is written to disk.

    Parameters
    ----------
    sizes
        Declared size in bytes of every member, by name.
    read
        Returns the bytes of a member or raises what the container raises.
    damage
        What is wrong with the container as a whole; empty when it is intact.
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        read: Callable[[str], bytes],
        damage: str = "",
        stream: Callable[[str], Iterator[bytes]] | None = None,
    ) -> None:
        self.sizes = sizes
        self.damage = damage
        self._read = read
        self._stream = stream

    def read(self, name: str) -> bytes:
        """Return the bytes of a member.

        Raises
        ------
        MemberDamagedError
            When the member is absent, cut short or fails its checksum.
        """
        if name not in self.sizes:
            raise MemberDamagedError(f"{name} is absent")
        try:
            data = self._read(name)
        except _DAMAGE as error:
            raise MemberDamagedError(f"{name}: {error}") from error
        if len(data) != self.sizes[name]:
            raise MemberDamagedError(f"{name} has {len(data)} bytes instead of {self.sizes[name]}")
        return data

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a member piece by piece, for members that may be large.

        Raises
        ------
        MemberDamagedError
            As :meth:`read`, while the pieces are taken.
        """
        if self._stream is None:
            yield self.read(name)
            return
        if name not in self.sizes:
            raise MemberDamagedError(f"{name} is absent")
        given = 0
        try:
            for piece in self._stream(name):
                given += len(piece)
                if given > self.sizes[name]:
                    break
                yield piece
        except _DAMAGE as error:
            raise MemberDamagedError(f"{name}: {error}") from error
        if given != self.sizes[name]:
            raise MemberDamagedError(f"{name} has {given} bytes instead of {self.sizes[name]}")


def open_archive(stream: BinaryIO) -> Archive:
    """Return the archive in a seekable stream; a broken container is salvaged member by member.

    Raises
    ------
    ProjectError
        When the file asks for more than the limits allow, or uses a name or feature that no
        project file has.
    """
    size = stream.seek(0, 2)
    if size > limits.MAX_TOTAL_BYTES:
        raise ProjectError("The file is too large for a project file.", detail=f"{size} bytes")
    _check_directory_size(stream, size)
    stream.seek(0)
    try:
        container = zipfile.ZipFile(stream)
        infos = container.infolist()
    except _DAMAGE as error:
        found = salvage_members(stream)
        sizes = {name: len(data) for name, data in found.items() if _NAME.fullmatch(name)}
        return Archive(sizes, lambda name: found[name], damage=str(error))
    _check(infos, size)
    return Archive(
        {i.filename: i.file_size for i in infos if not i.is_dir()},
        lambda name: _read_bounded(container, name),
        stream=lambda name: _pieces(container, name),
    )


def _read_bounded(container: zipfile.ZipFile, name: str) -> bytes:
    info = container.getinfo(name)
    with container.open(info) as member:
        data = member.read(info.file_size + 1)
        member.read(1)  # reaching the end makes zipfile compare the checksum
    return data


def _pieces(container: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with container.open(container.getinfo(name)) as member:
        while piece := member.read(limits.CHUNK_BYTES):
            yield piece


def _check_directory_size(stream: BinaryIO, size: int) -> None:
    """Refuse a central directory that would exhaust memory while it is being listed."""
    stream.seek(max(0, size - 65557))
    tail = stream.read()
    # The same search as zipfile: the very end first, then in front of a comment.
    at = len(tail) - 22 if tail[-22:].startswith(b"PK\x05\x06") else tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return  # no directory at all: the container is damaged and gets salvaged
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise ProjectError("The file is a ZIP64, which no project file is.")
    count, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    if count > limits.MAX_MEMBERS or directory_bytes > limits.MAX_DIRECTORY_BYTES:
        raise ProjectError("The file has too many parts for a project file.", detail=f"{count} members")


def _check(infos: list[zipfile.ZipInfo], file_bytes: int) -> None:
    if len(infos) > limits.MAX_MEMBERS:
        raise ProjectError("The file has too many parts for a project file.", detail=f"{len(infos)} members")
    names = [i.filename for i in infos]
    if len(set(names)) != len(names):
        raise ProjectError("The file has two parts of the same name.")
    for info in infos:
        _check_member(info)
    if sum(i.file_size for i in infos) > limits.MAX_TOTAL_BYTES:
        raise ProjectError("The parts of the file are too large for a project file.")
    if sum(i.compress_size for i in infos) > file_bytes:
        raise ProjectError("The parts of the file overlap.")


def _check_member(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    if name != info.filename or not _NAME.fullmatch(name):
        raise ProjectError("The file has a part with a forbidden name.", detail=repr(name)[:200])
    if info.flag_bits & 0x2041:
        raise ProjectError(f"The part “{name}” of the file is encrypted.")
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ProjectError(f"The part “{name}” of the file is a link or device.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ProjectError(f"The part “{name}” uses a compression that no project file has.")
    is_image = name.startswith(limits.IMAGE_MEMBERS)
    if info.file_size > (limits.MAX_IMAGE_MEMBER_BYTES if is_image else limits.MAX_MEMBER_BYTES):
        raise ProjectError(f"The part “{name}” is too large.", detail=f"{info.file_size} bytes declared")
    if info.file_size > limits.MAX_RATIO * info.compress_size:
        raise ProjectError(f"The part “{name}” would unpack to suspiciously much.")

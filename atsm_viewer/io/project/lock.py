"""Who has a project open for writing: a small file ``.<name>.lock`` beside it.

It is made with O_EXCL, says who holds it, and is touched from time to time. A lock whose holder
died is taken over without a question where that is certain (same machine); a lock of another
machine is a question for the person. Changes to an existing lock happen under an advisory file
lock, so that two programs cannot take over the same dead lock.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from atsm_viewer import __version__
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.meta import utc_text
from atsm_viewer.io.project.processes import boot_id, is_running, process_start, this_host

HEARTBEAT_S = 60.0
_MAX_BYTES = 4096
_SETTLE_S = 2.0  # between creating the file and writing into it nobody needs longer


@dataclass(frozen=True, slots=True)
class LockOwner:
    """Who holds a lock.

    Parameters
    ----------
    pid, host, app, since
        Process, machine, program with version, ISO 8601 UTC.
    boot, start
        Which start of the machine, and when the process started; empty where unknown.
    token
        Tells two locks of one process apart.
    """

    pid: int
    host: str
    app: str
    since: str
    boot: str = ""
    start: str = ""
    token: str = ""

    @classmethod
    def myself(cls, now: datetime | None = None) -> LockOwner:
        """Return this process as an owner."""
        pid = os.getpid()
        return cls(
            pid, this_host(), f"atsm_viewer {__version__}", utc_text(now or datetime.now(UTC)),
            boot_id(), process_start(pid), secrets.token_hex(8),
        )  # fmt: skip

    @property
    def is_here(self) -> bool:
        """Whether the holder is a process of this machine."""
        return self.host == this_host()

    @property
    def is_dead(self) -> bool:
        """Whether the holder certainly no longer runs; False where that cannot be known."""
        if not self.is_here:
            return False
        if self.boot and boot_id() and self.boot != boot_id():
            return True
        if not is_running(self.pid):
            return True
        started = process_start(self.pid)
        return bool(self.start and started and self.start != started)

    def words(self) -> str:
        """Return who holds it, for people."""
        if self.is_here:
            who = "another window of this program" if self.pid == os.getpid() else f"process {self.pid}"
            return f"{who} on this machine ({self.app}, since {self._since_here()})"
        return f"“{self.host}” (process {self.pid}, {self.app}, since {self._since_here()})"

    def _since_here(self) -> str:
        """Return the time on the clock of the person who reads; as it stands when it is no time."""
        try:
            return f"{datetime.fromisoformat(self.since).astimezone():%Y-%m-%d %H:%M}"
        except (ValueError, OverflowError, OSError):
            return self.since


class ProjectLockedError(ProjectError):
    """Somebody else holds the project.

    Parameters
    ----------
    owner
        Who.
    silent_s
        Seconds since the holder last showed life.
    """

    def __init__(self, name: str, owner: LockOwner, silent_s: float) -> None:
        super().__init__(
            f"“{name}” is open in {owner.words()}.",
            "It can be looked at here, and saved under another name.",
            repr(owner),
        )
        self.owner = owner
        self.silent_s = silent_s


class ProjectLock:
    """A lock that this process holds; made by :func:`acquire_lock`."""

    def __init__(self, project: Path, path: Path, owner: LockOwner) -> None:
        self.project = project
        self.path = path
        self.owner = owner

    def is_ours(self) -> bool:
        """Whether the lock file still says so: another machine may have taken it over on purpose."""
        return _read(self.path) == self.owner

    def beat(self) -> bool:
        """Show life; False when the lock is no longer ours or cannot be reached."""
        if not self.is_ours():
            return False
        try:
            os.utime(self.path)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Give the lock up; somebody else's lock is left alone."""
        with contextlib.suppress(OSError), _guarded(self.path):
            if self.is_ours():
                self.path.unlink(missing_ok=True)


def lock_file(project: Path) -> Path:
    """Return where the lock of a project lies; symbolic links lead to the same lock."""
    real = Path(os.path.realpath(project))
    name = real.name
    if len(name.encode("utf-8", errors="surrogateescape")) > 200:  # a name may have 255 bytes
        name = name[:40] + hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    return real.with_name(f".{name}.lock")


def lock_owner(project: Path) -> LockOwner | None:
    """Return who holds a project now, or None when nobody who lives does."""
    owner = _read(lock_file(project))
    return None if owner is None or owner.is_dead else owner


def acquire_lock(project: Path, *, take_over: bool = False) -> ProjectLock:
    """Take the lock of a project.

    Parameters
    ----------
    project
        The project file, which need not exist yet.
    take_over
        Take it from whoever holds it.

    Raises
    ------
    ProjectLockedError
        When somebody who may live holds it.
    OSError
        When no file can be made in the folder.
    """
    path = lock_file(project)
    owner = LockOwner.myself()
    deadline = time.monotonic() + _SETTLE_S
    while True:
        try:
            _create(path, owner)
            return ProjectLock(project, path, owner)
        except FileExistsError:
            pass
        with _guarded(path) as stream:
            if stream is None:
                continue  # given up a moment ago
            held = _parse(stream.read(_MAX_BYTES + 1))
            if held is None and time.monotonic() < deadline and _age_s(path) < _SETTLE_S and not take_over:
                held_soon = True  # its maker may be writing into it now
            else:
                held_soon = False
                if held is not None and not held.is_dead and not take_over:
                    raise ProjectLockedError(project.name, held, _age_s(path))
                stream.seek(0)
                stream.truncate()
                stream.write(_bytes_of(owner))
                stream.flush()
                os.fsync(stream.fileno())
                return ProjectLock(project, path, owner)
        if held_soon:
            time.sleep(0.05)


def _create(path: Path, owner: LockOwner) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o644)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(_bytes_of(owner))
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        path.unlink(missing_ok=True)  # a lock that says nothing helps nobody
        raise


@contextlib.contextmanager
def _guarded(path: Path) -> Iterator[IO[bytes] | None]:
    """Open a lock file so that no other program of this kind changes it meanwhile; None when it is gone."""
    try:
        stream = path.open("rb+")
    except FileNotFoundError:
        yield None
        return
    with stream:
        _flock(stream)
        try:
            there = os.path.samestat(os.fstat(stream.fileno()), path.stat())
        except FileNotFoundError:
            there = False
        yield stream if there else None


def _flock(stream: IO[bytes]) -> None:
    if os.name == "nt":
        return  # an open file cannot be replaced or removed there
    import fcntl

    try:
        fcntl.flock(stream, fcntl.LOCK_EX)
    except OSError as error:
        # Some shares know no advisory locks; the check before the write then has to do.
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS):
            raise


def _age_s(path: Path) -> float:
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return 0.0


def _bytes_of(owner: LockOwner) -> bytes:
    return json.dumps(asdict(owner), ensure_ascii=True).encode("ascii")


def _read(path: Path) -> LockOwner | None:
    try:
        with path.open("rb") as stream:
            return _parse(stream.read(_MAX_BYTES + 1))
    except OSError:
        return None


def _parse(data: bytes) -> LockOwner | None:
    """Return the owner; None for what no lock of ours says: it then names nobody to wait for."""
    try:
        plain: Any = json.loads(data) if len(data) <= _MAX_BYTES else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(plain, dict):
        return None
    known: dict[str, Any] = {f.name: plain.get(f.name) for f in fields(LockOwner)}
    pid = known.pop("pid")
    if (
        not isinstance(pid, int)
        or isinstance(pid, bool)
        or not all(isinstance(v, str) for v in known.values())
    ):
        return None
    return LockOwner(pid=pid, **known)

"""Earlier versions of a project: kept beside it, listed, restored.

They lie in ``.<name>.backups`` beside the project. Where the file system has hard links a version
costs no time and, until the project is saved again, no room. Restoring keeps the present file as
one more version first, so that nothing is ever the last of its kind.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.project.backup import flush_folder, keep_copy, replace_file, staged_name
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.processes import is_running

_VERSION = re.compile(r"(\d{8}T\d{6}Z)(?:-(\d{1,4}))?\.atsm")
_STAGED = re.compile(r"\.(.*)\.(\d{1,10})\.[0-9a-f]{8}\.tmp", re.DOTALL)
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class BackupPolicy:
    """How many earlier versions are kept, and for how long.

    Parameters
    ----------
    count
        At most so many; 0 keeps none but ``name.atsm~``.
    days
        Not older than so many days; the newest is kept whatever its age.
    """

    count: int = 10
    days: int = 30


@dataclass(frozen=True, slots=True)
class BackupVersion:
    """One earlier version.

    Parameters
    ----------
    path
        The file: a whole project.
    saved
        When it was written (aware, UTC).
    size
        Bytes.
    """

    path: Path
    saved: datetime
    size: int


def backups_folder(project: Path) -> Path:
    """Return the folder of earlier versions of a project."""
    real = Path(os.path.realpath(project))
    return real.with_name(f".{real.name[:60]}.backups")


def list_backups(project: Path) -> tuple[BackupVersion, ...]:
    """Return the earlier versions that can be restored, newest first, ``name.atsm~`` among them."""
    real = Path(os.path.realpath(project))
    found: dict[tuple[int, int], BackupVersion] = {}
    for path in [*_stored(backups_folder(real)), real.with_name(real.name + "~")]:
        try:
            status = path.stat()
        except OSError:
            continue
        # The same file under two names is one version.
        found.setdefault((status.st_dev, status.st_ino), BackupVersion(path, _saved(path), status.st_size))
    return tuple(sorted(found.values(), key=lambda v: _order(v.path), reverse=True))


def keep_version(project: Path, policy: BackupPolicy, now: datetime | None = None) -> Path | None:
    """Keep the present file as a version and drop what is too many or too old; None when there is none.

    Raises
    ------
    OSError
        When it cannot be kept; the project itself is untouched.
    """
    real = Path(os.path.realpath(project))
    if policy.count < 1 or not real.exists():
        return None
    folder = backups_folder(real)
    folder.mkdir(exist_ok=True)
    version = _unused(folder, datetime.fromtimestamp(real.stat().st_mtime, UTC))
    keep_copy(real, version)
    prune(real, policy, now)
    return version


def prune(project: Path, policy: BackupPolicy, now: datetime | None = None) -> int:
    """Drop stored versions beyond the policy; returns how many."""
    versions = sorted(_stored(backups_folder(project)), key=_order, reverse=True)
    oldest = (now or datetime.now(UTC)) - timedelta(days=policy.days)
    surplus = [p for n, p in enumerate(versions) if n >= policy.count or (n > 0 and _saved(p) < oldest)]
    for path in surplus:
        path.unlink(missing_ok=True)
    return len(surplus)


def restore_backup(
    project: Path, version: Path, policy: BackupPolicy, now: datetime | None = None
) -> Path | None:
    """Put an earlier version in the place of the project; returns where the present one was kept.

    Raises
    ------
    ProjectError
        When the version is no whole project, or anything cannot be written; the project is then
        as it was.
    """
    real = Path(os.path.realpath(project))
    staged = staged_name(real)
    try:
        load_project(version)
        # The store is not pruned before the version is safely copied: it may be the oldest.
        with version.open("rb") as source, staged.open("xb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        load_project(staged)
        kept = keep_version(real, BackupPolicy(max(policy.count, 1) + 1, max(policy.days, 36500)), now)
        if real.exists():
            shutil.copymode(real, staged)
        replace_file(staged, real)
        flush_folder(real.parent)
        return kept
    except (OSError, AtsmError) as error:
        words = error.user_message if isinstance(error, AtsmError) else str(error)
        raise ProjectError(
            f"“{project.name}” could not be restored: {words}",
            "The project is as it was.",
            f"{type(error).__name__}: {error}",
        ) from error
    finally:
        staged.unlink(missing_ok=True)


def sweep_orphans(project: Path) -> tuple[str, ...]:
    """Remove files that a killed save of this project left behind; returns their names.

    Only call it while the lock of the project is ours: what is staged then belongs to nobody who
    lives, or to a process that still runs and is left alone.
    """
    real = Path(os.path.realpath(project))
    store = backups_folder(real)
    prefixes = {name[:40] for name in (real.name, real.name + "~")}
    # Another project may have the same first 40 letters: then only what is old enough is nobody's.
    min_age_s = 86400.0 if len(real.name) >= 40 else 0.0
    swept = []
    for path in (*real.parent.glob(".*.tmp"), *store.glob(".*.tmp")):
        parts = _STAGED.fullmatch(path.name)
        if parts is None or is_running(int(parts[2])):
            continue
        if path.parent != store and (parts[1] not in prefixes or _age_s(path) < min_age_s):
            continue
        try:
            path.unlink()
        except OSError:
            continue  # not ours to remove; it does no harm
        swept.append(path.name)
    return tuple(sorted(swept))


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _stored(folder: Path) -> list[Path]:
    try:
        return [p for p in folder.iterdir() if _VERSION.fullmatch(p.name)]
    except OSError:
        return []


def _order(path: Path) -> tuple[datetime, int]:
    named = _VERSION.fullmatch(path.name)
    return _saved(path), int(named[2] or 0) if named else 0


def _saved(path: Path) -> datetime:
    named = _VERSION.fullmatch(path.name)
    if named:
        try:
            return datetime.strptime(named[1], _TIME).replace(tzinfo=UTC)
        except ValueError:
            pass  # a name that somebody made up
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _unused(folder: Path, saved: datetime) -> Path:
    stem = saved.strftime(_TIME)
    path = folder / f"{stem}.atsm"
    n = 1
    while path.exists():
        path, n = folder / f"{stem}-{n:04d}.atsm", n + 1
    return path

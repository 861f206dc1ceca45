"""Earlier versions of a project: listing them, and restoring one while nobody else writes."""

from __future__ import annotations

from pathlib import Path

from atsm_viewer.app.settings import SettingsStore, settings_file
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.project.backup_store import BackupPolicy, BackupVersion, list_backups, restore_backup
from atsm_viewer.io.project.lock import ProjectLock, acquire_lock

__all__ = ["BackupVersion", "restore_version", "versions_of"]


def versions_of(project: Path) -> tuple[BackupVersion, ...]:
    """Return the earlier versions of a project, newest first.

    Raises
    ------
    AtsmError
        When neither the project nor any earlier version of it is there.
    """
    versions = list_backups(project)
    if not versions and not project.exists():
        raise AtsmError(f"“{project}” does not exist.", "Check the path; nothing was changed.")
    return versions


def restore_version(
    project: Path,
    version: BackupVersion,
    *,
    held: ProjectLock | None = None,
    policy: BackupPolicy | None = None,
) -> Path | None:
    """Restore a version; returns where the present one was kept.

    Parameters
    ----------
    project, version
        What is restored.
    held
        The lock, when the caller has it; otherwise it is taken for the moment.
    policy
        How many versions are kept; the settings of this person where not given.

    Raises
    ------
    AtsmError
        When somebody else has the project open, or it cannot be written; it is then as it was.
    """
    wanted = policy or SettingsStore(settings_file()).settings.backups
    if held is not None and held.is_ours():
        return restore_backup(project, version.path, wanted)
    try:
        lock = acquire_lock(project)
    except OSError as error:
        raise AtsmError(f"“{project.name}” could not be restored: {error.strerror}.") from error
    try:
        return restore_backup(project, version.path, wanted)
    finally:
        lock.release()

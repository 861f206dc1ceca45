"""Who may write a project: taking, keeping and giving up its lock."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.lock import HEARTBEAT_S, ProjectLock, ProjectLockedError, acquire_lock, lock_owner

__all__ = [
    "FREE", "HEARTBEAT_S", "Access", "access_for_saving", "claim_project", "give_back", "take_access",
]  # fmt: skip


@dataclass(frozen=True)
class Access:
    """How a project is held.

    Parameters
    ----------
    lock
        The lock, or None.
    reason
        Why it may be looked at only; empty when it may be saved.
    """

    lock: ProjectLock | None = None
    reason: str = ""

    def notice(self, path: Path) -> Notice:
        """Return what is to be said about a project that may only be looked at."""
        return Notice(
            "project_locked", Severity.WARNING, f"“{path.name}” is open read-only: {self.reason}.",
            "Save it under another name to keep changes.",
        )  # fmt: skip


FREE = Access()


def claim_project(ctx: AppContext, path: Path) -> Access | None:
    """Take the lock of a project that is being opened; None when the person rather leaves it.

    A holder on this machine is respected; a lock of another machine, which cannot be looked into,
    is a question.
    """
    held = ctx.document.lock
    if held is not None and _same(held.project, path) and held.is_ours():
        return Access(held)
    try:
        return Access(acquire_lock(path))
    except ProjectLockedError as error:
        if error.owner.is_here:
            return Access(None, f"it is open in {error.owner.words()}")
        silent = f"It last showed life {_ago(error.silent_s)}."
        answer = ctx.port.ask_choice(
            "Project in use",
            f"{error.user_message} {silent}\n\nTaking over is safe only when that program no longer runs.",
            ("Open read-only", "Take over"),
        )
        if answer is None:
            return None
        if answer == 0:
            return Access(None, f"it is open in {error.owner.words()}")
        try:
            return Access(acquire_lock(path, take_over=True))
        except OSError as failure:
            return Access(None, f"its folder cannot be written to ({failure.strerror})")
    except OSError as error:
        return Access(None, f"its folder cannot be written to ({error.strerror})")


def access_for_saving(ctx: AppContext, path: Path) -> Access:
    """Return the access under which a project may be written now.

    Raises
    ------
    ProjectError
        When somebody else holds it, or took it over from this window.
    """
    held = ctx.document.lock
    if held is not None and _same(held.project, path):
        if held.is_ours():
            return Access(held)
        owner = lock_owner(path)
        if owner is not None:
            raise ProjectError(
                f"“{path.name}” was taken over by {owner.words()}; nothing was written.",
                "Save it under another name.",
            )
    try:
        return Access(acquire_lock(path))
    except ProjectLockedError:
        raise
    except OSError:
        return FREE  # the save itself will say what is wrong with the folder


def take_access(ctx: AppContext, access: Access) -> None:
    """Hold a project from now on and give up the one before."""
    before = ctx.document.lock
    if before is not None and before is not access.lock:
        before.release()
    ctx.document.lock, ctx.document.read_only = access.lock, access.reason


def give_back(ctx: AppContext, access: Access) -> None:
    """Give up an access that was not used after all."""
    if access.lock is not None and access.lock is not ctx.document.lock:
        access.lock.release()


def _same(a: Path, b: Path) -> bool:
    return os.path.realpath(a) == os.path.realpath(b)


def _ago(seconds: float) -> str:
    if seconds < 5:
        return "just now"
    if seconds < 120:
        return f"{seconds:.0f} s ago"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago" if seconds < 172800 else f"{seconds / 86400:.0f} days ago"

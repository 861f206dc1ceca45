"""Restoring, discarding and listing recovered work, as a person does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.documents import close_guard
from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.project_access import FREE, claim_project, take_access
from atsm_viewer.app.recovery import (
    RecoverableWork,
    RecoveredWork,
    Recovery,
    discard_work,
    find_work,
    rebuild_work,
)
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.journal.journal_file import delete_journal

_FLUSH_S = 3.0


def recovery_of(ctx: AppContext) -> Recovery:
    """Return the list of recoverable work.

    Raises
    ------
    AtsmError
        When this program keeps no journals.
    """
    if ctx.recovery is None:
        raise AtsmError("Autosave is off, so there is nothing to restore.")
    return ctx.recovery


def look_for_work(ctx: AppContext, on_found: Callable[[], None]) -> None:
    """Look for work of programs that died, without holding up the window."""
    recovery = recovery_of(ctx)

    def found(items: tuple[RecoverableWork, ...]) -> None:
        recovery.show(items)
        on_found()

    ctx.jobs.run(
        "Looking for unsaved work", lambda progress, cancel: find_work(recovery.root), found,
        ctx.port.show_error, quiet=True,
    )  # fmt: skip


def restore(ctx: AppContext, work: RecoverableWork) -> None:
    """Bring work back, after asking about unsaved work at hand; its journal goes once a new one holds it."""
    recovery = recovery_of(ctx)
    if not close_guard(ctx, "restoring the work"):
        return
    ctx.jobs.run(
        f"Restoring {work.title}",
        lambda progress, cancel: rebuild_work(recovery.root, work, progress, cancel),
        lambda recovered: _show(ctx, recovery, recovered),
        ctx.port.show_error,
    )


def _show(ctx: AppContext, recovery: Recovery, recovered: RecoveredWork) -> None:
    path, state = recovered.path, recovered.state
    access = FREE if path is None else claim_project(ctx, path)
    if access is None:  # somebody else holds the project, and the person rather leaves it
        recovered.claim.release()
        return
    if path is not None and access.reason:
        state = replace(state, notices=(*state.notices, access.notice(path)))
    ctx.painter.cancel()
    take_access(ctx, access)
    # The view points into the state, so neither may be seen without the other: scan first.
    ctx.view.set(scan_id="", active_roi_id="")
    ctx.document.path, ctx.document.meta, ctx.document.stored = path, recovered.meta, None
    ctx.document.title = recovered.work.title
    ctx.document.folder = _folder(recovered)
    ctx.document.image_paths = ()
    if ctx.autosave is not None:
        ctx.autosave.adopt(recovered.steps)
    ctx.session.replace(state, saved=False)
    ctx.view.move_to(opening_view(state))
    _let_go(ctx, recovery, recovered)
    n = recovered.steps.n
    ctx.port.show_message(
        f"Restored {n} {'step' if n == 1 else 'steps'} of {recovered.work.title}. Save to keep them."
    )


def _folder(recovered: RecoveredWork) -> Path:
    if recovered.path is not None:
        return recovered.path.parent
    sources = [
        s for scan in recovered.state.scans for s in (scan.pet_source, scan.ct_source) if s is not None
    ]
    places = [p.parent.parent for s in sources for p in s.paths[:1] if p.parent.parent.is_dir()]
    return places[0] if places else Path.home()


def _let_go(ctx: AppContext, recovery: Recovery, recovered: RecoveredWork) -> None:
    """Delete the old journal as soon as, and only if, the new one is on disk."""
    try:
        if ctx.autosave is not None and ctx.autosave.flush(_FLUSH_S):
            delete_journal(recovered.work.journal)
            recovery.drop(recovered.work)
    except OSError as error:
        ctx.port.show_message(f"The old journal could not be deleted ({error.strerror}).")
    finally:
        recovered.claim.release()


def discard(ctx: AppContext, work: RecoverableWork) -> None:
    """Delete work for good; whoever calls has asked.

    Raises
    ------
    AtsmError
        When it cannot be deleted.
    """
    recovery = recovery_of(ctx)
    discard_work(recovery.root, work)
    recovery.drop(work)

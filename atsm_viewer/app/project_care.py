"""Looking after a project as a person does it: images, earlier versions, checks, copies to send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from atsm_viewer.app.backups import BackupVersion, restore_version, versions_of
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.documents import PROJECT_SUFFIX, open_paths, safe_stem
from atsm_viewer.app.image_places import places_of
from atsm_viewer.app.jobs import CancelToken, Work
from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.project_opening import OPENING_CODES, attach_images
from atsm_viewer.app.sending import SentCopy, write_copy
from atsm_viewer.app.verification import Verification, verify_project
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.notices import Notice
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project.meta import ScanSources
from atsm_viewer.io.relocate import SearchPlan

T = TypeVar("T")


def missing_images(state: SessionState) -> bool:
    """Whether a scan lacks an image that it once had."""
    return any(s.pet is None or (s.ct is None and s.ct_source is not None) for s in state.scans)


def find_images(ctx: AppContext) -> None:
    """Ask for a folder and attach the missing images that lie in it."""
    folder = ctx.port.choose_folder("Find images")
    if folder is None:
        return
    state, was_dirty = ctx.session.state, ctx.session.is_dirty
    sources = {s.id: ScanSources(s.pet_source, s.ct_source) for s in state.scans}

    def done(answer: tuple[SessionState, tuple[Notice, ...]]) -> None:
        if ctx.session.state is not state:
            ctx.port.show_message("The study changed while its images were searched: try again.")
            return
        found, notices = answer
        kept = tuple(n for n in state.notices if n.code not in OPENING_CODES or n.code == "project_locked")
        new = replace(found, notices=(*kept, *(n for n in notices if n not in kept)))
        if all(a.pet is b.pet and a.ct is b.ct for a, b in zip(new.scans, state.scans, strict=True)):
            ctx.port.show_message(" ".join(n.text for n in notices) or "No missing image lies there.")
            return
        ctx.view.set(scan_id="", active_roi_id="")
        ctx.session.replace(new, saved=not was_dirty)
        ctx.view.move_to(opening_view(new))
        words = ["The images were found."]
        if missing_images(new):
            words.append("Others are still missing.")
        try:
            places_of(ctx.settings).remember(new)
        except OSError as error:
            words.append(f"Where they lie could not be remembered ({error}).")
        ctx.port.show_message(" ".join(words))

    ctx.jobs.run(
        "Looking for the images",
        lambda progress, cancel: attach_images(state, sources, SearchPlan((folder,)), progress, cancel),
        done, ctx.port.show_error,
    )  # fmt: skip


def browse_backups(ctx: AppContext) -> None:
    """Show the earlier versions of the project and restore the one that is chosen.

    What is open stays as it is, unsaved work included, until the restored file has been read.

    Raises
    ------
    AtsmError
        When the project is held by somebody else or cannot be restored; it is then as it was.
    """
    path = ctx.document.path
    if path is None:
        return
    chosen = ctx.port.choose_backup(path, versions_of(path))
    if chosen is None:
        return
    if ctx.document.read_only:
        raise AtsmError(f"“{path.name}” is read-only here: {ctx.document.read_only}.", "Nothing was changed.")
    # Opening asks about unsaved work; only when that is settled is the file on disk touched.
    open_paths(replace(ctx, jobs=_RestoreFirst(ctx, path, chosen)), [path])


@dataclass(frozen=True)
class _RestoreFirst:
    """Runs the job that opens a project: the version is restored before it, and told after it."""

    ctx: AppContext
    path: Path
    version: BackupVersion

    def run(
        self, title: str, work: Work[T], on_done: Callable[[T], None], on_error: Callable[[AtsmError], None],
        *, quiet: bool = False,
    ) -> CancelToken:  # fmt: skip
        ctx, meta = self.ctx, self.ctx.document.meta
        if ctx.document.path != self.path:  # saved under another name when asked about unsaved work
            raise AtsmError(f"“{self.path.name}” is no longer the open project.", "Nothing was restored.")
        policy = ctx.settings.settings.backups
        kept = restore_version(self.path, self.version, held=ctx.document.lock, policy=policy)
        words = f"{self.path.name} of {self.version.saved.astimezone():%Y-%m-%d %H:%M}."
        if kept is not None:
            words += f" The version before is kept as “{kept.name}”."
        # Said at once: whoever stops the opening must know that the file is another one already.
        ctx.port.show_message(f"Opening {words}")

        def done(answer: T) -> None:
            on_done(answer)
            if ctx.document.meta is meta:
                not_shown()
            else:
                ctx.port.show_message(f"Restored {words}")

        def failed(error: AtsmError) -> None:
            on_error(error)
            not_shown()

        def not_shown() -> None:
            ctx.port.show_message(
                f"The file holds {words} It is not shown: what is open is still the study as it was. "
                "Use “Save project as…” to keep that."
            )

        return ctx.jobs.run(title, work, done, failed, quiet=quiet)


def verify_saved(ctx: AppContext) -> None:
    """Recompute the saved project and say whether its numbers are still the ones it stores."""
    path = ctx.document.path
    if path is None:
        return

    def done(report: Verification) -> None:
        note = "\n\nWhat was changed since the last save is not part of this." if ctx.session.is_dirty else ""
        ctx.port.show_report("Verify project", "\n".join(report.lines()) + note)

    places = places_of(ctx.settings)
    ctx.jobs.run(
        f"Verifying {path.name}", lambda progress, cancel: verify_project(path, places=places), done,
        ctx.port.show_error,
    )  # fmt: skip


def save_packed_copy(ctx: AppContext) -> None:
    """Ask which images and where, and write a copy with the images inside and without identifiers."""
    has_ct = any(s.ct is not None for s in ctx.session.state.scans)
    embeds: tuple[str, ...] = ("pet",)
    if has_ct:
        answer = ctx.port.ask_choice(
            "Save a copy with images", "Which images go into the copy?", ("PET and CT", "PET only")
        )
        if answer is None:
            return
        embeds = ("pet", "ct") if answer == 0 else ("pet",)
    _save_copy(ctx, "Save a copy with images", "packed", embeds)


def save_deidentified_copy(ctx: AppContext) -> None:
    """Ask where, and write a copy without identifiers and without images."""
    _save_copy(ctx, "Save a de-identified copy", "deidentified", ())


def _save_copy(ctx: AppContext, title: str, ending: str, embeds: tuple[str, ...]) -> None:
    ctx.painter.cancel()
    proposal = ctx.document.folder / f"{safe_stem(ctx.document.name)}-{ending}{PROJECT_SUFFIX}"
    path = ctx.port.choose_save_file(title, proposal, f"ATSM projects (*{PROJECT_SUFFIX})")
    if path is None:
        return
    out: Path = path if path.suffix.lower() == PROJECT_SUFFIX else path.with_name(path.name + PROJECT_SUFFIX)
    state = ctx.session.state

    def done(sent: SentCopy) -> None:
        ctx.port.show_report(title, sent.words())

    ctx.jobs.run(
        title, lambda progress, cancel: write_copy(state, out, embeds=embeds), done, ctx.port.show_error
    )


def tells_file_names_only(ctx: AppContext) -> bool:
    """Whether the project tells no folders of its images."""
    return ctx.document.meta.file_names_only


def toggle_file_names_only(ctx: AppContext) -> None:
    """Tell no folders of the images from the next save on, or tell them again."""
    meta = ctx.document.meta
    ctx.document.meta = replace(meta, file_names_only=not meta.file_names_only)
    ctx.port.show_message(
        "From the next save on the project names files only; images are searched for beside it."
        if ctx.document.meta.file_names_only
        else "From the next save on the project tells the folders of its images."
    )

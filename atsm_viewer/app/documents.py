"""Opening, saving and exporting, as a person does it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import platformdirs

from atsm_viewer import __version__
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.image_places import places_of
from atsm_viewer.app.jobs import CancelToken, ProgressFn, Work
from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.picture import session_picture
from atsm_viewer.app.project_access import (
    FREE,
    Access,
    access_for_saving,
    claim_project,
    give_back,
    take_access,
)
from atsm_viewer.app.project_opening import OpenedProject, open_project_file
from atsm_viewer.app.samples import build_sample, load_sample
from atsm_viewer.app.saved_view import saved_view
from atsm_viewer.app.series_choice import clear_choice
from atsm_viewer.app.settings import APP_DIR
from atsm_viewer.app.stored_results import stored_results, with_stored
from atsm_viewer.app.study_loading import catalogue_of, load_pair, rejected_notice
from atsm_viewer.app.ui_port import SaveAnswer
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.edits import AddRoi
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.ids import new_id
from atsm_viewer.domain.results import Results
from atsm_viewer.domain.roi import Method, Roi, Role
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.catalogue import Catalogue, ProposedPair
from atsm_viewer.io.csv_export import write_results_csv
from atsm_viewer.io.masks import read_mask
from atsm_viewer.io.project.backup_store import sweep_orphans
from atsm_viewer.io.project.save import save_project
from atsm_viewer.metrics.evaluate import evaluate
from atsm_viewer.render.screenshot import write_png

PROJECT_SUFFIX = ".atsm"
T = TypeVar("T")


def safe_stem(text: str) -> str:
    """Return a text as part of a file name on every system."""
    return re.sub(r"[^\w.-]+", "_", text).strip("._") or "study"


def close_guard(ctx: AppContext, what: str) -> bool:
    """Ask about unsaved work; True when ``what`` may go on."""
    _settle_stroke(ctx)
    if not ctx.session.is_dirty:
        return True
    answer = ctx.port.ask_unsaved(what)
    if answer is SaveAnswer.SAVE:
        return save(ctx)
    return answer is SaveAnswer.DISCARD


def _settle_stroke(ctx: AppContext) -> None:
    """Write a shape that waits for more corners; drop a stroke whose button is still down."""
    if ctx.painter.is_open:
        ctx.painter.close()
    else:
        ctx.painter.cancel()


def _take_over(ctx: AppContext, before: SessionState) -> bool:
    """Ask again when something was drawn while the study was being read; True when it may be shown."""
    return ctx.session.state is before or close_guard(ctx, "showing what was opened")


def _start_opening(ctx: AppContext, title: str, work: Work[T], done: Callable[[T], None]) -> None:
    """Read something in the background; an earlier opening that still runs is given up."""
    if ctx.document.opening is not None:
        ctx.document.opening.cancel()
    ctx.document.opening = ctx.jobs.run(title, work, done, ctx.port.show_error)


def open_paths(ctx: AppContext, paths: Sequence[Path]) -> None:
    """Open a project, or images from files and folders, after asking about unsaved work."""
    if not paths or not close_guard(ctx, "opening something else"):
        return
    if len(paths) == 1 and paths[0].suffix.lower() == PROJECT_SUFFIX:
        _open_project(ctx, paths[0])
    else:
        _open_images(ctx, [p.resolve() for p in paths])


def _open_project(ctx: AppContext, path: Path) -> None:
    before = ctx.session.state

    def done(opened: OpenedProject) -> None:
        if not _take_over(ctx, before):
            return
        access = claim_project(ctx, path)
        if access is None:
            return
        state = opened.state
        if access.reason:
            state = replace(state, notices=(*state.notices, access.notice(path)))
        if access.lock is not None:
            sweep_orphans(path)
        take_access(ctx, access)
        ctx.document.become(
            path=path, meta=opened.meta, title=path.stem, folder=path.resolve().parent,
            stored=stored_results(opened.audit),
        )  # fmt: skip
        _show(ctx, state, saved_view(opened.view, state))
        _remember(ctx, path.resolve())
        if access.reason:
            ctx.port.show_message(access.notice(path).text)

    places = places_of(ctx.settings)
    _start_opening(
        ctx, f"Opening {path.name}",
        lambda progress, cancel: open_project_file(path, progress, cancel, places=places), done,
    )  # fmt: skip


def choose_series(ctx: AppContext) -> None:
    """Look at the images opened last once more and let the person choose PET and CT."""
    paths = list(ctx.document.image_paths)
    if paths and close_guard(ctx, "choosing other images"):
        _open_images(ctx, paths, ask=True)


def _open_images(ctx: AppContext, paths: list[Path], *, ask: bool = False) -> None:
    before = ctx.session.state

    def found(answer: tuple[Catalogue, tuple[ProposedPair, ...]]) -> None:
        catalogue, pairs = answer
        # Where there is nothing to choose a study opens ready; “Choose PET and CT…” changes it.
        clear = None if ask else clear_choice(catalogue, pairs)
        pair = clear or ctx.port.choose_series(catalogue, pairs)
        if pair is None:
            return
        notices = rejected_notice(catalogue)
        _start_opening(
            ctx, f"Reading {pair.pet.description or 'PET'}",
            lambda progress, cancel: load_pair(pair, progress, cancel, notices), loaded,
        )  # fmt: skip

    def loaded(state: SessionState) -> None:
        if not _take_over(ctx, before):
            return
        take_access(ctx, FREE)
        ctx.document.become(title=_title(state), folder=paths[0].parent, image_paths=tuple(paths))
        _show(ctx, state, opening_view(state))
        _remember(ctx, paths[0])

    _start_opening(
        ctx, "Looking for images", lambda progress, cancel: catalogue_of(paths, progress, cancel), found
    )  # fmt: skip


def _title(state: SessionState) -> str:
    scan = state.scans[0]
    return f"{state.subjects[0].label} {scan.label}".strip()


def _show(ctx: AppContext, state: SessionState, view: ViewState) -> None:
    """Put a freshly read session in the place of the old one; the document belongs to it already."""
    try:
        places_of(ctx.settings).remember(state)
    except OSError as error:
        ctx.port.show_message(f"Where the images lie could not be remembered ({error}).")
    # The view points into the state, so neither may be seen without the other: scan first.
    ctx.view.set(scan_id="", active_roi_id="")
    ctx.session.replace(state, saved=True)
    ctx.view.move_to(view)


def _remember(ctx: AppContext, path: Path) -> None:
    """Put a path among the recent ones; what was opened or saved stays so when that fails."""
    try:
        ctx.settings.add_recent(path)
    except AtsmError as error:
        ctx.port.show_message(str(error))


def close(ctx: AppContext) -> None:
    """Close the study after asking about unsaved work."""
    if close_guard(ctx, "closing the study"):
        take_access(ctx, FREE)
        ctx.document.become(title="", folder=ctx.document.folder)
        ctx.view.set(scan_id="", active_roi_id="")
        ctx.session.replace(SessionState(), saved=True)


def save(ctx: AppContext) -> bool:
    """Save under the known name, or ask for one; False when it was not saved."""
    if ctx.document.path is not None and ctx.document.read_only:
        text = f"“{ctx.document.path.name}” is read-only here: {ctx.document.read_only}. Nothing was written."
        if ctx.port.ask_choice("Read-only project", text, ("Save as…",)) != 0:
            return False
        return save_as(ctx)
    if ctx.document.path is None or ctx.document.meta.read_only_reason:
        return save_as(ctx)
    return _save_to(ctx, ctx.document.path)


def save_as(ctx: AppContext) -> bool:
    """Ask for a name and save; False when it was not saved."""
    proposal = ctx.document.path or ctx.document.folder / f"{safe_stem(ctx.document.name)}{PROJECT_SUFFIX}"
    asked_for = ctx.document.meta
    path = ctx.port.choose_save_file("Save project", proposal, f"ATSM projects (*{PROJECT_SUFFIX})")
    if path is None:
        return False
    if ctx.document.meta is not asked_for:
        # The name was meant for the study that was open when it was asked for.
        ctx.port.show_message("Another study was opened meanwhile; nothing was saved.")
        return False
    try:
        path = _with_suffix(path, PROJECT_SUFFIX)
    except AtsmError as error:
        ctx.port.show_error(error)
        return False
    return _save_to(ctx, path)


def _with_suffix(path: Path, suffix: str) -> Path:
    """Return a chosen path with its suffix.

    Raises
    ------
    AtsmError
        When the suffix had to be added and such a file exists: nobody was asked about that one.
    """
    if path.suffix.lower() == suffix:
        return path
    full = path.with_name(path.name + suffix)
    if full.exists():
        raise AtsmError(f"“{full.name}” already exists; nothing was written.", "Choose another name.")
    return full


def _save_to(ctx: AppContext, path: Path) -> bool:
    _settle_stroke(ctx)
    state = ctx.session.state
    problems: list[str] = []
    access: Access | None = None
    try:
        access = access_for_saving(ctx, path)
        meta = save_project(
            state, path, meta=ctx.document.meta, view=ctx.view.state.to_dict(),
            results=_results_to_save(ctx, state, problems),
            backups=ctx.settings.settings.backups, on_problem=problems.append,
        )  # fmt: skip
    except AtsmError as error:
        if access is not None:
            give_back(ctx, access)
        ctx.port.show_error(error)
        return False
    take_access(ctx, access)
    ctx.document.path, ctx.document.meta, ctx.document.folder = path, meta, path.resolve().parent
    ctx.session.mark_saved(state)
    _remember(ctx, path.resolve())
    ctx.port.show_message(" ".join((f"Saved {path.name}.", *problems)) if problems else f"Saved {path.name}")
    return True


def _results_to_save(ctx: AppContext, state: SessionState, problems: list[str]) -> Results | None:
    """Return the results for the audit copy, or None when they cannot be computed.

    Whatever is wrong with the numbers must not keep what was drawn from being saved.
    """
    try:
        return with_stored(ctx.live.exact(), ctx.document.stored, state)
    except Exception as error:  # noqa: BLE001 - told to the person; the drawing is saved all the same
        problems.append(f"Saved without results, which could not be computed ({error}).")
        return None


def export_csv(ctx: AppContext) -> None:
    """Ask for a name and write the two result tables beside each other.

    Raises
    ------
    AtsmError
        When a table exists that the person did not choose to replace, or writing fails.
    """
    proposal = ctx.document.folder / f"{safe_stem(ctx.document.name)}_rois.csv"
    path = ctx.port.choose_save_file(
        "Export CSV (writes NAME_rois.csv and NAME_tm.csv)", proposal, "CSV (*.csv)"
    )
    if path is None:
        return
    stem = re.sub(r"(_rois|_tm)?\.csv$", "", path.name, flags=re.IGNORECASE)
    project = ctx.document.path.stem if ctx.document.path is not None else ""
    results = evaluate(ctx.session.state, app_version=__version__, project=project)
    results = with_stored(results, ctx.document.stored, ctx.session.state)
    # Replacing one table of an earlier export replaces both; any other file was not agreed upon.
    agreed = path.exists() and path.name in (f"{stem}_rois.csv", f"{stem}_tm.csv")
    rois, tm = write_results_csv(results, path.parent, stem, overwrite=agreed)
    ctx.port.show_message(f"Wrote {rois.name} and {tm.name}")


def export_picture(ctx: AppContext) -> None:
    """Ask for a name and write the three fused planes as a PNG."""
    proposal = ctx.document.folder / f"{safe_stem(ctx.document.name)}.png"
    path = ctx.port.choose_save_file("Save picture", proposal, "PNG (*.png)")
    if path is not None:
        path = _with_suffix(path, ".png")
        write_png(path, session_picture(ctx.session.state, ctx.view.state, ctx.live.exact()))
        ctx.port.show_message(f"Wrote {path.name}")


def import_mask(ctx: AppContext, path: Path, role: Role = Role.TUMOUR, name: str = "") -> None:
    """Add a ROI from a mask file, on whatever grid it is."""
    state = ctx.session.state
    scan = state.scan(ctx.view.state.scan_id)
    roi, notices = mask_roi(state, scan.id, path, role, name)
    ctx.session.apply(AddRoi(roi), f"Import {roi.name}")
    ctx.view.set(active_roi_id=roi.id)
    for words in notices:
        ctx.port.show_message(words)


def mask_roi(
    state: SessionState, scan_id: str, path: Path, role: Role, name: str = ""
) -> tuple[Roi, tuple[str, ...]]:
    """Return a ROI from a mask file and what is to be said about it.

    Raises
    ------
    AtsmError
        When there is no such file, it is no mask, or nothing of it lies within the PET.
    """
    scan = state.scan(scan_id)
    if not path.exists():
        raise AtsmError(f"“{path}” does not exist.", "Check the path of the mask.")
    imported = read_mask(path, scan.pet_geometry)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    stem = re.sub(r"\.(nii|nii\.gz|seg\.nrrd|nrrd|nhdr|mha|mhd)$", "", path.name, flags=re.IGNORECASE)
    roi = Roi(
        id=new_id("roi"),
        name=(name or stem)[:64],
        role=role,
        scan_id=scan.id,
        subject_id=scan.first_slot.subject_id,
        mask=imported.mask,
        method=Method("imported", (("file", path.name), ("resampled", str(imported.resampled).lower()))),
        created_utc=now,
        modified_utc=now,
    )
    return roi, tuple(n.text for n in imported.notices)


def open_sample(ctx: AppContext, kind: str) -> None:
    """Make a sample study (once) and open it."""
    if not close_guard(ctx, "opening the sample"):
        return
    folder = Path(platformdirs.user_data_dir(APP_DIR, appauthor=False)) / f"sample-{kind}"
    before = ctx.session.state

    def work(progress: ProgressFn, cancel: CancelToken) -> SessionState:
        study = build_sample(kind, folder, progress)
        cancel.check()
        return load_sample(study, progress)

    def done(state: SessionState) -> None:
        if not _take_over(ctx, before):
            return
        take_access(ctx, FREE)
        ctx.document.become(title=f"Sample {kind}", folder=Path.home())
        _show(ctx, state, opening_view(state))

    _start_opening(ctx, f"Making the sample {kind}", work, done)

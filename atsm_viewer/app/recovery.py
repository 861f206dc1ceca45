"""Finds the work of programs that died and builds it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from atsm_viewer.app.jobs import CancelToken, ProgressFn
from atsm_viewer.app.project_opening import OPENING_CODES, PackedImages, attach_images
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.journal.errors import JournalError
from atsm_viewer.io.journal.instance_lock import LOCK_SUFFIX, InstanceLock, hold
from atsm_viewer.io.journal.journal_file import delete_journal
from atsm_viewer.io.journal.places import all_journals
from atsm_viewer.io.journal.reader import (
    JournalSummary,
    RebuiltSession,
    rebuild_session,
    survey_journal,
)
from atsm_viewer.io.journal.records import BaseSteps, JournalHeader
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import Fingerprint, LoadedProject, ProjectMeta, ScanSources
from atsm_viewer.io.project.schema import state_to_dict


def _nothing(fraction: float, words: str) -> None:
    return None


@dataclass(frozen=True)
class RecoverableWork:
    """The journal of a program that died.

    Parameters
    ----------
    journal
        The file.
    summary
        What it holds; None when it cannot be read.
    note
        What has to be known before it is restored, or why it cannot be; may be empty.
    """

    journal: Path
    summary: JournalSummary | None
    note: str = ""

    @property
    def title(self) -> str:
        """The name of the project or study."""
        if self.summary is None:
            return "Unreadable journal"
        header = self.summary.header
        return Path(header.project_path).stem if header.project_path else header.title or "Untitled"

    @property
    def place(self) -> str:
        """Where the project lies, or that it was never saved."""
        if self.summary is None:
            return str(self.journal)
        return self.summary.header.project_path or "never saved"

    @property
    def last_change(self) -> str:
        """When something was done last, ISO 8601 UTC; empty when unknown."""
        return "" if self.summary is None else self.summary.last_change

    @property
    def last_change_words(self) -> str:
        """When something was done last, on the clock of this machine."""
        try:
            return datetime.fromisoformat(self.last_change).astimezone().strftime("%Y-%m-%d %H:%M")
        except ValueError:
            return self.last_change[:30]

    @property
    def n_steps(self) -> int:
        """How many steps there are since the last save."""
        return 0 if self.summary is None else self.summary.n_steps

    @property
    def labels(self) -> tuple[str, ...]:
        """What would be restored, oldest first."""
        return () if self.summary is None else tuple(s.label for s in self.summary.steps)

    @property
    def can_be_restored(self) -> bool:
        """Whether there is anything to restore."""
        return self.n_steps > 0


@dataclass(frozen=True)
class RecoveredWork:
    """Work built again.

    Parameters
    ----------
    work
        Where it came from.
    state
        The session.
    meta, path
        The project that it belongs to; the path is None when it has no file of its own.
    steps
        What the last save does not hold.
    problems
        What could not be restored, in words.
    claim
        Keeps other windows from restoring the same work; the caller releases it.
    """

    work: RecoverableWork
    state: SessionState
    meta: ProjectMeta
    path: Path | None
    steps: BaseSteps
    problems: tuple[str, ...]
    claim: InstanceLock


def find_work(root: Path) -> tuple[RecoverableWork, ...]:
    """Return the work of dead programs, the newest first; sweep what holds nothing.

    A journal whose program runs is left alone. One whose content the project file holds already (the
    program died between saving and deleting it) is deleted.

    Raises
    ------
    AtsmError
        When the folder cannot be looked into.
    """
    if not root.is_dir():
        return ()
    found = []
    try:
        for journal in all_journals(root):
            claim = hold(root, journal.stem)
            if claim is None:
                continue
            try:
                work = _examined(journal)
                if work is None:
                    delete_journal(journal)
                else:
                    found.append(work)
            finally:
                claim.release()
        _sweep(root)
    except OSError as error:
        raise AtsmError(
            "The folder of the autosaved work cannot be used.", str(root), f"{type(error).__name__}: {error}"
        ) from error
    return tuple(sorted(found, key=lambda w: w.last_change, reverse=True))


def _examined(journal: Path) -> RecoverableWork | None:
    try:
        summary = survey_journal(journal)
    except JournalError as error:
        return RecoverableWork(journal, None, error.user_message)
    if not summary.n_steps:
        if not summary.tail.n_bytes:
            return None
        return RecoverableWork(journal, summary, f"Nothing in it can be restored: {summary.tail.reason}.")
    notes = []
    if summary.tail.n_bytes:
        notes.append(f"Its end cannot be used: {summary.tail.reason}.")
    project = _project_of(summary.header)
    if project is not None and project.meta.revision > summary.header.revision:
        if _same_content(journal, project):
            return None
        notes.append(
            f"The project was saved again at {project.meta.modified}; "
            "that version may hold this work already."
        )
    return RecoverableWork(journal, summary, " ".join(notes))


def _project_of(header: JournalHeader) -> LoadedProject | None:
    """Return the project file that the work began from, as it is now; None when it is not there."""
    if not header.project_path:
        return None
    try:
        loaded = load_project(Path(header.project_path))
    except AtsmError:
        return None  # gone or damaged: all the more reason to offer the journal
    return loaded if loaded.meta.project_id == header.project_id else None


def _same_content(journal: Path, project: LoadedProject) -> bool:
    try:
        rebuilt = rebuild_session(journal)
    except JournalError:
        return False
    if rebuilt.problems:
        return False
    folder = Path(rebuilt.summary.header.project_path).parent
    return _content(rebuilt.state, folder) == _content(project.state, folder)


def _content(state: SessionState, folder: Path) -> tuple[object, ...]:
    """Return everything a person made; notices differ from one opening to the next."""
    plain = state_to_dict(state, folder)
    masks = tuple((r.id, r.mask.sha256()) for r in state.rois)
    kept = ("subjects", "administrations", "rois", "protocol")
    labels = [(s.id, s.label) for s in state.scans]
    return ({k: plain[k] for k in kept}, masks, labels)


def _sweep(root: Path) -> None:
    """Delete locks and half-written journals of programs that died."""
    for lock in root.glob(f"*{LOCK_SUFFIX}"):
        claim = hold(root, lock.name.removesuffix(LOCK_SUFFIX))
        if claim is not None:
            instance = lock.name.removesuffix(LOCK_SUFFIX)
            for leftover in root.glob(f"*/.{instance}.j.tmp"):
                delete_journal(leftover)
            claim.release()


def rebuild_work(
    root: Path,
    work: RecoverableWork,
    progress: ProgressFn = _nothing,
    cancel: CancelToken | None = None,
    *,
    with_images: bool = True,
) -> RecoveredWork:
    """Build the session of a journal again and attach its images; the journal stays.

    Raises
    ------
    AtsmError
        When another window has the journal, or it cannot be used. Images that are missing are no
        error: the work is restored without them and says so.
    """
    progress(0.0, "Reading the journal")
    claim = _claimed(root, work)
    try:
        rebuilt = rebuild_session(work.journal)
        state, problems = rebuilt.state, rebuilt.problems
        project = _project_of(rebuilt.summary.header)
        meta, path = _home(rebuilt.summary.header, project)
        notices: tuple[Notice, ...] = ()
        if with_images:
            packed = None if project is None or path is None else PackedImages(path, project.embedded)
            folders = [] if path is None else [path.parent]
            state, notices = attach_images(state, _sources(state), folders, progress, cancel, packed)
            state = replace(state, notices=tuple(n for n in state.notices if n.code not in OPENING_CODES))
        notices += tuple(Notice("recovery_incomplete", Severity.WARNING, text) for text in problems)
        state = replace(state, notices=state.notices + tuple(n for n in notices if n not in state.notices))
    except BaseException:
        claim.release()
        raise
    return RecoveredWork(work, state, meta, path, _steps(rebuilt), problems, claim)


def _claimed(root: Path, work: RecoverableWork) -> InstanceLock:
    try:
        claim = hold(root, work.journal.stem)
    except OSError as error:
        raise AtsmError("The autosaved work cannot be used.", str(root), str(error)) from error
    if claim is None:
        raise AtsmError("Another window is at work on this journal.", "Nothing was changed.")
    if not work.journal.exists():
        claim.release()
        raise AtsmError("This work was restored or discarded in the meantime.", "Nothing was changed.")
    return claim


def _sources(state: SessionState) -> dict[str, ScanSources]:
    return {s.id: ScanSources(s.pet_source, s.ct_source) for s in state.scans}


def _steps(rebuilt: RebuiltSession) -> BaseSteps:
    return BaseSteps(rebuilt.summary.n_steps, rebuilt.summary.steps)


def _home(header: JournalHeader, project: LoadedProject | None) -> tuple[ProjectMeta, Path | None]:
    """Return the project that the work belongs to, so that saving neither loses nor overwrites anything."""
    meta = ProjectMeta(header.project_id, header.revision, header.created, header.modified)
    if not header.project_path:
        return meta, None
    path = Path(header.project_path)
    if project is not None:
        meta = project.meta
        if meta.revision != header.revision:
            # Somebody saved since: the next save must say so and not replace that version.
            known = Fingerprint(str(path), -1, 0, header.project_sha256)
            meta = replace(meta, fingerprint=known)
        return meta, path
    # What lies there is not this project, or cannot be read: saving asks for another name.
    return meta, None if path.exists() or not path.parent.is_dir() else path


def discard_work(root: Path, work: RecoverableWork) -> None:
    """Delete the journal of a dead program for good.

    Raises
    ------
    AtsmError
        When another window has it, or it cannot be deleted.
    """
    claim = _claimed(root, work)
    try:
        delete_journal(work.journal)
    except OSError as error:
        raise AtsmError("The journal cannot be deleted.", str(work.journal), str(error)) from error
    finally:
        claim.release()


class Recovery:
    """The work that can be restored, as the window shows it.

    Parameters
    ----------
    root
        Folder of all journals.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.items: tuple[RecoverableWork, ...] = ()

    def show(self, items: Sequence[RecoverableWork]) -> None:
        """Take over what was found."""
        self.items = tuple(items)

    def drop(self, work: RecoverableWork) -> None:
        """Forget work that was restored or discarded."""
        self.items = tuple(w for w in self.items if w.journal != work.journal)

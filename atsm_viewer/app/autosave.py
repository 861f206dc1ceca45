"""Keeps the journal beside the session, so that a crash loses nothing that was done."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import platformdirs

from atsm_viewer import __version__
from atsm_viewer.app.document import Document
from atsm_viewer.app.session import Session
from atsm_viewer.app.session_events import Applied, Redone, Replaced, Saved, SessionEvent, Undone
from atsm_viewer.app.settings import APP_DIR
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.journal.records import BaseSteps, JournalHeader, Step
from atsm_viewer.io.journal.writer import JournalWriter, utc_now


def autosave_root() -> Path:
    """Return the folder of all journals of this person on this machine."""
    return Path(platformdirs.user_state_dir(APP_DIR, appauthor=False)) / "autosave"


class Autosave:
    """Follows a session and records what is done to it.

    Nothing is written until something is done. A save, or another document, ends the journal: what it
    held is in a file, or was given up when the person was asked.

    Parameters
    ----------
    session, document
        What is followed, and which file it belongs to.
    root
        Folder of all journals; made private.
    writer
        What writes; a fresh one when not given.
    """

    def __init__(
        self, session: Session, document: Document, root: Path, writer: JournalWriter | None = None
    ) -> None:
        self.root = root
        self._session, self._document = session, document
        self._writer = writer or JournalWriter(root)
        self._recording = False
        self._adopted: BaseSteps | None = None
        self._told = ""
        self._started = utc_now()
        self._end = session.subscribe_edits(self._on_event)

    @property
    def is_recording(self) -> bool:
        """Whether there is work that only the journal holds."""
        return self._recording

    def adopt(self, steps: BaseSteps) -> None:
        """Say which steps the next replaced session brings along: it was restored and is not saved."""
        self._adopted = steps

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until everything done so far survives a crash; False when that failed."""
        return self._writer.flush(timeout_s)

    def news(self) -> str:
        """Return what the person has to know and was not told yet; empty when there is nothing."""
        problem = self._writer.problem
        if problem == self._told:
            return ""
        was, self._told = self._told, problem
        if problem and not was:
            return f"Autosave is not working: {problem}. Save the project to be safe."
        return "" if problem else "Autosave is working again."

    def close(self) -> None:
        """End without leaving a journal: the work is saved or was given up."""
        self._end()
        self._writer.stop(remove=True)

    def abandon(self) -> None:
        """End as a crash does: the journal stays for the next start to find."""
        self._end()
        self._writer.stop(remove=False)

    def _on_event(self, event: SessionEvent) -> None:
        if isinstance(event, Replaced):
            self._replaced(event)
        elif isinstance(event, Saved):
            self._stop_recording()
            if event.state is not event.current:
                self._begin(event.current, BaseSteps(1, (Step("Changes made while saving", utc_now()),)))
        else:
            if not self._recording:
                self._begin(event.before, BaseSteps())
            self._record(event)

    def _record(self, event: Applied | Undone | Redone) -> None:
        if isinstance(event, Applied):
            self._writer.edit(event.edit, event.label, event.merged, event.after)
        elif isinstance(event, Undone):
            self._writer.undo(event.label, event.after)
        else:
            self._writer.redo(event.label, event.after)

    def _replaced(self, event: Replaced) -> None:
        self._stop_recording()
        steps, self._adopted = self._adopted, None
        if not event.saved:
            self._begin(event.after, steps or BaseSteps(1, (Step("Open", utc_now()),)))

    def _begin(self, state: SessionState, steps: BaseSteps) -> None:
        document = self._document
        fingerprint = document.meta.fingerprint
        header = JournalHeader(
            project_id=document.meta.project_id,
            revision=document.meta.revision,
            project_path="" if document.path is None else str(document.path.resolve()),
            title=document.name,
            project_sha256="" if fingerprint is None else fingerprint.manifest_sha256,
            created=document.meta.created,
            modified=document.meta.modified,
            instance=self._writer.instance,
            pid=os.getpid(),
            host=platform.node(),
            app_version=__version__,
            started=self._started,
        )
        self._recording = True
        self._writer.begin(header, state, steps)

    def _stop_recording(self) -> None:
        if self._recording:
            self._recording = False
            self._writer.remove()

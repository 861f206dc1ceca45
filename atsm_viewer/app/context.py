"""Everything a command needs, in one value; no globals."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.app.document import Document
from atsm_viewer.app.jobs import JobRunner
from atsm_viewer.app.live_results import LiveResults
from atsm_viewer.app.painting import Painter
from atsm_viewer.app.session import Session
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.ui_port import UiPort
from atsm_viewer.app.view_state import ViewStore


@dataclass(frozen=True)
class AppContext:
    """What commands work on.

    Parameters
    ----------
    session, view, document
        The state, what is looked at, and which file it belongs to.
    live, painter
        Numbers and strokes.
    settings
        What the person chose.
    jobs, port
        Long work and questions.
    """

    session: Session
    view: ViewStore
    document: Document
    live: LiveResults
    painter: Painter
    settings: SettingsStore
    jobs: JobRunner
    port: UiPort


def build_context(settings: SettingsStore, jobs: JobRunner, port: UiPort) -> AppContext:
    """Return a context with an empty session."""
    session = Session()
    view = ViewStore()
    live = LiveResults(session)
    return AppContext(
        session=session,
        view=view,
        document=Document(),
        live=live,
        painter=Painter(session, view, live),
        settings=settings,
        jobs=jobs,
        port=port,
    )

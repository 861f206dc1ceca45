"""Everything a command needs, in one value; no globals."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from atsm_viewer.app.autosave import Autosave
from atsm_viewer.app.document import Document
from atsm_viewer.app.jobs import JobRunner
from atsm_viewer.app.live_results import LiveResults
from atsm_viewer.app.painting import Painter
from atsm_viewer.app.recovery import Recovery
from atsm_viewer.app.roi_following import RoiFollower
from atsm_viewer.app.ruler_line import RulerLine
from atsm_viewer.app.session import Session
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.ui_port import UiPort
from atsm_viewer.app.unit_following import UnitFollower
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
    autosave, recovery
        The journal of this session, and the work of programs that died; None where none is kept.
    ruler
        What the ruler measures.
    """

    session: Session
    view: ViewStore
    document: Document
    live: LiveResults
    painter: Painter
    settings: SettingsStore
    jobs: JobRunner
    port: UiPort
    autosave: Autosave | None = None
    recovery: Recovery | None = None
    ruler: RulerLine = field(default_factory=RulerLine)


def build_context(
    settings: SettingsStore, jobs: JobRunner, port: UiPort, journals: Path | None = None
) -> AppContext:
    """Return a context with an empty session.

    Parameters
    ----------
    settings, jobs, port
        See :class:`AppContext`.
    journals
        Folder of all journals; None to keep none (command line, tests).
    """
    session, document = Session(), Document()
    view = ViewStore()
    live = LiveResults(session)
    # Subscribed for as long as session and view live: they hold it.
    UnitFollower(session, view)
    RoiFollower(session, view)
    return AppContext(
        session=session,
        view=view,
        document=document,
        live=live,
        painter=Painter(session, view, live),
        settings=settings,
        jobs=jobs,
        port=port,
        autosave=None if journals is None else Autosave(session, document, journals),
        recovery=None if journals is None else Recovery(journals),
    )

"""The main window: layout only."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.commands import command
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.documents import close_guard, open_paths
from atsm_viewer.app.project_access import FREE, HEARTBEAT_S, take_access
from atsm_viewer.app.restoring import look_for_work
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.domain.volume import Volume
from atsm_viewer.render.compose import Composer
from atsm_viewer.ui.actions import Actions
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.job_runner import QtJobRunner
from atsm_viewer.ui.panels import PANELS, Panel
from atsm_viewer.ui.tool_bar import ToolBar
from atsm_viewer.ui.views.colour_bar import ColourBar
from atsm_viewer.ui.views.pointer_input import modifiers_of
from atsm_viewer.ui.views.slice_view import SliceView
from atsm_viewer.ui.views.view_grid import ViewGrid
from atsm_viewer.ui.widgets.guide_strip import GuideStrip
from atsm_viewer.ui.widgets.message_bar import MessageBar
from atsm_viewer.ui.widgets.progress_strip import ProgressStrip
from atsm_viewer.ui.widgets.start_page import StartPage
from atsm_viewer.ui.widgets.status_line import StatusLine
from atsm_viewer.ui.window_port import WindowPort

_LAYOUT_VERSION = 1
_AUTOSAVE_WATCH_MS = 1000


class MainWindow(QMainWindow):
    """Places views, panels and strips, and routes keys and drops.

    Parameters
    ----------
    ctx
        The context whose port is a :class:`WindowPort`.
    jobs
        The runner whose progress is shown.
    qt_settings
        Where geometry and docks are remembered; None to remember nothing.
    """

    def __init__(
        self, ctx: AppContext, jobs: QtJobRunner, port: WindowPort, qt_settings: QSettings | None
    ) -> None:
        super().__init__()
        self.ctx = ctx
        self._jobs = jobs
        self._qt_settings = qt_settings
        self.setObjectName("main_window")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        port.attach(self)
        self.bridge = Bridge(ctx, self)
        self.actions_ = Actions(ctx, ctx.settings.settings.shortcuts, self)
        self.addActions(self.actions_.all())
        # Views report where the pointer is as soon as they exist.
        self.status = StatusLine(ctx)
        self._build_centre()
        self._build_docks()
        self.tool_bar = ToolBar(ctx, self.bridge, self.actions_, self)
        self.addToolBar(self.tool_bar)
        self.statusBar().addWidget(self.status, 1)
        self.statusBar().setSizeGripEnabled(False)
        self._build_menus()
        self._blinking = False
        self._panels_shown = True
        self._sized = False
        self._docks_before: list[QDockWidget] = []
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        self._prepared: list[Volume] = []
        self.bridge.state_changed.connect(self._on_change)
        self.bridge.state_changed.connect(self._prepare_pictures)
        self.bridge.settings_changed.connect(self._on_change)
        self.bridge.results_changed.connect(self.status.refresh)
        self.actions_.ran.connect(self._show_title)
        # The journal is written in a thread of its own; what it has to say is fetched from here.
        self._autosave_watch = QTimer(self)
        self._autosave_watch.setInterval(_AUTOSAVE_WATCH_MS)
        self._autosave_watch.timeout.connect(self._tell_autosave_news)
        if ctx.autosave is not None:
            self._autosave_watch.start()
        self._heartbeat = QTimer(self)
        self._heartbeat.setInterval(int(HEARTBEAT_S * 1000))
        self._heartbeat.timeout.connect(self._beat)
        self._heartbeat.start()
        self._restore_layout()
        self._on_change(None, None)

    # -- layout ---------------------------------------------------------------------------

    def _build_centre(self) -> None:
        self.composer = Composer()
        self.views = {o: SliceView(self.ctx, o, self.composer, self.bridge) for o in Orientation}
        for view in self.views.values():
            view.hovered.connect(self._on_hover)
            view.refused.connect(self._on_refused)
            view.note.gone.connect(self._on_offer_gone)
        self.grid = ViewGrid(self.ctx, self.bridge, self.views, self.composer)
        self.colour_bar = ColourBar(self.ctx, self.bridge)
        self.colour_bar.edit_requested.connect(lambda: self.run("view.window.edit"))
        study = QWidget(self)
        across = QHBoxLayout()
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.grid, 1)
        across.addWidget(self.colour_bar)
        self.guide = GuideStrip(self.ctx, self.bridge, self.run)
        self.guide.focus_wanted.connect(self._raise_panel)
        down = QVBoxLayout(study)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(0)
        down.addWidget(self.guide)
        down.addLayout(across, 1)
        self.start_page = StartPage(self.ctx, self.run, self.open_paths)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.start_page)
        self.stack.addWidget(study)
        self.progress = ProgressStrip(self._jobs)
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        column.addWidget(self.progress)
        self.setCentralWidget(centre)
        self.messages = MessageBar(centre)

    def _build_docks(self) -> None:
        self.docks: dict[str, QDockWidget] = {}
        self.panels: dict[str, Panel] = {}
        for panel_type in PANELS:
            panel = panel_type(self.ctx, self.bridge, self.run)
            dock = QDockWidget(panel_type.title, self)
            dock.setObjectName(f"dock.{panel_type.id}")
            dock.setWidget(panel)
            self.addDockWidget(panel_type.area, dock)
            self.docks[panel_type.id] = dock
            self.panels[panel_type.id] = panel
        self.tabifyDockWidget(self.docks["dose"], self.docks["notices"])
        self.docks["dose"].raise_()

    def _build_menus(self) -> None:
        toggles = []
        for dock in self.docks.values():
            toggle = dock.toggleViewAction()
            toggle.setStatusTip(f"Shows or hides the panel “{dock.windowTitle()}”.")
            toggles.append(toggle)
        reset = QAction("Reset panels", self)
        reset.triggered.connect(self.reset_layout)
        self.actions_.fill(self.menuBar(), {"View": [*toggles, reset]})
        for menu in self.menuBar().actions():
            inner = menu.menu()
            if inner is not None:
                inner.aboutToShow.connect(self.actions_.refresh)  # type: ignore[attr-defined]

    def _default_layout(self) -> None:
        for dock in self.docks.values():
            dock.setFloating(False)
            dock.show()
        self._default_sizes()

    def _default_sizes(self) -> None:
        left, right = self._default_widths()
        self.resizeDocks(
            [self.docks["rois"], self.docks["results"]], [left, right], Qt.Orientation.Horizontal
        )
        self.resizeDocks([self.docks["scans"], self.docks["rois"]], [120, 480], Qt.Orientation.Vertical)
        self.resizeDocks([self.docks["results"], self.docks["dose"]], [300, 340], Qt.Orientation.Vertical)

    def _default_widths(self) -> tuple[int, int]:
        em = self.fontMetrics().averageCharWidth()
        # A wide window gives its numbers room; the pictures keep the larger part in any case.
        right = min(max(56 * em, self.width() * 31 // 100), 92 * em)
        return max(230, 34 * em), max(330, right)

    def reset_layout(self) -> None:
        """Put every panel back to where it was at first."""
        for panel_type in PANELS:
            self.addDockWidget(panel_type.area, self.docks[panel_type.id])
        self.tabifyDockWidget(self.docks["dose"], self.docks["notices"])
        self.docks["dose"].raise_()
        self._default_layout()

    def _restore_layout(self) -> None:
        self.resize(1280, 800)
        self._default_layout()
        if self._qt_settings is None:
            return
        geometry = self._qt_settings.value("window/geometry")
        docks = self._qt_settings.value("window/docks")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        if isinstance(docks, QByteArray):
            self._sized = self.restoreState(docks, _LAYOUT_VERSION)

    def _show_panels(self, wanted: bool) -> None:
        """Take panels and tools away while the start page is shown; bring back those that were there."""
        if wanted == self._panels_shown:
            return
        if not wanted:
            self._docks_before = [dock for dock in self.docks.values() if not dock.isHidden()]
        for dock in self._docks_before:
            dock.setVisible(wanted)
        self.tool_bar.setVisible(wanted)
        self.statusBar().setVisible(wanted)
        self._panels_shown = wanted
        if wanted and not self._sized:
            self._sized = True
            self._default_sizes()

    # -- running --------------------------------------------------------------------------

    def run(self, command_id: str) -> None:
        """Run a command by id."""
        self.actions_.run(command(command_id))

    def open_paths(self, paths: list[Path]) -> None:
        """Open files, folders or a project."""
        open_paths(self.ctx, paths)

    def offer_recovery(self) -> None:
        """Look for work that was not saved when the program ended, and offer it without asking at once."""
        if self.ctx.recovery is not None:
            look_for_work(self.ctx, self._on_recoverable)

    def _on_recoverable(self) -> None:
        self.start_page.refresh()
        self.actions_.refresh()
        assert self.ctx.recovery is not None
        if self.ctx.recovery.items and self.ctx.session.state.scans:
            self.messages.show_message(
                "Unsaved work was found: see “Recover unsaved work…” in the menu File."
            )

    def _tell_autosave_news(self) -> None:
        words = "" if self.ctx.autosave is None else self.ctx.autosave.news()
        if words:
            self.messages.show_message(words)

    def _raise_panel(self, step: str) -> None:
        """Bring the panel of a station of the guide to the front."""
        dock = self.docks["dose" if step == "dose" else "results"]
        dock.show()
        dock.raise_()
        self.panels["dose" if step == "dose" else "results"].setFocus()

    def _on_hover(self, position: tuple[float, float, float] | None) -> None:
        self.status.show_position(position)

    def _on_refused(self, why: object) -> None:
        """What the note offers can be done by its key from now on."""
        self.actions_.refresh()

    def _on_offer_gone(self) -> None:
        """An offer ends with its note: a key pressed later must not surprise."""
        self.ctx.painter.last_refusal = None
        self.actions_.refresh()

    def _on_change(self, old: object, new: object) -> None:
        has_scan = bool(self.ctx.session.state.scans)
        self.stack.setCurrentIndex(1 if has_scan else 0)
        if not has_scan:
            self.start_page.refresh()
        self._show_panels(has_scan)
        self._show_title()
        self.actions_.refresh()
        self.status.refresh()

    def _prepare_pictures(self, old: object, new: object) -> None:
        """Lay out fresh volumes for fast drawing while the person looks at the first picture."""
        volumes = [v for scan in self.ctx.session.state.scans for v in (scan.ct, scan.pet) if v is not None]
        if volumes == self._prepared:
            return
        self.composer.forget()
        self._prepared = volumes
        for volume in volumes:
            self._jobs.run_behind(partial(self.composer.prepare, volume))

    def _show_title(self) -> None:
        name = self.ctx.document.name if self.ctx.session.state.scans else ""
        if name and self.ctx.document.read_only:
            name += " (read-only)"
        # Qt puts its mark for unsaved changes where [*] stands.
        self.setWindowTitle(f"{name}[*] – ATSM Viewer" if name else "ATSM Viewer[*]")
        self.setWindowModified(self.ctx.session.is_dirty)

    def _beat(self) -> None:
        """Show other machines that the project is still open here."""
        if self.ctx.document.lock is not None:
            self.ctx.document.lock.beat()

    # -- events ---------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold-to-blink: while the PET key is held the PET is away; a tap toggles it."""
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            space = event.key() == Qt.Key.Key_Space and event.type() == QEvent.Type.KeyPress
            self.status.set_keys(modifiers_of(QApplication.queryKeyboardModifiers()), space=space)
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_B:
            if event.type() == QEvent.Type.KeyRelease and self._blinking and not event.isAutoRepeat():
                self._blinking = False
                self.run("view.pet")
            elif event.type() == QEvent.Type.ShortcutOverride and event.isAutoRepeat():
                # The first press toggled; a repeat means that the key is held, so release toggles back.
                self._blinking = True
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved work, remember the layout, end workers."""
        if not close_guard(self.ctx, "closing the window"):
            event.ignore()
            return
        if self._qt_settings is not None:
            self._show_panels(True)
            self._qt_settings.setValue("window/geometry", self.saveGeometry())
            self._qt_settings.setValue("window/docks", self.saveState(_LAYOUT_VERSION))
        self.shut_down()
        event.accept()

    def shut_down(self) -> None:
        """Stop following the session and end worker threads."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self._autosave_watch.stop()
        self.bridge.close()
        self._jobs.shutdown()
        self._heartbeat.stop()
        take_access(self.ctx, FREE)
        # Whoever closes has saved or given up; a crash never comes here and leaves the journal.
        if self.ctx.autosave is not None:
            self.ctx.autosave.close()

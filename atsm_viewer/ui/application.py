"""Starts the window."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from atsm_viewer import __version__
from atsm_viewer.app.autosave import autosave_root
from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.documents import open_paths, open_sample
from atsm_viewer.app.resources import resource_path
from atsm_viewer.app.settings import SettingsStore, settings_file
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.render.kernels import warm_up
from atsm_viewer.ui.job_runner import QtJobRunner
from atsm_viewer.ui.main_window import MainWindow
from atsm_viewer.ui.theme import apply_theme
from atsm_viewer.ui.window_port import WindowPort

_FETCH_AFTER_MS, _PAUSE_S = 200, 0.1
_USED_LATER = ("pydicom.pixels", "SimpleITK", "scipy.sparse.csgraph", "scipy.ndimage", "PIL.ImageDraw")
"""Libraries that take a quarter of a second or more to import, in the order in which they are missed."""


def make_application(argv: Sequence[str]) -> QApplication:
    """Return the one QApplication, with name, icon and version set."""
    # Every pointer position counts for a stroke; Qt would drop some when they come fast.
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressTabletEvents, False)
    application = QApplication.instance() or QApplication(list(argv))
    assert isinstance(application, QApplication)
    application.setApplicationName("atsm_viewer")
    application.setApplicationDisplayName("ATSM Viewer")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("io.github.atsm_viewer")
    application.setWindowIcon(QIcon(str(resource_path("icons/atsm-viewer.png"))))
    return application


def make_window(
    settings: SettingsStore, qt_settings: QSettings | None, journals: Path | None = None
) -> MainWindow:
    """Return the main window on a fresh context.

    Parameters
    ----------
    settings, qt_settings
        What the person chose; how the window lay.
    journals
        Folder of all journals; None to keep none.
    """
    jobs = QtJobRunner()
    port = WindowPort()
    ctx = build_context(settings, jobs, port, journals)
    return MainWindow(ctx, jobs, port, qt_settings)


_IN_JOURNAL = "Should the program end, the work is in its journal and the next start offers it. "


def _install_crash_handler(ctx: AppContext) -> None:
    """Show anything unexpected with a report; the session stays open and can be saved."""

    def handle(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        report = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(report)
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        ctx.port.show_error(
            AtsmError(
                "Something unexpected went wrong.",
                "What you drew is still here: save the project now. "
                + (_IN_JOURNAL if ctx.autosave is not None else "")
                + "Please report the details below.",
                f"ATSM Viewer {__version__}\n{report}",
            )
        )

    sys.excepthook = handle


def _fetch_late_libraries() -> None:
    """Import what the first window does not need, one after another, with room for the window between."""
    # Compiled kernels first: until they are there NumPy draws, more slowly.
    warm_up()
    for name in _USED_LATER:
        time.sleep(_PAUSE_S)
        import_module(name)


def run_window(paths: Sequence[Path], sample: str = "") -> int:
    """Open the window on files, folders, a project or a sample, and run until it is closed."""
    application = make_application([sys.argv[0]])
    settings = SettingsStore(settings_file())
    apply_theme(application, settings.settings.theme)
    qt_settings = QSettings(str(settings_file().with_name("window.ini")), QSettings.Format.IniFormat)
    window = make_window(settings, qt_settings, autosave_root())
    _install_crash_handler(window.ctx)
    window.show()
    window.offer_recovery()
    # Not before the first picture of the window is there: imports would take its time.
    fetching = threading.Thread(target=_fetch_late_libraries, name="atsm-warm-up", daemon=True)
    QTimer.singleShot(_FETCH_AFTER_MS, fetching.start)
    if settings.problem:
        window.ctx.port.show_message(settings.problem)
    if sample:
        QTimer.singleShot(0, lambda: open_sample(window.ctx, sample))
    elif paths:
        QTimer.singleShot(0, lambda: open_paths(window.ctx, list(paths)))
    return application.exec()


def has_display() -> bool:
    """Whether a window can be shown here."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

"""What every docked panel is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from atsm_viewer.app.context import AppContext
from atsm_viewer.ui.bridge import Bridge


class Panel(QWidget):
    """A docked view of the session.

    Parameters
    ----------
    ctx, bridge
        What it shows and how it learns of changes.
    run_command
        Runs a command by id.
    """

    id = ""
    title = ""
    area = Qt.DockWidgetArea.LeftDockWidgetArea

    def __init__(
        self,
        ctx: AppContext,
        bridge: Bridge,
        run_command: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.ctx = ctx
        self.bridge = bridge
        self.run_command = run_command
        self.setAccessibleName(self.title)

"""QActions, menus and tooltips from the one table of commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from atsm_viewer.app.commands import COMMANDS, CommandSpec
from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.errors import AtsmError

MENU_ORDER = ("File", "Edit", "ROI", "Tools", "View", "Help")


def run_command(ctx: AppContext, spec: CommandSpec) -> None:
    """Run a command unless it cannot run now; errors are shown, exactly once, here."""
    reason = spec.why_not(ctx)
    if reason:
        ctx.port.show_message(f"{spec.title.rstrip('…')}: {reason}")
        return
    try:
        spec.run(ctx)
    except AtsmError as error:
        ctx.port.show_error(error)


class Actions(QObject):
    """One QAction per command.

    Parameters
    ----------
    ctx
        What the commands work on.
    shortcuts
        Command id to key sequence, where a person chose another one.
    """

    ran = Signal()
    """A command ran; what no signal of the session tells (saved, settings) may differ."""

    def __init__(self, ctx: AppContext, shortcuts: Mapping[str, str], parent: QObject) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._by_id: dict[str, QAction] = {}
        for spec in COMMANDS:
            action = QAction(spec.title, self)
            keys = (shortcuts[spec.id],) if spec.id in shortcuts else spec.shortcuts
            action.setShortcuts([QKeySequence(k) for k in keys])
            action.setCheckable(spec.checked is not None)
            shown = QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
            action.setToolTip(f"{spec.tip}" + (f"  ({shown})" if shown else ""))
            action.setStatusTip(spec.tip)
            action.triggered.connect(self._runner(spec))
            self._by_id[spec.id] = action

    def _runner(self, spec: CommandSpec) -> Callable[[], None]:
        def run() -> None:
            self.run(spec)

        return run

    def run(self, spec: CommandSpec) -> None:
        """Run a command and bring all actions up to date."""
        run_command(self._ctx, spec)
        self.refresh()
        self.ran.emit()

    def __getitem__(self, command_id: str) -> QAction:
        return self._by_id[command_id]

    def all(self) -> list[QAction]:
        """Every action, for a window that wants their shortcuts."""
        return list(self._by_id.values())

    def refresh(self) -> None:
        """Bring enabled and checked up to date; a disabled action says why in its tooltip."""
        for spec in COMMANDS:
            action = self._by_id[spec.id]
            reason = spec.why_not(self._ctx)
            action.setEnabled(not reason)
            if spec.checked is not None:
                action.setChecked(not reason and spec.checked(self._ctx))
        labels = self._ctx.session.undo_labels
        self._by_id["edit.undo"].setText(f"Undo {labels[0]}" if labels else "Undo")
        labels = self._ctx.session.redo_labels
        self._by_id["edit.redo"].setText(f"Redo {labels[0]}" if labels else "Redo")

    def fill(self, bar: QMenuBar, extra: Mapping[str, list[QAction]]) -> None:
        """Build the menus; ``extra`` holds actions of the window itself per menu (panels)."""
        menus: dict[str, QMenu] = {}

        def menu_at(path: str) -> QMenu:
            if path not in menus:
                above, _, title = path.rpartition("/")
                menus[path] = menu_at(above).addMenu(title) if above else bar.addMenu(title)
                menus[path].setToolTipsVisible(True)
            return menus[path]

        for name in MENU_ORDER:
            menu_at(name)
        for spec in COMMANDS:
            menu = menu_at(spec.menu)
            if spec.starts_group and not menu.isEmpty():
                menu.addSeparator()
            menu.addAction(self._by_id[spec.id])
        for name, actions in extra.items():
            menu_at(name).addSeparator()
            for action in actions:
                menu_at(name).addAction(action)

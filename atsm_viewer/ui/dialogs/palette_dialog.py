"""Every command, found by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.commands import CommandSpec
from atsm_viewer.app.commands.search import find_commands
from atsm_viewer.app.context import AppContext
from atsm_viewer.ui.widgets.dialog_frame import resize_in_em
from atsm_viewer.ui.widgets.key_words import keys_of
from atsm_viewer.ui.widgets.labels import quiet, scaled_font
from atsm_viewer.ui.widgets.roomy_rows import make_roomy

_WIDTH_EM, _ROWS = 104, 17
_STEPS: dict[int, int] = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -10,
    Qt.Key.Key_PageDown: 10,
}
_SPEC = Qt.ItemDataRole.UserRole


class PaletteDialog(QDialog):
    """The command palette: type, choose with Up and Down, run with Enter, close with Esc.

    Parameters
    ----------
    ctx
        Decides what can run now.
    commands
        What is listed.
    run
        Runs the chosen command; called after the palette has closed.
    """

    def __init__(
        self,
        ctx: AppContext,
        commands: Sequence[CommandSpec],
        run: Callable[[CommandSpec], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ctx, self._run = ctx, run
        self._commands = tuple(c for c in commands if c.id != "help.palette")
        self._items: list[QTreeWidgetItem] = []
        self.setWindowTitle("Find command")
        self.line = QLineEdit(self)
        self.line.setFont(scaled_font(self.line.font(), 1.15))
        self.line.setPlaceholderText("Type a few letters of a command")
        self.line.setAccessibleName("Find command")
        self.line.setClearButtonEnabled(True)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._fill)
        self.line.returnPressed.connect(self._run_current)
        self.list = QTreeWidget(self)
        self.list.setAccessibleName("Commands")
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        make_roomy(self.list)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the line keeps the keys
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.list.itemClicked.connect(lambda item, column: self._run_current())
        self.list.currentItemChanged.connect(lambda now, before: self._say())
        self.note = quiet("", self)
        layout = QVBoxLayout(self)
        layout.addWidget(self.line)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.note)
        self._fill()
        resize_in_em(self, _WIDTH_EM, 1.55 * _ROWS)

    def current(self) -> CommandSpec | None:
        """Return the command that Enter would run."""
        item = self.list.currentItem()
        return None if item is None else item.data(0, _SPEC)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys move in the list while the text has the focus."""
        if watched is self.line and isinstance(event, QKeyEvent) and self._moves(event):
            return True
        return super().eventFilter(watched, event)

    def _moves(self, event: QKeyEvent) -> bool:
        """Move in the list when the key says so; False for any other key."""
        step = _STEPS.get(event.key()) if event.type() == QEvent.Type.KeyPress else None
        now = self.list.currentItem()
        if step is not None and now is not None:
            at = self._items.index(now) + step
            self.list.setCurrentItem(self._items[min(max(at, 0), len(self._items) - 1)])
        return step is not None

    def _fill(self) -> None:
        self._items = []
        self.list.clear()
        grey = self.palette().brush(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        soft = self.palette().brush(QPalette.ColorRole.PlaceholderText)
        chosen = self._ctx.settings.settings.shortcuts
        for spec in find_commands(self._commands, self.line.text()):
            reason = spec.why_not(self._ctx)
            place = spec.menu.replace("/", " ▸ ")
            keys = keys_of(spec, chosen)
            item = QTreeWidgetItem([spec.title, reason or place, keys[0] if keys else ""])
            item.setData(0, _SPEC, spec)
            item.setToolTip(0, spec.tip)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setForeground(1, grey if reason else soft)
            item.setForeground(2, grey if reason else soft)
            if reason:
                item.setForeground(0, grey)
                item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, f"Not now: {reason}")
            self._items.append(item)
        self.list.addTopLevelItems(self._items)
        if self._items:
            self.list.setCurrentItem(self._items[0])
        self._say()

    def _say(self) -> None:
        spec = self.current()
        if spec is None:
            self.note.setText("No command matches.")
            return
        reason = spec.why_not(self._ctx)
        self.note.setText(f"Not now: {reason}" if reason else spec.tip)

    def _run_current(self) -> None:
        spec = self.current()
        if spec is None or spec.why_not(self._ctx):
            self._say()
            return
        self.accept()
        self._run(spec)

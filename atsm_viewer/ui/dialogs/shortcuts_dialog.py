"""Every key and every mouse action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.commands import CommandSpec
from atsm_viewer.app.commands.mouse_table import MOUSE_ACTIONS
from atsm_viewer.ui.widgets.dialog_frame import dialog_buttons, resize_in_em
from atsm_viewer.ui.widgets.key_words import keys_of
from atsm_viewer.ui.widgets.roomy_rows import make_roomy

_WIDTH_EM, _ROWS = 176, 24
_NO_CHOICES: Mapping[str, str] = {}


class ShortcutsDialog(QDialog):
    """The help page of keys and mouse, generated from the table of commands.

    Parameters
    ----------
    commands
        What is listed.
    shortcuts
        Command id to key sequence, where a person chose another one.
    """

    def __init__(
        self,
        commands: Sequence[CommandSpec],
        parent: QWidget | None = None,
        *,
        shortcuts: Mapping[str, str] = _NO_CHOICES,
    ) -> None:
        super().__init__(parent)
        self._groups: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        self.setWindowTitle("Keys and mouse")
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText("Filter by action or key")
        self.filter.setAccessibleName("Filter")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self.table = QTreeWidget(self)
        self.table.setAccessibleName("Keys and mouse actions")
        self.table.setHeaderLabels(["Action", "Keys or mouse", "What it does"])
        self.table.setAlternatingRowColors(True)
        self.table.setRootIsDecorated(False)
        self.table.setItemsExpandable(False)
        make_roomy(self.table)
        self.table.setUniformRowHeights(True)
        self.table.setAllColumnsShowFocus(True)
        self._add("Mouse", [(a.action, a.binding, "") for a in MOUSE_ACTIONS])
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for spec in commands:
            row = (spec.title, ", ".join(keys_of(spec, shortcuts)) or "–", spec.tip)
            groups.setdefault(spec.menu.replace("/", " ▸ "), []).append(row)
        for menu, rows in groups.items():
            self._add(menu, rows)
        self.table.expandAll()
        header = self.table.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        self.table.setColumnWidth(1, 64 * self.fontMetrics().averageCharWidth())
        buttons = dialog_buttons(self, QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.filter)
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)
        resize_in_em(self, _WIDTH_EM, 1.55 * _ROWS)

    def shown_actions(self) -> tuple[str, ...]:
        """Return the actions that the filter leaves."""
        return tuple(row.text(0) for _, rows in self._groups for row in rows if not row.isHidden())

    def _add(self, title: str, rows: Sequence[tuple[str, str, str]]) -> None:
        group = QTreeWidgetItem([title])
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.table.addTopLevelItem(group)
        group.setFirstColumnSpanned(True)
        items = [QTreeWidgetItem(list(row)) for row in rows]
        for item in items:
            for column in range(3):
                item.setToolTip(column, item.text(column))
        group.addChildren(items)
        self._groups.append((group, items))

    def _filter(self, typed: str) -> None:
        wanted = typed.casefold().split()
        for group, rows in self._groups:
            any_shown = False
            for row in rows:
                text = " ".join((group.text(0), *(row.text(c) for c in range(3)))).casefold()
                hidden = not all(word in text for word in wanted)
                row.setHidden(hidden)
                any_shown = any_shown or not hidden
            group.setHidden(not any_shown)

"""Earlier versions of a project, to look through and restore."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.ui_port import BackupVersion
from atsm_viewer.ui.widgets.dialog_frame import dialog_buttons, resize_in_em
from atsm_viewer.ui.widgets.roomy_rows import make_roomy


class BackupsDialog(QDialog):
    """Lists the versions that earlier saves left.

    Parameters
    ----------
    project
        The project.
    versions
        Newest first.
    """

    def __init__(
        self, project: Path, versions: Sequence[BackupVersion], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._versions = tuple(versions)
        self.chosen: BackupVersion | None = None
        self.setWindowTitle("Earlier versions")
        words = QLabel(
            f"Versions of “{project.name}” kept from earlier saves. Restoring keeps the present version "
            "among them."
            if versions
            else f"No earlier version of “{project.name}” is kept yet: each save keeps the one before.",
            self,
        )
        words.setWordWrap(True)
        self.table = QTreeWidget(self)
        self.table.setAccessibleName("Earlier versions")
        self.table.setHeaderLabels(["Saved", "Size", "File"])
        self.table.setRootIsDecorated(False)
        self.table.setAllColumnsShowFocus(True)
        self.table.setAlternatingRowColors(True)
        make_roomy(self.table)
        for version in self._versions:
            local = version.saved.astimezone()
            size = f"{max(1, round(version.size / 1024)):,} kB"
            item = QTreeWidgetItem([f"{local:%Y-%m-%d %H:%M:%S}", size, version.path.name])
            item.setToolTip(2, str(version.path))
            self.table.addTopLevelItem(item)
        gap = 2 * self.fontMetrics().averageCharWidth()
        for column in range(2):
            self.table.resizeColumnToContents(column)
            self.table.setColumnWidth(column, self.table.columnWidth(column) + gap)
        buttons = dialog_buttons(self, QDialogButtonBox.StandardButton.Close)
        self.restore = buttons.addButton("Restore", QDialogButtonBox.ButtonRole.AcceptRole)
        self.restore.setToolTip("Puts the chosen version in the place of the project.")
        self.restore.setEnabled(False)
        self.table.itemSelectionChanged.connect(
            lambda: self.restore.setEnabled(bool(self.table.selectedItems()))
        )
        self.table.itemDoubleClicked.connect(lambda *_: self._accept())
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)
        if self._versions:
            resize_in_em(self, 90, 18)
        else:  # nothing to choose from: the sentence is all there is to see
            self.table.hide()
            self.restore.hide()
            resize_in_em(self, 60, 5)

    def _accept(self) -> None:
        picked = self.table.selectedItems()
        if picked:
            self.chosen = self._versions[self.table.indexOfTopLevelItem(picked[0])]
            self.accept()

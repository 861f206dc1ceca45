"""What programs that ended unexpectedly left behind, and what to do with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QMessageBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.recovery import RecoverableWork
from atsm_viewer.app.restoring import discard, recovery_of
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.ui.widgets.dialog_frame import dialog_buttons, resize_in_em
from atsm_viewer.ui.widgets.labels import heading, quiet
from atsm_viewer.ui.widgets.roomy_rows import make_roomy

_WHAT = (
    "This work was not saved when the program ended. Restoring brings back everything that was done; "
    "nothing is deleted until you save or discard it."
)


class RecoveryDialog(QDialog):
    """Lists recoverable work; the chosen one is in :attr:`chosen`.

    Parameters
    ----------
    ctx
        The context whose recovery list is shown.
    """

    def __init__(self, ctx: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.chosen: RecoverableWork | None = None
        self.setWindowTitle("Recover unsaved work")
        line = self.fontMetrics().height()
        self.works = self._work_list()
        self.note = quiet("", self)
        self.steps = QListWidget(self)
        self.steps.setAccessibleName("Steps that would be restored, the newest first")
        self.steps.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        buttons = dialog_buttons(self, QDialogButtonBox.StandardButton.Close)
        self.restore = buttons.addButton("Restore", QDialogButtonBox.ButtonRole.AcceptRole)
        self.discard = buttons.addButton("Discard…", QDialogButtonBox.ButtonRole.DestructiveRole)
        self.later = buttons.button(QDialogButtonBox.StandardButton.Close)
        self.later.setText("Keep for later")
        self.restore.setDefault(True)
        self.restore.clicked.connect(self._on_restore)
        self.discard.clicked.connect(self._on_discard)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(line // 2)
        layout.addWidget(quiet(_WHAT, self))
        layout.addWidget(self.works, 1)
        layout.addWidget(self.note)
        layout.addWidget(heading("What would be restored", self, 1.1))
        layout.addWidget(self.steps, 1)
        layout.addWidget(buttons)
        resize_in_em(self, 100, 26)
        self.works.currentItemChanged.connect(lambda now, before: self._show_details())
        self.works.itemDoubleClicked.connect(lambda item, column: self._on_restore())
        self._fill()
        self.works.setFocus()

    def _work_list(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setAccessibleName("Recoverable work")
        tree.setHeaderLabels(["Study", "Last change", "Steps", "Project"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAllColumnsShowFocus(True)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        make_roomy(tree)
        return tree

    def _fill(self) -> None:
        self.works.clear()
        for work in recovery_of(self._ctx).items:
            steps = str(work.n_steps) if work.can_be_restored else "–"
            item = QTreeWidgetItem([work.title, work.last_change_words, steps, work.place])
            item.setToolTip(3, work.place)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.works.addTopLevelItem(item)
        for column in range(3):
            self.works.resizeColumnToContents(column)
        first = self.works.topLevelItem(0)
        if first is not None:
            self.works.setCurrentItem(first)
        self._show_details()

    def _current(self) -> RecoverableWork | None:
        item = self.works.currentItem()
        row = -1 if item is None else self.works.indexOfTopLevelItem(item)
        items = recovery_of(self._ctx).items
        return items[row] if 0 <= row < len(items) else None

    def _show_details(self) -> None:
        work = self._current()
        self.steps.clear()
        self.note.setText("" if work is None else work.note)
        self.note.setVisible(bool(self.note.text()))
        self.restore.setEnabled(work is not None and work.can_be_restored)
        self.discard.setEnabled(work is not None)
        if work is None:
            return
        self.steps.addItems(list(reversed(work.labels)))
        older = work.n_steps - len(work.labels)
        if older > 0:
            self.steps.addItem(f"… and {older} before them")

    def _on_restore(self) -> None:
        work = self._current()
        if work is not None and work.can_be_restored:
            self.chosen = work
            self.accept()

    def _on_discard(self) -> None:
        work = self._current()
        if work is None or not self._is_sure(work):
            return
        try:
            discard(self._ctx, work)
        except AtsmError as error:
            self._ctx.port.show_error(error)
        self._fill()
        if not recovery_of(self._ctx).items:
            self.reject()

    def _is_sure(self, work: RecoverableWork) -> bool:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Discard unsaved work")
        box.setText(f"Discard the unsaved work on “{work.title}”?")
        box.setInformativeText("It cannot be brought back. The project file itself stays as it is.")
        sure = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        clicked = box.clickedButton()
        box.deleteLater()
        return clicked is sure

"""The list of ROIs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.commands import COMMANDS
from atsm_viewer.app.commands.roi_commands import jump_to_roi
from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.edits import Edit, RenameRoi, SetRoiLocked, SetRoiVisible
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.roi import Roi
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.panels.panel import Panel
from atsm_viewer.ui.widgets.roi_swatch import colour_icon

_NAME, _ROLE, _VOLUME, _SHOWN, _LOCKED = range(5)
_ROI_ID = Qt.ItemDataRole.UserRole


class _RoiTree(QTreeWidget):
    """The list; keys that mean something else elsewhere are left to the window."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_F2):
            super().keyPressEvent(event)
        else:
            # Typing a letter must run its command, not search the list.
            event.ignore()


def _with_seen_boxes(palette: QPalette) -> QPalette:
    """Return a palette in which empty check boxes stand out: Qt draws their edge from the window colour."""
    base = palette.color(QPalette.ColorRole.Base)
    seen = QPalette(palette)
    seen.setColor(
        QPalette.ColorRole.Window, base.lighter(600) if base.lightness() < 128 else base.darker(125)
    )
    return seen


class RoiPanel(Panel):
    """Colour, role, name, volume, visible and locked of every ROI of the scan."""

    id = "rois"
    title = "ROIs"

    def __init__(
        self,
        ctx: AppContext,
        bridge: Bridge,
        run_command: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ctx, bridge, run_command, parent)
        self._filling = False
        self._tree = _RoiTree(self)
        self._tree.setAccessibleName("ROIs")
        self._tree.setHeaderLabels(["Name", "Role", "mm³", "Show", "Lock"])
        header_tips = ("Double-click to rename", "What it stands for in the ratios", "Volume",
                       "Visible in the pictures", "Protected against editing")  # fmt: skip
        for column, tip in enumerate(header_tips):
            self._tree.headerItem().setToolTip(column, tip)
        self._tree.setPalette(_with_seen_boxes(self.palette()))
        self._tree.setRootIsDecorated(False)
        self._tree.setUniformRowHeights(True)
        self._tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._tree.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        header = self._tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column in (_ROLE, _VOLUME, _SHOWN, _LOCKED):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self._tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._tree.customContextMenuRequested.connect(self._show_menu)
        self._tree.currentItemChanged.connect(self._on_current)
        self._tree.itemChanged.connect(self._on_item_changed)
        self._tree.itemDoubleClicked.connect(self._on_double_click)
        buttons = QHBoxLayout()
        for command_id, text in (
            ("roi.add.tumour", "+ Tumour"),
            ("roi.add.muscle", "+ Muscle"),
            ("roi.add.other", "+ Other"),
        ):
            spec = next(c for c in COMMANDS if c.id == command_id)
            button = QPushButton(text, self)
            button.setToolTip(f"{spec.tip} ({spec.shortcuts[0]})")
            button.setAccessibleName(spec.title)
            button.clicked.connect(lambda checked=False, c=command_id: self.run_command(c))
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addLayout(buttons)
        layout.addWidget(self._tree, 1)
        bridge.state_changed.connect(self._on_state)
        bridge.settings_changed.connect(self._on_view)
        self._fill()

    @property
    def _rois(self) -> tuple[Roi, ...]:
        return self.ctx.session.state.rois_of(self.ctx.view.state.scan_id)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._tree.setPalette(_with_seen_boxes(self.palette()))

    def _on_state(self, old: object, new: object) -> None:
        if getattr(old, "rois", None) != getattr(new, "rois", None) or getattr(old, "scans", None) != getattr(
            new, "scans", None
        ):
            self._fill()

    def _on_view(self, old: object, new: object) -> None:
        if getattr(old, "scan_id", None) != getattr(new, "scan_id", None):
            self._fill()
        self._select()

    def _row(self, row: int) -> QTreeWidgetItem:
        item = self._tree.topLevelItem(row)
        assert item is not None  # rows are counted by the caller
        return item

    def _fill(self) -> None:
        self._filling = True
        rois = self._rois
        while self._tree.topLevelItemCount() > len(rois):
            self._tree.takeTopLevelItem(self._tree.topLevelItemCount() - 1)
        while self._tree.topLevelItemCount() < len(rois):
            item = QTreeWidgetItem(self._tree)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setTextAlignment(_VOLUME, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for row, roi in enumerate(rois):
            item = self._row(row)
            geometry = self.ctx.session.state.scan(roi.scan_id).pet_geometry
            item.setData(0, _ROI_ID, roi.id)
            item.setIcon(_NAME, colour_icon(roi.shown_colour, roi.role.value))
            item.setText(_NAME, roi.name)
            item.setToolTip(_NAME, roi.name)
            item.setText(_ROLE, roi.role.value)
            item.setText(_VOLUME, f"{roi.mask.n_voxels * geometry.voxel_volume_mm3:,.0f}")
            item.setCheckState(_SHOWN, Qt.CheckState.Checked if roi.visible else Qt.CheckState.Unchecked)
            item.setCheckState(_LOCKED, Qt.CheckState.Checked if roi.locked else Qt.CheckState.Unchecked)
        self._filling = False
        self._select()

    def _select(self) -> None:
        self._filling = True
        for row in range(self._tree.topLevelItemCount()):
            item = self._row(row)
            if item.data(0, _ROI_ID) == self.ctx.view.state.active_roi_id:
                self._tree.setCurrentItem(item)
                break
        else:
            self._tree.setCurrentIndex(QModelIndex())
        self._filling = False

    def _on_current(self, item: QTreeWidgetItem | None, before: QTreeWidgetItem | None) -> None:
        if not self._filling and item is not None:
            self.ctx.view.set(active_roi_id=str(item.data(0, _ROI_ID)))

    def _on_item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if self._filling:
            return
        roi = self.ctx.session.state.find_roi(str(item.data(0, _ROI_ID)))
        if roi is None:
            return
        edit: Edit
        if column == _NAME:
            edit, label = RenameRoi(roi.id, item.text(_NAME)), f"Rename {roi.name}"
        elif column == _SHOWN:
            on = item.checkState(_SHOWN) == Qt.CheckState.Checked
            edit, label = SetRoiVisible(roi.id, on), f"{'Show' if on else 'Hide'} {roi.name}"
        elif column == _LOCKED:
            on = item.checkState(_LOCKED) == Qt.CheckState.Checked
            edit, label = SetRoiLocked(roi.id, on), f"{'Lock' if on else 'Unlock'} {roi.name}"
        else:
            self._fill()
            return
        try:
            self.ctx.session.apply(edit, label)
        except AtsmError as error:
            self.ctx.port.show_error(error)
        self._fill()

    def _on_double_click(self, item: QTreeWidgetItem, column: int) -> None:
        if column in (_ROLE, _VOLUME):
            self._tree.closePersistentEditor(item, column)
            jump_to_roi(self.ctx, str(item.data(0, _ROI_ID)))

    def _show_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        for spec in COMMANDS:
            if spec.menu.startswith("ROI") and not spec.id.startswith("roi.add"):
                above = menu
                if "/" in spec.menu:
                    title = spec.menu.rpartition("/")[2]
                    found = [m for m in menu.findChildren(QMenu) if m.title() == title]
                    above = found[0] if found else menu.addMenu(title)
                action = above.addAction(spec.title)
                action.setEnabled(not spec.why_not(self.ctx))
                if spec.checked is not None:
                    action.setCheckable(True)
                    action.setChecked(spec.checked(self.ctx))
                action.triggered.connect(lambda checked=False, c=spec.id: self.run_command(c))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._tree.viewport().mapToGlobal(at))

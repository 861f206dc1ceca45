"""The numbers, while the stroke is being drawn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.result_rows import ResultRow, headline_row, result_rows, status_in_words
from atsm_viewer.domain.roi import Role
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.panels.panel import Panel
from atsm_viewer.ui.widgets.roi_swatch import colour_icon

_COLUMNS = (
    ("roi_name", "ROI", ""),
    ("tm_mean", "T/M mean", "Mean of the tumour ÷ mean of all voxels of all muscle ROIs of this scan."),
    ("tm_max", "T/M max", "Maximum of the tumour ÷ mean of all voxels of all muscle ROIs of this scan."),
    ("suv_mean", "SUVmean", "Mean SUVbw of the ROI’s voxels, g/mL."),
    ("suv_max", "SUVmax", "Largest SUVbw of the ROI’s voxels, g/mL; no interpolation."),
    ("volume_mm3", "mm³", "Voxels times the volume of a voxel."),
    ("suv_sd", "SUV SD", "Sample standard deviation (n − 1) of the SUVbw, g/mL."),
    (
        "tm_mean_sd",
        "T/M ± SD",
        "Voxel spread of tumour and muscle propagated to T/M mean: heterogeneity, not precision.",
    ),
    ("n_voxels", "Voxels", "PET voxels whose centre lies in the ROI."),
    ("status", "Status", "What is doubtful about the row."),
)
_IS_PROVISIONAL = Qt.ItemDataRole.UserRole + 1
_WIDEST = {"roi_name": "Tumour 12", "n_voxels": "000000", "volume_mm3": "00000.0"}
_RATIOS = ("tm_mean", "tm_max", "tm_mean_sd")


class _Table(QTableWidget):
    """A table whose selection copies as tab-separated text."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_all()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def copy_all(self) -> None:
        """Put the whole table on the clipboard, with its heads."""
        lines = ["\t".join(title for _, title, _ in _COLUMNS)]
        for row in range(self.rowCount()):
            cells = [self.item(row, c) for c in range(self.columnCount())]
            lines.append("\t".join(cell.text() if cell else "" for cell in cells))
        QGuiApplication.clipboard().setText("\n".join(lines))


class ResultsPanel(Panel):
    """SUV and T/M of every ROI of the scan and frame shown."""

    id = "results"
    title = "Results"
    area = Qt.DockWidgetArea.RightDockWidgetArea

    def __init__(
        self,
        ctx: AppContext,
        bridge: Bridge,
        run_command: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ctx, bridge, run_command, parent)
        self._value = QLabel("–", self)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 2.6)
        font.setWeight(QFont.Weight.DemiBold)
        self._value.setFont(font)
        self._value.setAccessibleName("T/M mean of the tumour in hand")
        self._caption = QLabel(self)
        self._caption.setWordWrap(True)
        self._caption.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        copy = QPushButton("Copy", self)
        copy.setToolTip("Copies the table, ready to paste into a spreadsheet.")
        head = QHBoxLayout()
        head.addWidget(self._value)
        head.addWidget(self._caption, 1)
        head.addWidget(copy, 0, Qt.AlignmentFlag.AlignBottom)
        self._table = _Table(0, len(_COLUMNS), self)
        self._table.setAccessibleName("Results")
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.verticalHeader().hide()
        self._table.setWordWrap(False)
        for column, (_, title, definition) in enumerate(_COLUMNS):
            head_item = QTableWidgetItem(title)
            head_item.setToolTip(definition)
            self._table.setHorizontalHeaderItem(column, head_item)
        header = self._table.horizontalHeader()
        # Fixed from the start: columns that follow their contents dance, and cost time, under the brush.
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        metrics = self.fontMetrics()
        for column, (name, title, _) in enumerate(_COLUMNS):
            widest = max(metrics.horizontalAdvance(t) for t in (title, _WIDEST.get(name, "0.0000")))
            header.resizeSection(column, widest + 2 * metrics.averageCharWidth() + (20 if column == 0 else 0))
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(36)
        header.setHighlightSections(False)
        rows = self._table.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(round(self.fontMetrics().height() * 1.6))
        self._table.setShowGrid(False)
        self._table.setAlternatingRowColors(True)
        self._table.itemSelectionChanged.connect(self._on_select)
        copy.clicked.connect(self._table.copy_all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addLayout(head)
        layout.addWidget(self._table, 1)
        bridge.results_changed.connect(self.refresh)
        bridge.state_changed.connect(self.refresh)
        bridge.settings_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the numbers as they are now."""
        rows = result_rows(self.ctx)
        self._show_headline(headline_row(self.ctx, rows))
        self._table.blockSignals(True)
        self._table.setRowCount(len(rows))
        for r, row in enumerate(rows):
            self._show_row(r, row)
            if row.roi.id == self.ctx.view.state.active_roi_id and self._table.currentRow() != r:
                self._table.selectRow(r)
        if not any(row.roi.id == self.ctx.view.state.active_roi_id for row in rows):
            self._table.clearSelection()
            self._table.setCurrentIndex(QModelIndex())
        self._table.blockSignals(False)

    def _show_headline(self, row: ResultRow | None) -> None:
        if row is None:
            self._value.setText("T/M –")
            self._caption.setText("Add a tumour and a muscle ROI and paint them.")
            return
        value = row.numbers.get("tm_mean")
        self._value.setText(f"{value:.2f}" if isinstance(value, float) else "T/M –")
        hours = row.numbers.get("hours_pi")
        when = f", {hours:.2f} h p.i." if isinstance(hours, float) else ""
        reference = row.numbers.get("muscle_roi_names") or row.numbers.get("muscle_roi_ids")
        over = f"over {reference}" if reference else "no muscle ROI yet"
        status = status_in_words(row)
        doubt = f"\n{status}" if status else ""
        provisional = "  (provisional)" if row.provisional else ""
        self._caption.setText(f"T/M mean{when}{provisional}\n{row.roi.name} {over}{doubt}")

    def _show_row(self, r: int, row: ResultRow) -> None:
        for c, (column, _, definition) in enumerate(_COLUMNS):
            item = self._table.item(r, c)
            if item is None:
                item = QTableWidgetItem()
                self._table.setItem(r, c, item)
                if 0 < c < len(_COLUMNS) - 1:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if column == "roi_name":
                text = row.roi.name
                look = f"{row.roi.shown_colour} {row.roi.role.value}"
                if item.data(Qt.ItemDataRole.UserRole) != look:
                    item.setData(Qt.ItemDataRole.UserRole, look)
                    item.setIcon(colour_icon(row.roi.shown_colour, row.roi.role.value))
            elif column == "status":
                text = status_in_words(row)
            elif column in _RATIOS and row.roi.role is not Role.TUMOUR:
                text = ""
            else:
                text = row.text(column)
            # Under the brush this runs for every move: touch only what differs.
            if item.text() != text:
                item.setText(text)
                item.setToolTip(f"{text}\n{definition}" if definition else text)
            if item.data(_IS_PROVISIONAL) != row.provisional:
                item.setData(_IS_PROVISIONAL, row.provisional)
                font = item.font()
                font.setItalic(row.provisional)
                item.setFont(font)

    def _on_select(self) -> None:
        rows = result_rows(self.ctx)
        at = self._table.currentRow()
        if 0 <= at < len(rows) and self._table.selectedItems():
            self.ctx.view.set(active_roi_id=rows[at].roi.id)

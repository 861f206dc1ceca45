"""How the numbers of a raw file make an image."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.raw_import import NUMBER_TYPES, RawDescription, check_size, description_path
from atsm_viewer.ui.widgets.dialog_frame import dialog_buttons
from atsm_viewer.ui.widgets.labels import quiet

_AXES = ("columns", "rows", "slices", "frames")
_UNITS: list[tuple[str, object]] = [
    ("unknown", ""),
    ("Bq/ml", "BQML"),
    ("kBq/ml", "KBQML"),
    ("SUV (g/ml)", "GML"),
]
_MOST = 65535
_LARGEST_OFFSET = 2**31 - 1


class RawImportDialog(QDialog):
    """Compares the described size with the file while one types; nothing is read before OK.

    Parameters
    ----------
    path
        The raw file.
    before
        An earlier description, to start from.
    """

    def __init__(
        self, path: Path, before: RawDescription | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Import raw: {path.name}")
        self._file_bytes = path.stat().st_size
        said = before or RawDescription((1, 1, 128, 128))
        self.sizes = [
            self._whole(f"Number of {name}", n) for name, n in zip(_AXES, said.shape_tkji[::-1], strict=True)
        ]
        self.spacings = [
            self._length(f"Spacing of {name}, mm", mm)
            for name, mm in zip(_AXES[:3], said.spacing_kji_mm[::-1], strict=True)
        ]
        self.number_type = self._choice(
            "Number type", [(name, name) for name in NUMBER_TYPES], said.number_type
        )
        orders: list[tuple[str, object]] = [("little-endian (PC)", False), ("big-endian", True)]
        self.order = self._choice("Byte order", orders, said.big_endian)
        self.offset = QSpinBox(self)
        self.offset.setRange(0, _LARGEST_OFFSET)
        self.offset.setAccessibleName("Bytes before the first number")
        self.offset.setValue(said.offset)
        self.offset.valueChanged.connect(self._check)
        self.modality = self._choice("Kind of image", [("PET", "PT"), ("CT", "CT")], said.modality)
        self.unit = self._choice("Unit of the values", _UNITS, said.unit)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        buttons = dialog_buttons(
            self, QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow("Columns, rows, slices, frames", self._row(self.sizes))
        form.addRow("Spacing of columns, rows, slices (mm)", self._row(self.spacings))
        form.addRow("&Number type", self.number_type)
        form.addRow("&Byte order", self.order)
        form.addRow("Bytes &before the first number", self.offset)
        form.addRow("&Kind of image", self.modality)
        form.addRow("&Unit", self.unit)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.note)
        layout.addWidget(quiet(f"Kept beside the file as {description_path(path).name}.", self))
        layout.addWidget(buttons)
        self._check()

    def description(self) -> RawDescription:
        """Return what was entered."""
        i, j, k, t = (spin.value() for spin in self.sizes)
        di, dj, dk = (spin.value() for spin in self.spacings)
        modality = str(self.modality.currentData())
        return RawDescription(
            shape_tkji=(t, k, j, i),
            number_type=str(self.number_type.currentData()),
            big_endian=bool(self.order.currentData()),
            offset=self.offset.value(),
            spacing_kji_mm=(dk, dj, di),
            modality=modality,
            unit=str(self.unit.currentData()) if modality == "PT" else "",
        )

    def _check(self) -> None:
        said = self.description()
        words = check_size(said, self._file_bytes)
        too_short = said.n_bytes > self._file_bytes
        self.note.setText(words or f"The size fits: {self._file_bytes:,} bytes.")
        self.ok.setEnabled(not too_short)
        self.ok.setToolTip(words if too_short else "")
        self.unit.setEnabled(said.modality == "PT")

    def _whole(self, name: str, value: int) -> QSpinBox:
        spin = QSpinBox(self)
        spin.setRange(1, _MOST)
        spin.setAccessibleName(name)
        spin.setToolTip(name)
        spin.setValue(value)
        spin.valueChanged.connect(self._check)
        return spin

    def _length(self, name: str, value: float) -> QDoubleSpinBox:
        spin = QDoubleSpinBox(self)
        spin.setRange(0.001, 100.0)
        spin.setDecimals(4)
        spin.setAccessibleName(name)
        spin.setToolTip(name)
        spin.setValue(value)
        return spin

    def _choice(self, name: str, options: list[tuple[str, object]], current: object) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        for text, data in options:
            box.addItem(text, data)
        box.setCurrentIndex(max(next((n for n, o in enumerate(options) if o[1] == current), 0), 0))
        box.currentIndexChanged.connect(self._check)
        return box

    def _row(self, widgets: list[QSpinBox] | list[QDoubleSpinBox]) -> QHBoxLayout:
        row = QHBoxLayout()
        for widget in widgets:
            row.addWidget(widget)
        return row

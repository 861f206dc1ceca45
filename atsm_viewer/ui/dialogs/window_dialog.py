"""PET and CT windows by numbers."""

from __future__ import annotations

import math

from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.opening import default_pet_window
from atsm_viewer.app.pet_display import UNIT_TITLES, shown_scale
from atsm_viewer.render.window import CT_PRESETS
from atsm_viewer.ui.widgets.dialog_frame import dialog_buttons
from atsm_viewer.ui.widgets.labels import quiet

_LARGEST = 1e9
_WRONG_WAY_ROUND = "The upper end must lie above the lower end."
_FIELDS = ("pet_lo", "pet_hi", "ct_centre_hu", "ct_width_hu")


class WindowDialog(QDialog):
    """Changes show at once; Cancel brings back what was there before.

    Only the number that is edited is written, so that rounding in a field never moves another one.

    Parameters
    ----------
    ctx
        Whose view is changed.
    """

    def __init__(self, ctx: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ctx = ctx
        view = ctx.view.state
        self._before = {name: getattr(view, name) for name in _FIELDS}
        self.setWindowTitle("PET and CT window")
        state = ctx.session.state
        scan = next((s for s in state.scans if s.id == view.scan_id), None)
        scale = None if scan is None else shown_scale(state, scan, view.pet_unit)
        unit = UNIT_TITLES.get(view.pet_unit, view.pet_unit) if scale is None else scale.label
        decimals = _decimals(view.pet_hi)
        self.pet_lo = self._spin("pet_lo", f"PET, lower end, {unit}", decimals)
        self.pet_hi = self._spin("pet_hi", f"PET, upper end, {unit}", decimals)
        self.automatic = QPushButton("Automatic", self)
        self.automatic.setToolTip("Sets the PET window from the image.")
        self.automatic.setAutoDefault(False)
        self.automatic.setEnabled(scan is not None and scan.pet is not None)
        self.automatic.clicked.connect(self._automatic)
        self.ct_centre = self._spin("ct_centre_hu", "CT, centre, HU", 0)
        self.ct_width = self._spin("ct_width_hu", "CT, width, HU", 0)
        self.ct_width.setMinimum(1.0)
        self.preset = QComboBox(self)
        self.preset.setAccessibleName("CT preset")
        self.preset.addItem("Own numbers")
        for title, window in CT_PRESETS.items():
            self.preset.addItem(f"{title} ({window.centre:g} / {window.width:g})", title)
        self.preset.activated.connect(self._on_preset)
        self.note = quiet("", self)
        buttons = dialog_buttons(
            self, QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        pet_box, ct_box = QGroupBox(f"PET, {unit}", self), QGroupBox("CT, HU", self)
        pet, ct = QFormLayout(pet_box), QFormLayout(ct_box)
        pet.addRow("&Lower end", self.pet_lo)
        pet.addRow("&Upper end", self.pet_hi)
        pet.addRow("", self.automatic)
        ct.addRow("&Preset", self.preset)
        ct.addRow("&Centre", self.ct_centre)
        ct.addRow("&Width", self.ct_width)
        ct_box.setEnabled(scan is not None and scan.ct is not None)
        layout = QVBoxLayout(self)
        layout.setSpacing(self.fontMetrics().height() // 2)
        layout.addWidget(pet_box)
        layout.addWidget(ct_box)
        layout.addWidget(self.note)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(44 * self.fontMetrics().averageCharWidth())
        self._check()

    def reject(self) -> None:
        """Bring back the windows from before."""
        self._ctx.view.set(**self._before)
        super().reject()

    def _spin(self, field: str, name: str, decimals: int) -> QDoubleSpinBox:
        spin = QDoubleSpinBox(self)
        spin.setAccessibleName(name)
        spin.setRange(-_LARGEST, _LARGEST)
        spin.setDecimals(decimals)
        spin.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        spin.setValue(getattr(self._ctx.view.state, field))
        spin.valueChanged.connect(lambda value: self._on_value(field, value))
        # Sized by what is usual, not by the largest number that is allowed.
        spin.setMinimumWidth(16 * self.fontMetrics().averageCharWidth())
        return spin

    def _on_value(self, field: str, value: float) -> None:
        reason = self._check()
        if field.startswith("ct") or not reason:
            changes = {field: value}
            if field.startswith("pet"):  # an end that was refused before may be fine by now
                changes |= self._edited_pet()
            self._ctx.view.set(**changes)
        self._mark_preset()

    def _edited_pet(self) -> dict[str, float]:
        view = self._ctx.view.state
        spins = {"pet_lo": self.pet_lo, "pet_hi": self.pet_hi}
        return {
            name: spin.value()
            for name, spin in spins.items()
            if spin.value() != round(getattr(view, name), spin.decimals())
        }

    def _check(self) -> str:
        reason = "" if self.pet_lo.value() < self.pet_hi.value() else _WRONG_WAY_ROUND
        self.note.setText(reason)
        self.ok.setEnabled(not reason)
        self.ok.setToolTip(reason)
        self._mark_preset()
        return reason

    def _automatic(self) -> None:
        state, view = self._ctx.session.state, self._ctx.view.state
        lo, hi = default_pet_window(state, state.scan(view.scan_id), view.pet_unit, view.frame)
        self._put({"pet_lo": lo, "pet_hi": hi})

    def _on_preset(self, row: int) -> None:
        title = self.preset.itemData(row)
        if title is not None:
            window = CT_PRESETS[str(title)]
            self._put({"ct_centre_hu": window.centre, "ct_width_hu": window.width})

    def _put(self, values: dict[str, float]) -> None:
        spins = {
            "pet_lo": self.pet_lo,
            "pet_hi": self.pet_hi,
            "ct_centre_hu": self.ct_centre,
            "ct_width_hu": self.ct_width,
        }
        for name, value in values.items():
            spins[name].blockSignals(True)
            if name.startswith("pet"):
                spins[name].setDecimals(max(spins[name].decimals(), _decimals(value)))
            spins[name].setValue(value)
            spins[name].blockSignals(False)
        self._ctx.view.set(**values)
        self._check()

    def _mark_preset(self) -> None:
        shown = (self.ct_centre.value(), self.ct_width.value())
        found = [n for n, w in enumerate(CT_PRESETS.values(), start=1) if (w.centre, w.width) == shown]
        self.preset.setCurrentIndex(found[0] if found else 0)


def _decimals(value: float) -> int:
    """Decimals with which a number keeps about four digits that count."""
    if not math.isfinite(value) or value == 0:
        return 3
    return min(max(3 - math.floor(math.log10(abs(value))), 0), 9)

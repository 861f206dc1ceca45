"""All gates of the painting tools behind one button."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QMenu,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from atsm_viewer.app.context import AppContext

_UNITS = (("suv", "SUV"), ("muscle", "× muscle"), ("stored", "stored"))


class GateButton(QToolButton):
    """Shows how many gates are on; its sheet switches each and sets its range.

    Parameters
    ----------
    ctx
        Whose gates.
    actions
        The actions of the gates by name: ``others``, ``pet``, ``ct``, ``inside_roi``, ``slot``.
    """

    def __init__(self, ctx: AppContext, actions: dict[str, QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.setObjectName("gates")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Gates of the painting tools")
        menu = QMenu(self)
        self.sheet = QWidget(menu)
        grid = QGridLayout(self.sheet)
        grid.addWidget(QLabel("Paint only where every gate that is on allows it", self.sheet), 0, 0, 1, 5)
        self.boxes: dict[str, QCheckBox] = {}
        for row, (name, action) in enumerate(actions.items(), start=1):
            box = QCheckBox(action.text(), self.sheet)
            box.setToolTip(action.toolTip())
            box.clicked.connect(action.trigger)
            self.boxes[name] = box
            grid.addWidget(box, row, 0)
        self._actions = actions
        rows = {name: n for n, name in enumerate(actions, start=1)}
        self.pet_lo, self.pet_hi = self._spin("PET gate from", 0.1), self._spin("PET gate to", 0.1)
        self.pet_unit = QComboBox(self.sheet)
        self.pet_unit.setAccessibleName("Unit of the PET gate")
        for unit, text in _UNITS:
            self.pet_unit.addItem(text, unit)
        self.ct_lo, self.ct_hi = self._spin("CT gate from", 10.0), self._spin("CT gate to", 10.0)
        for name, low, high, last in (
            ("pet", self.pet_lo, self.pet_hi, self.pet_unit),
            ("ct", self.ct_lo, self.ct_hi, QLabel("HU", self.sheet)),
        ):
            grid.addWidget(low, rows[name], 1)
            grid.addWidget(QLabel("to", self.sheet), rows[name], 2)
            grid.addWidget(high, rows[name], 3)
            grid.addWidget(last, rows[name], 4)
        self.roi_name = QLabel("", self.sheet)
        grid.addWidget(self.roi_name, rows["inside_roi"], 1, 1, 4)
        self.ct_lo.setObjectName("gate.ct.lo")
        self.ct_hi.setObjectName("gate.ct.hi")
        for spin in (self.pet_lo, self.pet_hi):
            spin.valueChanged.connect(self._on_pet)
        self.pet_unit.currentIndexChanged.connect(self._on_pet)
        self.ct_lo.valueChanged.connect(lambda v: ctx.view.set(ct_gate_lo_hu=v))
        self.ct_hi.valueChanged.connect(lambda v: ctx.view.set(ct_gate_hi_hu=v))
        action = QWidgetAction(menu)
        action.setDefaultWidget(self.sheet)
        menu.addAction(action)
        self.setMenu(menu)
        self.refresh()

    def refresh(self) -> None:
        """Show what holds now."""
        view = self._ctx.view.state
        on = {
            "others": view.not_over_others, "pet": view.pet_gate.on, "ct": view.ct_gate_on,
            "inside_roi": bool(view.inside_roi_id), "slot": view.inside_slot,
        }  # fmt: skip
        for name, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setChecked(on[name])
            box.setEnabled(self._actions[name].isEnabled())
        for spin, value in (
            (self.pet_lo, view.pet_gate.lo), (self.pet_hi, view.pet_gate.hi),
            (self.ct_lo, view.ct_gate_lo_hu), (self.ct_hi, view.ct_gate_hi_hu),
        ):  # fmt: skip
            if not spin.hasFocus():
                with QSignalBlocker(spin):
                    spin.setValue(value)
        with QSignalBlocker(self.pet_unit):
            self.pet_unit.setCurrentIndex(self.pet_unit.findData(view.pet_gate.unit))
        roi = self._ctx.session.state.find_roi(view.inside_roi_id)
        gone = "the ROI is gone" if view.inside_roi_id else ""
        self.roi_name.setText(f"“{roi.name}”" if roi is not None else gone)
        words = {"others": "other ROIs kept", "pet": "PET", "ct": "CT", "inside_roi": "inside a ROI",
                 "slot": "one animal"}  # fmt: skip
        active = [words[name] for name, is_on in on.items() if is_on]
        self.setText(f"Gates: {len(active)}")
        self.setToolTip("Where painting is allowed: " + (", ".join(active) or "everywhere") + ".")

    def _spin(self, name: str, step: float) -> QDoubleSpinBox:
        spin = QDoubleSpinBox(self.sheet)
        spin.setAccessibleName(name)
        spin.setRange(-1e6, 1e9)
        spin.setDecimals(2 if step < 1.0 else 0)
        spin.setSingleStep(step)
        spin.setKeyboardTracking(False)
        spin.setMaximumWidth(11 * self.fontMetrics().averageCharWidth() + 24)
        return spin

    def _on_pet(self) -> None:
        gate = replace(
            self._ctx.view.state.pet_gate,
            lo=self.pet_lo.value(), hi=self.pet_hi.value(), unit=str(self.pet_unit.currentData()),
        )  # fmt: skip
        self._ctx.view.set(pet_gate=gate)

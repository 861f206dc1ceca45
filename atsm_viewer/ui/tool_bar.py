"""Tools, their options, and gates as chips."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QSlider,
    QToolBar,
    QToolButton,
    QWidget,
)

from atsm_viewer.app.commands.view_commands import set_pet_unit
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.painting import tool_by_id
from atsm_viewer.app.pet_display import UNIT_TITLES, pet_scales
from atsm_viewer.domain.options import option_values
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.ui.actions import Actions
from atsm_viewer.ui.bridge import Bridge

_GATE_UNITS = (("suv", "SUV"), ("muscle", "× muscle"), ("stored", "stored"))


class ToolBar(QToolBar):
    """One row: tools, brush, gates, PET display.

    Parameters
    ----------
    ctx, bridge
        What it shows and how it learns of changes.
    actions
        For the tool buttons.
    """

    def __init__(self, ctx: AppContext, bridge: Bridge, actions: Actions, parent: QWidget) -> None:
        super().__init__("Tools", parent)
        self.setObjectName("toolbar.tools")
        self._ctx = ctx
        self._tool_buttons: list[QToolButton] = []
        for action_id, text in (
            ("tool.crosshair", "Crosshair"), ("tool.window", "Window"), ("tool.brush", "Brush"),
            ("tool.eraser", "Eraser"),
        ):  # fmt: skip
            button = QToolButton(self)
            button.setDefaultAction(actions[action_id])
            button.setText(text)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.addWidget(button)
        self.addSeparator()
        self._size = self._spin(
            "Brush size", 0.1, 200.0, 0.5, " mm", "Diameter of the brush, mm ( [ and ] )."
        )
        self._size.valueChanged.connect(self._on_size)
        self.addWidget(QLabel(" Size ", self))
        self.addWidget(self._size)
        for action_id, text in (
            ("tool.ball", "Ball"),
            ("tool.gate.others", "Not over ROIs"),
            ("tool.gate.pet", "PET gate"),
        ):
            button = QToolButton(self)
            button.setDefaultAction(actions[action_id])
            button.setText(text)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.addWidget(button)
        self._gate_lo = self._spin(
            "PET gate from", -1e6, 1e9, 0.1, "", "Lowest PET value that may be painted."
        )
        self._gate_hi = self._spin(
            "PET gate to", -1e6, 1e9, 0.1, "", "Highest PET value that may be painted."
        )
        self._gate_unit = QComboBox(self)
        self._gate_unit.setAccessibleName("Unit of the PET gate")
        for unit, text in _GATE_UNITS:
            self._gate_unit.addItem(text, unit)
        self._gate_lo.valueChanged.connect(self._on_gate)
        self._gate_hi.valueChanged.connect(self._on_gate)
        self._gate_unit.currentIndexChanged.connect(self._on_gate)
        self._gate_items = [self.addWidget(w) for w in (self._gate_lo, self._gate_hi, self._gate_unit)]
        self.addSeparator()
        self.addWidget(QLabel(" PET ", self))
        self._opacity = QSlider(Qt.Orientation.Horizontal, self)
        self._opacity.setAccessibleName("PET opacity")
        self._opacity.setToolTip("Opacity of the PET over the CT ( + and − ).")
        self._opacity.setRange(0, 100)
        self._opacity.setFixedWidth(12 * self.fontMetrics().averageCharWidth())
        self._opacity.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._opacity.valueChanged.connect(lambda v: self._ctx.view.set(pet_opacity=v / 100.0))
        self.addWidget(self._opacity)
        self._colours = QComboBox(self)
        self._colours.setAccessibleName("PET colours")
        self._colours.setToolTip("Colour map of the PET.")
        for colour_map in COLOUR_MAPS.values():
            self._colours.addItem(colour_map.title, colour_map.id)
        self._colours.currentIndexChanged.connect(
            lambda i: self._ctx.view.set(colour_map=self._colours.itemData(i))
        )
        self.addWidget(self._colours)
        self._unit = QComboBox(self)
        self._unit.setAccessibleName("PET unit")
        self._unit.setToolTip("Unit in which the PET is shown.")
        self._unit.currentIndexChanged.connect(self._on_unit)
        self.addWidget(self._unit)
        for box in (self._gate_unit, self._colours, self._unit):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bridge.state_changed.connect(self.refresh)
        bridge.settings_changed.connect(self.refresh)
        self.refresh()

    def _spin(self, name: str, low: float, high: float, step: float, suffix: str, tip: str) -> QDoubleSpinBox:
        spin = QDoubleSpinBox(self)
        spin.setAccessibleName(name)
        spin.setToolTip(tip)
        spin.setRange(low, high)
        spin.setDecimals(2)
        spin.setSingleStep(step)
        spin.setSuffix(suffix)
        spin.setKeyboardTracking(False)
        spin.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        spin.setMaximumWidth(11 * self.fontMetrics().averageCharWidth() + 24)
        # Give the keys back to the window once the number is entered.
        spin.editingFinished.connect(spin.clearFocus)
        return spin

    def refresh(self, *_: object) -> None:
        """Show what holds now."""
        view, state = self._ctx.view.state, self._ctx.session.state
        tool = tool_by_id(view.tool_id)
        shown = tool if tool.is_painting else tool_by_id("brush")
        options = option_values(shown.options, view.tool_options.get(shown.id))
        _put(self._size, float(options["diameter_mm"]))
        self._size.setEnabled(tool.is_painting)
        _put(self._gate_lo, view.pet_gate.lo)
        _put(self._gate_hi, view.pet_gate.hi)
        with QSignalBlocker(self._gate_unit):
            self._gate_unit.setCurrentIndex(self._gate_unit.findData(view.pet_gate.unit))
        for item in self._gate_items:
            item.setVisible(view.pet_gate.on)
        with QSignalBlocker(self._opacity):
            self._opacity.setValue(round(view.pet_opacity * 100))
        with QSignalBlocker(self._colours):
            self._colours.setCurrentIndex(max(0, self._colours.findData(view.colour_map)))
        scan = next((s for s in state.scans if s.id == view.scan_id), None)
        units = list(pet_scales(state, scan).values()) if scan is not None else []
        with QSignalBlocker(self._unit):
            self._unit.clear()
            for scale in units:
                self._unit.addItem(UNIT_TITLES.get(scale.unit, f"Stored ({scale.label})"), scale.unit)
            at = self._unit.findData(view.pet_unit)
            self._unit.setCurrentIndex(at if at >= 0 else 0)

    def _on_size(self, value: float) -> None:
        for tool_id in ("brush", "eraser"):
            self._ctx.view.set_tool_option(tool_id, "diameter_mm", value)

    def _on_gate(self) -> None:
        gate = replace(
            self._ctx.view.state.pet_gate,
            lo=self._gate_lo.value(), hi=self._gate_hi.value(), unit=str(self._gate_unit.currentData()),
        )  # fmt: skip
        self._ctx.view.set(pet_gate=gate)

    def _on_unit(self, index: int) -> None:
        if index >= 0 and self._ctx.session.state.scans:
            set_pet_unit(self._ctx, str(self._unit.itemData(index)))


def _put(spin: QDoubleSpinBox, value: float) -> None:
    if not spin.hasFocus():
        with QSignalBlocker(spin):
            spin.setValue(value)

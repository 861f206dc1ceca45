"""Tools, their options, and gates as chips."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QMenu,
    QSlider,
    QToolBar,
    QToolButton,
    QWidget,
)

from atsm_viewer.app.commands.tool_commands import TOOLS_IN_ORDER, set_tool_option
from atsm_viewer.app.commands.view_commands import set_pet_unit
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.painting import tool_by_id
from atsm_viewer.app.pet_display import UNIT_TITLES, pet_scales
from atsm_viewer.domain.options import OptionValue, option_values
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.ui.actions import Actions
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.widgets.gate_button import GateButton
from atsm_viewer.ui.widgets.option_row import OptionRow

_IN_ROW = ("crosshair", "window", "brush", "eraser", "sphere", "isocontour", "lasso")
"""Tools with a button of their own; the others stand in the menu beside them."""


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
        self._tool_buttons: dict[str, QToolButton] = {}
        for tool_id in _IN_ROW:
            button = QToolButton(self)
            button.setDefaultAction(actions[f"tool.{tool_id}"])
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.addWidget(button)
            self._tool_buttons[tool_id] = button
        self._others = QToolButton(self)
        self._others.setAccessibleName("More tools")
        self._others.setToolTip("More tools: shapes, contours, picker and ruler.")
        self._others.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._others.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._others.setCheckable(True)
        menu = QMenu(self._others)
        menu.setToolTipsVisible(True)
        for tool in TOOLS_IN_ORDER:
            if tool.id not in _IN_ROW:
                menu.addAction(actions[f"tool.{tool.id}"])
        self._others.setMenu(menu)
        self.addWidget(self._others)
        self.addSeparator()
        self._options = OptionRow(self._on_option, self)
        self._options_item = self.addWidget(self._options)
        self._spheres = QToolButton(self)
        self._spheres.setAccessibleName("Sphere protocol")
        self._spheres.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._spheres.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        spheres = QMenu(self._spheres)
        for name in ("mouse", "rat", "human", "own"):
            spheres.addAction(actions[f"protocol.spheres.{name}"])
        self._spheres.setMenu(spheres)
        self._spheres_item = self.addWidget(self._spheres)
        self._gates = GateButton(
            ctx,
            {name: actions[f"tool.gate.{name}"] for name in ("others", "pet", "ct", "inside_roi", "slot")},
            self,
        )
        self.addWidget(self._gates)
        self.addSeparator()
        self.addWidget(QLabel(" PET ", self))
        self._opacity = QSlider(Qt.Orientation.Horizontal, self)
        self._opacity.setAccessibleName("PET opacity")
        self._opacity.setToolTip("Opacity of the PET over the CT ( + and − ).")
        self._opacity.setRange(0, 100)
        self._opacity.setFixedWidth(8 * self.fontMetrics().averageCharWidth())
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
        for box in (self._colours, self._unit):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bridge.state_changed.connect(self.refresh)
        bridge.settings_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show what holds now."""
        view, state = self._ctx.view.state, self._ctx.session.state
        tool = tool_by_id(view.tool_id)
        self._options.show_options(
            tool.options if tool.id != "protocol_sphere" else (),
            option_values(tool.options, view.tool_options.get(tool.id)),
        )
        self._options_item.setVisible(bool(tool.options) and tool.id != "protocol_sphere")
        chosen = state.protocol.spheres
        self._spheres.setText(chosen.words if chosen is not None else "Choose a protocol")
        self._spheres_item.setVisible(tool.id == "protocol_sphere")
        in_row = tool.id in _IN_ROW
        self._others.setText("More tools" if in_row else tool.title)
        self._others.setChecked(not in_row)
        self._gates.refresh()
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

    def _on_option(self, option_id: str, value: OptionValue) -> None:
        set_tool_option(self._ctx, self._ctx.view.state.tool_id, option_id, value)

    def _on_unit(self, index: int) -> None:
        if index >= 0 and self._ctx.session.state.scans:
            set_pet_unit(self._ctx, str(self._unit.itemData(index)))

"""The options of a tool as one row of fields, made from their declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from atsm_viewer.domain.options import OptionSpec, OptionValue

_SHOWN = 2
"""So many options stand in the row itself, further ones under “More”."""


class OptionRow(QWidget):
    """Fields for declared options; those that mean nothing now are hidden.

    Parameters
    ----------
    change
        Called with option id and value when a person entered one.
    """

    def __init__(self, change: Callable[[str, OptionValue], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._change = change
        self._specs: tuple[OptionSpec, ...] = ()
        self._fields: dict[str, QDoubleSpinBox | QComboBox | QCheckBox] = {}
        self._labels: dict[str, QLabel] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 0, 4, 0)
        self._row.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.more: QToolButton | None = None

    def show_options(self, specs: tuple[OptionSpec, ...], values: Mapping[str, OptionValue]) -> None:
        """Show the options of a tool with their values."""
        if specs != self._specs:
            self._build(specs)
        for spec in specs:
            self._put(self._fields[spec.id], values[spec.id])
            shown = spec.shown_when is None or values[spec.shown_when[0]] in spec.shown_when[1]
            self._fields[spec.id].setVisible(shown)
            if spec.id in self._labels:
                self._labels[spec.id].setVisible(shown)
        if self.more is not None:
            hidden = [s for s in specs if isinstance(s.default, bool) and values[s.id]]
            # A switch that is on must not hide behind a button that looks idle.
            self.more.setText(f"More ({len(hidden)})" if hidden else "More")

    def field(self, option_id: str) -> QDoubleSpinBox | QComboBox | QCheckBox:
        """The field of an option; raises KeyError for one that is not shown."""
        return self._fields[option_id]

    def _build(self, specs: tuple[OptionSpec, ...]) -> None:
        self._specs = specs
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._fields, self._labels, self.more = {}, {}, None
        # Options that stand for each other (one threshold per mode) count once.
        first = [s for s in specs if not isinstance(s.default, bool)]
        groups: list[list[OptionSpec]] = []
        for spec in first:
            if spec.shown_when is not None and groups and groups[-1][0].shown_when is not None:
                groups[-1].append(spec)
            else:
                groups.append([spec])
        inline = [s for g in groups[: _SHOWN + (len(groups) == _SHOWN + 1)] for s in g]
        inline = [s for s in inline if s.shown_when is None or s.shown_when[0] in {t.id for t in inline}]
        for spec in inline:
            self._add(spec, self._row, self)
        rest = [s for s in specs if s not in inline]
        if rest:
            self._add_more(rest)

    def _add_more(self, specs: list[OptionSpec]) -> None:
        button = QToolButton(self)
        button.setText("More")
        button.setAccessibleName("More options of the tool")
        button.setToolTip("Further options of the tool in hand.")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        sheet = QWidget(menu)
        column = QVBoxLayout(sheet)
        for spec in specs:
            line = QHBoxLayout()
            self._add(spec, line, sheet)
            column.addLayout(line)
        action = QWidgetAction(menu)
        action.setDefaultWidget(sheet)
        menu.addAction(action)
        button.setMenu(menu)
        self._row.addWidget(button)
        self.more = button

    def _add(self, spec: OptionSpec, row: QHBoxLayout, parent: QWidget) -> None:
        field = self._field_for(spec, parent)
        field.setAccessibleName(spec.title)
        # A number that belongs to the choice before it needs no name of its own.
        if not isinstance(field, QCheckBox) and (spec.shown_when is None or parent is not self):
            label = QLabel(spec.title, parent)
            label.setBuddy(field)
            self._labels[spec.id] = label
            row.addWidget(label)
        row.addWidget(field)
        self._fields[spec.id] = field

    def _field_for(self, spec: OptionSpec, parent: QWidget) -> QDoubleSpinBox | QComboBox | QCheckBox:
        if isinstance(spec.default, bool):
            box = QCheckBox(spec.title, parent)
            box.toggled.connect(lambda on: self._change(spec.id, bool(on)))
            return box
        if isinstance(spec.default, str):
            combo = QComboBox(parent)
            for value, title in spec.choices:
                combo.addItem(title, value)
            combo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            combo.currentIndexChanged.connect(lambda i: self._change(spec.id, str(combo.itemData(i))))
            return combo
        spin = QDoubleSpinBox(parent)
        spin.setDecimals(2 if spec.step < 1.0 else 1)
        spin.setRange(spec.minimum, spec.maximum)
        spin.setSingleStep(spec.step)
        spin.setSuffix(f" {spec.unit}" if spec.unit else "")
        spin.setKeyboardTracking(False)
        spin.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        spin.setMaximumWidth((9 + len(spec.unit)) * self.fontMetrics().averageCharWidth() + 28)
        spin.setToolTip(f"{spec.title}, {spec.minimum:g} to {spec.maximum:g} {spec.unit}".rstrip() + ".")
        # Give the keys back to the window once the number is entered.
        spin.editingFinished.connect(spin.clearFocus)
        spin.valueChanged.connect(lambda value: self._change(spec.id, float(value)))
        return spin

    @staticmethod
    def _put(field: QDoubleSpinBox | QComboBox | QCheckBox, value: OptionValue) -> None:
        with QSignalBlocker(field):
            if isinstance(field, QCheckBox):
                field.setChecked(bool(value))
            elif isinstance(field, QComboBox):
                field.setCurrentIndex(field.findData(value))
            elif not field.hasFocus():
                field.setValue(float(value))

"""A form for declared options: one row per ``OptionSpec``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSizePolicy,
    QWidget,
)

from atsm_viewer.domain.options import OptionSpec, OptionValue

_SIGNIFICANT = 4


class PlainSpinBox(QDoubleSpinBox):
    """A number without trailing zeros: 2, 2.5, 0.125."""

    def textFromValue(self, value: float) -> str:
        """Return the number with as many decimals as it needs."""
        text = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text


def _decimals(spec: OptionSpec) -> int:
    """Decimals that the step and the default need."""
    sizes = [v for v in (spec.step, abs(float(spec.default))) if v > 0]
    smallest = min(sizes) if sizes else 1.0
    return max(2, min(9, _SIGNIFICANT - 1 - math.floor(math.log10(smallest))))


class OptionForm(QWidget):
    """Shows options and hands back their values.

    Parameters
    ----------
    options
        What may be set, in order.
    values
        Where it starts; missing ones at their default.
    """

    changed = Signal()
    """A value changed."""

    def __init__(
        self,
        options: Sequence[OptionSpec],
        values: Mapping[str, OptionValue],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._options = tuple(options)
        self._fields: dict[str, QWidget] = {}
        self._labels: dict[str, QLabel] = {}
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for spec in self._options:
            self._add(spec)
        self.put(values)

    def field(self, option_id: str) -> QWidget:
        """Return the widget of an option."""
        return self._fields[option_id]

    def values(self) -> dict[str, OptionValue]:
        """Return what is set now."""
        found: dict[str, OptionValue] = {}
        for name, field in self._fields.items():
            if isinstance(field, QCheckBox):
                found[name] = field.isChecked()
            elif isinstance(field, QComboBox):
                found[name] = str(field.currentData())
            elif isinstance(field, QDoubleSpinBox):
                found[name] = field.value()
        return found

    def put(self, values: Mapping[str, OptionValue]) -> None:
        """Show values without telling that they changed."""
        for spec in self._options:
            value, field = values.get(spec.id, spec.default), self._fields[spec.id]
            with QSignalBlocker(field):
                if isinstance(field, QCheckBox):
                    field.setChecked(bool(value))
                elif isinstance(field, QComboBox):
                    field.setCurrentIndex(max(0, field.findData(value)))
                elif isinstance(field, QDoubleSpinBox):
                    field.setValue(float(value))
        self._enable()

    def _add(self, spec: OptionSpec) -> None:
        if isinstance(spec.default, bool):
            box = QCheckBox(spec.title, self)
            box.toggled.connect(self._on_change)
            self._fields[spec.id] = box
            self._form.addRow("", box)
            return
        field: QComboBox | QDoubleSpinBox
        if isinstance(spec.default, str):
            field = QComboBox(self)
            for value, words in spec.choices:
                field.addItem(words, value)
            # Long words must not make the dialog wide.
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            field.setMinimumContentsLength(24)
            field.currentIndexChanged.connect(self._on_change)
        else:
            field = PlainSpinBox(self)
            field.setDecimals(_decimals(spec))
            field.setRange(spec.minimum, spec.maximum)
            field.setSingleStep(spec.step)
            field.setSuffix(f" {spec.unit}" if spec.unit else "")
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            field.setMinimumWidth(14 * self.fontMetrics().averageCharWidth())
            field.valueChanged.connect(self._on_change)
        field.setAccessibleName(f"{spec.title}, {spec.unit}" if spec.unit else spec.title)
        label = QLabel(spec.title, self)
        label.setBuddy(field)
        self._fields[spec.id], self._labels[spec.id] = field, label
        self._form.addRow(label, field)

    def _on_change(self) -> None:
        self._enable()
        self.changed.emit()

    def _enable(self) -> None:
        values = self.values()
        for spec in self._options:
            if spec.shown_when is None:
                continue
            other, wanted = spec.shown_when
            # Greyed instead of hidden: the dialog keeps its size while one chooses.
            usable = values[other] in wanted
            self._fields[spec.id].setEnabled(usable)
            if spec.id in self._labels:
                self._labels[spec.id].setEnabled(usable)

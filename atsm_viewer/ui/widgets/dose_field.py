"""One field of the dose card: editor, unit, where the value came from, and what is doubtful."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.dose_card import FieldView
from atsm_viewer.app.dose_choices import Choice
from atsm_viewer.app.dose_fields import DoseField
from atsm_viewer.domain.notices import Severity
from atsm_viewer.ui.widgets.choice_row import ChoiceRow
from atsm_viewer.ui.widgets.labels import quiet, scaled_font

_ICONS = {
    Severity.INFO: QStyle.StandardPixmap.SP_MessageBoxInformation,
    Severity.WARNING: QStyle.StandardPixmap.SP_MessageBoxWarning,
    Severity.ERROR: QStyle.StandardPixmap.SP_MessageBoxCritical,
}


class EntryEdit(QLineEdit):
    """A line that gives undo back to the window when it has nothing of its own to undo."""

    reverted = Signal()
    """Escape was pressed."""

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window unless something was typed."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            undo = event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable()
            redo = event.matches(QKeySequence.StandardKey.Redo) and not self.isRedoAvailable()
            if undo or redo:
                event.ignore()
                return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape brings back the value that counts."""
        if event.key() == Qt.Key.Key_Escape:
            self.reverted.emit()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the value, ready to be typed over."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()


class DoseFieldRow(QWidget):
    """A row of the dose card.

    Parameters
    ----------
    field
        What it edits.
    """

    entered = Signal(str, str, str)
    """(field id, text, unit): a person typed or chose a value."""
    withdrawn = Signal(str)
    """Field id: back to what the header says."""
    chosen = Signal(object)
    """A :class:`Choice` was taken."""

    def __init__(self, field: DoseField, label_width: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = field
        self._view: FieldView | None = None
        self._refused = ""
        self.label = QLabel(field.title, self)
        self.label.setFixedWidth(label_width)
        self.label.setToolTip(field.tip)
        self.edit: EntryEdit | None = None
        self.box: QComboBox | None = None
        self.unit: QComboBox | None = None
        editor = self._make_editor()
        self.label.setBuddy(editor)
        self.origin = QToolButton(self)
        self.origin.setAutoRaise(True)
        self.origin.setFixedWidth(8 * self.fontMetrics().averageCharWidth() + 2 * self.fontMetrics().height())
        self.origin.clicked.connect(lambda: self.withdrawn.emit(field.id))
        self._icon = QLabel(self)
        self._problem = quiet("", self)
        self._problem.setForegroundRole(QPalette.ColorRole.WindowText)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._choices = ChoiceRow(self)
        self._choices.chosen.connect(self.chosen.emit)
        self._lay_out(editor)

    def _lay_out(self, editor: QWidget) -> None:
        said = QHBoxLayout()
        said.setSpacing(4)
        said.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self._problem, 1)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(editor, 0, 1)
        if self.unit is not None:
            grid.addWidget(self.unit, 0, 2)
        grid.addWidget(self.origin, 0, 3)
        grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(grid)
        layout.addLayout(said)
        layout.addWidget(self._choices)

    def _make_editor(self) -> QWidget:
        return self._make_box() if self.field.choices else self._make_edit()

    # -- editors --------------------------------------------------------------------------

    def _make_edit(self) -> QWidget:
        self.edit = EntryEdit(self)
        self.edit.setAccessibleName(self.field.title)
        self.edit.setMinimumWidth(8 * self.fontMetrics().averageCharWidth())
        self.edit.setToolTip(self.field.tip)
        if self.field.is_time:
            self.edit.setPlaceholderText("2026-01-31 09:20")
        self.edit.editingFinished.connect(self._on_finished)
        self.edit.reverted.connect(self._on_reverted)
        if len(self.field.units) > 1:
            self.unit = QComboBox(self)
            self.unit.addItems(list(self.field.units))
            self.unit.setAccessibleName(f"Unit of {self.field.name}")
            self.unit.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.unit.activated.connect(self._on_unit)
        return self.edit

    def _make_box(self) -> QWidget:
        self.box = QComboBox(self)
        self.box.setAccessibleName(self.field.title)
        self.box.setToolTip(self.field.tip)
        self.box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.box.setMinimumWidth(8 * self.fontMetrics().averageCharWidth())
        # The wheel scrolls the card; it must never change a dose in passing.
        self.box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.box.installEventFilter(self)
        for value, words in self.field.choices:
            self.box.addItem(words, value)
        if self.field.open_list:
            self.edit = EntryEdit(self)
            self.box.setEditable(True)
            self.box.setLineEdit(self.edit)
            self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            self.edit.editingFinished.connect(self._on_finished)
            self.edit.reverted.connect(self._on_reverted)
        self.box.activated.connect(self._on_box)
        return self.box

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the wheel from changing a list."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return False

    @property
    def editor(self) -> QWidget:
        """The widget that takes the keys."""
        found = self.edit or self.box
        assert found is not None  # one of the two was made
        return found

    # -- showing --------------------------------------------------------------------------

    def show_view(self, view: FieldView) -> None:
        """Show a field as it stands; what is being typed is left alone."""
        changed = self._view is None or self._view.value != view.value or self._view.entered != view.entered
        self._view = view
        if changed:
            self._refused = ""
        if not self._refused and not self._is_typing():
            self._put_value(view, keep_unit=not changed)
        self._show_origin(view)
        self._show_problem(view)

    def _is_typing(self) -> bool:
        return self.edit is not None and self.edit.hasFocus() and self.edit.isModified()

    def _put_value(self, view: FieldView, *, keep_unit: bool) -> None:
        if self.unit is not None and not keep_unit:
            with QSignalBlocker(self.unit):
                self.unit.setCurrentText(self.field.best_unit(view.value))
        unit = self.unit.currentText() if self.unit is not None else self.field.best_unit(view.value)
        text = "" if view.value is None else self.field.show(view.value, unit)
        if self.box is not None:
            with QSignalBlocker(self.box):
                at = self.box.findData(text)
                self.box.setCurrentIndex(at)
                if at < 0 and not self.box.isEditable():
                    self.box.setPlaceholderText(text or view.note)
                if at >= 0:
                    text = self.box.itemText(at)
        if self.edit is not None:
            if self.edit.text() != text:
                self.edit.setText(text)
            self.edit.setModified(False)
            self.edit.setCursorPosition(0)
            if view.note:
                self.edit.setPlaceholderText(view.note)

    def _show_origin(self, view: FieldView) -> None:
        if view.field.id == "subject_id":
            self.origin.setVisible(False)
            return
        self.origin.setEnabled(view.entered)
        # A glyph takes the colour of the text; the style's own arrow is black in the dark theme too.
        self.origin.setText(f"↩ {view.source}" if view.entered else view.source)
        tip = f"From {view.source_detail}." if view.source_detail else "Unknown."
        if view.entered:
            tip += f"\nClick to withdraw it; then: {view.otherwise}."
        self.origin.setToolTip(tip)
        name = f"{self.field.title}: {view.source or 'unknown'}"
        self.origin.setAccessibleName(f"Withdraw {self.field.name}" if view.entered else name)
        self.origin.setAccessibleDescription(tip)
        self.label.setFont(scaled_font(self.font(), 1.0, bold=view.entered))

    def _show_problem(self, view: FieldView) -> None:
        if self._refused:
            severity, text = Severity.ERROR, self._refused
            choices: tuple[Choice, ...] = ()
        else:
            serious = [n for n in view.problems if n.severity is not Severity.INFO] or list(view.problems)
            severity = serious[0].severity if serious else Severity.INFO
            text = " ".join(dict.fromkeys(n.text for n in serious))
            choices = view.choices
        self._icon.setVisible(bool(text))
        self._problem.setVisible(bool(text))
        self._problem.setText(text)
        side = round(self.fontMetrics().height() * 0.9)
        self._icon.setPixmap(self.style().standardIcon(_ICONS[severity]).pixmap(side, side))
        self._icon.setAccessibleName(severity.value)
        self._choices.show_choices(choices)
        self.editor.setAccessibleDescription(text or self.field.tip)

    def refuse(self, message: str) -> None:
        """Say beside the field why what was typed cannot be read; the text stays as it is."""
        self._refused = message
        if self._view is not None:
            self._show_problem(self._view)

    @property
    def is_refused(self) -> bool:
        """Whether what was typed could not be read."""
        return bool(self._refused)

    @property
    def problem_text(self) -> str:
        """What is said below the field; empty for nothing."""
        return "" if self._problem.isHidden() else self._problem.text()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be chosen now."""
        return self._choices.shown

    # -- entering -------------------------------------------------------------------------

    def commit(self) -> None:
        """Hand over what was typed and is not handed over yet."""
        if self.edit is not None:
            self._on_finished()

    def _on_finished(self) -> None:
        assert self.edit is not None  # only edits send this
        if not self.edit.isModified():
            return
        text = self.edit.text().strip()
        if not text:
            self._on_reverted()
            if self._view is not None and self._view.entered and self.field.id != "subject_id":
                self.withdrawn.emit(self.field.id)
            return
        if self.box is not None:
            at = self.box.findText(text, Qt.MatchFlag.MatchFixedString)
            text = str(self.box.itemData(at)) if at >= 0 else text
        self.edit.setModified(False)
        self._refused = ""
        self.entered.emit(self.field.id, text, self.unit.currentText() if self.unit is not None else "")

    def _on_reverted(self) -> None:
        self._refused = ""
        if self.edit is not None:
            self.edit.setModified(False)
        if self._view is not None:
            self._put_value(self._view, keep_unit=True)
            self._show_problem(self._view)

    def _on_box(self, row: int) -> None:
        assert self.box is not None  # only boxes send this
        if self.edit is not None:
            self.edit.setModified(False)
        self._refused = ""
        self.entered.emit(self.field.id, str(self.box.itemData(row)), "")

    def _on_unit(self) -> None:
        """Another unit shows the same value; only what is typed after it is read in it."""
        if self._view is not None and not self._refused and not (self.edit and self.edit.isModified()):
            self._put_value(self._view, keep_unit=True)

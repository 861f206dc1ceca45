"""Setting up an operation while its result is shown in the views."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.operation_draft import OperationDraft, OperationPreview
from atsm_viewer.app.operations_run import RoiNumbers
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.ui.widgets.dialog_frame import dialog_buttons
from atsm_viewer.ui.widgets.labels import heading, quiet
from atsm_viewer.ui.widgets.option_form import OptionForm

_WAIT_MS = 120
_ROWS = ("Volume", "Voxels", "Mean", "Maximum", "T/M mean")


class OperationDialog(QDialog):
    """Options, what would come out, and OK; nothing is changed before OK.

    It leaves the window usable, so that one can scroll through the preview. When the session or the
    crosshair changes meanwhile the preview is worked out anew.

    Parameters
    ----------
    ctx
        Whose session and view are followed.
    draft
        The operation that is being set up.
    """

    previewed = Signal(object)
    """Scan ids and masks to outline; empty for none."""

    def __init__(self, ctx: AppContext, draft: OperationDraft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ctx, self._draft = ctx, draft
        self.setWindowTitle(draft.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.form = OptionForm(draft.options, draft.start_values, self)
        self.preview_box = QCheckBox("&Preview", self)
        self.preview_box.setChecked(True)
        self.preview_box.setToolTip("Outlines the result in the views (dashed) and shows its numbers.")
        self.note = quiet("", self)
        self._heads: list[QLabel] = []
        self._numbers: dict[str, tuple[QLabel, QLabel, QLabel]] = {}
        box = QDialogButtonBox.StandardButton
        buttons = dialog_buttons(self, box.Ok | box.Cancel | box.RestoreDefaults)
        self.ok = buttons.button(box.Ok)
        self.cancel = buttons.button(box.Cancel)
        self.restore = buttons.button(box.RestoreDefaults)
        self.restore.setText("Defaults")
        self.restore.setToolTip("Brings back the values that fit this ROI.")
        self.restore.setAutoDefault(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.restore.clicked.connect(self._on_defaults)
        target = heading(draft.roi_name, self, 1.1)
        layout = QVBoxLayout(self)
        layout.setSpacing(self.fontMetrics().height() // 2)
        layout.addWidget(target)
        layout.addWidget(quiet(draft.tip, self))
        layout.addWidget(self.form)
        layout.addWidget(self.preview_box)
        layout.addLayout(self._number_grid())
        layout.addWidget(self.note)
        layout.addStretch(1)
        layout.addWidget(buttons)
        # Room for two lines from the start: the dialog must not jump when there is something to say.
        self.note.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setMinimumWidth(52 * self.fontMetrics().averageCharWidth())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._preview)
        self.form.changed.connect(self._on_change)
        self.preview_box.toggled.connect(self._on_change)
        self._ends: list[Callable[[], None]] = [
            ctx.session.subscribe(lambda old, new: self._on_change()),
            ctx.view.subscribe(lambda old, new: self._on_view(old.cursor_lps != new.cursor_lps)),
        ]
        self._show_numbers(None, None)
        if parent is not None:
            parent.installEventFilter(self)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with a preview of the values it starts with."""
        super().showEvent(event)
        self._preview()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go away with the window."""
        if event.type() == QEvent.Type.Close:
            self.reject()
        return super().eventFilter(watched, event)

    def accept(self) -> None:
        """Carry it out as one undoable step."""
        self._end()
        super().accept()
        try:
            self._draft.accept(self.form.values())
        except AtsmError as error:
            self._ctx.port.show_error(error)

    def reject(self) -> None:
        """Leave everything as it is."""
        self._draft.drop_preview()
        self._end()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing by the frame or with the window is cancelling."""
        self._draft.drop_preview()
        self._end()
        super().closeEvent(event)

    def _end(self) -> None:
        self._timer.stop()
        for end in self._ends:
            end()
        self._ends.clear()
        self.previewed.emit(())

    def _number_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * self.fontMetrics().averageCharWidth())
        for column, text in ((1, "Now"), (2, "Afterwards")):
            head = quiet(text, self)
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(head, 0, column)
            self._heads.append(head)
        for row, name in enumerate(_ROWS, start=1):
            words = (QLabel(name, self), QLabel("–", self), QLabel("–", self))
            for column, label in enumerate(words):
                if column:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight)
                grid.addWidget(label, row, column)
            self._numbers[name] = words
        grid.setColumnStretch(0, 1)
        return grid

    def _show_numbers(self, before: RoiNumbers | None, after: RoiNumbers | None) -> None:
        unit = next((n.unit for n in (before, after) if n is not None and n.unit), "")
        self._numbers["Mean"][0].setText(f"Mean, {unit}" if unit else "Mean")
        self._numbers["Maximum"][0].setText(f"Maximum, {unit}" if unit else "Maximum")
        for column, numbers in ((1, before), (2, after)):
            for name in _ROWS:
                self._numbers[name][column].setText("–" if numbers is None else _text(name, numbers))
        has_tm = any(n is not None and n.tm_mean is not None for n in (before, after))
        for label in self._numbers["T/M mean"]:
            label.setVisible(has_tm)

    def _on_defaults(self) -> None:
        self.form.put(self._draft.defaults)
        self._on_change()

    def _on_view(self, crosshair_moved: bool) -> None:
        if crosshair_moved:
            self._on_change()

    def _on_change(self) -> None:
        gone = self._draft.why_gone
        self.ok.setEnabled(not gone)
        if gone:
            self._timer.stop()
            self._say(gone)
            self._show_numbers(None, None)
            self.previewed.emit(())
            return
        self._timer.start()

    def _preview(self) -> None:
        if not self.preview_box.isChecked():
            self._draft.drop_preview()
            self._say("")
            self._show_numbers(None, None)
            self.previewed.emit(())
            return
        self._draft.preview(self.form.values(), self._on_preview, self._on_refused)

    def _on_preview(self, preview: OperationPreview) -> None:
        if not self._ends:
            return
        self.ok.setEnabled(True)
        titles = ("This ROI", "New ROI") if preview.n_new else ("Now", "Afterwards")
        for head, title in zip(self._heads, titles, strict=True):
            head.setText(title)
        self._show_numbers(preview.before, preview.after)
        words = list(preview.notices)
        if preview.n_new:
            words.insert(0, f"{preview.n_new} ROI{'s' if preview.n_new > 1 else ''} will be added.")
        if preview.unchanged:
            words.insert(0, "No voxel changes with these values.")
        self._say(" ".join(words))
        masks: Sequence[tuple[str, Mask]] = preview.masks
        self.previewed.emit(masks)

    def _on_refused(self, error: AtsmError) -> None:
        if not self._ends:
            return
        self.ok.setEnabled(False)
        self._show_numbers(None, None)
        self._say(f"{error.user_message} {error.hint}".strip())
        self.previewed.emit(())

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setAccessibleName(text)


def _text(name: str, numbers: RoiNumbers) -> str:
    if name == "Volume":
        return f"{numbers.volume_ml:.4g} mL"
    if name == "Voxels":
        return f"{numbers.n_voxels:,}".replace(",", "\u202f")
    value = {"Mean": numbers.mean, "Maximum": numbers.maximum, "T/M mean": numbers.tm_mean}[name]
    return "–" if value is None else f"{value:.4g}"

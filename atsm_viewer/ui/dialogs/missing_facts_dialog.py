"""Everything that SUV still needs, asked once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.dose_card import FieldView
from atsm_viewer.app.dose_choices import Choice
from atsm_viewer.app.dose_editing import enter_values
from atsm_viewer.app.dose_fields import dose_field
from atsm_viewer.app.missing_facts import MissingFact, missing_facts
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.ui.widgets.dialog_frame import dialog_buttons, resize_in_em
from atsm_viewer.ui.widgets.dose_field import DoseFieldRow
from atsm_viewer.ui.widgets.labels import heading, quiet

_FIRST = ("units", "accept_missing_attenuation")


class MissingFactsDialog(QDialog):
    """One row per missing fact with its reason; all answers are one undo step.

    What is left empty stays missing. Cancel changes nothing: T/M and stored units go on working.

    Parameters
    ----------
    ctx
        Session and view.
    subject_id
        Whose facts; empty for the first subject of the scan in view.
    """

    def __init__(self, ctx: AppContext, subject_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.setWindowTitle("Facts that SUV needs")
        state = ctx.session.state
        scan = state.scan(ctx.view.state.scan_id)
        slot = scan.slot_of(subject_id) or scan.first_slot
        self._administration_id = slot.administration_id
        facts = missing_facts(scan, state.administration(slot.administration_id))
        # The unit decides what else is needed, so it comes first.
        facts = tuple(sorted(facts, key=lambda f: f.field.id not in _FIRST))
        self._answers: dict[str, object] = {}
        self.rows: dict[str, DoseFieldRow] = {}
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(round(self.fontMetrics().height() * 0.7))
        width = max((self.fontMetrics().horizontalAdvance(f.field.title) for f in facts), default=0)
        for fact in facts:
            row = DoseFieldRow(fact.field, round(1.15 * width) + 4, inner)
            row.entered.connect(self._on_entered)
            row.withdrawn.connect(self._on_withdrawn)
            row.chosen.connect(self._on_chosen)
            self.rows[fact.field.id] = row
            self._show(fact)
            column.addWidget(row)
        self._facts = {fact.field.id: fact for fact in facts}
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        buttons = dialog_buttons(
            self, QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok.setText("Enter")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        subject = state.subject(slot.subject_id).label
        layout = QVBoxLayout(self)
        layout.setSpacing(round(self.fontMetrics().height() * 0.6))
        layout.addWidget(heading(f"SUV of {subject}, {scan.label}".rstrip(", "), self, 1.15))
        layout.addWidget(
            quiet(
                "Without these facts there is no SUV and no %ID; T/M ratios and stored units need none of "
                "them. What is entered is marked as typed, in the program and in every export, and can be "
                "withdrawn.",
                self,
            )
        )
        layout.addWidget(area, 1)
        layout.addWidget(buttons)
        resize_in_em(self, 72, min(10 + 4.2 * len(facts), 34))
        if facts:
            self.rows[facts[0].field.id].editor.setFocus(Qt.FocusReason.TabFocusReason)

    def _show(self, fact: MissingFact) -> None:
        value = self._answers.get(fact.field.id)
        given = value is not None
        problem = Notice(fact.code, Severity.INFO if given else Severity.WARNING, fact.reason)
        self.rows[fact.field.id].show_view(
            FieldView(
                field=fact.field, value=value, source="typed" if given else "",
                source_detail="typed, not yet entered" if given else "", entered=given,
                otherwise="it stays missing", problems=() if given else (problem,), choices=fact.choices,
            )
        )  # fmt: skip

    def _on_entered(self, field_id: str, text: str, unit: str) -> None:
        try:
            self._answers[field_id] = dose_field(field_id).parse(text, unit or None)
        except AtsmError as error:
            self._answers.pop(field_id, None)
            self.rows[field_id].refuse(f"{error.user_message} {error.hint}".strip())
            return
        self._show(self._facts[field_id])

    def _on_withdrawn(self, field_id: str) -> None:
        self._answers.pop(field_id, None)
        self._show(self._facts[field_id])

    def _on_chosen(self, choice: Choice) -> None:
        for field_id, value in choice.values.items():
            self._answers[field_id] = value
            if field_id in self._facts:
                self._show(self._facts[field_id])

    def accept(self) -> None:
        """Enter all answers as one step; a text that cannot be read keeps the dialog open."""
        for row in self.rows.values():
            row.commit()
        unread = [row for row in self.rows.values() if row.is_refused]
        if unread:
            unread[0].editor.setFocus()
            return
        if self._answers:
            try:
                enter_values(self._ctx.session, self._administration_id, self._answers, "Enter missing facts")
            except AtsmError as error:
                self._ctx.port.show_error(error)
                return
        super().accept()

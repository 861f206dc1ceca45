"""The dose card: who got how much of what, when, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.dose_card import DoseCard, dose_card
from atsm_viewer.app.dose_choices import Choice
from atsm_viewer.app.dose_editing import enter_text, enter_values, withdraw
from atsm_viewer.app.dose_fields import DOSE_FIELDS, SYRINGE
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.panels.panel import Panel
from atsm_viewer.ui.widgets.dose_field import DoseFieldRow
from atsm_viewer.ui.widgets.expander import Expander
from atsm_viewer.ui.widgets.labels import heading, quiet, scaled_font


class DosePanel(Panel):
    """Hours after injection in large type, and every input with where it came from."""

    id = "dose"
    title = "Dose card"
    area = Qt.DockWidgetArea.RightDockWidgetArea

    def __init__(
        self,
        ctx: AppContext,
        bridge: Bridge,
        run_command: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ctx, bridge, run_command, parent)
        self.subject_id = ""
        self.rows: dict[str, DoseFieldRow] = {}
        self.card = DoseCard()
        inner = QWidget(self)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(6, 6, 6, 6)
        self._column.setSpacing(4)
        self._build_head(inner)
        self._build_fields(inner)
        self._column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        self._area = area
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        bridge.state_changed.connect(lambda old, new: self.refresh())
        bridge.view_changed.connect(self._on_view)
        self.refresh()

    # -- layout ---------------------------------------------------------------------------

    def _build_head(self, inner: QWidget) -> None:
        self._subjects = QComboBox(inner)
        self._subjects.setAccessibleName("Subject of the dose card")
        self._subjects.activated.connect(self._on_subject)
        self.hours = QLabel(inner)
        self.hours.setFont(scaled_font(self.font(), 1.8, bold=True))
        self.hours.setAccessibleName("Hours after injection")
        self._caption = quiet("", inner)
        across = QHBoxLayout()
        across.addWidget(self.hours)
        across.addWidget(self._caption, 1, Qt.AlignmentFlag.AlignBottom)
        self.banner = QFrame(inner)
        self.banner.setFrameShape(QFrame.Shape.StyledPanel)
        self._banner_icon = QLabel(self.banner)
        side = round(1.4 * self.fontMetrics().height())
        icon = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        self._banner_icon.setPixmap(icon.pixmap(side, side))
        self.verdict = QLabel(self.banner)
        self.verdict.setWordWrap(True)
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._consequence = quiet("T/M and stored units are shown all the same.", self.banner)
        self.ask = QPushButton("Enter missing facts…", self.banner)
        self.ask.setDefault(True)
        self.ask.setToolTip("Asks once for everything that SUV still needs, with the reason.")
        self.ask.clicked.connect(lambda: self.run_command("dose.missing"))
        words = QVBoxLayout()
        words.addWidget(self.verdict)
        words.addWidget(self._consequence)
        words.addWidget(self.ask, 0, Qt.AlignmentFlag.AlignLeft)
        beside = QHBoxLayout(self.banner)
        beside.setContentsMargins(6, 6, 6, 6)
        beside.addWidget(self._banner_icon, 0, Qt.AlignmentFlag.AlignTop)
        beside.addLayout(words, 1)
        self.path = quiet("", inner)
        self.path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sum = QLabel(inner)
        self.decay, self.balance, self.general = QLabel(inner), QLabel(inner), QLabel(inner)
        for label in (self.sum, self.decay, self.balance, self.general):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._sum_caption = quiet("", inner)
        self._column.addWidget(self._subjects)
        self._column.addLayout(across)
        for widget in (
            self.banner,
            self.general,
            self._sum_caption,
            self.sum,
            self.decay,
            self.balance,
            self.path,
        ):
            self._column.addWidget(widget)  # fmt: skip

    def _build_fields(self, inner: QWidget) -> None:
        width = max(self.fontMetrics().horizontalAdvance(f.title) for f in DOSE_FIELDS)
        width = round(1.12 * width) + 4  # entered fields stand in heavier type
        self._headings: dict[str, QWidget] = {}
        syringe = QWidget(inner)
        in_syringe = QVBoxLayout(syringe)
        in_syringe.setContentsMargins(0, 0, 0, 0)
        in_syringe.setSpacing(4)
        for field in DOSE_FIELDS:
            inside = field.group == SYRINGE
            if field.group not in self._headings:
                title = Expander(SYRINGE, syringe, inner) if inside else heading(field.group, inner, 1.0)
                self._headings[field.group] = title
                self._column.addSpacing(4)
                self._column.addWidget(title)
            row = DoseFieldRow(field, width, syringe if inside else inner)
            row.entered.connect(self._on_entered)
            row.withdrawn.connect(self._on_withdrawn)
            row.chosen.connect(self._on_chosen)
            self.rows[field.id] = row
            (in_syringe if inside else self._column).addWidget(row)

    # -- showing --------------------------------------------------------------------------

    def _on_view(self, old: object, new: object) -> None:
        for name in ("scan_id", "frame", "cursor_lps"):
            if getattr(old, name, None) != getattr(new, name, None):
                self.refresh()
                return

    def refresh(self) -> None:
        """Show the card of the scan in view."""
        state, view = self.ctx.session.state, self.ctx.view.state
        card = dose_card(state, view.scan_id, self.subject_id, view.frame, view.cursor_lps)
        if card == self.card and card.administration_id:
            return
        self.card, self.subject_id = card, card.subject_id
        self._show_subjects()
        self.hours.setText(card.hours_text)
        self._caption.setText(card.hours_caption)
        self.banner.setVisible(bool(card.administration_id) and not card.available)
        self.verdict.setText(card.verdict)
        self.ask.setVisible(bool(card.missing))
        self.path.setText(card.verdict if card.available else "")
        self.path.setVisible(card.available)
        for label, text in (
            (self._sum_caption, card.sum_caption),
            (self.sum, card.sum_text),
            (self.decay, card.decay_text),
            (self.balance, f"{'⚠ ' if card.balance_suspect else ''}{card.balance_text}"),
            (self.general, "\n".join(f"⚠ {n.text} {n.remedy}".strip() for n in card.general)),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        shown = {v.field.id: v for v in card.fields}
        for field_id, row in self.rows.items():
            if field_id in shown:
                row.show_view(shown[field_id])
            row.setVisible(field_id in shown)
        for title in self._headings.values():
            title.setVisible(bool(card.fields))
        syringe = self._headings[SYRINGE]
        used = any(v.entered or v.problems for v in card.fields if v.field.group == SYRINGE)
        if used and isinstance(syringe, Expander) and syringe.content.isHidden():
            syringe.button.click()

    def _show_subjects(self) -> None:
        state = self.ctx.session.state
        scan = next((s for s in state.scans if s.id == self.ctx.view.state.scan_id), None)
        slots = () if scan is None else scan.slots
        with QSignalBlocker(self._subjects):
            self._subjects.clear()
            for slot in slots:
                self._subjects.addItem(state.subject(slot.subject_id).label, slot.subject_id)
            self._subjects.setCurrentIndex(self._subjects.findData(self.subject_id))
        self._subjects.setVisible(len(slots) > 1)

    def take_in_hand(self, field_id: str = "") -> None:
        """Scroll to a field and give it the keys; the first doubtful one for an empty id."""
        if not field_id:
            doubtful = (v.field.id for v in self.card.fields if v.problems)
            missing = (fact.field.id for fact in self.card.missing)
            field_id = next(missing, None) or next(doubtful, None) or "weight_kg"
        row = self.rows[field_id]
        syringe = self._headings[SYRINGE]
        if row.field.group == SYRINGE and isinstance(syringe, Expander) and syringe.content.isHidden():
            syringe.button.click()
        self._area.ensureWidgetVisible(row)
        row.editor.setFocus(Qt.FocusReason.TabFocusReason)

    # -- editing --------------------------------------------------------------------------

    def _on_subject(self, index: int) -> None:
        self.subject_id = str(self._subjects.itemData(index))
        self.refresh()

    def _on_entered(self, field_id: str, text: str, unit: str) -> None:
        try:
            changed = enter_text(self.ctx.session, self.card.administration_id, field_id, text, unit)
        except AtsmError as error:
            self.rows[field_id].refuse(f"{error.user_message} {error.hint}".strip())
            return
        if not changed:
            self._show_again(field_id)

    def _show_again(self, field_id: str) -> None:
        view = next((v for v in self.card.fields if v.field.id == field_id), None)
        if view is not None:
            self.rows[field_id].show_view(view)

    def _on_withdrawn(self, field_id: str) -> None:
        withdraw(self.ctx.session, self.card.administration_id, [field_id])

    def _on_chosen(self, choice: Choice) -> None:
        try:
            enter_values(self.ctx.session, self.card.administration_id, choice.values)
        except AtsmError as error:
            self.ctx.port.show_error(error)

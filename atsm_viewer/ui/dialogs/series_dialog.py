"""Which PET with which CT."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from atsm_viewer.app.jobs import JobRunner
from atsm_viewer.app.series_choice import (
    Catalogue,
    Choice,
    ProposedPair,
    SeriesEntry,
    choice_of,
    ct_choices,
    pair_of,
    pet_choices,
)
from atsm_viewer.ui.dialogs.series_tree import SeriesTree
from atsm_viewer.ui.widgets.dialog_frame import dialog_buttons, resize_in_em
from atsm_viewer.ui.widgets.expander import Expander
from atsm_viewer.ui.widgets.labels import heading, quiet
from atsm_viewer.ui.widgets.roomy_rows import make_roomy

_WIDTH_EM = 124
_MAX_ROWS = 6


class SeriesDialog(QDialog):
    """Proposes pairs, the best one selected, and lets a person choose other images.

    Parameters
    ----------
    catalogue
        Everything that was found.
    pairs
        Proposals, the best first.
    jobs
        Where small pictures are made; None for none.
    last
        Identities of the PET and CT that were chosen from this study before; it is selected again.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        pairs: Sequence[ProposedPair],
        parent: QWidget | None = None,
        jobs: JobRunner | None = None,
        last: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(parent)
        self._pairs = tuple(pairs)
        self._pets, self._cts = pet_choices(catalogue, pairs), ct_choices(catalogue, pairs)
        self._proposed: list[QTreeWidgetItem] = []
        self.chosen: ProposedPair | None = None
        self.setWindowTitle("Choose PET and CT")
        em, line = self.fontMetrics().averageCharWidth(), self.fontMetrics().height()
        self.proposals = self._proposal_list()
        self.pet, self.ct = self._combo("PET image"), self._combo("CT image")
        self.pet.setPlaceholderText("Choose the PET image")
        self._fill_combo(self.pet, self._pets)
        self.pet.setCurrentIndex(-1)
        self.ct.addItem("No CT")
        self._fill_combo(self.ct, self._cts)
        self.pet_facts, self.ct_facts = quiet("", self), quiet("", self)
        self.reason = quiet("", self)
        buttons = dialog_buttons(
            self, QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = buttons.button(QDialogButtonBox.StandardButton.Open)
        self.ok.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QGridLayout()
        form.setColumnStretch(1, 1)
        form.setHorizontalSpacing(2 * em)
        form.setVerticalSpacing(line // 4)
        for row, (name, combo, facts) in enumerate(
            (("&PET", self.pet, self.pet_facts), ("&CT", self.ct, self.ct_facts))
        ):
            label = QLabel(name, self)
            label.setBuddy(combo)
            form.addWidget(label, 3 * row, 0)
            form.addWidget(combo, 3 * row, 1)
            form.addWidget(facts, 3 * row + 1, 1)
            form.setRowMinimumHeight(3 * row + 2, line // 3)
        layout = QVBoxLayout(self)
        layout.setSpacing(line // 2)
        if self._pairs:
            layout.addWidget(heading("Proposed", self, 1.1))
            layout.addWidget(self.proposals)
        else:
            self.proposals.hide()
        layout.addWidget(heading("All images", self, 1.1))
        self.tree = SeriesTree(catalogue, jobs, self)
        self.tree.picked.connect(self._on_tree)
        self.finished.connect(lambda result: self.tree.stop())
        layout.addWidget(self.tree, 3)
        layout.addLayout(form)
        layout.addWidget(self.reason)
        self.set_aside = self._set_aside(catalogue)
        layout.addWidget(self.set_aside, 1)
        layout.addStretch(0)
        layout.addWidget(buttons)
        resize_in_em(self, _WIDTH_EM)
        self.pet.currentIndexChanged.connect(self._on_choice)
        self.ct.currentIndexChanged.connect(self._on_choice)
        self.proposals.currentItemChanged.connect(lambda now, before: self._on_proposal())
        self.proposals.itemDoubleClicked.connect(lambda item, column: self.ok.click())
        if self._pairs:
            self.proposals.setCurrentItem(self._proposed[0])
            self.proposals.setFocus()
        if last is not None and self.pet.findData(last[0]) >= 0:
            self.pet.setCurrentIndex(self.pet.findData(last[0]))
            self.ct.setCurrentIndex(max(0, self.ct.findData(last[1])) if last[1] else 0)
        self._on_choice()

    def accept(self) -> None:
        """Keep the choice and close; nothing happens while there is no PET."""
        pair = self._current()
        if pair is not None:
            self.chosen = pair
            super().accept()

    def _combo(self, name: str) -> QComboBox:
        combo = QComboBox(self)
        combo.setAccessibleName(name)
        # A long series description must not widen the window.
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(40)
        return combo

    def _fill_combo(self, combo: QComboBox, choices: Sequence[Choice]) -> None:
        for choice in choices:
            combo.addItem(choice.title, choice.entry.id)
            combo.setItemData(combo.count() - 1, choice.facts, Qt.ItemDataRole.ToolTipRole)

    def _proposal_list(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setAccessibleName("Proposed pairs of PET and CT")
        tree.setHeaderLabels(["PET", "CT", "Why"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        make_roomy(tree)
        tree.setAllColumnsShowFocus(True)
        tree.setAlternatingRowColors(True)
        for pair in self._pairs:
            pet = choice_of(pair.pet)
            ct = None if pair.ct is None else choice_of(pair.ct)
            item = QTreeWidgetItem([pet.title, "No CT" if ct is None else ct.title, pair.reason])
            item.setToolTip(0, pet.facts)
            item.setToolTip(1, "" if ct is None else ct.facts)
            item.setToolTip(2, pair.reason)
            self._proposed.append(item)
        tree.addTopLevelItems(self._proposed)
        header = tree.header()
        header.setStretchLastSection(True)
        em = self.fontMetrics().averageCharWidth()
        for column in (0, 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            tree.setColumnWidth(column, 30 * em)
        rows = min(max(len(self._pairs), 1), _MAX_ROWS)
        row = max(tree.sizeHintForRow(0), self.fontMetrics().height())
        tree.setFixedHeight(header.sizeHint().height() + rows * row + 2 * tree.frameWidth() + 2)
        return tree

    def _set_aside(self, catalogue: Catalogue) -> Expander:
        aside = [e for e in catalogue.series if not e.suitable]
        tree = _WideTree(self)
        tree.setAccessibleName("What is not opened, and why")
        tree.setHeaderLabels(["Series or file", "Why it is not opened"])
        tree.setRootIsDecorated(False)
        for entry in aside:
            choice = choice_of(entry)
            tree.addTopLevelItem(QTreeWidgetItem([choice.title, entry.reason]))
        for item in catalogue.rejected:
            row = QTreeWidgetItem([item.path.name, item.reason])
            row.setToolTip(0, str(item.path))
            tree.addTopLevelItem(row)
        tree.setColumnWidth(0, 36 * self.fontMetrics().averageCharWidth())
        files = "1 file" if len(catalogue.rejected) == 1 else f"{len(catalogue.rejected)} files"
        title = f"Not opened: {len(aside)} series, {files}"
        expander = Expander(title, tree, self)
        expander.setVisible(bool(aside or catalogue.rejected))
        expander.toggled.connect(lambda open_now: self._fit())
        return expander

    def _fit(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
        self.resize(self.width(), self.sizeHint().height())

    def _on_proposal(self) -> None:
        now = self.proposals.currentItem()
        if now is None:
            return
        pair = self._pairs[self._proposed.index(now)]
        self.pet.setCurrentIndex(self.pet.findData(pair.pet.id))
        self.ct.setCurrentIndex(0 if pair.ct is None else self.ct.findData(pair.ct.id))

    def _on_tree(self, entry: SeriesEntry) -> None:
        """Take an image of the tree as what it is; one that does not say becomes the PET."""
        combo = self.ct if entry.modality == "CT" else self.pet
        row = combo.findData(entry.id)
        if row >= 0:
            combo.setCurrentIndex(row)

    def _picked(self, combo: QComboBox, choices: Sequence[Choice]) -> Choice | None:
        wanted = combo.currentData()
        return next((c for c in choices if c.entry.id == wanted), None)

    def _current(self) -> ProposedPair | None:
        pet, ct = self._picked(self.pet, self._pets), self._picked(self.ct, self._cts)
        if pet is None or (ct is not None and ct.entry.id == pet.entry.id):
            return None
        return pair_of(pet.entry, None if ct is None else ct.entry, self._pairs)

    def _on_choice(self) -> None:
        pet, ct = self._picked(self.pet, self._pets), self._picked(self.ct, self._cts)
        self.pet_facts.setText("" if pet is None else pet.facts)
        self.ct_facts.setText("" if ct is None else ct.facts)
        pair = self._current()
        if pair is not None:
            words = pair.reason
        elif not self._pets:
            words = "None of these images can be a PET."
        elif pet is None:
            words = "Choose the PET image."
        else:
            words = "PET and CT are the same image; choose another one."
        self.reason.setText(words)
        self.ok.setEnabled(pair is not None)
        self.ok.setToolTip("" if pair is not None else words)
        self._mark_proposal(pair)

    def _mark_proposal(self, pair: ProposedPair | None) -> None:
        row = next((n for n, p in enumerate(self._pairs) if p is pair), -1)
        if row >= 0:
            self.proposals.setCurrentItem(self._proposed[row])
        else:
            self.proposals.clearSelection()


class _WideTree(QTreeWidget):
    """A list that asks for a few rows only."""

    def sizeHint(self) -> QSize:
        """Return room for about six rows."""
        return QSize(super().sizeHint().width(), 9 * self.fontMetrics().height())

"""The window's answers to the questions of use cases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QApplication, QColorDialog, QFileDialog, QInputDialog, QMessageBox

from atsm_viewer.app.commands import COMMANDS
from atsm_viewer.app.operation_draft import OperationDraft
from atsm_viewer.app.raw_import import RawDescription
from atsm_viewer.app.restoring import restore
from atsm_viewer.app.series_memory import last_choice, remember_choice
from atsm_viewer.app.ui_port import BackupVersion, Catalogue, Operation, ProposedPair, SaveAnswer
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.ui.dialogs.about_dialog import AboutDialog
from atsm_viewer.ui.dialogs.backups_dialog import BackupsDialog
from atsm_viewer.ui.dialogs.error_dialog import ErrorDialog
from atsm_viewer.ui.dialogs.missing_facts_dialog import MissingFactsDialog
from atsm_viewer.ui.dialogs.operation_dialog import OperationDialog
from atsm_viewer.ui.dialogs.palette_dialog import PaletteDialog
from atsm_viewer.ui.dialogs.raw_import_dialog import RawImportDialog
from atsm_viewer.ui.dialogs.recovery_dialog import RecoveryDialog
from atsm_viewer.ui.dialogs.series_dialog import SeriesDialog
from atsm_viewer.ui.dialogs.shortcuts_dialog import ShortcutsDialog
from atsm_viewer.ui.dialogs.window_dialog import WindowDialog
from atsm_viewer.ui.panels.dose_panel import DosePanel
from atsm_viewer.ui.theme import apply_theme
from atsm_viewer.ui.views.operation_preview import OperationPreviewOverlay
from atsm_viewer.ui.views.slice_view import SliceView

if TYPE_CHECKING:
    from atsm_viewer.ui.main_window import MainWindow


class WindowPort:
    """Asks and tells by dialogs of the main window.

    It is made before the window, because the context needs it; :meth:`attach` completes it.
    """

    def __init__(self) -> None:
        self._attached: MainWindow | None = None

    def attach(self, window: MainWindow) -> None:
        """Say which window owns the dialogs."""
        self._attached = window

    @property
    def _window(self) -> MainWindow:
        assert self._attached is not None  # attached by the window's constructor
        return self._attached

    def choose_folder(self, title: str) -> Path | None:
        """Return a folder, or None when the person cancels."""
        start = str(self._window.ctx.document.folder)
        text = QFileDialog.getExistingDirectory(self._window, title, start)
        return Path(text) if text else None

    def choose_open_file(self, title: str, filters: str) -> Path | None:
        """Return an existing file, or None when the person cancels."""
        start = str(self._window.ctx.document.folder)
        text, _ = QFileDialog.getOpenFileName(self._window, title, start, filters)
        return Path(text) if text else None

    def choose_save_file(self, title: str, proposal: Path, filters: str) -> Path | None:
        """Return where to save (an existing file was confirmed), or None."""
        text, _ = QFileDialog.getSaveFileName(self._window, title, str(proposal), filters)
        return Path(text) if text else None

    def choose_series(self, catalogue: Catalogue, pairs: Sequence[ProposedPair]) -> ProposedPair | None:
        """Return which PET with which CT, or None when the person cancels."""
        ctx = self._window.ctx
        dialog = SeriesDialog(catalogue, pairs, self._window, ctx.jobs, last_choice(ctx.settings, catalogue))
        dialog.exec()
        chosen = dialog.chosen
        dialog.deleteLater()
        if chosen is not None:
            remember_choice(ctx.settings, chosen)
        return chosen

    def ask_unsaved(self, what: str) -> SaveAnswer:
        """Return what to do with unsaved work before ``what``."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved changes")
        box.setText(f"Save the changes to “{self._window.ctx.document.name}” before {what}?")
        box.setInformativeText("Without saving, what was drawn since the last save is lost.")
        save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Do not save", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(save)
        box.exec()
        clicked = box.clickedButton()
        box.deleteLater()
        if clicked is save:
            return SaveAnswer.SAVE
        return SaveAnswer.DISCARD if clicked is discard else SaveAnswer.CANCEL

    def ask_text(self, title: str, label: str, text: str) -> str | None:
        """Return a line of text, or None when the person cancels."""
        answer, ok = QInputDialog.getText(self._window, title, label, text=text)
        return answer if ok else None

    def ask_colour(self, title: str, colour: str) -> str | None:
        """Return ``#RRGGBB``, or None when the person cancels."""
        chosen = QColorDialog.getColor(QColor(colour), self._window, title)
        return chosen.name().upper() if chosen.isValid() else None

    def ask_choice(self, title: str, text: str, options: Sequence[str]) -> int | None:
        """Return which of some answers was chosen, counted from 0, or None when the person cancels."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(title)
        box.setText(text)
        buttons = [box.addButton(words, QMessageBox.ButtonRole.AcceptRole) for words in options]
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(buttons[0])
        box.exec()
        clicked = box.clickedButton()
        box.deleteLater()
        return next((n for n, button in enumerate(buttons) if button is clicked), None)

    def choose_backup(self, project: Path, versions: Sequence[BackupVersion]) -> BackupVersion | None:
        """Return which earlier version of a project to restore, or None when the person cancels."""
        dialog = BackupsDialog(project, versions, self._window)
        dialog.exec()
        chosen = dialog.chosen
        dialog.deleteLater()
        return chosen

    def show_report(self, title: str, text: str) -> None:
        """Show text of several lines that can be read at leisure and copied."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Information)
        box.setWindowTitle(title)
        box.setText(text)
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.exec()
        box.deleteLater()

    def show_error(self, error: AtsmError) -> None:
        """Show what happened, what was kept and what to do next."""
        dialog = ErrorDialog(error, self._window)
        dialog.exec()
        dialog.deleteLater()

    def show_message(self, text: str) -> None:
        """Tell something that needs no answer."""
        self._window.messages.show_message(text)

    def close_window(self) -> None:
        """End the program (unsaved work is asked about)."""
        self._window.close()

    def fit_views(self) -> None:
        """Bring the whole image back into every pane."""
        self._window.grid.fit()

    def maximise_pane(self) -> None:
        """Let the pane in use fill the window, or bring the others back."""
        self._window.grid.maximise_in_use()

    def edit_windows(self) -> None:
        """Let the person type PET and CT windows."""
        dialog = WindowDialog(self._window.ctx, self._window)
        dialog.exec()
        dialog.deleteLater()

    def edit_options(self, operation: Operation) -> None:
        """Set up an operation beside the views, which outline what it would make."""
        for old in self._window.findChildren(OperationDialog):
            old.reject()
        window = self._window
        dialog = OperationDialog(window.ctx, OperationDraft(window.ctx, operation), window)
        overlays = [OperationPreviewOverlay(window.ctx, v) for v in window.grid.findChildren(SliceView)]
        for overlay in overlays:
            dialog.previewed.connect(overlay.put)
            dialog.finished.connect(overlay.deleteLater)
        dialog.adjustSize()
        # Lower right: over panels, not over pictures.
        corner = window.mapToGlobal(window.rect().bottomRight())
        line = dialog.fontMetrics().lineSpacing()
        dialog.move(corner.x() - dialog.width() - line, corner.y() - dialog.height() - 3 * line)
        dialog.show()

    def show_recovery(self) -> None:
        """Show recoverable work and do with it what the person chooses."""
        dialog = RecoveryDialog(self._window.ctx, self._window)
        dialog.exec()
        chosen = dialog.chosen
        dialog.deleteLater()
        self._window.start_page.refresh()
        if chosen is not None:
            restore(self._window.ctx, chosen)

    def show_palette(self) -> None:
        """Show the list of all commands."""
        ctx = self._window.ctx
        dialog = PaletteDialog(ctx, COMMANDS, self._window.actions_.run, self._window)
        dialog.exec()
        dialog.deleteLater()

    def show_shortcuts(self) -> None:
        """Show keys and mouse actions."""
        dialog = ShortcutsDialog(COMMANDS, self._window)
        dialog.exec()
        dialog.deleteLater()

    def show_about(self) -> None:
        """Show version, licence and intended use."""
        dialog = AboutDialog(self._window)
        dialog.exec()
        dialog.deleteLater()

    def apply_theme(self, theme: str) -> None:
        """Use a theme: ``system``, ``light`` or ``dark``."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        apply_theme(application, theme)

    def show_guide(self, visible: bool) -> None:
        """Show or hide the guide strip."""
        self._window.guide.setVisible(visible)
        self._window.guide.refresh()

    def clipboard_text(self) -> str | None:
        """Return the text on the clipboard, or None when there is none."""
        return QGuiApplication.clipboard().text() or None

    def show_dose_card(self, field_id: str = "") -> None:
        """Bring the dose card to the front, with one of its fields in hand."""
        dock, panel = self._window.docks["dose"], self._window.panels["dose"]
        dock.show()
        dock.raise_()
        assert isinstance(panel, DosePanel)
        panel.take_in_hand(field_id)

    def describe_raw(self, path: Path, before: RawDescription | None) -> RawDescription | None:
        """Ask how the numbers of a raw file make an image."""
        dialog = RawImportDialog(path, before, self._window)
        accepted = dialog.exec() == RawImportDialog.DialogCode.Accepted
        said = dialog.description() if accepted else None
        dialog.deleteLater()
        return said

    def ask_missing_facts(self) -> None:
        """Ask for everything that SUV still needs, in one place."""
        panel = self._window.panels["dose"]
        assert isinstance(panel, DosePanel)
        dialog = MissingFactsDialog(self._window.ctx, panel.subject_id, self._window)
        dialog.exec()
        dialog.deleteLater()

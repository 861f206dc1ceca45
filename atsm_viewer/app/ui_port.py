"""How use cases ask the person something, whatever the surface."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Protocol

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.catalogue import Catalogue, ProposedPair
from atsm_viewer.io.project.backup_store import BackupVersion
from atsm_viewer.io.readers.raw_volume import RawDescription
from atsm_viewer.operations import Operation

__all__ = ["BackupVersion", "Catalogue", "Operation", "ProposedPair", "SaveAnswer", "UiPort"]


class SaveAnswer(Enum):
    """What to do with unsaved work."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


class UiPort(Protocol):
    """Questions to the person; a window, a console or a script answers."""

    def choose_folder(self, title: str) -> Path | None:
        """Return a folder, or None when the person cancels."""
        ...

    def choose_open_file(self, title: str, filters: str) -> Path | None:
        """Return an existing file, or None when the person cancels."""
        ...

    def choose_save_file(self, title: str, proposal: Path, filters: str) -> Path | None:
        """Return where to save (an existing file was confirmed), or None."""
        ...

    def choose_series(self, catalogue: Catalogue, pairs: Sequence[ProposedPair]) -> ProposedPair | None:
        """Return which PET with which CT, or None when the person cancels."""
        ...

    def ask_unsaved(self, what: str) -> SaveAnswer:
        """Return what to do with unsaved work before ``what``."""
        ...

    def ask_text(self, title: str, label: str, text: str) -> str | None:
        """Return a line of text, or None when the person cancels."""
        ...

    def ask_colour(self, title: str, colour: str) -> str | None:
        """Return ``#RRGGBB``, or None when the person cancels."""
        ...

    def ask_choice(self, title: str, text: str, options: Sequence[str]) -> int | None:
        """Return which of some answers was chosen, counted from 0, or None when the person cancels."""
        ...

    def choose_backup(self, project: Path, versions: Sequence[BackupVersion]) -> BackupVersion | None:
        """Return which earlier version of a project to restore, or None when the person cancels."""
        ...

    def show_report(self, title: str, text: str) -> None:
        """Show text of several lines that can be read at leisure and copied."""
        ...

    def show_error(self, error: AtsmError) -> None:
        """Show what happened, what was kept and what to do next."""
        ...

    def show_message(self, text: str) -> None:
        """Tell something that needs no answer."""
        ...

    def close_window(self) -> None:
        """End the program (unsaved work is asked about)."""
        ...

    def fit_views(self) -> None:
        """Bring the whole image back into every pane."""
        ...

    def maximise_pane(self) -> None:
        """Let the pane in use fill the window, or bring the others back."""
        ...

    def edit_windows(self) -> None:
        """Let the person type PET and CT windows."""
        ...

    def edit_options(self, operation: Operation) -> None:
        """Let the person set up an operation on the ROI in hand, with a preview, and run or drop it."""
        ...

    def show_recovery(self) -> None:
        """Show recoverable work and do with it what the person chooses."""
        ...

    def show_palette(self) -> None:
        """Show the list of all commands."""
        ...

    def show_shortcuts(self) -> None:
        """Show keys and mouse actions."""
        ...

    def show_about(self) -> None:
        """Show version, licence and intended use."""
        ...

    def apply_theme(self, theme: str) -> None:
        """Use a theme: ``system``, ``light`` or ``dark``."""
        ...

    def show_guide(self, visible: bool) -> None:
        """Show or hide the guide strip."""
        ...

    def clipboard_text(self) -> str | None:
        """Return the text on the clipboard, or None when there is none."""
        ...

    def show_dose_card(self, field_id: str = "") -> None:
        """Bring the dose card to the front, with one of its fields in hand."""
        ...

    def describe_raw(self, path: Path, before: RawDescription | None) -> RawDescription | None:
        """Return how the numbers of a raw file make an image, or None when the person cancels."""
        ...

    def ask_missing_facts(self) -> None:
        """Ask for everything that SUV still needs, in one place."""
        ...

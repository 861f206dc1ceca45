"""A person who answers from a script, and a context without a window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.ui_port import Catalogue, ProposedPair, SaveAnswer
from atsm_viewer.domain.errors import AtsmError


class ScriptedPort:
    """Gives the answers set beforehand, and remembers what was asked and said.

    A question without an answer fails the test: nobody may be asked for nothing.
    """

    def __init__(self) -> None:
        self.save_file: list[Path | None] = []
        self.unsaved: list[SaveAnswer] = []
        self.take_series = True
        self.asked: list[str] = []
        self.proposals: list[Path] = []
        self.errors: list[AtsmError] = []
        self.messages: list[str] = []

    def choose_save_file(self, title: str, proposal: Path, filters: str) -> Path | None:
        self.asked.append("save file")
        self.proposals.append(proposal)
        return self.save_file.pop(0)

    def choose_series(self, catalogue: Catalogue, pairs: Sequence[ProposedPair]) -> ProposedPair | None:
        self.asked.append("series")
        return pairs[0] if self.take_series else None

    def ask_unsaved(self, what: str) -> SaveAnswer:
        self.asked.append(f"unsaved before {what}")
        return self.unsaved.pop(0)

    def show_error(self, error: AtsmError) -> None:
        self.errors.append(error)

    def show_message(self, text: str) -> None:
        self.messages.append(text)


@pytest.fixture
def port() -> ScriptedPort:
    return ScriptedPort()


@pytest.fixture
def ctx(port: Any, tmp_path: Path) -> AppContext:
    """A context with its own settings file, jobs that run at once, and the scripted person."""
    return build_context(SettingsStore(tmp_path / "config" / "settings.json"), InlineJobRunner(), port)

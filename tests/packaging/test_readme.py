"""README.md says what the program does now."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from atsm_viewer.app.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def update_readme() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update_readme", ROOT / "packaging" / "update_readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_parts_are_up_to_date(update_readme: ModuleType) -> None:
    assert update_readme.main(["--check"]) == 0, "run python packaging/update_readme.py"


def test_every_key_of_every_command_is_listed() -> None:
    keys = [key for c in COMMANDS for key in c.shortcuts]
    assert len(keys) > 30
    assert not [key for key in keys if f"`{key}`" not in README]


def test_a_readme_without_a_marker_is_refused(update_readme: ModuleType) -> None:
    with pytest.raises(ValueError, match="generated: mouse"):
        update_readme.updated(README.replace("<!-- generated: mouse -->", ""))


def test_an_outdated_table_is_noticed(update_readme: ModuleType) -> None:
    outdated = README.replace("| Undo |", "| Take back |")
    assert outdated != README
    assert update_readme.updated(outdated) != outdated
    assert "| Undo |" in update_readme.updated(outdated)


def test_the_two_commands_stand_at_the_top() -> None:
    top = "\n".join(README.splitlines()[:14])
    assert "sh packaging/run.sh" in top
    assert "sh packaging/test.sh" in top
    assert "Research use only" in top

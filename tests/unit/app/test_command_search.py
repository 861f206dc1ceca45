"""Finding commands by typing."""

from __future__ import annotations

import pytest

from atsm_viewer.app.commands import COMMANDS
from atsm_viewer.app.commands.mouse_table import MOUSE_ACTIONS
from atsm_viewer.app.commands.search import find_commands


def test_an_empty_text_lists_everything_in_order() -> None:
    assert find_commands(COMMANDS, "  ") == COMMANDS


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("undo", "edit.undo"),
        ("export c", "file.export.csv"),
        ("UNDO", "edit.undo"),
        ("muscle add", "roi.add.muscle"),
        ("oprj", "file.open.project"),  # letters in this order
    ],
)
def test_what_a_person_would_type_finds_the_command_first(typed: str, first: str) -> None:
    assert find_commands(COMMANDS, typed)[0].id == first


def test_nonsense_finds_nothing() -> None:
    assert find_commands(COMMANDS, "qqxx") == ()


def test_every_word_must_fit() -> None:
    found = find_commands(COMMANDS, "open zebra")
    assert found == ()


def test_mouse_actions_are_listed_once_each() -> None:
    actions = [a.action for a in MOUSE_ACTIONS]
    assert len(set(actions)) == len(actions)
    assert all(a.binding for a in MOUSE_ACTIONS)

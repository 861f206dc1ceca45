"""Every package says at its door what lives there, what it may import and which tests guard it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(p for p in (ROOT / "atsm_viewer").rglob("__init__.py") if p.parent.name != "atsm_viewer")


def name_of(door: Path) -> str:
    return door.parent.relative_to(ROOT).as_posix()


def plate(door: Path) -> str:
    return ast.get_docstring(ast.parse(door.read_text(encoding="utf-8"))) or ""


@pytest.mark.parametrize("door", PACKAGES, ids=name_of)
def test_the_door_plate_says_what_lives_here_what_may_be_imported_and_how_to_add_one(door: Path) -> None:
    text = plate(door)
    first = text.splitlines()[0] if text else ""
    assert re.match(r"[A-Z][A-Z \-]{2,}", first), f"the first line does not name the room: {first!r}"
    assert "May import:" in text
    assert "To add " in text


@pytest.mark.parametrize("door", PACKAGES, ids=name_of)
def test_the_tests_that_a_door_plate_names_exist(door: Path) -> None:
    _, found, guards = plate(door).partition("Guarded by:")
    assert found, "the door-plate names no tests"
    named = re.findall(r"``(tests/[^`]+)``", guards)
    assert named, "no test is named"
    present = [path for path in named if list(ROOT.glob(path))]
    assert present, f"none of {named} exists"
    missing = sorted(set(named) - set(present))
    assert not missing, f"named, but not there: {missing}"


def test_every_folder_with_modules_is_a_package_with_a_door_plate() -> None:
    folders = {p.parent for p in (ROOT / "atsm_viewer").rglob("*.py")}
    bare = sorted(f.relative_to(ROOT).as_posix() for f in folders if not (f / "__init__.py").is_file())
    assert not bare

"""Rules of the house that a machine can check."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "atsm_viewer"
MAX_LINES = 450
# Folders where projects are built; and those where people keep files, which tests may make up.
BUILD_FOLDERS = ("work", "root")
PERSONAL_FOLDERS = ("home", "tmp", "Users")
VAGUE_NAMES = ("utils", "util", "helpers", "helper", "common", "managers", "misc", "tools_lib")
TEXT_ENDINGS = {".py", ".md", ".toml", ".sh", ".txt", ".json", ".cfg", ".yml", ".yaml", ""}


def project_files() -> list[Path]:
    """Return what git tracks, or every file where this is no checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = [n for n in listed.stdout.decode().split("\0") if n]
        return [ROOT / n for n in names if (ROOT / n).is_file()]
    folders = ("atsm_viewer", "tests", "packaging", "resources", ".ci")
    return [p for f in folders for p in (ROOT / f).rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def text_files() -> list[Path]:
    return [p for p in project_files() if p.suffix in TEXT_ENDINGS]


def machine_paths(text: str, folders: tuple[str, ...]) -> list[str]:
    """Return the lines that name an absolute path into one of the folders."""
    path = re.compile(r"(?<![\w.~$}/)-])/(?:" + "|".join(folders) + r")/\w")
    return [line.strip() for line in text.splitlines() if path.search(line)]


def test_no_file_names_a_path_of_one_machine() -> None:
    found = {}
    for path in text_files():
        name = path.relative_to(ROOT).as_posix()
        folders = BUILD_FOLDERS if name.startswith("tests/") else (*BUILD_FOLDERS, *PERSONAL_FOLDERS)
        lines = machine_paths(path.read_text(encoding="utf-8", errors="replace"), folders)
        if lines:
            found[name] = lines
    assert not found


@pytest.mark.parametrize("folder", [*BUILD_FOLDERS, *PERSONAL_FOLDERS])
def test_the_search_for_machine_paths_finds_one(folder: str) -> None:
    assert machine_paths(f'open("/{folder}/someone/data.dcm")', (folder,))


@pytest.mark.parametrize("harmless", ["tests/root/x", "https://example.org/work/x", "${HOME}/tmp/x", "a/tmp"])
def test_the_search_for_machine_paths_lets_relative_paths_and_addresses_pass(harmless: str) -> None:
    assert not machine_paths(harmless, (*BUILD_FOLDERS, *PERSONAL_FOLDERS))


def test_no_source_file_is_longer_than_the_limit() -> None:
    lengths = {
        p.relative_to(ROOT).as_posix(): len(p.read_text(encoding="utf-8").splitlines())
        for p in PACKAGE.rglob("*.py")
    }
    assert len(lengths) > 200
    assert not {name: n for name, n in lengths.items() if n > MAX_LINES}


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [p.relative_to(ROOT).as_posix() for p in PACKAGE.rglob("*") if p.stem in VAGUE_NAMES]
    assert not vague


def test_the_package_explains_itself() -> None:
    architecture = (PACKAGE / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = [p.parent.name for p in PACKAGE.glob("*/__init__.py")]
    assert len(rooms) >= 9
    unnamed = [room for room in rooms if f"`{room}/" not in architecture and f"`{room}`" not in architecture]
    assert not unnamed


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "GLOSSARY.md"])
def test_every_file_that_the_documents_name_exists(name: str) -> None:
    text = (PACKAGE / name).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[\w.-]+/)*[\w.-]+\.py)`", text))
    assert named
    missing = [n for n in named if not (PACKAGE / n).is_file() and not (ROOT / n).is_file()]
    assert not missing

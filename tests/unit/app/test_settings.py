"""The settings file: sparse, atomic, and never in the way."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from atsm_viewer.app.settings import MAX_RECENT, Settings, SettingsStore
from atsm_viewer.domain.errors import AtsmError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def written(file: Path) -> dict[str, object]:
    plain: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    return plain


def test_only_what_differs_from_the_defaults_is_written(file: Path) -> None:
    store = SettingsStore(file)
    store.save()
    assert written(file) == {"schema": 1}
    store.change(theme="dark")
    assert written(file) == {"schema": 1, "theme": "dark"}
    store.change(theme="system", shortcuts={"file.save": "Ctrl+Ä"})
    assert written(file) == {"schema": 1, "shortcuts": {"file.save": "Ctrl+Ä"}}
    assert {p.name for p in file.parent.iterdir()} <= {"settings.json", "settings.json~"}  # nothing temporary


def test_settings_come_back(file: Path) -> None:
    store = SettingsStore(file)
    store.change(theme="light", guide_visible=False, shortcuts={"a": "b"})
    store.add_recent(Path("/data/Maus Ä"))
    again = SettingsStore(file)
    assert again.settings == store.settings == Settings(("/data/Maus Ä",), "light", False, {"a": "b"})
    assert again.problem == ""


def test_the_latest_path_comes_first_and_none_comes_twice(file: Path) -> None:
    store = SettingsStore(file)
    for n in range(MAX_RECENT + 3):
        store.add_recent(Path(f"/p{n}"))
    store.add_recent(Path("/p5"))
    recent = SettingsStore(file).settings.recent
    assert recent[:3] == ("/p5", f"/p{MAX_RECENT + 2}", f"/p{MAX_RECENT + 1}")
    assert len(recent) == len(set(recent)) == MAX_RECENT


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b"\xff\xfe\x00", b"null", b"[" * 100_000, b'{"theme": "da'],
    ids=["empty", "cut", "list", "no text", "null", "deep", "torn"],
)
def test_an_unreadable_file_is_set_aside_and_the_defaults_apply(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    store = SettingsStore(file)
    assert store.settings == Settings()
    assert "defaults are in use" in store.problem
    assert (file.parent / "settings.unreadable.json").read_bytes() == content
    store.change(theme="dark")
    assert SettingsStore(file).settings.theme == "dark"


def test_entries_of_the_wrong_kind_are_left_at_their_defaults(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(
        json.dumps(
            {"recent": [1, "/a", None], "theme": ["dark"], "guide_visible": "no", "shortcuts": [1], "new": 7}
        )
    )
    store = SettingsStore(file)
    assert store.settings == Settings(recent=("/a",))
    assert store.problem == ""


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that refuses writing"
)
def test_a_folder_that_refuses_writing_is_told_in_words(file: Path) -> None:
    file.parent.mkdir(mode=0o500)
    with pytest.raises(AtsmError, match="could not be saved"):
        SettingsStore(file).change(theme="dark")


def test_a_place_that_cannot_be_written_is_told_in_words_and_the_change_holds(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where a folder should be")
    store = SettingsStore(tmp_path / "config" / "settings.json")
    with pytest.raises(AtsmError, match="could not be saved"):
        store.change(theme="dark")
    assert store.settings.theme == "dark"


def test_without_a_file_settings_live_in_memory_only(tmp_path: Path) -> None:
    store = SettingsStore(None)
    store.change(theme="dark")
    assert store.settings.theme == "dark"
    assert list(tmp_path.iterdir()) == []

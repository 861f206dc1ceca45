"""Settings of one person on one machine: a sparse, versioned file with its predecessor beside it.

The file before the last change stays as ``settings.json~`` and is used when the new one cannot be
read. A file of a newer version of the program is left as it is. Nothing but these choices lies
here: deleting the file brings the defaults back and loses nothing else.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.project.backup import flush_folder, keep_copy, replace_file
from atsm_viewer.io.project.backup_store import BackupPolicy

SCHEMA = 1
MAX_RECENT = 12
APP_DIR = "atsm_viewer"
MAX_BYTES = 1024 * 1024
_NAMES = ("recent", "theme", "guide_visible", "shortcuts", "backup_count", "backup_days", "series_choices")


@dataclass(frozen=True)
class Settings:
    """What the person chose.

    Parameters
    ----------
    recent
        Paths opened lately, newest first.
    theme
        ``system``, ``light`` or ``dark``.
    guide_visible
        Whether the guide strip is shown.
    shortcuts
        Command id to key sequence, where it differs from the default.
    backup_count, backup_days
        How many earlier versions of a project are kept, and for how many days.
    series_choices
        Study, PET and CT (identity of each, empty for no CT) that were chosen, oldest first.
    """

    recent: tuple[str, ...] = ()
    theme: str = "system"
    guide_visible: bool = True
    shortcuts: Mapping[str, str] = field(default_factory=dict)
    backup_count: int = 10
    backup_days: int = 30
    series_choices: tuple[tuple[str, str, str], ...] = ()

    @property
    def backups(self) -> BackupPolicy:
        """How many earlier versions of a project are kept, and for how long."""
        return BackupPolicy(self.backup_count, self.backup_days)

    def with_recent(self, path: Path) -> Settings:
        """Return settings with a path at the head of the recent list."""
        text = str(path)
        rest = tuple(p for p in self.recent if p != text)
        return replace(self, recent=(text, *rest)[:MAX_RECENT])


def settings_file() -> Path:
    """Where the settings are kept."""
    return Path(platformdirs.user_config_dir(APP_DIR, appauthor=False)) / "settings.json"


def _from_plain(plain: Mapping[str, Any]) -> Settings:
    recent = plain.get("recent", ())
    theme = plain.get("theme", "system")
    guide = plain.get("guide_visible", True)
    shortcuts = plain.get("shortcuts", {})
    return Settings(
        recent=tuple(p for p in recent if isinstance(p, str))[:MAX_RECENT]
        if isinstance(recent, list)
        else (),
        theme=theme if theme in ("system", "light", "dark") else "system",
        guide_visible=guide if isinstance(guide, bool) else True,
        shortcuts={str(k): str(v) for k, v in shortcuts.items()} if isinstance(shortcuts, dict) else {},
        backup_count=_whole(plain.get("backup_count"), 0, 1000, 10),
        backup_days=_whole(plain.get("backup_days"), 1, 36500, 30),
        series_choices=_choices(plain.get("series_choices")),
    )


def _choices(value: Any) -> tuple[tuple[str, str, str], ...]:
    if not isinstance(value, list):
        return ()
    good = (v for v in value if isinstance(v, list) and len(v) == 3 and all(isinstance(p, str) for p in v))
    return tuple((study, pet, ct) for study, pet, ct in good)


def _whole(value: Any, lowest: int, highest: int, default: int) -> int:
    good = isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest
    return value if good else default


def _read(path: Path) -> dict[str, Any]:
    """Return what a settings file says; raises OSError or ValueError when it cannot be read."""
    if path.stat().st_size > MAX_BYTES:
        raise ValueError("it is too large")
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(plain, dict):
        raise ValueError("it is not an object")
    schema = plain.get("schema", SCHEMA)
    if not isinstance(schema, int) or isinstance(schema, bool):
        raise ValueError("its version is no number")
    return plain


class SettingsStore:
    """Reads and writes the settings file.

    Parameters
    ----------
    path
        The file; None keeps settings in memory only (tests, headless).
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._settings = Settings()
        self._unknown: dict[str, Any] = {}
        self._is_newer = False
        self.problem = ""
        if path is not None and path.exists():
            self._load(path)

    @property
    def path(self) -> Path | None:
        """The file; None when nothing is kept on disk."""
        return self._path

    def _load(self, path: Path) -> None:
        try:
            plain = _read(path)
        except (OSError, ValueError) as error:
            plain = self._roll_back(path, error)
        if plain.get("schema", SCHEMA) > SCHEMA:
            self._is_newer = True
            self.problem = (
                "The settings are those of a newer version of the program; they are left as they are, "
                "and what you choose here is not kept."
            )
            return
        self._unknown = {k: v for k, v in plain.items() if k not in (*_NAMES, "schema")}
        self._settings = _from_plain(plain)

    def _roll_back(self, path: Path, error: Exception) -> dict[str, Any]:
        """Set an unreadable file aside, for a person to look at, and return the one before it."""
        self.problem = f"The settings file could not be read ({error}); "
        try:
            os.replace(path, path.with_suffix(".unreadable.json"))
        except OSError as move_error:
            self.problem += f"it could not be set aside either ({move_error}); "
        previous = path.with_name(path.name + "~")
        try:
            plain = _read(previous)
        except (OSError, ValueError):
            self.problem += "defaults are in use."
            return {}
        self.problem += "those before the last change are in use."
        return plain

    @property
    def settings(self) -> Settings:
        """The settings that hold now."""
        return self._settings

    def change(self, **changes: Any) -> None:
        """Change some settings and write them.

        Raises
        ------
        AtsmError
            When the file cannot be written; the change holds for this session.
        """
        self._settings = replace(self._settings, **changes)
        self.save()

    def add_recent(self, path: Path) -> None:
        """Put a path at the head of the recent list."""
        self._settings = self._settings.with_recent(path)
        self.save()

    def save(self) -> None:
        """Write what differs from the defaults, atomically; the file before stays as ``…~``.

        Raises
        ------
        AtsmError
            When it cannot be written; the old file is then as it was.
        """
        if self._path is None or self._is_newer:
            return
        default = Settings()
        plain: dict[str, Any] = {**self._unknown, "schema": SCHEMA}
        for name in _NAMES:
            value = getattr(self._settings, name)
            if value != getattr(default, name):
                plain[name] = list(value) if isinstance(value, tuple) else value
        temporary = ""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".settings-")
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(plain, stream, indent=1, sort_keys=True)
                stream.flush()
                os.fsync(stream.fileno())
            if self._path.exists():
                keep_copy(self._path, self._path.with_name(self._path.name + "~"))
            replace_file(Path(temporary), self._path)
            flush_folder(self._path.parent)
        except OSError as error:
            raise AtsmError("The settings could not be saved.", str(self._path), str(error)) from error
        finally:
            if temporary:
                Path(temporary).unlink(missing_ok=True)

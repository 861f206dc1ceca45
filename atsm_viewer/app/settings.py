"""Settings of one person on one machine: a sparse, versioned file."""

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

SCHEMA = 1
MAX_RECENT = 12
APP_DIR = "atsm_viewer"


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
    """

    recent: tuple[str, ...] = ()
    theme: str = "system"
    guide_visible: bool = True
    shortcuts: Mapping[str, str] = field(default_factory=dict)

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
    )


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
        self.problem = ""
        if path is not None and path.exists():
            self._load(path)

    def _load(self, path: Path) -> None:
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(plain, dict):
                raise ValueError("not an object")
        except (OSError, ValueError, RecursionError) as error:
            # Kept beside, so that a person can look at it; defaults apply from now on.
            self.problem = f"The settings file could not be read ({error}); defaults are in use."
            try:
                os.replace(path, path.with_suffix(".unreadable.json"))
            except OSError as move_error:
                self.problem += f" It could not be set aside either ({move_error})."
            return
        self._settings = _from_plain(plain)

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
        """Write what differs from the defaults, atomically."""
        if self._path is None:
            return
        default = Settings()
        plain: dict[str, Any] = {"schema": SCHEMA}
        for name in ("recent", "theme", "guide_visible", "shortcuts"):
            value = getattr(self._settings, name)
            if value != getattr(default, name):
                plain[name] = list(value) if isinstance(value, tuple) else value
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".settings-")
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(plain, stream, indent=1, sort_keys=True)
            os.replace(temporary, self._path)
        except OSError as error:
            raise AtsmError("The settings could not be saved.", str(self._path), str(error)) from error

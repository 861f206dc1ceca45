"""Where journals lie: ``<root>/<project_id>/<instance>.j``."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

SUFFIX = ".j"


def new_instance() -> str:
    """Return a name that no other running program has."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


def journal_path(root: Path, project_id: str, instance: str) -> Path:
    """Return where the journal of a project lies; harmless whatever the id is."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", project_id):
        project_id = "id-" + hashlib.sha256(project_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return root / project_id / f"{instance}{SUFFIX}"


def all_journals(root: Path) -> tuple[Path, ...]:
    """Return every journal below a folder, in a stable order."""
    return tuple(sorted(p for p in root.glob(f"*/*{SUFFIX}") if not p.name.startswith(".")))

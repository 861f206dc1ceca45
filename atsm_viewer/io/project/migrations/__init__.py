"""MIGRATIONS of the project manifest: a chain of pure dict -> dict steps, kept for ever.

May import: the standard library only, nothing of ours, so that a step never changes its meaning.
To add one: a file ``v1_to_v2.py`` with ``def migrate(manifest)``, its :class:`Migration` in
``MIGRATIONS``, and a golden file of the old version under ``tests/golden/projects``.
Guarded by: ``tests/unit/io/project/test_compatibility.py``, ``tests/golden/test_golden_projects.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from a major version of the manifest to the next.

    Parameters
    ----------
    from_major
        The version it reads; it writes ``from_major + 1``.
    change
        Pure function from the old manifest to the new one.
    """

    from_major: int
    change: Callable[[dict[str, Any]], dict[str, Any]]


MIGRATIONS: tuple[Migration, ...] = ()


def migrate(
    manifest: dict[str, Any], to_major: int, migrations: tuple[Migration, ...] = MIGRATIONS
) -> dict[str, Any]:
    """Return the manifest brought to ``to_major``, step by step; the input is left as it is.

    Raises
    ------
    KeyError, TypeError, ValueError
        When the manifest does not state its version.
    LookupError
        When a step is missing.
    """
    steps = {m.from_major: m for m in migrations}
    current = deepcopy(manifest)
    while (major := int(current["schema"]["major"])) < to_major:
        if major not in steps:
            raise LookupError(f"there is no way from version {major} to {major + 1} of the project file")
        current = steps[major].change(current)
        current["schema"] = {"major": major + 1, "minor": 0}
    return current

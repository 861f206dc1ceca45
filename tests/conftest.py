"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before any test imports the program: nobody's settings, samples or journals may be touched, and
# child processes inherit it.
_HOME = tempfile.TemporaryDirectory(prefix="atsm-tests-")
for _name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
    os.environ[_name] = str(Path(_HOME.name) / _name.lower())


@pytest.fixture(scope="session", autouse=True)
def _forget_the_home_of_the_tests() -> Iterator[None]:
    yield
    _HOME.cleanup()


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Folder with reference data that does not travel with the project."""
    given = os.environ.get("ATSM_SHARED")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the reference data folder ‘shared’ is not beside the project (set ATSM_SHARED)")
    return folder

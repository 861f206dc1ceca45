"""Whatever bytes a project file has, it loads or is refused as a ProjectError, never anything else."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.load import load_project

GOLDEN = Path(__file__).parents[1] / "golden" / "projects" / "v1_0.atsm"
FILE = "case.atsm"

odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.just(10**400), st.floats(-1e308, 1e308),
    st.text(max_size=5), st.lists(st.integers(-5, 5), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def _members() -> dict[str, bytes]:
    with zipfile.ZipFile(GOLDEN) as container:
        return {n: container.read(n) for n in container.namelist()}


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return [at, *(p for k, v in pairs for p in _places(v, (*at, k)))]
    return [at]


MEMBERS = _members()
MANIFEST = json.loads(MEMBERS["manifest.json"])
PLACES = [p for p in _places(MANIFEST) if p]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.just("drop") | odd), min_size=1, max_size=3))
def test_any_value_in_any_place_of_the_manifest(tmp_path: Path, changes: list[tuple[Any, Any]]) -> None:
    manifest = json.loads(json.dumps(MANIFEST))
    for place, value in changes:
        parent = manifest
        try:
            for key in place[:-1]:
                parent = parent[key]
            if value == "drop":
                del parent[place[-1]]
            else:
                parent[place[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    text = json.dumps(manifest).encode()
    path = tmp_path / FILE
    with zipfile.ZipFile(path, "w") as container:
        for name, data in MEMBERS.items():
            container.writestr(name, text if name.startswith("manifest") else data)
    _load(path)


@pytest.mark.parametrize("seed", range(6))
def test_any_bytes_anywhere_in_the_container(tmp_path: Path, seed: int) -> None:
    source = random.Random(seed)
    good = GOLDEN.read_bytes()
    path = tmp_path / FILE
    refused = 0
    for _ in range(150):
        raw = bytearray(good)
        for _ in range(source.choice([1, 2, 8, 40])):
            at = source.randrange(len(raw))
            if source.random() < 0.3:
                del raw[at : at + source.randrange(1, 200)]
                raw = raw or bytearray(b"x")
            else:
                raw[at] = source.randrange(256)
        path.write_bytes(raw)
        refused += not _load(path)
    assert refused > 0


def _load(path: Path) -> bool:
    refusal = ""
    try:
        load_project(path)
    except ProjectError as error:
        refusal = error.user_message
    assert refusal == "" or FILE in refusal
    return refusal == ""

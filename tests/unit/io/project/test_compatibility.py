"""Older files are migrated, newer minor ones keep what this version does not know."""

from __future__ import annotations

import ast
import dataclasses
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project import load as load_module
from atsm_viewer.io.project import migrations
from atsm_viewer.io.project import save as save_module
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.extras import unknown_keys, with_unknown
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.migrations import MIGRATIONS, Migration, migrate
from atsm_viewer.io.project.save import save_project


def _manifest(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as container:
        found: dict[str, Any] = json.loads(container.read("manifest.json"))
    return found


def _rewrite(path: Path, manifest: dict[str, Any]) -> None:
    with zipfile.ZipFile(path) as container:
        members = {n: container.read(n) for n in container.namelist()}
    members["manifest.json"] = members["manifest.bak.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as container:
        for name, data in members.items():
            container.writestr(name, data)


def test_keys_of_a_newer_minor_version_survive_editing_and_saving(
    session: SessionState, project_path: Path
) -> None:
    save_project(session, project_path, meta=ProjectMeta.new())
    manifest = _manifest(project_path)
    manifest["schema"]["minor"] = 3
    manifest["future"] = {"x": [1, 2]}
    manifest["extensions"] = {"org.example": {"k": "v"}}
    manifest["rois"][1]["texture"] = "stripes"
    manifest["scans"][0]["pet_geometry"]["bed"] = 2
    manifest["protocol"]["new_rule"] = True
    manifest["administrations"][0]["entered"]["weight_kg"]["scale"] = "A"
    _rewrite(project_path, manifest)
    loaded = load_project(project_path)
    assert loaded.problems == ()
    fewer = dataclasses.replace(loaded.state, rois=tuple(reversed(loaded.state.rois[1:])))
    save_project(fewer, project_path, meta=loaded.meta)
    again = _manifest(project_path)
    assert again["schema"] == {"major": 1, "minor": 3}
    assert again["future"] == {"x": [1, 2]}
    assert again["extensions"] == {"org.example": {"k": "v"}}
    assert {r["id"]: r.get("texture") for r in again["rois"]} == {
        "roi-4": None, "../odd id": None, "roi-2": "stripes",
    }  # fmt: skip
    assert again["scans"][0]["pet_geometry"]["bed"] == 2
    assert again["protocol"]["new_rule"] is True
    assert again["administrations"][0]["entered"]["weight_kg"]["scale"] == "A"


def test_known_keys_are_never_taken_for_unknown(session: SessionState, project_path: Path) -> None:
    save_project(session, project_path, meta=ProjectMeta.new(), view={"a": 1})
    assert load_project(project_path).meta.unknown == {}


def test_a_withdrawn_value_does_not_come_back_as_an_unknown_one() -> None:
    stored = {"rois": [{"id": "a", "x": 1, "new": 2}, {"id": "b", "new": 3}], "top": 4}
    own = {"rois": [{"id": "a", "x": 1}, {"id": "b"}]}
    extra = unknown_keys(stored, own)
    assert extra == {"rois": {"a": {"new": 2}, "b": {"new": 3}}, "top": 4}
    assert with_unknown({"rois": [{"id": "a"}]}, extra) == {"rois": [{"id": "a", "new": 2}], "top": 4}


def test_a_feature_that_must_be_understood_makes_the_project_read_only(
    session: SessionState, project_path: Path
) -> None:
    save_project(session, project_path, meta=ProjectMeta.new())
    manifest = _manifest(project_path)
    manifest["must_understand"] = ["fuzzy-masks"]
    _rewrite(project_path, manifest)
    loaded = load_project(project_path)
    assert len(loaded.state.rois) == 4
    assert [p.code for p in loaded.problems] == ["project_read_only"]
    before = project_path.read_bytes()
    with pytest.raises(ProjectError, match="fuzzy-masks"):
        save_project(loaded.state, project_path, meta=loaded.meta)
    assert project_path.read_bytes() == before


def test_the_chain_ends_at_the_present_version() -> None:
    assert [m.from_major for m in MIGRATIONS] == list(range(1, load_module.SCHEMA_MAJOR))


def test_migrations_import_nothing_of_ours() -> None:
    folder = Path(migrations.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, path.name
                names = [node.module or ""]
            for name in names:
                inside = name.startswith("atsm_viewer.io.project.migrations")
                assert inside or name.split(".")[0] in sys.stdlib_module_names, f"{path.name}: {name}"


def test_steps_run_in_order_and_leave_their_input_alone() -> None:
    steps = (
        Migration(2, lambda m: {**m, "names": [n.upper() for n in m["names"]]}),
        Migration(1, lambda m: {"schema": m["schema"], "names": [m["name"]]}),
    )
    old = {"schema": {"major": 1, "minor": 4}, "name": "x"}
    assert migrate(old, 3, steps) == {"schema": {"major": 3, "minor": 0}, "names": ["X"]}
    assert old == {"schema": {"major": 1, "minor": 4}, "name": "x"}
    assert migrate(old, 1, steps) == old
    with pytest.raises(LookupError, match="version 1 to 2"):
        migrate(old, 2, ())


def test_an_older_file_is_migrated_and_kept_at_the_first_save(
    session: SessionState, project_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The present version is declared to be 2, with a step that renames a key."""
    save_project(session, project_path, meta=ProjectMeta.new())
    manifest = _manifest(project_path)
    manifest["people"] = manifest.pop("subjects")
    _rewrite(project_path, manifest)
    old = project_path.read_bytes()

    def rename(found: dict[str, Any]) -> dict[str, Any]:
        return {**{k: v for k, v in found.items() if k != "people"}, "subjects": found["people"]}

    monkeypatch.setattr(load_module, "SCHEMA_MAJOR", 2)
    monkeypatch.setattr(save_module, "SCHEMA_MAJOR", 2)
    monkeypatch.setattr(load_module, "migrate", lambda m, to: migrate(m, to, (Migration(1, rename),)))
    loaded = load_project(project_path)
    assert loaded.state.subjects == session.subjects
    saved = save_project(loaded.state, project_path, meta=loaded.meta)
    assert project_path.with_name("case.v1.atsm").read_bytes() == old
    assert _manifest(project_path)["schema"] == {"major": 2, "minor": 0}
    save_project(loaded.state, project_path, meta=saved)
    assert project_path.with_name("case.v1.atsm").read_bytes() == old
    assert project_path.with_name("case.atsm~").exists()

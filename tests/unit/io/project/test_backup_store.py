"""Earlier versions are kept, counted, aged, listed and restored; nothing is ever lost by restoring."""

from __future__ import annotations

import dataclasses
import errno
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project import backup_store
from atsm_viewer.io.project.backup_store import (
    BackupPolicy,
    backups_folder,
    keep_version,
    list_backups,
    prune,
    restore_backup,
    sweep_orphans,
)
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project

POLICY = BackupPolicy(3, 30)


def _n_rois(path: Path) -> int:
    return len(load_project(path).state.rois)


def _save_versions(session: SessionState, path: Path, n: int, policy: BackupPolicy = POLICY) -> ProjectMeta:
    """Save n times with 4, 3, 2, … ROIs, an hour apart."""
    meta = ProjectMeta.new()
    for i in range(n):
        state = dataclasses.replace(session, rois=session.rois[i:])
        meta = save_project(state, path, meta=meta, backups=policy)
        moment = (datetime.now(UTC) - timedelta(hours=n - i)).timestamp()
        os.utime(path, (moment, moment))
    return meta


def test_each_save_keeps_the_version_that_it_replaces(session: SessionState, project_path: Path) -> None:
    _save_versions(session, project_path, 3)
    versions = list_backups(project_path)
    assert [_n_rois(v.path) for v in versions] == [3, 4]
    assert versions[0].saved > versions[1].saved
    assert versions[0].size == versions[0].path.stat().st_size


def test_no_more_than_the_wanted_number_is_kept_and_the_newest_stay(
    session: SessionState, project_path: Path
) -> None:
    _save_versions(session, project_path, 5)
    assert [_n_rois(v.path) for v in list_backups(project_path)] == [1, 2, 3]


def test_old_versions_go_but_never_the_newest(session: SessionState, project_path: Path) -> None:
    _save_versions(session, project_path, 4, BackupPolicy(10, 30))
    later = datetime.now(UTC) + timedelta(days=31)
    assert prune(project_path, BackupPolicy(10, 30), later) == 2
    (kept,) = [v for v in list_backups(project_path) if v.path.parent == backups_folder(project_path)]
    assert _n_rois(kept.path) == 2


def test_a_count_of_zero_keeps_only_the_tilde_file(session: SessionState, project_path: Path) -> None:
    _save_versions(session, project_path, 3, BackupPolicy(0, 30))
    assert not backups_folder(project_path).exists()
    assert [v.path.name for v in list_backups(project_path)] == ["case.atsm~"]


def test_versions_saved_in_the_same_second_keep_their_order(
    session: SessionState, project_path: Path
) -> None:
    meta = ProjectMeta.new()
    for i in range(4):
        state = dataclasses.replace(session, rois=session.rois[i:])
        meta = save_project(state, project_path, meta=meta, backups=BackupPolicy(10, 36500))
        os.utime(project_path, (1_700_000_000, 1_700_000_000))
    assert [_n_rois(v.path) for v in list_backups(project_path)] == [2, 3, 4]


def test_restoring_keeps_the_present_version(session: SessionState, project_path: Path) -> None:
    _save_versions(session, project_path, 3)
    present, oldest = project_path.read_bytes(), list_backups(project_path)[-1]
    wanted = oldest.path.read_bytes()
    kept = restore_backup(project_path, oldest.path, POLICY)
    assert kept is not None
    assert kept.read_bytes() == present
    assert project_path.read_bytes() == wanted
    assert _n_rois(project_path) == 4
    assert {_n_rois(v.path) for v in list_backups(project_path)} == {2, 3, 4}


def test_even_without_kept_versions_restoring_keeps_the_present_one(
    session: SessionState, project_path: Path
) -> None:
    _save_versions(session, project_path, 2, BackupPolicy(0, 30))
    present = project_path.read_bytes()
    kept = restore_backup(project_path, project_path.with_name("case.atsm~"), BackupPolicy(0, 30))
    assert kept is not None
    assert kept.read_bytes() == present
    assert _n_rois(project_path) == 4


def test_a_version_that_is_no_project_is_not_restored(session: SessionState, project_path: Path) -> None:
    _save_versions(session, project_path, 2)
    present, bad = project_path.read_bytes(), list_backups(project_path)[0].path
    bad.unlink()
    bad.write_bytes(b"not a project")
    with pytest.raises(ProjectError, match=r"case\.atsm.*could not be restored"):
        restore_backup(project_path, bad, POLICY)
    assert project_path.read_bytes() == present


@pytest.mark.parametrize("call", ["fsync", "replace", "link"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_fault_while_restoring_leaves_the_old_or_the_new_project(
    session: SessionState, project_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, at: int
) -> None:
    _save_versions(session, project_path, 3)
    oldest = list_backups(project_path)[-1].path
    old, new, calls = project_path.read_bytes(), oldest.read_bytes(), []
    real = getattr(os, call)

    def fail(*args: object, **kwargs: object) -> object:
        calls.append(args)
        if len(calls) == at:
            raise OSError(errno.EIO, "Input/output error")
        return real(*args, **kwargs)

    monkeypatch.setattr(os, call, fail)
    try:
        restore_backup(project_path, oldest, POLICY)
        failed = False
    except ProjectError:
        failed = True
    monkeypatch.undo()
    assert project_path.read_bytes() in (old, new)
    assert failed or project_path.read_bytes() == new
    assert not list(project_path.parent.glob(".*.tmp"))
    assert not list(backups_folder(project_path).glob(".*.tmp"))


def test_a_save_succeeds_and_says_so_when_the_version_cannot_be_kept(
    session: SessionState, project_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meta = save_project(session, project_path, meta=ProjectMeta.new(), backups=POLICY)
    backups_folder(project_path).write_bytes(b"a file where the folder should be")
    said: list[str] = []
    save_project(
        dataclasses.replace(session, rois=()), project_path, meta=meta, backups=POLICY, on_problem=said.append
    )
    assert _n_rois(project_path) == 0
    assert _n_rois(project_path.with_name("case.atsm~")) == 4
    assert len(said) == 1
    assert "could not be kept" in said[0]


def test_what_a_killed_save_left_is_swept_and_nothing_else(session: SessionState, project_path: Path) -> None:
    _save_versions(session, project_path, 2)
    dead, living = 2**22 - 1, os.getpid()
    folder, store = project_path.parent, backups_folder(project_path)
    gone = [
        folder / f".case.atsm.{dead}.0123abcd.tmp",
        folder / f".case.atsm~.{dead}.0123abcd.tmp",
        store / f".20260101T000000Z.atsm.{dead}.0123abcd.tmp",
    ]
    kept = [
        folder / f".case.atsm.{living}.0123abcd.tmp",
        folder / f".other.atsm.{dead}.0123abcd.tmp",
        folder / f".case.atsm.{dead}.tmp",
        folder / "case.atsm.tmp",
    ]
    for path in (*gone, *kept):
        path.write_bytes(b"x")
    assert sweep_orphans(project_path) == tuple(sorted(p.name for p in gone))
    assert not any(p.exists() for p in gone)
    assert all(p.exists() for p in kept)
    assert len(list_backups(project_path)) == 1


def test_a_save_killed_in_the_middle_is_swept_by_the_next_opening(
    session: SessionState, project_path: Path
) -> None:
    save_project(session, project_path, meta=ProjectMeta.new())
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from atsm_viewer.io.project.load import load_project\n"
        "from atsm_viewer.io.project.save import save_project\n"
        "p = Path(sys.argv[1]); l = load_project(p)\n"
        "save_project(l.state, p, meta=l.meta,"
        " on_step=lambda n: os._exit(9) if n == 'read back' else None)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(backup_store.__file__).parents[3])}
    subprocess.run([sys.executable, "-c", code, str(project_path)], env=env, check=False)
    assert len(list(project_path.parent.glob(".*.tmp"))) == 1
    assert len(sweep_orphans(project_path)) == 1
    assert not list(project_path.parent.glob(".*.tmp"))
    assert _n_rois(project_path) == 4


def test_names_in_the_store_that_are_not_ours_are_left_alone(
    session: SessionState, project_path: Path
) -> None:
    _save_versions(session, project_path, 2)
    stranger = backups_folder(project_path) / "notes.txt"
    stranger.write_text("mine")
    odd = backups_folder(project_path) / "99999999T999999Z.atsm"
    odd.write_bytes(b"odd")
    keep_version(project_path, BackupPolicy(2, 30))
    assert stranger.exists()
    assert [v.path for v in list_backups(project_path)]

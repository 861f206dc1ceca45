"""One writer at a time; dead holders are recognised, living ones respected."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from atsm_viewer.io.project import lock as lock_module
from atsm_viewer.io.project.lock import (
    LockOwner,
    ProjectLock,
    ProjectLockedError,
    acquire_lock,
    lock_file,
    lock_owner,
)
from atsm_viewer.io.project.processes import is_running, process_start

ROOT = Path(lock_module.__file__).parents[3]

_HOLDER = """
import sys, time
from pathlib import Path
from atsm_viewer.io.project.lock import acquire_lock
acquire_lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "case.atsm"


def _hold(project: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(project)], env=env, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "held"
    return child


def _write(project: Path, owner: LockOwner) -> None:
    lock_file(project).write_text(json.dumps(asdict(owner)))


def test_the_lock_file_says_who_holds_it(project: Path) -> None:
    lock = acquire_lock(project)
    plain = json.loads((project.parent / ".case.atsm.lock").read_text())
    assert plain["pid"] == os.getpid()
    assert plain["host"]
    assert plain["app"].startswith("atsm_viewer ")
    assert plain["since"].endswith("Z")
    assert lock.is_ours()
    lock.release()
    assert not lock_file(project).exists()


def test_a_second_window_of_this_process_is_refused(project: Path) -> None:
    acquire_lock(project)
    with pytest.raises(ProjectLockedError, match="another window") as caught:
        acquire_lock(project)
    assert caught.value.owner.pid == os.getpid()


def test_a_living_process_keeps_its_lock_and_a_killed_one_loses_it_silently(project: Path) -> None:
    child = _hold(project)
    try:
        with pytest.raises(ProjectLockedError, match=str(child.pid)):
            acquire_lock(project)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert acquire_lock(project).is_ours()
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def test_a_killed_holder_that_nobody_waited_for_holds_nothing(project: Path) -> None:
    child = _hold(project)
    child.kill()
    try:
        deadline = time.monotonic() + 5
        while lock_owner(project) is not None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert lock_owner(project) is None
    finally:
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


@pytest.mark.skipif(not process_start(os.getpid()), reason="the system does not say when a process started")
def test_a_pid_that_is_used_again_does_not_count_as_the_holder(project: Path) -> None:
    _write(project, replace(LockOwner.myself(), start="1"))
    assert acquire_lock(project).is_ours()


def test_a_lock_from_before_the_last_start_of_the_machine_is_dead(project: Path) -> None:
    me = LockOwner.myself()
    if not me.boot:
        pytest.skip("the system has no boot id")
    _write(project, replace(me, boot="another"))
    assert lock_owner(project) is None


def test_another_machine_is_never_taken_over_without_being_told_to(project: Path) -> None:
    theirs = replace(LockOwner.myself(), host="bench-pc", pid=1)
    _write(project, theirs)
    os.utime(lock_file(project), (1, 1))
    with pytest.raises(ProjectLockedError, match="bench-pc") as caught:
        acquire_lock(project)
    assert caught.value.owner == theirs
    assert caught.value.silent_s > 1e6
    lock = acquire_lock(project, take_over=True)
    assert lock.is_ours()
    assert lock_owner(project) == lock.owner


def test_releasing_leaves_a_lock_that_somebody_took_over(project: Path) -> None:
    mine = acquire_lock(project)
    theirs = replace(LockOwner.myself(), host="bench-pc")
    _write(project, theirs)
    assert not mine.beat()
    mine.release()
    assert lock_owner(project) == theirs


def test_a_heartbeat_touches_the_file_and_nothing_else(project: Path) -> None:
    lock = acquire_lock(project)
    os.utime(lock.path, (1, 1))
    before = lock.path.read_bytes()
    assert lock.beat()
    assert lock.path.stat().st_mtime > 1e9
    assert lock.path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"pid": "x"}', b'{"pid": true}', b"[" * 5000, b"\xff" * 9000]
)
def test_a_lock_that_says_nothing_is_replaced(project: Path, content: bytes) -> None:
    lock_file(project).write_bytes(content)
    os.utime(lock_file(project), (1, 1))
    assert acquire_lock(project).is_ours()


def test_of_many_that_race_for_a_dead_lock_exactly_one_wins(project: Path) -> None:
    for _ in range(20):
        _write(project, replace(LockOwner.myself(), pid=2**22 - 1, start="1"))
        won: list[ProjectLock] = []
        gate = threading.Barrier(6)

        def race(won: list[ProjectLock] = won, gate: threading.Barrier = gate) -> None:
            gate.wait()
            try:
                won.append(acquire_lock(project))
            except ProjectLockedError:
                return

        threads = [threading.Thread(target=race) for _ in range(6)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert len(won) == 1
        assert won[0].is_ours()
        won[0].release()


def test_a_folder_that_cannot_be_written_to_raises_what_the_system_says(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OSError, match="Read-only"):
        acquire_lock(project)


@pytest.mark.parametrize("call", ["fsync"])
def test_a_fault_while_the_lock_is_made_leaves_no_lock(
    project: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="No space"):
        acquire_lock(project)
    assert not lock_file(project).exists()


def test_a_link_leads_to_the_same_lock(project: Path, tmp_path: Path) -> None:
    project.write_bytes(b"")
    link = tmp_path / "elsewhere.atsm"
    link.symlink_to(project)
    acquire_lock(project)
    with pytest.raises(ProjectLockedError):
        acquire_lock(link)


def test_a_long_name_can_be_locked(tmp_path: Path) -> None:
    assert acquire_lock(tmp_path / ("治" * 80 + ".atsm")).is_ours()


def test_processes_are_told_apart() -> None:
    assert is_running(os.getpid())
    assert not is_running(2**22 - 1)
    assert not is_running(0)


def test_a_lock_with_an_unusable_time_still_says_who_holds_it() -> None:
    owner = LockOwner(7, "bench-pc", "atsm_viewer 9", "yesterday")
    assert owner.words() == "“bench-pc” (process 7, atsm_viewer 9, since yesterday)"

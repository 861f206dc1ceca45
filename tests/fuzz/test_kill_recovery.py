"""A program that is killed at any moment has lost nothing that was on disk.

``ATSM_KILLS`` sets how many times.
"""

from __future__ import annotations

import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from atsm_viewer.app.recovery import find_work, rebuild_work
from atsm_viewer.app.session import Session
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project.load import load_project

KILLS = int(os.environ.get("ATSM_KILLS", "300"))
SCRIPT = Path(__file__).with_name("painting_child.py")
# How many more actions than the last acknowledged one a painter may have got onto the disk.
AHEAD = 200

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes")


def _script() -> Any:
    spec = importlib.util.spec_from_file_location("painting_child", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def nursery() -> Iterator[subprocess.Popen[str]]:
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=environment,
    )  # fmt: skip
    yield process
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


def _content(state: SessionState) -> tuple[Any, ...]:
    return tuple((r.id, r.name, r.role, r.edited_voxels, r.modified_utc, r.mask.sha256()) for r in state.rois)


def _killed(process: subprocess.Popen[str], seed: int, folder: Path, after_s: float) -> int:
    """Let a painter run for a while, kill it, and return the last action that it said is on disk."""
    assert process.stdin is not None
    out: IO[str] | None = process.stdout
    assert out is not None
    process.stdin.write(f"{seed} {folder}\n")
    process.stdin.flush()
    acknowledged = 0
    kind, number = "", "0"
    while kind != "P":  # the painter may be quicker than the word that it was started
        kind, number = out.readline().split()
        acknowledged = int(number) if kind == "A" else acknowledged
    time.sleep(after_s)
    os.kill(int(number), signal.SIGKILL)
    while True:
        kind, number = out.readline().split()
        if kind == "E":
            return acknowledged
        acknowledged = int(number)


def _restored(folder: Path, first: SessionState) -> tuple[SessionState, str]:
    """Return what a person has after the next start, and where it came from."""
    project = folder / "case.atsm"
    loaded = None
    if project.exists():
        loaded = load_project(project)
        assert loaded.problems == ()
    works = find_work(folder / "journals")
    assert len(works) <= 1
    if works and "saved again" not in works[0].note:
        assert works[0].can_be_restored
        found = rebuild_work(folder / "journals", works[0], with_images=False)
        found.claim.release()
        # A record that was being written is cut off; nothing else may be missing.
        assert all("cut short" in p for p in found.problems), found.problems
        return found.state, "journal"
    return (loaded.state, "file") if loaded is not None else (first, "nothing")


def _actions_ahead(child: Any, seed: int, acknowledged: int, wanted: tuple[Any, ...], source: str) -> int:
    """Do the same again without a disk; return by how much what came back is ahead of what was promised."""
    session = Session(child.first_state())
    seen: list[tuple[Any, ...]] = [_content(session.state)]
    # A kill may fall between the edits of one action, so every state on the way counts.
    session.subscribe(lambda old, new: seen.append(_content(new)))
    if acknowledged == 0 and wanted in seen:
        return 0
    for number in child.actions(seed, session, lambda: session.mark_saved(session.state)):
        if number < acknowledged:
            continue
        if number == acknowledged:
            seen[:] = [_content(session.state)]
        if wanted in seen:
            return int(number - acknowledged)
        assert number < acknowledged + AHEAD, (
            f"seed {seed}: action {acknowledged} was acknowledged but what came back "
            f"(from the {source}) is older or was never there"
        )
    raise AssertionError("unreachable: the actions never end")


@pytest.mark.timeout(600)
def test_every_acknowledged_action_is_there_after_a_kill_at_any_moment(
    tmp_path: Path, nursery: subprocess.Popen[str]
) -> None:
    child = _script()
    chance = random.Random(4)
    came_from = {"journal": 0, "file": 0, "nothing": 0}
    n_acknowledged = ahead = 0
    start = time.monotonic()
    for seed in range(KILLS):
        folder = tmp_path / f"kill-{seed}"
        folder.mkdir()
        acknowledged = _killed(nursery, seed, folder, chance.uniform(0.0, 0.12))
        restored, source = _restored(folder, child.first_state())
        came_from[source] += 1
        n_acknowledged += acknowledged
        ahead += _actions_ahead(child, seed, acknowledged, _content(restored), source)
    spent = time.monotonic() - start
    print(
        f"\n{KILLS} kills in {spent:.1f} s: {n_acknowledged} actions acknowledged, none lost; "
        f"restored from {came_from}; {ahead} more actions than acknowledged"
    )
    # A busy machine gets less done before it is killed; some must have got far all the same.
    assert n_acknowledged > KILLS / 2
    assert came_from["journal"] > KILLS / 10

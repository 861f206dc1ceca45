"""The writing thread: on disk in time, private, and unharmed by a disk that fails."""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from atsm_viewer.domain.edits import Paint
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.journal.instance_lock import hold
from atsm_viewer.io.journal.journal_file import JournalFile
from atsm_viewer.io.journal.places import all_journals, journal_path
from atsm_viewer.io.journal.reader import rebuild_session, survey_journal
from atsm_viewer.io.journal.records import JournalHeader
from atsm_viewer.io.journal.writer import MAX_QUEUED, JournalWriter

HEADER = JournalHeader("0d6c-1", title="p")


class FailingFile(JournalFile):
    """A file on a disk that can be told to fail."""

    fail_write = fail_sync = False
    torn = 0
    syncs: list[float]

    def write(self, view: memoryview) -> int:
        if FailingFile.fail_write:
            if FailingFile.torn:
                part, FailingFile.torn = FailingFile.torn, 0
                return super().write(view[:part])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(view)

    def sync(self) -> None:
        if FailingFile.fail_sync:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        FailingFile.syncs.append(time.monotonic())
        super().sync()


@pytest.fixture(autouse=True)
def healthy_disk() -> None:
    FailingFile.fail_write = FailingFile.fail_sync = False
    FailingFile.torn, FailingFile.syncs = 0, []


@pytest.fixture
def make_writer(tmp_path: Path) -> Iterator[Callable[..., JournalWriter]]:
    made: list[JournalWriter] = []

    def make(**options: float) -> JournalWriter:
        made.append(JournalWriter(tmp_path / "auto", open_file=FailingFile, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for writer in made:
        writer.stop(remove=False)


def _paint(writer: JournalWriter, state: SessionState, strokes: list[Paint]) -> SessionState:
    for number, stroke in enumerate(strokes):
        state = stroke.apply(state)
        writer.edit(stroke, f"stroke {number}", False, state)
    return state


def _wait(until: Callable[[], bool], timeout_s: float = 5.0) -> None:
    end = time.monotonic() + timeout_s
    while not until():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def _only(tmp_path: Path) -> Path:
    (journal,) = all_journals(tmp_path / "auto")
    return journal


def _voxels(state: SessionState) -> str:
    return state.roi("r").mask.sha256()


def test_edits_are_on_disk_within_a_second_without_being_asked(
    tmp_path: Path, session: SessionState, strokes: list[Paint], make_writer: Callable[..., JournalWriter]
) -> None:
    writer = make_writer()
    writer.begin(HEADER, session)
    final = _paint(writer, session, strokes)
    started = time.monotonic()
    _wait(lambda: all_journals(tmp_path / "auto") != () and survey_journal(_only(tmp_path)).n_steps == 10)
    assert time.monotonic() - started < 1.0
    assert _voxels(rebuild_session(_only(tmp_path)).state) == _voxels(final)
    _wait(lambda: len(FailingFile.syncs) > 1, 1.5)


def test_the_disk_is_not_flushed_more_often_than_it_has_to_be(
    session: SessionState, strokes: list[Paint], make_writer: Callable[..., JournalWriter]
) -> None:
    writer = make_writer(sync_every_s=0.3)
    writer.begin(HEADER, session)
    state = session
    for stroke in strokes:
        state = _paint(writer, state, [stroke])
        time.sleep(0.05)
    _wait(lambda: len(FailingFile.syncs) >= 2)
    time.sleep(0.35)
    gaps = [b - a for a, b in zip(FailingFile.syncs, FailingFile.syncs[1:], strict=False)]
    assert min(gaps) > 0.25
    assert len(FailingFile.syncs) <= 4


def test_folder_and_files_are_private(
    tmp_path: Path, session: SessionState, strokes: list[Paint], make_writer: Callable[..., JournalWriter]
) -> None:
    writer = make_writer()
    writer.begin(HEADER, session)
    _paint(writer, session, strokes)
    assert writer.flush()
    for path in (tmp_path / "auto", *(tmp_path / "auto").rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_a_project_id_from_a_hostile_file_stays_inside_the_folder(tmp_path: Path) -> None:
    for odd in ("../../etc", "/etc/passwd", "", "a" * 300, "con\0", ".."):
        path = journal_path(tmp_path, odd, "1-a").resolve()
        assert path.parent.parent == tmp_path.resolve()


def test_the_journal_starts_over_after_so_many_edits_and_loses_nothing(
    tmp_path: Path, session: SessionState, strokes: list[Paint], make_writer: Callable[..., JournalWriter]
) -> None:
    writer = make_writer(compact_edits=4)
    writer.begin(HEADER, session)
    state = session
    for stroke in strokes:
        state = _paint(writer, state, [stroke])
        assert writer.flush()
    found = rebuild_session(_only(tmp_path))
    assert _voxels(found.state) == _voxels(state)
    assert found.summary.n_steps == len(strokes)
    assert _only(tmp_path).read_bytes().count(b'"kind":"edit"') == len(strokes) % 4


def test_the_journal_starts_over_after_a_while(
    tmp_path: Path, session: SessionState, strokes: list[Paint], make_writer: Callable[..., JournalWriter]
) -> None:
    writer = make_writer(compact_s=0.2)
    writer.begin(HEADER, session)
    _paint(writer, session, strokes)
    assert writer.flush()
    _wait(lambda: b'"kind":"edit"' not in _only(tmp_path).read_bytes())
    assert survey_journal(_only(tmp_path)).n_steps == len(strokes)


def test_an_undo_of_a_step_before_the_base_is_written_as_a_whole_session(
    tmp_path: Path, session: SessionState, strokes: list[Paint], make_writer: Callable[..., JournalWriter]
) -> None:
    writer = make_writer()
    later = strokes[0].apply(session)
    writer.begin(HEADER, later)
    writer.undo("Paint", session)
    assert writer.flush()
    found = rebuild_session(_only(tmp_path))
    assert _voxels(found.state) == _voxels(session)
    assert [s.label for s in found.summary.steps] == ["Undo Paint"]
    writer.redo("Paint", later)
    assert writer.flush()
    assert _voxels(rebuild_session(_only(tmp_path)).state) == _voxels(later)


@pytest.mark.parametrize("torn", [0, 1, 7, 40])
def test_a_full_disk_is_told_once_and_mended_as_soon_as_there_is_room(
    tmp_path: Path, session: SessionState, strokes: list[Paint], make_writer: Callable[..., JournalWriter],
    torn: int,
) -> None:  # fmt: skip
    writer = make_writer(retry_s=0.05)
    writer.begin(HEADER, session)
    good = _paint(writer, session, strokes[:3])
    assert writer.flush()
    FailingFile.fail_write, FailingFile.torn = True, torn
    full = _paint(writer, good, strokes[3:6])
    assert not writer.flush()
    assert writer.problem == os.strerror(errno.ENOSPC)
    # What was on disk before is still there, whole.
    before = rebuild_session(_only(tmp_path))
    assert before.problems == ()
    assert _voxels(before.state) == _voxels(good)
    FailingFile.fail_write = False
    _wait(lambda: writer.problem == "")
    assert writer.flush()
    found = rebuild_session(_only(tmp_path))
    assert _voxels(found.state) == _voxels(full)
    assert found.summary.n_steps == 6
    final = _paint(writer, full, strokes[6:])
    assert writer.flush()
    assert _voxels(rebuild_session(_only(tmp_path)).state) == _voxels(final)


def test_a_failed_flush_is_never_taken_for_a_good_one(
    tmp_path: Path, session: SessionState, strokes: list[Paint], make_writer: Callable[..., JournalWriter]
) -> None:
    writer = make_writer(retry_s=60.0)
    writer.begin(HEADER, session)
    assert writer.flush()
    FailingFile.fail_sync = True
    final = _paint(writer, session, strokes)
    assert not writer.flush()
    assert writer.problem == os.strerror(errno.EIO)
    FailingFile.fail_sync = False
    # The kernel may have dropped the pages, so the file is written anew and not merely flushed again.
    inode = _only(tmp_path).stat().st_ino
    assert writer.flush()
    assert _only(tmp_path).stat().st_ino != inode
    assert _voxels(rebuild_session(_only(tmp_path)).state) == _voxels(final)


def test_a_folder_that_cannot_be_made_is_a_problem_and_no_crash(
    tmp_path: Path, session: SessionState, strokes: list[Paint]
) -> None:
    (tmp_path / "auto").write_text("a file is in the way")
    writer = JournalWriter(tmp_path / "auto")
    try:
        writer.begin(HEADER, session)
        _paint(writer, session, strokes)
        assert not writer.flush()
        assert writer.problem
    finally:
        writer.stop(remove=True)
    assert (tmp_path / "auto").read_text() == "a file is in the way"


def test_a_disk_that_stands_still_blocks_nobody_and_fills_no_memory(
    tmp_path: Path, session: SessionState, strokes: list[Paint]
) -> None:
    gate = threading.Event()

    class SlowFile(JournalFile):
        def sync(self) -> None:
            gate.wait(20)
            super().sync()

    writer = JournalWriter(tmp_path / "auto", open_file=SlowFile)
    writer.begin(HEADER, session)
    time.sleep(0.05)
    state = session
    longest = 0.0
    for n in range(2 * MAX_QUEUED + 100):
        stroke = strokes[n % len(strokes)]
        erase = Paint(
            "r", type(stroke.patch)(stroke.patch.box, stroke.patch.block_kji, adds=n % 20 < 10), str(n)
        )
        state = erase.apply(state)
        begun = time.perf_counter()
        writer.edit(erase, "stroke", False, state)
        longest = max(longest, time.perf_counter() - begun)
    assert len(writer._queue) <= MAX_QUEUED + 1
    assert longest < 0.2
    assert not writer.flush(0.05)
    gate.set()
    assert writer.flush()
    found = rebuild_session(_only(tmp_path))
    assert _voxels(found.state) == _voxels(state)
    assert found.summary.n_steps == 2 * MAX_QUEUED + 100
    writer.stop(remove=False)


def test_an_edit_that_is_no_data_is_written_as_the_session_it_led_to(
    tmp_path: Path, session: SessionState, strokes: list[Paint], make_writer: Callable[..., JournalWriter]
) -> None:
    class Foreign:
        def apply(self, state: SessionState) -> SessionState:
            return strokes[0].apply(state)

    writer = make_writer()
    writer.begin(HEADER, session)
    after = Foreign().apply(session)
    writer.edit(Foreign(), "Foreign step", False, after)
    final = _paint(writer, after, strokes[1:2])
    assert writer.flush()
    found = rebuild_session(_only(tmp_path))
    assert found.problems == ()
    assert _voxels(found.state) == _voxels(final)
    assert [s.label for s in found.summary.steps] == ["Foreign step", "stroke 0"]


def test_the_end_of_a_program_frees_its_lock_and_removes_or_leaves_its_journal(
    tmp_path: Path, session: SessionState, strokes: list[Paint]
) -> None:
    for remove in (True, False):
        writer = JournalWriter(tmp_path / "auto")
        writer.begin(HEADER, session)
        _paint(writer, session, strokes)
        assert writer.flush()
        assert hold(tmp_path / "auto", writer.instance) is None
        writer.stop(remove=remove)
        claim = hold(tmp_path / "auto", writer.instance)
        assert claim is not None
        claim.release()
        assert len(all_journals(tmp_path / "auto")) == (0 if remove else 1)
    assert list((tmp_path / "auto").glob("*.lock")) == []

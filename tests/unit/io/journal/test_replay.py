"""What a journal holds is what was done."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import pytest

from atsm_viewer.domain.edits import Batch, Edit, Paint, RemoveRoi, RenameRoi, SetRoiLocked
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.journal.errors import JournalError
from atsm_viewer.io.journal.framing import Frame, encode_frame, read_frames
from atsm_viewer.io.journal.reader import rebuild_session, survey_journal
from atsm_viewer.io.journal.records import (
    BaseSteps,
    JournalHeader,
    Step,
    base_frame,
    edit_frame,
    header_frame,
    redo_frame,
    undo_frame,
)

WHEN = "2026-01-02T03:04:05.000Z"
HEADER = JournalHeader("0d6c", revision=3, project_path="/somewhere/p.atsm", title="p")


def _edit(edit: Edit, label: str, merged: bool = False) -> bytes:
    return edit_frame(edit, Step(label, WHEN), merged)


def _file(tmp_path: Path, *frames: bytes) -> Path:
    path = tmp_path / "1-a.j"
    path.write_bytes(b"".join(frames))
    return path


def _voxels(state: SessionState) -> str:
    return state.roi("r").mask.sha256()


def test_a_base_comes_back_without_images_and_without_the_patient(
    tmp_path: Path, session: SessionState
) -> None:
    path = _file(tmp_path, header_frame(HEADER), base_frame(session, BaseSteps()))
    state = rebuild_session(path).state
    source = state.scans[0].pet_source
    assert source is not None
    assert source.paths == session.scans[0].pet_source.paths  # type: ignore[union-attr]
    assert source.patient_label == ""
    assert b"DOE" not in path.read_bytes()
    assert state.subjects == session.subjects
    assert state.scans[0].pet_geometry == session.scans[0].pet_geometry


def test_edits_undo_and_redo_lead_to_the_state_they_led_to(
    tmp_path: Path, session: SessionState, strokes: list[Paint]
) -> None:
    path = _file(
        tmp_path, header_frame(HEADER), base_frame(session, BaseSteps()), _edit(strokes[0], "one"),
        _edit(strokes[1], "two"), undo_frame(WHEN), _edit(strokes[2], "three"), undo_frame(WHEN),
        redo_frame(WHEN),
    )  # fmt: skip
    expected = strokes[2].apply(strokes[0].apply(session))
    found = rebuild_session(path)
    assert _voxels(found.state) == _voxels(expected)
    assert [s.label for s in found.summary.steps] == ["one", "three"]
    assert found.summary.n_steps == 2
    assert found.problems == ()


def test_undoing_a_merged_run_takes_all_of_it_back(tmp_path: Path, session: SessionState) -> None:
    names = [_edit(RenameRoi("r", f"N{n}"), "Rename", merged=n > 0) for n in range(4)]
    head = (header_frame(HEADER), base_frame(session, BaseSteps()), *names)
    assert rebuild_session(_file(tmp_path, *head)).state.roi("r").name == "N3"
    assert rebuild_session(_file(tmp_path, *head, undo_frame(WHEN))).state.roi("r").name == "Tumour 1"


def test_an_edit_merged_into_a_step_before_the_base_counts_and_cannot_be_undone_in_the_file(
    tmp_path: Path, session: SessionState
) -> None:
    head = (header_frame(HEADER), base_frame(session, BaseSteps()))
    merged = (
        _edit(RenameRoi("r", "A"), "Rename", merged=True),
        _edit(RenameRoi("r", "B"), "Rename", merged=True),
    )
    found = rebuild_session(_file(tmp_path, *head, *merged))
    assert found.state.roi("r").name == "B"
    assert found.summary.n_steps == 1
    undone = survey_journal(_file(tmp_path, *head, *merged, undo_frame(WHEN)))
    assert "nothing to undo" in undone.tail.reason


def test_a_tail_torn_at_every_byte_of_the_last_record_loses_that_record_only(
    tmp_path: Path, session: SessionState, strokes: list[Paint]
) -> None:
    whole = (header_frame(HEADER), base_frame(session, BaseSteps()), _edit(strokes[0], "one"))
    last, before = _edit(strokes[1], "two"), _voxels(strokes[0].apply(session))
    for n in range(len(last)):
        found = rebuild_session(_file(tmp_path, *whole, last[:n]))
        assert _voxels(found.state) == before
        assert found.summary.n_steps == 1
        assert bool(found.problems) == (n > 0)
    assert _voxels(rebuild_session(_file(tmp_path, *whole, last)).state) != before


def test_a_flipped_byte_ends_the_replay_there_and_says_so(
    tmp_path: Path, session: SessionState, strokes: list[Paint]
) -> None:
    first, second, third = (_edit(s, f"step {n}") for n, s in enumerate(strokes[:3]))
    damaged = bytearray(second)
    damaged[len(damaged) // 2] ^= 0x10
    path = _file(
        tmp_path, header_frame(HEADER), base_frame(session, BaseSteps()), first, bytes(damaged), third
    )
    found = rebuild_session(path)
    assert _voxels(found.state) == _voxels(strokes[0].apply(session))
    assert found.problems == (
        f"The last {len(second) + len(third)} bytes of the journal could not be used: "
        "a record fails its checksum.",
    )


def _rewritten(frame: bytes, change: dict[str, object]) -> bytes:
    (first, *_rest) = read_frames(io.BytesIO(frame), len(frame))
    assert isinstance(first, Frame)
    return encode_frame(json.dumps({**json.loads(first.json), **change}).encode(), first.blob)


def test_an_unknown_step_is_reported_and_nothing_after_it_is_applied(
    tmp_path: Path, session: SessionState, strokes: list[Paint]
) -> None:
    unknown = _rewritten(_edit(strokes[1], "Warp"), {"value": {"edit": "Warp", "roi_id": "r"}})
    path = _file(
        tmp_path, header_frame(HEADER), base_frame(session, BaseSteps()), _edit(strokes[0], "one"), unknown,
        _edit(strokes[2], "three"),
    )  # fmt: skip
    found = rebuild_session(path)
    assert _voxels(found.state) == _voxels(strokes[0].apply(session))
    assert found.problems == (
        "“Warp” could not be restored (This version does not know the step 'Warp'.); "
        "the step after it is missing too.",
    )


def test_an_unknown_step_that_was_undone_does_no_harm(
    tmp_path: Path, session: SessionState, strokes: list[Paint]
) -> None:
    unknown = _rewritten(_edit(strokes[1], "Warp"), {"value": {"edit": "Warp"}})
    path = _file(tmp_path, header_frame(HEADER), base_frame(session, BaseSteps()), unknown, undo_frame(WHEN),
                 _edit(strokes[0], "one"))  # fmt: skip
    found = rebuild_session(path)
    assert found.problems == ()
    assert _voxels(found.state) == _voxels(strokes[0].apply(session))


def test_a_step_that_is_not_possible_is_reported_in_its_own_words(
    tmp_path: Path, session: SessionState
) -> None:
    locked = (_edit(SetRoiLocked("r", True), "Lock"), _edit(RemoveRoi("r"), "Delete"))
    found = rebuild_session(_file(tmp_path, header_frame(HEADER), base_frame(session, BaseSteps()), *locked))
    assert found.state.roi("r").locked
    assert "“Delete” could not be restored (“Tumour 1” is locked.)" in found.problems[0]


def test_records_of_an_unknown_kind_end_the_replay(tmp_path: Path, session: SessionState) -> None:
    odd = encode_frame(b'{"kind":"wish"}', b"")
    found = rebuild_session(_file(tmp_path, header_frame(HEADER), base_frame(session, BaseSteps()), odd))
    assert "wish" in found.problems[0]


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ((), "empty or damaged"),
        ((b"\0" * 40,), "empty or damaged"),
        ((encode_frame(b"[1]", b""),), "not readable"),
        ((encode_frame(b'{"kind":"header","format":"other"}', b""),), "not a journal"),
        ((header_frame(HEADER),), "ends before its first session"),
        ((header_frame(HEADER), undo_frame(WHEN)), "does not begin with a session"),
    ],
)
def test_a_journal_without_a_session_is_refused_in_words_that_name_it(
    tmp_path: Path, frames: tuple[bytes, ...], words: str
) -> None:
    path = _file(tmp_path, *frames)
    with pytest.raises(JournalError, match=words) as caught:
        rebuild_session(path)
    assert path.name in str(caught.value)


def test_a_journal_of_a_newer_format_asks_for_that_version(tmp_path: Path, session: SessionState) -> None:
    newer = _rewritten(header_frame(HEADER), {"schema": 2})
    with pytest.raises(JournalError, match="another version") as caught:
        survey_journal(_file(tmp_path, newer, base_frame(session, BaseSteps())))
    assert "that version" in caught.value.hint


def test_names_of_steps_survive_a_new_base(
    tmp_path: Path, session: SessionState, strokes: list[Paint]
) -> None:
    earlier = BaseSteps(700, tuple(Step(f"s{n}", WHEN) for n in range(500)))
    summary = survey_journal(
        _file(tmp_path, header_frame(HEADER), base_frame(session, earlier), _edit(strokes[0], "now"))
    )
    assert summary.n_steps == 701
    assert summary.steps[-1].label == "now"
    assert len(summary.steps) == 500
    assert dataclasses.asdict(summary.header) == dataclasses.asdict(HEADER)


def test_a_batch_is_one_step(tmp_path: Path, session: SessionState, strokes: list[Paint]) -> None:
    batch = Batch((strokes[0], RenameRoi("r", "B"), Batch((strokes[1],))))
    found = rebuild_session(
        _file(tmp_path, header_frame(HEADER), base_frame(session, BaseSteps()), _edit(batch, "All"))
    )
    assert _voxels(found.state) == _voxels(batch.apply(session))
    assert found.state.roi("r").name == "B"
    assert found.summary.n_steps == 1

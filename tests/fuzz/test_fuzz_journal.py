"""Whatever bytes a journal holds, reading ends as data or as one AtsmError, soon and within bounds."""

from __future__ import annotations

import copy
import io
import json
import random
import resource
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import AddRoi, Batch, Paint, RenameRoi, SetEntered
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
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
    undo_frame,
)

NAME = "7-fuzz.j"
WHEN = "2026-01-02T03:04:05.000Z"


def _journal() -> bytes:
    source = ImageSource("nifti", (Path("/data/pet.nii"),))
    state = SessionState(
        (Subject("s", "M1"),), (Administration("a", "s"),),
        (Scan("scan", "1 h", Geometry.axis_aligned((4, 5, 6), (1.0, 1.0, 1.0)), None, None, (Slot("s", "a"),),
              pet_source=source),),
        (Roi("r", "Tumour", Role.TUMOUR, "scan", "s"),),
    )  # fmt: skip
    patch = Patch(Box((0, 0, 0), (2, 3, 4)), np.random.default_rng(0).random((2, 3, 4)) < 0.5)
    edits = (
        Paint("r", patch), RenameRoi("r", "T"), SetEntered("a", "weight_kg", Sourced(0.02, Provenance.TYPED)),
        Batch((AddRoi(Roi("q", "Q", Role.MUSCLE, "scan", "s")), Paint("q", patch))),
    )  # fmt: skip
    frames = [edit_frame(e, Step(type(e).__name__, WHEN), False) for e in edits]
    return b"".join(
        (header_frame(JournalHeader("p")), base_frame(state, BaseSteps()), *frames, undo_frame(WHEN))
    )


GOOD = _journal()
FRAMES = [f for f in read_frames(io.BytesIO(GOOD), len(GOOD)) if isinstance(f, Frame)]


def _read(path: Path) -> bool:
    """Read as the program does; True when something came back."""
    begun, refusal = time.monotonic(), ""
    try:
        survey_journal(path)
        assert isinstance(rebuild_session(path).state, SessionState)
    except JournalError as error:
        refusal = error.user_message
    assert refusal == "" or NAME in refusal
    assert time.monotonic() - begun < 2.0
    return refusal == ""


@pytest.fixture(autouse=True)
def bounded_memory() -> Any:
    """Refuse more than 1 GB beyond what the test process has already."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc").exists() else 0
    before = resource.getrlimit(resource.RLIMIT_AS)
    if pages:
        limit = pages * resource.getpagesize() + 1_000_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize("seed", range(6))
def test_any_bytes_anywhere(tmp_path: Path, seed: int) -> None:
    source, path = random.Random(seed), tmp_path / NAME
    back = 0
    for _ in range(150):
        raw = bytearray(GOOD)
        for _ in range(source.choice([1, 2, 8, 40])):
            at = source.randrange(len(raw))
            if source.random() < 0.3:
                del raw[at : at + source.randrange(1, 200)]
                raw = raw or bytearray(b"x")
            else:
                raw[at] = source.randrange(256)
        path.write_bytes(raw)
        back += _read(path)
    assert 0 < back < 150


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=300))
def test_bytes_that_never_were_a_journal(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / NAME
    path.write_bytes(data)
    assert not _read(path)


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return [at, *(p for k, v in pairs for p in _places(v, (*at, k)))]
    return [at]


PLACES = [(n, p) for n, f in enumerate(FRAMES) for p in _places(json.loads(f.json)) if p]
odd = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=5),
    st.lists(st.integers(-5, 5), max_size=4), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.just({"edit": "Batch", "edits": []}), st.just([10**12] * 3),
)  # fmt: skip


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.just("drop") | odd), min_size=1, max_size=3))
def test_any_value_in_any_place_of_records_whose_checksums_are_right(
    tmp_path: Path, changes: list[tuple[Any, Any]]
) -> None:
    records = [json.loads(f.json) for f in FRAMES]
    for (number, place), value in changes:
        parent = records[number]
        try:
            for key in place[:-1]:
                parent = parent[key]
            if value == "drop":
                del parent[place[-1]]
            else:
                parent[place[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    path = tmp_path / NAME
    path.write_bytes(
        b"".join(encode_frame(json.dumps(r).encode(), f.blob) for r, f in zip(records, FRAMES, strict=True))
    )
    _read(path)


def _with_patch(change: dict[str, Any], blob: bytes) -> bytes:
    record = json.loads(FRAMES[2].json)
    record["value"]["patch"].update(change)
    return (
        encode_frame(FRAMES[0].json, FRAMES[0].blob)
        + encode_frame(FRAMES[1].json, FRAMES[1].blob)
        + encode_frame(json.dumps(record).encode(), blob)
    )


BOMB = zlib.compress(bytes(300_000_000), 9)


@pytest.mark.parametrize(
    ("change", "blob"),
    [
        ({"hi_kji": [10**6] * 3, "n": 5}, b"abcde"),
        ({"hi_kji": [2**40, 1, 1], "n": 5}, b"abcde"),
        ({"lo_kji": [-5, 0, 0]}, FRAMES[2].blob),
        ({"n": len(BOMB)}, BOMB),
        ({"n": len(BOMB), "hi_kji": [1000, 1000, 1000]}, BOMB),
        ({"at": -1}, FRAMES[2].blob),
        ({"at": 10**9}, FRAMES[2].blob),
    ],
)
def test_absurd_sizes_and_bombs_are_refused_and_the_rest_is_restored(
    tmp_path: Path, change: dict[str, Any], blob: bytes
) -> None:
    path = tmp_path / NAME
    path.write_bytes(_with_patch(change, blob))
    assert _read(path)
    found = rebuild_session(path)
    assert "“Paint” could not be restored" in found.problems[0]
    assert found.state.roi("r").mask.is_empty


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    text = b'{"kind":"base","steps":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    path = tmp_path / NAME
    path.write_bytes(encode_frame(FRAMES[0].json, b"") + encode_frame(text, b""))
    assert not _read(path)


def test_a_length_beyond_the_file_allocates_nothing(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(GOOD + struct.pack("<II", 16 * 2**20, 256 * 2**20))
    assert _read(path)

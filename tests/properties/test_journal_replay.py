"""Whatever is done, undone, redone and saved, the journal holds what the session holds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atsm_viewer.app.autosave import Autosave
from atsm_viewer.app.document import Document
from atsm_viewer.app.history import History
from atsm_viewer.app.recovery import find_work, rebuild_work
from atsm_viewer.app.session import Session
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import AddRoi, Batch, Paint, RemoveRoi, RenameRoi, SetEntered, SetRoiLocked
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.io.journal.writer import JournalWriter

SHAPE = (4, 5, 6)
ids = st.sampled_from(["r0", "r1", "r2"])


@st.composite
def patches(draw: st.DrawFn) -> Patch:
    lo = draw(st.tuples(*[st.integers(0, n - 1) for n in SHAPE]))
    size = draw(st.tuples(*[st.integers(1, n - a) for n, a in zip(SHAPE, lo, strict=True)]))
    box = Box(lo, tuple(a + b for a, b in zip(lo, size, strict=True)))  # type: ignore[arg-type]
    seed = draw(st.integers(0, 999))
    return Patch(box, np.random.default_rng(seed).random(size) < 0.6, adds=draw(st.booleans()))


edits = st.recursive(
    st.one_of(
        st.builds(Paint, ids, patches(), st.text(max_size=4)),
        st.builds(RenameRoi, ids, st.text(max_size=8)),
        st.builds(SetRoiLocked, ids, st.booleans()),
        st.builds(RemoveRoi, ids),
        st.builds(AddRoi, st.builds(Roi, ids, st.text(max_size=5), st.sampled_from(Role), st.just("scan"),
                                    st.just("s")), st.none() | st.integers(0, 3)),
        st.builds(SetEntered, st.just("a"), st.just("weight_kg"),
                  st.none() | st.builds(Sourced, st.floats(0.01, 200.0), st.sampled_from(Provenance))),
    ),
    lambda inner: st.builds(Batch, st.lists(inner, max_size=3).map(tuple)),
    max_leaves=3,
)  # fmt: skip
moves = st.one_of(
    st.tuples(st.just("edit"), edits, st.none() | st.sampled_from(["a", "b"])),
    st.tuples(st.sampled_from(["undo", "redo", "seal", "save", "save earlier", "flush"])),
)


def _first() -> SessionState:
    grid = Geometry.axis_aligned(SHAPE, (1.0, 1.0, 1.0))
    return SessionState(
        (Subject("s", "M1"),), (Administration("a", "s"),),
        (Scan("scan", "1 h", grid, None, None, (Slot("s", "a"),)),),
        (Roi("r0", "R0", Role.TUMOUR, "scan", "s"), Roi("r1", "R1", Role.MUSCLE, "scan", "s")),
    )  # fmt: skip


def _plain(state: SessionState) -> Any:
    rois = [
        (r.id, r.name, r.role, r.locked, r.edited_voxels, r.modified_utc, r.mask.sha256()) for r in state.rois
    ]
    return state.subjects, state.administrations, [s.id for s in state.scans], rois, state.protocol


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(moves, max_size=40), st.integers(2, 30), st.booleans())
def test_after_any_history_the_journal_gives_back_the_session(
    history: list[tuple[Any, ...]], compact_edits: int, small_memory: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "auto"
        session = Session(_first())
        if small_memory:
            session._history = History(1)
        autosave = Autosave(session, Document(), root, JournalWriter(root, compact_edits=compact_edits))
        earlier = saved = session.state
        for move in history:
            if move[0] == "edit":
                try:
                    session.apply(move[1], "Edit", move[2])
                except AtsmError:
                    continue  # a locked or absent ROI: nothing happened, so nothing is to be recorded
            elif move[0] == "undo":
                session.undo()
            elif move[0] == "redo":
                session.redo()
            elif move[0] == "seal":
                session.seal()
            elif move[0] == "save":
                saved = session.state
                session.mark_saved(saved)
            elif move[0] == "save earlier":
                saved = earlier
                session.mark_saved(saved)
            else:
                assert autosave.flush()
            if len(history) % 3:
                earlier = session.state
        assert autosave.flush()
        autosave.abandon()
        works = find_work(root)
        if not works:
            # Nothing to restore: then the last save holds all there is.
            assert _plain(session.state) == _plain(saved)
            return
        found = rebuild_work(root, works[0], with_images=False)
        found.claim.release()
        assert found.problems == ()
        assert _plain(found.state) == _plain(session.state)
        assert found.steps.n >= 1

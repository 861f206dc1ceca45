"""Undo and redo against a plain list of states, and the memory they may keep."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from atsm_viewer.app.history import MIN_STEPS, History, Step
from atsm_viewer.app.session import Session
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import AddRoi, Paint, RemoveRoi, RenameRoi, SetRoiVisible
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject

SHAPE = (12, 16, 16)


def opened() -> SessionState:
    scan = Scan("scan", "1 h", Geometry.axis_aligned(SHAPE, (1.0, 1.0, 1.0)), None, None, (Slot("s", "a"),))
    rois = tuple(Roi(n, n, Role.TUMOUR, "scan", "s") for n in ("r0", "r1"))
    return SessionState((Subject("s", "S"),), (Administration("a", "s"),), (scan,), rois)


@dataclass
class ListOfStates:
    """The oracle: all states since the start and a finger on the one that holds."""

    states: list[SessionState]
    keys: list[str | None] = field(default_factory=lambda: [None])
    at: int = 0
    sealed: bool = False

    def edit(self, state: SessionState, key: str | None) -> None:
        del self.states[self.at + 1 :], self.keys[self.at + 1 :]
        if key is not None and self.at > 0 and self.keys[self.at] == key:
            self.states[self.at] = state
            return
        self.states.append(state)
        self.keys.append(key)
        self.at += 1

    def seal(self) -> None:
        self.keys[self.at] = None


def ball(rng: random.Random, adds: bool) -> Patch:
    lo = tuple(rng.randrange(0, n - 1) for n in SHAPE)
    hi = tuple(min(n, a + rng.randrange(1, 6)) for a, n in zip(lo, SHAPE, strict=True))
    box = Box(lo, hi)
    inside = np.random.default_rng(rng.randrange(2**32)).random(box.shape_kji) < 0.7
    return Patch(box, inside, adds)


def play(seed: int, n_edits: int, budget_bytes: int) -> tuple[Session, ListOfStates, int]:
    """Run a random history on a session and on the oracle; returns both and the number of edits."""
    rng = random.Random(seed)
    session = Session(opened(), budget_bytes)
    oracle = ListOfStates([session.state])
    made = number = 0
    while made < n_edits:
        action = rng.random()
        before = session.state
        if action < 0.22:
            steps_back = len(session.undo_labels)
            label = session.undo()
            assert (label is None) == (steps_back == 0)
            if label is not None:
                oracle.at -= 1
                oracle.seal()
        elif action < 0.36:
            label = session.redo()
            assert (label is None) == (oracle.at == len(oracle.states) - 1)
            if label is not None:
                oracle.at += 1
                oracle.seal()
        elif action < 0.40:
            session.seal()
            oracle.seal()
        else:
            ids = [r.id for r in before.rois]
            key = None
            if action < 0.75 and ids:
                edit: object = Paint(rng.choice(ids), ball(rng, rng.random() < 0.7))
            elif action < 0.88 and ids:
                edit, key = RenameRoi(rng.choice(ids), f"name {rng.randrange(50)}"), rng.choice("xy")
            elif action < 0.92 and ids:
                edit = SetRoiVisible(rng.choice(ids), rng.random() < 0.5)
            elif action < 0.95 and len(ids) > 2:
                edit = RemoveRoi(rng.choice(ids))
            else:
                number += 1
                edit = AddRoi(Roi(f"n{number}", "new", Role.OTHER, "scan", "s"))
            if session.apply(edit, f"edit {made}", key):  # type: ignore[arg-type]
                oracle.edit(session.state, key)
                made += 1
        assert session.state is oracle.states[oracle.at]
    return session, oracle, made


def bits(state: SessionState) -> list[tuple[str, str, bytes]]:
    """Everything that these edits can change, as plain values."""
    return [(r.id, r.name, r.mask.to_dense(SHAPE).tobytes()) for r in state.rois]


def test_two_thousand_random_edits_leave_the_states_of_a_list_of_states() -> None:
    session, oracle, made = play(20250101, 2000, budget_bytes=1 << 40)
    assert made == 2000
    contents = [bits(s) for s in oracle.states]  # before: nothing that follows may change them
    while session.undo() is not None:
        oracle.at -= 1
        assert session.state is oracle.states[oracle.at]
    assert oracle.at == 0
    while session.redo() is not None:
        oracle.at += 1
        assert session.state is oracle.states[oracle.at]
    assert oracle.at == len(oracle.states) - 1
    assert [bits(s) for s in oracle.states] == contents


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), n_edits=st.integers(1, 60))
def test_every_random_history_equals_the_list_of_states(seed: int, n_edits: int) -> None:
    play(seed, n_edits, budget_bytes=1 << 40)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), budget=st.integers(0, 60_000))
def test_the_past_stays_within_its_budget_or_at_the_least_number_of_steps(seed: int, budget: int) -> None:
    rng = random.Random(seed)
    session = Session(opened(), budget)
    made: list[str] = []
    for number in range(80):
        if session.apply(Paint("r0", ball(rng, rng.random() < 0.6)), f"edit {number}"):
            made.append(f"edit {number}")
        kept = session.undo_labels
        assert session.undo_bytes <= budget or len(kept) <= MIN_STEPS
        assert len(kept) >= min(MIN_STEPS, len(made))
        assert list(kept) == made[::-1][: len(kept)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_memory_is_that_of_the_masks_which_only_the_past_keeps(data: st.DataObject) -> None:
    history = History(1 << 40)
    state, kept = opened(), []
    for number in range(data.draw(st.integers(1, 12))):
        edge = data.draw(st.integers(1, 12))
        box = Box((0, 0, 0), (edge, edge, edge))
        mask = Mask.from_block(box, np.ones(box.shape_kji, dtype=bool))
        roi = state.rois[number % 2]
        after = state.with_roi(Roi(roi.id, roi.name, roi.role, "scan", "s", mask=mask))
        history.push(Step(f"step {number}", state, after))
        kept.append(roi.mask.block_kji.nbytes)
        state = after
    overhead = history.kept_bytes - sum(kept)
    assert 0 <= overhead <= 1024 * len(kept)
    # What was undone keeps the masks alive that it had made.
    made = [state.rois[n % 2].mask.block_kji.nbytes for n in range(len(kept))[-2:]]
    made += kept[2:]
    for _ in range(len(kept)):
        history.undo()
    assert history.redo_labels == tuple(f"step {n}" for n in range(len(kept)))
    overhead = history.kept_bytes - sum(made)
    assert 0 <= overhead <= 1024 * len(kept)
    for _ in range(len(kept)):
        history.redo()
    assert 0 <= history.kept_bytes - sum(kept) <= 1024 * len(kept)
    history.undo()
    history.push(Step("other", state, state))  # what was undone is forgotten
    assert 0 <= history.kept_bytes - sum(kept[:-1]) <= 1024 * len(kept)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), budget=st.integers(0, 60_000))
def test_done_and_undone_steps_together_stay_within_the_budget(seed: int, budget: int) -> None:
    rng = random.Random(seed)
    session = Session(opened(), budget)
    number = 0
    for _ in range(150):
        done, undone = session.undo_labels, session.redo_labels
        action = rng.random()
        if action < 0.3:
            label = session.undo()
            assert label == (done[0] if done else None)
            done, undone = done[1:], done[:1] + undone
        elif action < 0.5:
            label = session.redo()
            assert label == (undone[0] if undone else None)
            done, undone = undone[:1] + done, undone[1:]
        elif session.apply(Paint("r0", ball(rng, rng.random() < 0.6)), f"edit {number}"):
            done, undone, number = (f"edit {number}", *done), (), number + 1
        kept_done, kept_undone = session.undo_labels, session.redo_labels
        n_kept = len(kept_done) + len(kept_undone)
        assert session.undo_bytes <= budget or n_kept <= MIN_STEPS
        # Only the far ends are ever missing, and never more than the least number allows.
        assert kept_done == done[: len(kept_done)]
        assert kept_undone == undone[: len(kept_undone)]
        assert len(kept_done) >= min(MIN_STEPS, len(done))
        assert n_kept >= min(MIN_STEPS, len(done) + len(undone))
        # The past goes first: nothing ahead is dropped while there is a past to spare.
        assert kept_undone == undone or len(kept_done) <= MIN_STEPS


def test_after_undo_or_redo_an_equal_merge_key_starts_a_new_step() -> None:
    session = Session(opened())
    session.apply(RenameRoi("r0", "A"), "A", "name")
    after_a = session.state
    session.apply(SetRoiVisible("r1", False), "B")
    session.undo()
    session.apply(RenameRoi("r0", "C"), "C", "name")
    assert session.undo_labels == ("C", "A")
    session.undo()
    assert session.state is after_a
    session.redo()
    session.apply(RenameRoi("r0", "D"), "D", "name")
    assert session.undo_labels == ("D", "C", "A")

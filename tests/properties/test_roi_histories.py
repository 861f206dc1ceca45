"""Long random histories of edits, operations, undo and redo, against a list of states."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from atsm_viewer.app.history import MIN_STEPS
from atsm_viewer.app.operations_run import edit_of
from atsm_viewer.app.session import Session
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import AddRoi, Paint, RemoveRoi, RenameRoi, SetRoiLocked, SetRoiRole
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.operations import OPERATIONS, OperationContext

SHAPE = (10, 16, 18)
N_EDITS = 2000
# Those that take the whole body or flood it are slow a thousand times over; the contract tests run them.
USED = tuple(o for o in OPERATIONS if o.id not in ("invert", "mirror", "seeds", "refine_edge", "smooth"))


def start() -> SessionState:
    rng = np.random.default_rng(0)
    geometry = Geometry.axis_aligned(SHAPE, (2.0, 1.0, 1.0))
    pet = Volume(geometry, rng.gamma(3, 2, (1, *SHAPE)).astype(np.float32), "BQML", Modality.PET)
    scan = Scan("s", "1 h", geometry, pet, None, (Slot("m", "a"),))
    later = replace(scan, id="s2", label="2 h")
    return SessionState((Subject("m", "M"),), (Administration("a", "m"),), (scan, later))


def digest(state: SessionState) -> str:
    """What a person could see of a state, worked out from the dense voxels."""
    seen = hashlib.sha256()
    for roi in state.rois:
        words = (roi.id, roi.name, roi.role, roi.scan_id, roi.locked, roi.method, roi.edited_voxels)
        seen.update(repr(words).encode())
        seen.update(np.packbits(roi.mask.to_dense(SHAPE)).tobytes())
    seen.update(repr(state.notices).encode())
    return seen.hexdigest()


def random_edit(rng: np.random.Generator, state: SessionState, n: int):
    """An edit that somebody might make; None when the dice ask for what is not possible."""
    rois = state.rois
    pick = rng.random()
    if not rois or (pick < 0.04 and len(rois) < 8):
        return AddRoi(Roi(f"r{n}", f"ROI {n}", Role.TUMOUR, "s", "m"))
    roi = rois[int(rng.integers(len(rois)))]
    if pick < 0.06 or len(rois) > 12:
        return RemoveRoi(roi.id)
    if pick < 0.08:
        return RenameRoi(roi.id, f"Name {n}")
    if pick < 0.10:
        return SetRoiRole(roi.id, list(Role)[int(rng.integers(len(Role)))])
    if pick < 0.12:
        return SetRoiLocked(roi.id, not roi.locked)
    if pick < 0.6:
        lo = [int(rng.integers(0, s - 1)) for s in SHAPE]
        hi = [min(s, a + 1 + int(rng.integers(6))) for a, s in zip(lo, SHAPE, strict=True)]
        box = Box(tuple(lo), tuple(hi))
        return Paint(roi.id, Patch(box, rng.random(box.shape_kji) < 0.8, bool(rng.random() < 0.75)))
    operation = USED[int(rng.integers(len(USED)))]
    at = state.scan(roi.scan_id).pet_geometry.index_to_lps([int(rng.integers(s)) for s in SHAPE])
    given = OperationContext(
        state, state.scan(roi.scan_id), roi, 0, tuple(float(v) for v in at), None, None, 2.0
    )
    values = {}
    for option in operation.options_for(given):
        if option.choices and rng.random() < 0.5:
            values[option.id] = option.choices[int(rng.integers(len(option.choices)))][0]
    if operation.id == "move":
        values["left_mm"] = float(rng.integers(-4, 5))
    return edit_of(given, operation, operation.apply(given, values))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.timeout(240)
def test_two_thousand_edits_with_undo_and_redo_equal_a_list_of_states(seed):
    rng = np.random.default_rng(seed)
    session = Session(start())
    states, seen = [session.state], [digest(session.state)]
    at, made, operations, back = 0, 0, 0, 0
    refusals: list[str] = []
    while made < N_EDITS:
        dice = rng.random()
        if dice < 0.25:
            label = session.undo()
            assert (label is None) == (at == 0)
            at, back = max(0, at - 1), back + 1
        elif dice < 0.40:
            label = session.redo()
            assert (label is None) == (at == len(states) - 1)
            at = min(len(states) - 1, at + 1)
        else:
            made += 1
            try:
                edit = random_edit(rng, session.state, made)
                changed = session.apply(edit, f"edit {made}")
            except AtsmError as error:
                refusals.append(error.user_message)
                changed = False
            if changed:
                del states[at + 1 :], seen[at + 1 :]
                states.append(session.state)
                seen.append(digest(session.state))
                at += 1
                operations += type(edit).__name__ in ("SetMask", "Batch")
        assert session.state is states[at]
    assert digest(session.state) == seen[at]
    # No step has reached back and changed a state that is kept.
    assert [digest(s) for s in states] == seen
    while session.undo() is not None:
        at -= 1
        assert session.state is states[at]
    assert at == 0
    while session.redo() is not None:
        at += 1
        assert session.state is states[at]
    assert at == len(states) - 1
    assert operations > 150
    assert back > 400
    assert all(refusals)
    assert len(refusals) < N_EDITS * 0.6


def test_the_memory_budget_holds_and_the_newest_steps_stay():
    rng = np.random.default_rng(7)
    budget = 200_000
    session = Session(start(), budget_bytes=budget)
    session.apply(AddRoi(Roi("r", "R", Role.TUMOUR, "s", "m")), "add")
    states = [session.state]
    for n in range(600):
        box = Box.of_shape(SHAPE)
        patch = Patch(box, rng.random(SHAPE) < 0.5, bool(n % 2))
        if session.apply(Paint("r", patch), f"stroke {n}"):
            states.append(session.state)
        kept = len(session.undo_labels)
        assert session.undo_bytes <= budget or kept == MIN_STEPS
    assert len(session.undo_labels) >= MIN_STEPS
    assert len(session.undo_labels) < 100
    for expected in reversed(states[-MIN_STEPS:-1]):
        session.undo()
        assert session.state is expected

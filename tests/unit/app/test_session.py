"""One session: edits, undo, redo, merging, and whether there is something to save."""

from __future__ import annotations

import pytest

from atsm_viewer.app.session import Session
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.edits import AddRoi, RemoveRoi, RenameRoi, SetEntered, SetRoiLocked
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject

GRID = Geometry.axis_aligned((4, 5, 6), (1.0, 1.0, 1.0))


def opened() -> SessionState:
    scan = Scan("scan", "1 h", GRID, None, None, (Slot("s", "a"),))
    return SessionState((Subject("s", "S"),), (Administration("a", "s"),), (scan,))


def roi(name: str) -> Roi:
    return Roi(name, name, Role.TUMOUR, "scan", "s")


def weight(kg: float) -> SetEntered:
    return SetEntered("a", "weight_kg", Sourced(kg, Provenance.TYPED))


@pytest.fixture
def session() -> Session:
    return Session(opened())


def test_undo_and_redo_bring_back_the_very_same_states(session: Session) -> None:
    states = [session.state]
    for name in "abc":
        assert session.apply(AddRoi(roi(name)), f"Add {name}")
        states.append(session.state)
    assert session.undo_labels == ("Add c", "Add b", "Add a")
    for expected, label in zip(reversed(states[:-1]), ("Add c", "Add b", "Add a"), strict=True):
        assert session.undo() == label
        assert session.state is expected
    assert session.undo() is None
    assert session.redo_labels == ("Add a", "Add b", "Add c")
    for expected, label in zip(states[1:], ("Add a", "Add b", "Add c"), strict=True):
        assert session.redo() == label
        assert session.state is expected
    assert session.redo() is None


def test_an_edit_after_undo_forgets_what_was_undone(session: Session) -> None:
    session.apply(AddRoi(roi("a")), "Add a")
    session.undo()
    session.apply(AddRoi(roi("b")), "Add b")
    assert session.redo_labels == ()
    assert session.redo() is None
    assert [r.name for r in session.state.rois] == ["b"]


def test_an_edit_that_changes_nothing_makes_no_step_and_tells_nobody(session: Session) -> None:
    session.apply(AddRoi(roi("a")), "Add a")
    session.undo()
    heard: list[object] = []
    session.subscribe(lambda old, new: heard.append((old, new)))
    assert session.apply(SetEntered("a", "weight_kg", None), "Withdraw") is False
    assert (session.undo_labels, session.redo_labels) == ((), ("Add a",))
    assert heard == []


def test_an_edit_that_is_not_possible_leaves_everything_as_it_was(session: Session) -> None:
    session.apply(AddRoi(roi("a")), "Add a")
    session.apply(SetRoiLocked("a", True), "Lock a")
    before = session.state
    with pytest.raises(AtsmError, match="locked"):
        session.apply(RemoveRoi("a"), "Remove a")
    assert session.state is before
    assert session.undo_labels == ("Lock a", "Add a")


def test_edits_in_a_row_with_one_key_are_one_step(session: Session) -> None:
    before = session.state
    for kg in (0.020, 0.021, 0.022):
        session.apply(weight(kg), "Weight", merge_key="weight")
    assert session.undo_labels == ("Weight",)
    session.undo()
    assert session.state is before
    session.redo()
    entered = session.state.administration("a").entered.weight_kg
    assert entered is not None
    assert entered.value == 0.022


def test_other_keys_edits_without_a_key_and_a_seal_end_the_run(session: Session) -> None:
    session.apply(weight(0.020), "one", merge_key="weight")
    session.apply(AddRoi(roi("a")), "two")
    session.apply(weight(0.021), "three", merge_key="weight")
    session.seal()
    session.apply(weight(0.022), "four", merge_key="weight")
    session.apply(weight(0.023), "five", merge_key="other")
    assert session.undo_labels == ("five", "four", "three", "two", "one")


def test_listeners_get_old_and_new_until_they_unsubscribe(session: Session) -> None:
    heard: list[tuple[SessionState, SessionState]] = []
    end = session.subscribe(lambda old, new: heard.append((old, new)))
    first = session.state
    session.apply(AddRoi(roi("a")), "Add a")
    second = session.state
    session.undo()
    end()
    end()  # a second time does no harm
    session.redo()
    assert [(a is first, b is second) for a, b in heard] == [(True, True), (False, False)]
    assert heard[1] == (second, first)


def test_a_listener_may_unsubscribe_while_it_is_told(session: Session) -> None:
    heard: list[str] = []
    ends = []

    def once(old: SessionState, new: SessionState) -> None:
        heard.append("once")
        ends[0]()

    ends.append(session.subscribe(once))
    session.subscribe(lambda old, new: heard.append("always"))
    session.apply(AddRoi(roi("a")), "Add a")
    session.apply(AddRoi(roi("b")), "Add b")
    assert heard == ["once", "always", "always"]


def test_dirty_means_that_the_file_holds_another_state(session: Session) -> None:
    assert not session.is_dirty
    session.apply(AddRoi(roi("a")), "Add a")
    assert session.is_dirty
    session.undo()
    assert not session.is_dirty
    session.redo()
    session.mark_saved(session.state)
    assert not session.is_dirty
    session.undo()
    assert session.is_dirty
    session.redo()
    assert not session.is_dirty


def test_a_save_that_ends_after_a_further_edit_leaves_the_session_dirty(session: Session) -> None:
    session.apply(AddRoi(roi("a")), "Add a")
    being_saved = session.state
    session.apply(RenameRoi("a", "b"), "Rename")
    session.mark_saved(being_saved)
    assert session.is_dirty


@pytest.mark.parametrize("saved", [True, False])
def test_another_document_starts_without_history(session: Session, saved: bool) -> None:
    session.apply(AddRoi(roi("a")), "Add a")
    session.undo()
    new = opened()
    session.replace(new, saved=saved)
    assert session.state is new
    assert (session.undo(), session.redo(), session.undo_bytes) == (None, None, 0)
    assert session.is_dirty is not saved

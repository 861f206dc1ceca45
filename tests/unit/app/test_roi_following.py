"""Which ROI is in hand after the one in hand went away."""

from __future__ import annotations

from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.edits import AddRoi, RemoveRoi
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject

GRID = Geometry.axis_aligned((3, 3, 3), (1.0, 1.0, 1.0))


def roi(name: str) -> Roi:
    return Roi(name, name, Role.TUMOUR, "scan", "s")


def opened(ctx: AppContext) -> None:
    scan = Scan("scan", "1 h", GRID, None, None, (Slot("s", "a"),))
    state = SessionState((Subject("s", "S"),), (Administration("a", "s"),), (scan,), (roi("A"), roi("B")))
    ctx.session.replace(state, saved=True)
    ctx.view.set(scan_id="scan", active_roi_id="A")


def test_undoing_a_new_roi_puts_its_neighbour_in_hand(ctx: AppContext) -> None:
    opened(ctx)
    ctx.session.apply(AddRoi(roi("C")), "Add C")
    ctx.view.set(active_roi_id="C")
    ctx.session.undo()
    assert ctx.view.state.active_roi_id == "B"


def test_the_next_one_is_taken_before_the_previous_one_and_none_when_nothing_is_left(ctx: AppContext) -> None:
    opened(ctx)
    ctx.session.apply(RemoveRoi("A"), "Delete A")
    assert ctx.view.state.active_roi_id == "B"
    ctx.session.apply(RemoveRoi("B"), "Delete B")
    assert ctx.view.state.active_roi_id == ""


def test_other_edits_leave_the_hand_alone(ctx: AppContext) -> None:
    opened(ctx)
    ctx.session.apply(RemoveRoi("B"), "Delete B")
    assert ctx.view.state.active_roi_id == "A"

"""Strokes while the session changes under them: nothing a person drew is lost, nothing is left over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atsm_viewer.app import documents
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.painting import StrokeChange
from atsm_viewer.domain.edits import (
    RecolourRoi,
    RemoveRoi,
    RenameRoi,
    SetProtocol,
    SetRoiLocked,
    SetRoiVisible,
)
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.domain.pointer import Button, PointerEvent
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.sphere_protocol import SphereProtocol
from atsm_viewer.domain.state import SessionState
from atsm_viewer.tools import Refusal
from atsm_viewer.tools.sphere import ProtocolSphere

TUMOUR = np.zeros((6, 10, 12), dtype=bool)
TUMOUR[2:4, 3:6, 4:8] = True
MUSCLE = np.zeros((6, 10, 12), dtype=bool)
MUSCLE[0:2, 7:10, 0:5] = True
CENTRE, RIM = (4, 5, 5), (4, 5, 8)


@pytest.fixture
def opened(ctx: AppContext, study: Any, write_mask: Callable[..., Path], tmp_path: Path) -> AppContext:
    """The study is open and has a tumour, in hand, and a muscle."""
    documents.open_paths(ctx, [study.root])
    documents.import_mask(ctx, write_mask(tmp_path / "tumour.nii.gz", TUMOUR), Role.TUMOUR, "T")
    documents.import_mask(ctx, write_mask(tmp_path / "muscle.nii.gz", MUSCLE), Role.MUSCLE, "M")
    ctx.view.set(active_roi_id=ctx.session.state.rois[0].id)
    return ctx


def at(ctx: AppContext, kji: tuple[int, int, int]) -> PointerEvent:
    where = ctx.session.state.scans[0].pet_geometry.index_to_lps(kji)
    position = (float(where[0]), float(where[1]), float(where[2]))
    return PointerEvent(position, Plane.through(Orientation.AXIAL, position), Button.LEFT)


def tumour(ctx: AppContext) -> Roi:
    return ctx.session.state.rois[0]


def muscle(ctx: AppContext) -> Roi:
    return ctx.session.state.rois[1]


def taken_up_circle(ctx: AppContext) -> SessionState:
    """Draw a circle, take its middle in hand, drag it, and return the state with the circle."""
    ctx.view.set(tool_id="ellipse")
    assert ctx.painter.press(at(ctx, CENTRE)) is None
    ctx.painter.move(at(ctx, RIM))
    assert ctx.painter.release() is None
    drawn = ctx.session.state
    assert tumour(ctx).mask.n_voxels > TUMOUR.sum()
    assert ctx.painter.press(at(ctx, CENTRE), 1.0) is None
    ctx.painter.move(at(ctx, (4, 6, 6)))
    return drawn


def in_hand(ctx: AppContext, tool_id: str) -> list[StrokeChange]:
    """Press with a tool; return the list that is told of the stroke from now on."""
    ctx.view.set(tool_id=tool_id)
    assert ctx.painter.press(at(ctx, CENTRE)) is None
    assert ctx.painter.is_active
    told: list[StrokeChange] = []
    ctx.painter.subscribe(told.append)
    return told


def with_protocol(ctx: AppContext) -> None:
    state = ctx.session.state
    protocol = replace(state.protocol, spheres=SphereProtocol("P", 3, 8.0))
    ctx.session.replace(replace(state, protocol=protocol), saved=True)


def test_a_shape_in_hand_comes_back_when_something_else_is_changed(opened: AppContext) -> None:
    ctx = opened
    drawn = taken_up_circle(ctx)
    before = ctx.session.undo_labels
    ctx.session.apply(SetRoiVisible(muscle(ctx).id, False), "Hide M")
    assert not ctx.painter.is_active
    assert ctx.painter.pending is None
    assert tumour(ctx).mask.same_voxels(drawn.rois[0].mask)
    assert not muscle(ctx).visible
    assert ctx.session.undo_labels[:2] == ("Hide M", "Paint T")
    assert len(ctx.session.undo_labels) == len(before) + 2
    assert ctx.session.redo_labels == ()
    ctx.session.undo()
    assert muscle(ctx).visible
    assert tumour(ctx).mask.same_voxels(drawn.rois[0].mask)
    ctx.session.undo()
    assert tumour(ctx).mask.n_voxels == TUMOUR.sum()
    assert ctx.painter.cancel() is False


def test_a_shape_in_hand_comes_back_with_its_roi_when_that_was_removed(opened: AppContext) -> None:
    ctx = opened
    drawn = taken_up_circle(ctx)
    ctx.session.apply(RemoveRoi(tumour(ctx).id), "Remove T")
    assert [r.name for r in ctx.session.state.rois] == ["M"]
    ctx.session.undo()
    assert tumour(ctx).mask.same_voxels(drawn.rois[0].mask)


def test_a_slider_let_go_before_the_shape_does_not_swallow_a_change_during_it(opened: AppContext) -> None:
    ctx = opened
    first = RecolourRoi(muscle(ctx).id, "#112233")
    ctx.session.apply(first, "Recolour M", merge_key="colour")
    drawn = taken_up_circle(ctx)
    ctx.session.apply(RecolourRoi(muscle(ctx).id, "#445566"), "Recolour M", merge_key="colour")
    assert tumour(ctx).mask.same_voxels(drawn.rois[0].mask)
    assert ctx.session.undo_labels[:3] == ("Recolour M", "Paint T", "Recolour M")
    ctx.session.undo()
    assert muscle(ctx).shown_colour == "#112233"


def test_an_undo_from_elsewhere_takes_back_the_shape_in_hand_alone(opened: AppContext) -> None:
    ctx = opened
    taken_up_circle(ctx)
    labels = ctx.session.undo_labels
    ctx.session.undo()
    assert not ctx.painter.is_active
    assert tumour(ctx).mask.n_voxels == TUMOUR.sum()
    assert ctx.session.undo_labels == labels
    assert ctx.session.redo_labels == ("Paint T",)


def test_escape_puts_a_shape_in_hand_back_and_its_handles_stay(opened: AppContext) -> None:
    ctx = opened
    drawn = taken_up_circle(ctx)
    assert ctx.painter.cancel()
    assert ctx.session.state is drawn
    assert ctx.session.redo_labels == ()
    assert ctx.painter.sketch is not None
    assert ctx.painter.sketch.handles_lps
    assert ctx.painter.press(at(ctx, CENTRE), 1.0) is None
    ctx.painter.move(at(ctx, (4, 6, 6)))
    assert ctx.painter.release() is None
    assert ctx.session.undo_labels[0] == "Paint T"
    assert ctx.session.undo_labels.count("Paint T") == 1
    assert not tumour(ctx).mask.same_voxels(drawn.rois[0].mask)


def test_another_document_takes_the_place_of_a_shape_in_hand(opened: AppContext) -> None:
    ctx = opened
    taken_up_circle(ctx)
    fresh = SessionState()
    ctx.session.replace(fresh, saved=True)
    assert not ctx.painter.is_active
    assert ctx.session.state is fresh
    assert ctx.session.undo_labels == ()


def test_escape_on_a_protocol_sphere_leaves_every_other_step_alone(opened: AppContext) -> None:
    ctx = opened
    with_protocol(ctx)
    state = ctx.session.state
    ctx.session.apply(SetRoiVisible(muscle(ctx).id, False), "Hide M")
    ctx.session.undo()
    in_hand(ctx, "protocol_sphere")
    assert ctx.painter.cancel()
    assert ctx.session.state is state
    assert (ctx.session.undo_labels, ctx.session.redo_labels) == ((), ("Hide M",))
    in_hand(ctx, "protocol_sphere")
    ctx.session.apply(SetRoiVisible(tumour(ctx).id, False), "Hide T")
    ctx.painter.cancel()
    assert [r.name for r in ctx.session.state.rois] == ["T", "M"]
    assert not tumour(ctx).visible
    assert (ctx.session.undo_labels, ctx.session.redo_labels) == (("Hide T",), ())


def test_a_protocol_sphere_is_one_step_with_its_roi(opened: AppContext) -> None:
    ctx = opened
    with_protocol(ctx)
    in_hand(ctx, "protocol_sphere")
    assert len(ctx.session.state.rois) == 2
    assert ctx.painter.release() is None
    sphere = ctx.session.state.rois[2]
    assert (sphere.name, sphere.role, sphere.method.name) == (
        "Muscle sphere 1", Role.MUSCLE, "protocol_sphere",
    )  # fmt: skip
    assert sphere.mask.n_voxels > 0
    assert ctx.view.state.active_roi_id == sphere.id
    assert ctx.session.undo_labels == ("Place Muscle sphere 1",)
    ctx.session.undo()
    assert len(ctx.session.state.rois) == 2
    ctx.session.redo()
    assert ctx.session.state.rois[2].mask.same_voxels(sphere.mask)


def test_a_protocol_sphere_that_cannot_begin_leaves_no_empty_roi(
    opened: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = opened
    with_protocol(ctx)
    ctx.view.set(tool_id="protocol_sphere")
    state, why = ctx.session.state, Refusal("not here")
    monkeypatch.setattr(ProtocolSphere, "begin", lambda self, event, context: why)
    assert ctx.painter.press(at(ctx, CENTRE)) is why
    assert ctx.session.state is state
    assert (ctx.session.undo_labels, ctx.session.redo_labels) == ((), ())


def test_a_sphere_in_hand_ends_when_its_protocol_goes(opened: AppContext) -> None:
    ctx = opened
    with_protocol(ctx)
    in_hand(ctx, "protocol_sphere")
    ctx.session.apply(SetProtocol(replace(ctx.session.state.protocol, spheres=None)), "No spheres")
    assert not ctx.painter.is_active
    assert ctx.painter.release() is None
    assert len(ctx.session.state.rois) == 2


@pytest.mark.parametrize("tool_id", ["brush", "ellipse"])
@pytest.mark.parametrize("what", ["remove", "lock", "hide", "document"])
def test_a_stroke_ends_when_its_roi_can_no_longer_be_written(
    opened: AppContext, tool_id: str, what: str
) -> None:
    ctx = opened
    roi, further = tumour(ctx), at(ctx, RIM)
    told = in_hand(ctx, tool_id)
    if what == "document":
        ctx.session.replace(SessionState(), saved=True)
    else:
        edit = {
            "remove": RemoveRoi(roi.id), "lock": SetRoiLocked(roi.id, True),
            "hide": SetRoiVisible(roi.id, False),
        }[what]  # fmt: skip
        ctx.session.apply(edit, what)
    after = ctx.session.state
    assert not ctx.painter.is_active
    assert told == [StrokeChange(roi.id, None)]
    assert ctx.live.provisional is None
    ctx.painter.move(further)
    assert ctx.painter.release() is None
    assert ctx.session.state is after


def test_a_stroke_ends_when_another_scan_is_shown(opened: AppContext) -> None:
    ctx = opened
    state = ctx.session.state
    told = in_hand(ctx, "brush")
    ctx.view.set(scan_id="another")
    assert not ctx.painter.is_active
    assert told == [StrokeChange(tumour(ctx).id, None)]
    assert ctx.session.state is state


def test_a_stroke_goes_on_when_something_unrelated_is_changed(opened: AppContext) -> None:
    ctx = opened
    in_hand(ctx, "ellipse")
    ctx.painter.move(at(ctx, RIM))
    ctx.session.apply(RenameRoi(muscle(ctx).id, "Thigh"), "Rename M")
    assert ctx.painter.is_active
    assert ctx.painter.release() is None
    assert muscle(ctx).name == "Thigh"
    assert tumour(ctx).mask.n_voxels > TUMOUR.sum()


def test_a_shape_belongs_to_the_tool_that_began_it(opened: AppContext) -> None:
    ctx = opened
    in_hand(ctx, "ellipse")
    ctx.painter.move(at(ctx, RIM))
    ctx.view.set(tool_id="brush")
    assert ctx.painter.release() is None
    assert ctx.painter.sketch is None  # the brush has no handles
    ctx.view.set(tool_id="ellipse")
    assert ctx.painter.sketch is not None
    assert ctx.painter.sketch.handles_lps


def test_views_are_told_that_a_stroke_ended_even_when_writing_it_fails(
    opened: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = opened
    drawn = taken_up_circle(ctx)
    told: list[StrokeChange] = []
    ctx.painter.subscribe(told.append)

    def refuse(*args: object, **kwargs: object) -> bool:
        raise AtsmError("The disk of this test is full.")

    monkeypatch.setattr(ctx.session, "apply", refuse)
    with pytest.raises(AtsmError, match="disk of this test"):
        ctx.painter.release()
    assert told == [StrokeChange(tumour(ctx).id, None)]
    assert not ctx.painter.is_active
    assert ctx.session.state is drawn

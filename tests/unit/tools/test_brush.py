from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import Paint
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.pointer import Button, Modifier
from atsm_viewer.tools import BRUSH, ERASER, Refusal
from atsm_viewer.tools.gates import InsideSlot, NotOverOtherRois, PetRangeGate

SHAPE = (6, 12, 16)


def _disc(j0, i0, radius=2.0, k=3):
    """A disc drawn by a plain loop (columns and rows of 1 mm)."""
    dense = np.zeros(SHAPE, dtype=bool)
    for j in range(12):
        for i in range(16):
            dense[k, j, i] = (j - j0) ** 2 + (i - i0) ** 2 <= radius**2
    return dense


def _dense(patch):
    out = np.zeros(SHAPE, dtype=bool)
    out[patch.box.slices] = patch.block_kji
    return out


def _mask_after(edit, state, roi_id="r1"):
    return edit.apply(state).roi(roi_id).mask.to_dense(SHAPE)


def test_a_click_writes_the_disc_under_it(context, press, session):
    stroke = BRUSH.begin(press(3, 5, 6), context())
    edit = stroke.finish("2024-05-01T10:00:00Z")
    assert isinstance(edit, Paint)
    assert np.array_equal(_mask_after(edit, session), _disc(5, 6))
    assert edit.apply(session).roi("r1").modified_utc == "2024-05-01T10:00:00Z"


def test_the_hover_outline_is_what_a_click_then_writes(context, press, session):
    gates = (PetRangeGate(2.0, 5.0), NotOverOtherRois(), InsideSlot())
    for at in ((3, 5, 6), (3, 0, 4.4), (5, 11, 7.6), (3.2, 5, 9)):
        shown = BRUSH.footprint(press(*at, button=Button.NONE), context(gates=gates))
        edit = BRUSH.begin(press(*at), context(gates=gates)).finish("")
        if isinstance(shown, Refusal):
            assert shown == edit
        else:
            assert np.array_equal(_dense(shown), _mask_after(edit, session))


def test_a_drag_writes_the_union_of_its_sweeps_within_the_gates(context, press, session):
    stroke = BRUSH.begin(press(3, 3, 3), context(gates=(PetRangeGate(0, 5.0), NotOverOtherRois())))
    stroke.extend(press(3, 3, 12))
    stroke.extend(press(3, 8, 12))
    expected = np.zeros(SHAPE, dtype=bool)
    for t in np.linspace(0, 1, 901):
        expected |= _disc(3, 3 + 9 * t) | _disc(3 + 5 * t, 12)
    expected[:, :, 11:] = False  # above 5.0 SUV
    expected[3, 4:8, 10:14] = False  # muscle
    assert np.array_equal(_mask_after(stroke.finish(""), session), expected)


def test_the_steps_add_up_to_the_preview_without_counting_a_voxel_twice(context, press):
    stroke = BRUSH.begin(press(3, 5, 3), context(options={"diameter_mm": 5.0, "shape": "ball"}))
    seen = _dense(stroke.first.newly)
    assert stroke.first.dirty_box == stroke.pending.box
    for at in ((3, 5, 5), (3, 5, 5), (3, 7, 9), (3, 5, 3), (3, 20, 40), (3, 5, 3)):
        step = stroke.extend(press(*at))
        new = _dense(step.newly)
        assert not (new & seen).any()
        seen |= new
        where = np.argwhere(new)
        if len(where):
            assert step.dirty_box == Box(tuple(where.min(axis=0)), tuple(where.max(axis=0) + 1))
        else:
            assert step.dirty_box.is_empty
        assert np.array_equal(_dense(stroke.pending), seen)


def test_an_earlier_preview_does_not_change_while_the_stroke_goes_on(context, press):
    stroke = BRUSH.begin(press(3, 5, 3), context())
    early = stroke.pending
    before = early.block_kji.copy()
    stroke.extend(press(3, 5, 9))
    assert np.array_equal(early.block_kji, before)


def test_the_patch_holds_only_voxels_that_really_change(context, press, session):
    ctx = context("r2")
    edit = BRUSH.begin(press(3, 5, 12), ctx).finish("")
    before = session.roi("r2").mask.to_dense(SHAPE)
    assert np.array_equal(_dense(edit.patch), _disc(5, 12) & ~before)
    after = edit.apply(session).roi("r2")
    assert after.edited_voxels == edit.patch.n_voxels > 0


@pytest.mark.parametrize(
    ("tool", "button", "modifiers", "adds"),
    [
        (BRUSH, Button.LEFT, Modifier.NONE, True),
        (BRUSH, Button.NONE, Modifier.NONE, True),
        (BRUSH, Button.RIGHT, Modifier.NONE, False),
        (BRUSH, Button.LEFT, Modifier.CTRL, False),
        (BRUSH, Button.RIGHT, Modifier.CTRL, True),
        (BRUSH, Button.LEFT, Modifier.SHIFT, True),
        (ERASER, Button.LEFT, Modifier.NONE, False),
        (ERASER, Button.RIGHT, Modifier.NONE, False),
        (ERASER, Button.LEFT, Modifier.CTRL | Modifier.SHIFT, True),
    ],
)
def test_button_and_ctrl_decide_between_painting_and_erasing(
    context, press, session, tool, button, modifiers, adds
):
    # Half of the disc lies in the ROI, so both directions change something.
    stroke = tool.begin(press(3, 5, 10, button, modifiers), context("r2"))
    assert stroke.adds is adds
    assert stroke.pending.adds is adds
    before = session.roi("r2").mask.to_dense(SHAPE)
    after = _mask_after(stroke.finish(""), session, "r2")
    assert np.array_equal(after, before | _disc(5, 10) if adds else before & ~_disc(5, 10))


def test_erasing_an_overlap_is_possible_while_other_rois_are_protected(context, press, session):
    both = replace(session, rois=(replace(session.rois[0], mask=session.rois[1].mask), session.rois[1]))
    ctx = context("r1", state=both, gates=(NotOverOtherRois(),))
    edit = BRUSH.begin(press(3, 5, 12, Button.RIGHT), ctx).finish("")
    assert edit.patch.n_voxels > 0
    assert not edit.patch.adds


def test_the_pet_gate_holds_for_erasing_too(context, press):
    reason = BRUSH.footprint(press(3, 5, 12, Button.RIGHT), context("r2", gates=(PetRangeGate(0, 2.0),)))
    assert isinstance(reason, Refusal)
    assert reason.reason == "PET gate 0.0–2.0 SUV, here 6.0"
    assert reason.remedy_command == "gate.pet.off"


def test_escape_drops_the_stroke(context, press):
    stroke = BRUSH.begin(press(3, 5, 6), context())
    stroke.cancel()
    assert stroke.pending.is_empty
    assert stroke.finish("") == Refusal("the stroke was cancelled already")
    with pytest.raises(AtsmError, match="cancelled"):
        stroke.extend(press(3, 5, 8))


def test_a_stroke_is_finished_once(context, press):
    stroke = BRUSH.begin(press(3, 5, 6), context())
    assert isinstance(stroke.finish(""), Paint)
    assert isinstance(stroke.finish(""), Refusal)
    with pytest.raises(AtsmError, match="finished"):
        stroke.extend(press(3, 5, 8))


def test_scrolling_during_a_disc_stroke_writes_each_slice_but_nothing_across(context, press, session):
    stroke = BRUSH.begin(press(1, 3, 3), context())
    stroke.extend(press(4, 8, 11))
    expected = _disc(3, 3, k=1) | _disc(8, 11, k=4)
    assert np.array_equal(_mask_after(stroke.finish(""), session), expected)


def test_a_locked_roi_is_refused_with_the_key_to_it(context, press, session):
    state = session.with_roi(replace(session.rois[0], locked=True))
    for tool in (BRUSH, ERASER):
        answer = Refusal("“Tumour 1” is locked", "Unlock it", "roi.unlock")
        assert tool.begin(press(3, 5, 6), context(state=state)) == answer
        assert tool.footprint(press(3, 5, 6), context(state=state)) == answer


def test_a_hidden_roi_is_refused(context, press, session):
    state = session.with_roi(replace(session.rois[0], visible=False))
    assert BRUSH.begin(press(3, 5, 6), context(state=state)) == Refusal(
        "“Tumour 1” is hidden", "Show it", "roi.show"
    )


def test_no_roi_and_a_roi_of_another_scan_are_refused(context, press, session):
    assert BRUSH.begin(press(3, 5, 6), context(None)).reason == "no ROI selected"
    state = session.with_roi(replace(session.rois[0], scan_id="s2"))
    assert "scan “2 h”" in BRUSH.footprint(press(3, 5, 6), context(state=state)).reason


def test_a_stroke_outside_the_pet_says_so(context, press):
    assert BRUSH.footprint(press(3, 40, 6), context()).reason == "outside the PET volume"
    stroke = BRUSH.begin(press(3, 40, 6), context())
    stroke.extend(press(3, 45, 60))
    assert stroke.finish("").reason == "outside the PET volume"


def test_a_stroke_that_comes_in_from_outside_paints_inside(context, press, session):
    stroke = BRUSH.begin(press(3, 5, -6), context())
    stroke.extend(press(3, 5, 2))
    after = _mask_after(stroke.finish(""), session)
    assert after[3, 5, :5].all()
    assert not after[3, 5, 5:].any()


def test_a_stroke_that_changes_nothing_says_why(context, press):
    inside = BRUSH.begin(press(3, 5.5, 11.5), context("r2", options={"diameter_mm": 2.0})).finish("")
    assert inside.reason == "every voxel under the brush belongs already to “Muscle”"
    nothing = ERASER.begin(press(0, 1, 1), context("r2")).finish("")
    assert nothing.reason == "no voxel under the brush belongs to “Muscle”"
    over = context("r1", gates=(NotOverOtherRois(),), options={"diameter_mm": 1.0})
    answer = BRUSH.begin(press(3, 5, 12), over).finish("")
    assert answer.reason == "belongs to another ROI: “Muscle”"
    assert answer.remedy_command == "gate.others.off"


def test_the_reason_is_that_of_a_gate_even_when_the_stroke_ends_outside(context, press):
    stroke = BRUSH.begin(
        press(3, 5, 2), context(gates=(PetRangeGate(2.0, 5.0),), options={"diameter_mm": 1.0})
    )
    stroke.extend(press(3, 5, -9))
    stroke.extend(press(3, 5, -20))
    assert stroke.finish("").reason.startswith("PET gate 2.0–5.0 SUV, here ")


def test_the_reach_shows_the_size_of_the_brush_where_nothing_would_change(context, press):
    at = press(3, 5.5, 11.5)
    ctx = context("r2", options={"diameter_mm": 2.0}, gates=(PetRangeGate(50, 60),))
    assert isinstance(BRUSH.footprint(at, ctx), Refusal)
    assert BRUSH.reach(at, ctx).n_voxels == 4


def test_options_out_of_range_are_brought_into_range_and_missing_ones_start_at_their_default(context, press):
    assert BRUSH.footprint(press(3, 5, 6), context(options={"diameter_mm": -5.0})).n_voxels == 1
    assert BRUSH.footprint(press(3, 5, 6), context(options={})).n_voxels == 13
    with pytest.raises(AtsmError, match="Shape"):
        BRUSH.footprint(press(3, 5, 6), context(options={"shape": "star"}))

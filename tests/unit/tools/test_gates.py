from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.tools.base import REMEDY_COMMANDS
from atsm_viewer.tools.gates import CtRangeGate, InsideRoi, InsideSlot, NotOverOtherRois, PetRangeGate

WHOLE = Box.of_shape((6, 12, 16))
PART = Box((2, 3, 4), (4, 9, 13))


def test_the_pet_gate_includes_both_ends_of_its_range(context):
    # PET value = column index; 2.0–5.0 SUV at 0.5 SUV per stored unit is columns 4 to 10.
    allowed = PetRangeGate(2.0, 5.0, "suv").allows(context(), WHOLE)
    assert np.flatnonzero(allowed[0, 0]).tolist() == [4, 5, 6, 7, 8, 9, 10]
    assert allowed.all(axis=(0, 1)).sum() == 7


def test_the_pet_gate_reads_only_its_box_and_the_frame_shown(context):
    gate = PetRangeGate(6, 8, "stored")
    whole = gate.allows(context(), WHOLE)
    assert np.array_equal(gate.allows(context(), PART), whole[PART.slices])
    assert not gate.allows(context(frame=1), WHOLE).any()
    assert PetRangeGate(106, 108, "stored").allows(context(frame=1), WHOLE)[0, 0].sum() == 3


def test_the_pet_gate_in_multiples_of_muscle_uses_the_mean_it_was_given(context):
    allowed = PetRangeGate(1.5, 2.5, "muscle", muscle_mean=4.0).allows(context(), WHOLE)
    assert np.flatnonzero(allowed[0, 0]).tolist() == [6, 7, 8, 9, 10]


def test_the_pet_gate_says_range_and_value(context):
    gate = PetRangeGate(2.0, 5.0, "suv")
    assert gate.explain(context(), (0, 0, 3)) == "PET gate 2.0–5.0 SUV, here 1.5"
    assert PetRangeGate(8, 9, "stored").explain(context(), (0, 0, 3)) == "PET gate 8.0–9.0 BQML, here 3.0"
    muscle = PetRangeGate(2.0, 5.0, "muscle", muscle_mean=2.0)
    assert muscle.explain(context(), (0, 0, 2)) == "PET gate 2.0–5.0 × muscle, here 1.0"


def test_the_pet_gate_shows_enough_digits_to_see_that_the_value_lies_outside(context):
    gate = PetRangeGate(2.0, 5.0, "suv")
    assert gate.explain(context(suv_scale=0.39998), (0, 0, 5)) == "PET gate 2.0000–5.0000 SUV, here 1.9999"
    assert PetRangeGate(2.25, 5.0, "suv").explain(context(), (0, 0, 2)) == "PET gate 2.25–5.00 SUV, here 1.00"


def test_a_pet_gate_whose_scale_is_unknown_is_closed_and_says_so(context):
    for gate, words in (
        (PetRangeGate(0, 1e9, "suv"), "SUV is not known"),
        (PetRangeGate(0, 1e9, "muscle"), "no muscle mean"),
    ):
        ctx = context(suv_scale=None)
        assert not gate.allows(ctx, WHOLE).any()
        assert words in gate.explain(ctx, (0, 0, 0))


def test_a_pet_gate_without_an_image_is_closed_and_says_so(context):
    ctx = context()
    ctx = replace(ctx, scan=replace(ctx.scan, pet=None))
    gate = PetRangeGate(0, 1e9, "stored")
    assert not gate.allows(ctx, WHOLE).any()
    assert "not loaded" in gate.explain(ctx, (0, 0, 0))


def test_voxels_without_a_measurement_never_pass_the_pet_gate(context):
    ctx = context()
    values = np.ones((1, 6, 12, 16), dtype=np.float32)
    values[0, 1, 2, 3] = np.nan
    pet = replace(ctx.scan.pet, values_tkji=values, frames=ctx.scan.pet.frames[:1])
    ctx = replace(ctx, scan=replace(ctx.scan, pet=pet))
    refused = ~PetRangeGate(-1e9, 1e9, "stored").allows(ctx, WHOLE)
    assert np.argwhere(refused).tolist() == [[1, 2, 3]]


def test_an_unknown_unit_is_refused():
    with pytest.raises(AtsmError, match="kBq"):
        PetRangeGate(0, 1, "kBq")


def test_the_ct_gate_reads_the_ct_voxel_under_each_pet_voxel_centre(context):
    # HU = 10 × CT row; rows are 0.5 mm, so PET row j lies on CT row 2 j; the CT ends after 12 mm in k.
    gate = CtRangeGate(40, 120)
    for box in (WHOLE, PART):
        allowed = gate.allows(context(), box)
        expected = np.zeros((6, 12, 16), dtype=bool)
        for k in range(6):
            for j in range(12):
                expected[k, j, :] = 40 <= 10 * 2 * j <= 120
        assert np.array_equal(allowed, expected[box.slices])


def test_the_ct_gate_follows_the_registration(context):
    ctx = context()
    from atsm_viewer.domain.rigid import RigidTransform

    shifted = replace(ctx, scan=replace(ctx.scan, ct_to_pet=RigidTransform(translation_mm=(10.0, 2.0, 0.0))))
    rows = CtRangeGate(40, 120).allows(shifted, WHOLE)[0, :, 0]
    assert np.flatnonzero(rows).tolist() == [4, 5, 6, 7, 8]
    outside = replace(ctx, scan=replace(ctx.scan, ct_to_pet=RigidTransform()))
    assert not CtRangeGate(-9999, 9999).allows(outside, WHOLE)[:, :, 8:].any()
    assert "outside the CT" in CtRangeGate(0, 1).explain(outside, (0, 0, 15))


def test_the_ct_gate_explains_value_and_absence(context):
    ctx = context()
    assert CtRangeGate(-50, 150).explain(ctx, (0, 10, 0)) == "CT gate -50–150 HU, here 200"
    bare = replace(ctx, scan=replace(ctx.scan, ct=None))
    assert not CtRangeGate(-9999, 9999).allows(bare, WHOLE).any()
    assert "no CT" in CtRangeGate(0, 1).explain(bare, (0, 0, 0))


def test_voxels_of_other_rois_are_kept_but_those_of_the_roi_itself_are_not(context):
    gate = NotOverOtherRois()
    taken = ~gate.allows(context("r1"), WHOLE)
    assert taken.sum() == 16
    assert taken[3, 4:8, 10:14].all()
    assert gate.allows(context("r2"), WHOLE).all()
    assert np.array_equal(gate.allows(context("r1"), PART), ~taken[PART.slices])
    assert gate.explain(context("r1"), (3, 4, 10)) == "belongs to another ROI: “Muscle”"


def test_rois_of_another_scan_do_not_stand_in_the_way(context, session):
    state = replace(session, rois=(session.rois[0], replace(session.rois[1], scan_id="s2")))
    assert NotOverOtherRois().allows(context(state=state), WHOLE).all()


def test_the_limit_to_one_roi_is_its_mask(context):
    gate = InsideRoi("r2")
    assert gate.allows(context(), WHOLE).sum() == 16
    assert gate.allows(context(), PART)[1, 1, 6]
    assert "“Muscle”" in gate.explain(context(), (0, 0, 0))
    assert not InsideRoi("gone").allows(context(), WHOLE).any()
    assert "not part" in InsideRoi("gone").explain(context(), (0, 0, 0))


def test_the_slot_parts_the_bed_between_the_animals_without_gap_or_overlap(context):
    # The border lies at x = 5 mm, which is exactly the centre of column 8: it belongs to the upper slot.
    first = InsideSlot().allows(context("r1"), WHOLE)
    second = InsideSlot().allows(context("r2"), WHOLE)
    assert np.flatnonzero(first[0, 0]).tolist() == list(range(8))
    assert np.array_equal(second, ~first)
    assert InsideSlot().explain(context("r1"), (0, 0, 9)) == "outside the slot of “Mouse 1”"


def test_a_slot_without_corners_is_the_whole_field_of_view(context):
    ctx = context()
    slots = tuple(replace(s, lo_lps=None, hi_lps=None) for s in ctx.scan.slots)
    assert InsideSlot().allows(replace(ctx, scan=replace(ctx.scan, slots=slots)), PART).all()


def test_a_subject_that_does_not_lie_in_the_scan_may_not_be_painted(context):
    ctx = context()
    ctx = replace(ctx, scan=replace(ctx.scan, slots=ctx.scan.slots[1:]))
    assert not InsideSlot().allows(ctx, WHOLE).any()
    assert "does not lie" in InsideSlot().explain(ctx, (0, 0, 0))


def test_every_gate_can_be_switched_off_by_a_known_command():
    gates = (PetRangeGate(0, 1), CtRangeGate(0, 1), NotOverOtherRois(), InsideRoi("r2"), InsideSlot())
    assert {g.off_command for g in gates} <= set(REMEDY_COMMANDS)
    assert len({g.off_command for g in gates}) == len(gates)
    assert all(g.title for g in gates)

"""Every edit: what it changes, what it leaves, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.diff import diff
from atsm_viewer.domain.edits import (
    AddNotices,
    AddRoi,
    AddScan,
    Batch,
    DismissNotice,
    MoveRoi,
    Paint,
    RecolourRoi,
    RemoveRoi,
    RenameRoi,
    RenameScan,
    RenameSubject,
    SetEntered,
    SetMask,
    SetProtocol,
    SetRoiLocked,
    SetRoiRole,
    SetRoiVisible,
    SetScanImages,
    SetTracer,
)
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.protocol import Protocol
from atsm_viewer.domain.roi import Method, Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume

SHAPE = (6, 7, 8)
GRID = Geometry.axis_aligned(SHAPE, (2.0, 1.0, 1.0))


def block(lo: tuple[int, int, int], hi: tuple[int, int, int]) -> Mask:
    dense = np.zeros(SHAPE, dtype=bool)
    dense[lo[0] : hi[0], lo[1] : hi[1], lo[2] : hi[2]] = True
    return Mask.from_dense(dense)


def patch(lo: tuple[int, int, int], hi: tuple[int, int, int], adds: bool = True) -> Patch:
    box = Box(lo, hi)
    return Patch(box, np.ones(box.shape_kji, dtype=bool), adds)


@pytest.fixture
def state() -> SessionState:
    scan = Scan("scan", "1 h", GRID, None, None, (Slot("mouse", "dose"),))
    rois = (
        Roi("t", "Tumour 1", Role.TUMOUR, "scan", "mouse", mask=block((1, 1, 1), (3, 3, 3))),
        Roi("m", "Muscle 1", Role.MUSCLE, "scan", "mouse"),
        Roi("l", "Kept", Role.OTHER, "scan", "mouse", mask=block((4, 4, 4), (5, 6, 7)), locked=True),
    )
    return SessionState((Subject("mouse", "M1"),), (Administration("dose", "mouse"),), (scan,), rois)


def test_painting_adds_exactly_the_patch_and_counts_what_changed(state: SessionState) -> None:
    after = Paint("t", patch((2, 2, 2), (4, 4, 4)), "2026-01-02T00:00:00+00:00").apply(state)
    expected = np.zeros(SHAPE, dtype=bool)
    expected[1:3, 1:3, 1:3] = True
    expected[2:4, 2:4, 2:4] = True
    assert np.array_equal(after.roi("t").mask.to_dense(SHAPE), expected)
    assert after.roi("t").edited_voxels == 7
    assert after.roi("t").modified_utc == "2026-01-02T00:00:00+00:00"
    assert after.roi("m") is state.roi("m")
    change = diff(state, after)
    assert change.masks_changed == {"t"}
    assert change.rois_changed == {"t"}
    assert not change.scans
    assert change.numbers


def test_erasing_takes_away_and_shrinks_the_box(state: SessionState) -> None:
    after = Paint("t", patch((0, 0, 0), (2, 7, 8), adds=False)).apply(state)
    assert after.roi("t").mask.box == Box((2, 1, 1), (3, 3, 3))
    assert after.roi("t").mask.n_voxels == 4


def test_a_stroke_that_changes_nothing_returns_the_same_state(state: SessionState) -> None:
    assert Paint("t", patch((1, 1, 1), (2, 2, 2))).apply(state) is state
    assert Paint("m", patch((1, 1, 1), (2, 2, 2), adds=False)).apply(state) is state


def test_nothing_may_be_written_outside_the_grid(state: SessionState) -> None:
    with pytest.raises(AtsmError, match="outside"):
        Paint("t", patch((5, 5, 5), (7, 6, 6))).apply(state)
    with pytest.raises(AtsmError, match="outside"):
        SetMask(
            "t", Mask.from_block(Box((0, 0, 7), (1, 1, 9)), np.ones((1, 1, 2), dtype=bool)), Method()
        ).apply(state)


@pytest.mark.parametrize(
    "edit",
    [
        Paint("l", patch((1, 1, 1), (2, 2, 2))),
        SetMask("l", block((1, 1, 1), (2, 2, 2)), Method()),
        RemoveRoi("l"),
        SetRoiRole("l", Role.MUSCLE),
    ],
    ids=lambda e: type(e).__name__,
)
def test_a_locked_roi_refuses_by_name_and_says_what_to_do(state: SessionState, edit: object) -> None:
    with pytest.raises(AtsmError, match="“Kept” is locked") as refused:
        edit.apply(state)  # type: ignore[attr-defined]
    assert "Unlock" in refused.value.hint


def test_a_locked_roi_may_still_be_renamed_shown_and_unlocked(state: SessionState) -> None:
    after = Batch((RenameRoi("l", "New"), SetRoiVisible("l", False), SetRoiLocked("l", False))).apply(state)
    assert (after.roi("l").name, after.roi("l").visible, after.roi("l").locked) == ("New", False, False)


def test_replacing_the_mask_keeps_how_it_came_about_and_forgets_hand_edits(state: SessionState) -> None:
    painted = Paint("t", patch((3, 3, 3), (4, 4, 4))).apply(state)
    method = Method("threshold", (("level", "0.41"),))
    after = SetMask("t", block((0, 0, 0), (1, 1, 1)), method, "now").apply(painted)
    assert (after.roi("t").method, after.roi("t").edited_voxels) == (method, 0)
    assert SetMask("t", block((0, 0, 0), (1, 1, 1)), Method()).apply(after) is after


def test_rois_are_added_moved_and_removed_in_order(state: SessionState) -> None:
    more = AddRoi(Roi("n", " New\n ", Role.TUMOUR, "scan", "mouse"), 1).apply(state)
    assert [r.id for r in more.rois] == ["t", "n", "m", "l"]
    assert more.roi("n").name == "New"
    moved = MoveRoi("n", 99).apply(more)
    assert [r.id for r in moved.rois] == ["t", "m", "l", "n"]
    assert diff(more, moved).roi_order
    assert MoveRoi("n", 3).apply(moved) is moved
    assert [r.id for r in RemoveRoi("t").apply(moved).rois] == ["m", "l", "n"]
    with pytest.raises(AtsmError, match="already"):
        AddRoi(more.roi("n")).apply(more)
    with pytest.raises(AtsmError):
        AddRoi(Roi("x", "X", Role.TUMOUR, "elsewhere", "mouse")).apply(state)


@pytest.mark.parametrize("name", ["", " \t", "x" * 65, "\x00"])
def test_names_that_cannot_be_exported_are_refused(state: SessionState, name: str) -> None:
    with pytest.raises(AtsmError):
        RenameRoi("t", name).apply(state)


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345G", "#1234567"])
def test_only_hexadecimal_colours_are_taken(state: SessionState, colour: str) -> None:
    with pytest.raises(AtsmError):
        RecolourRoi("t", colour).apply(state)
    assert RecolourRoi("t", "#ABCDEF").apply(state).roi("t").shown_colour == "#ABCDEF"
    assert state.roi("t").shown_colour == "#D55E00"


def test_a_field_of_the_dose_card_is_entered_and_withdrawn(state: SessionState) -> None:
    weight = Sourced(0.0223, Provenance.TYPED)
    after = SetEntered("dose", "weight_kg", weight).apply(state)
    assert after.administrations[0].entered.weight_kg == weight
    assert diff(state, after).administrations
    assert SetEntered("dose", "weight_kg", weight).apply(after) is after
    assert SetEntered("dose", "weight_kg", None).apply(after).administrations == state.administrations
    with pytest.raises(AtsmError, match="no field"):
        SetEntered("dose", "shoe_size", weight).apply(state)
    tracer = Sourced("64Cu-ATSM", Provenance.STUDY_TABLE)
    assert SetTracer("dose", tracer).apply(state).administrations[0].tracer == tracer


def test_notices_are_kept_once_and_dismissed(state: SessionState) -> None:
    notice = Notice("gap", Severity.WARNING, "A slice is missing.")
    after = AddNotices((notice,)).apply(state)
    assert AddNotices((notice,)).apply(after) is after
    assert DismissNotice(notice).apply(after).notices == ()
    assert DismissNotice(notice).apply(state) is state


def test_a_batch_is_all_or_nothing(state: SessionState) -> None:
    with pytest.raises(AtsmError):
        Batch((RenameRoi("t", "A"), RemoveRoi("nobody"))).apply(state)
    assert state.roi("t").name == "Tumour 1"


def test_labels_protocol_and_scans_change(state: SessionState) -> None:
    after = Batch(
        (RenameScan("scan", "24 h"), RenameSubject("mouse", "M2"), SetProtocol(Protocol(fwhm_mm=1.4)))
    ).apply(state)
    assert (after.scans[0].label, after.subjects[0].label, after.protocol.fwhm_mm) == ("24 h", "M2", 1.4)
    with pytest.raises(AtsmError):
        AddScan(state.scans[0]).apply(state)
    second = Scan("late", "48 h", GRID, None, None, (Slot("mouse", "dose2"),))
    with pytest.raises(AtsmError, match="administration"):
        AddScan(second).apply(state)
    grown = AddScan(second, (), (Administration("dose2", "mouse"),)).apply(state)
    assert [s.id for s in grown.scans] == ["scan", "late"]


def test_images_are_attached_only_on_the_grid_the_rois_were_drawn_on(state: SessionState) -> None:
    pet = Volume(GRID, np.zeros((1, *SHAPE), dtype=np.float32), "BQML", Modality.PET)
    after = SetScanImages("scan", pet, ImageSource("nifti", ())).apply(state)
    assert after.scans[0].pet is pet
    other = Geometry.axis_aligned(SHAPE, (2.1, 1.0, 1.0))
    wrong = Volume(other, np.zeros((1, *SHAPE), dtype=np.float32), "BQML", Modality.PET)
    with pytest.raises(AtsmError, match="another grid"):
        SetScanImages("scan", wrong, ImageSource("nifti", ())).apply(state)

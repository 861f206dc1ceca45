"""What lies under the pointer, against arithmetic done by hand and headers read by pydicom alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.readout import NONE, number, readout, slot_at
from atsm_viewer.app.samples import load_sample
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.rigid import RigidTransform
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.io.sample.make import make_sample

PET = Geometry.axis_aligned((3, 4, 5), (2.0, 2.0, 2.0))
VALUES = np.arange(60, dtype=np.float32).reshape(1, 3, 4, 5)


def _muscle(box: Box, name: str = "m", subject: str = "s") -> Roi:
    return Roi(
        name, name, Role.MUSCLE, "scan", subject, mask=Mask.from_block(box, np.ones(box.shape_kji, bool))
    )


def _context(*rois: Roi, values: Any = VALUES, ct: Volume | None = None, slots: Any = None) -> AppContext:
    slots = slots or (Slot("s", "a"),)
    scan = Scan(
        "scan", "1 h", PET, Volume(PET, values.copy(), "CNTS", Modality.PET), ct, slots,
        ct_to_pet=RigidTransform(translation_mm=(10.0, 0.0, 0.0)),
    )  # fmt: skip
    state = SessionState(
        subjects=tuple(Subject(s.subject_id, s.subject_id) for s in slots),
        administrations=tuple(Administration(s.administration_id, s.subject_id) for s in slots),
        scans=(scan,),
        rois=rois,
    )
    ctx = build_context(SettingsStore(None), InlineJobRunner(), None)  # type: ignore[arg-type]
    ctx.session.replace(state, saved=True)
    ctx.view.move_to(ViewState(scan_id="scan"))
    return ctx


def test_without_a_scan_or_a_position_every_value_is_a_dash() -> None:
    ctx = build_context(SettingsStore(None), InlineJobRunner(), None)  # type: ignore[arg-type]
    for shown in (readout(ctx, (0.0, 0.0, 0.0)), readout(_context(), None)):
        assert {shown.suv, shown.kbq_ml, shown.pct_id_ml, shown.muscle, shown.ct, shown.voxel} == {NONE}


def test_the_value_is_that_of_the_voxel_whose_cell_holds_the_position() -> None:
    shown = readout(_context(), (2.0 + 0.9, 4.0 - 0.9, 2.0))  # voxel k 1, j 2, i 1
    assert shown.voxel == "1, 2, 1"
    assert shown.stored == f"{VALUES[0, 1, 2, 1]:.1f}" == "31.0"
    assert shown.stored_unit == "CNTS"
    assert shown.position == "2.9, 3.1, 2.0"


def test_outside_the_pet_it_says_so_and_shows_no_value() -> None:
    shown = readout(_context(), (0.0, 0.0, -1.01))
    assert shown.voxel == "outside"
    assert shown.stored == NONE
    assert shown.position == "0.0, 0.0, −1.0"


def test_a_voxel_without_a_measurement_is_no_number() -> None:
    values = VALUES.copy()
    values[0, 0, 0, 0] = np.nan
    shown = readout(_context(values=values), (0.0, 0.0, 0.0))
    assert shown.stored == "no value"
    assert shown.muscle == NONE


def test_the_multiple_of_muscle_needs_no_tumour_and_no_dose() -> None:
    # Muscle holds the values 20 and 25: mean 22.5; the voxel holds 45.
    box = Box((1, 0, 0), (2, 2, 1))
    shown = readout(_context(_muscle(box)), (0.0, 2.0, 4.0))
    assert shown.stored == "45.0"
    assert shown.muscle == "2.00 ×"


def test_the_multiple_follows_the_session_after_an_edit() -> None:
    ctx = _context(_muscle(Box((1, 0, 0), (2, 1, 1))))  # 20
    assert readout(ctx, (0.0, 0.0, 4.0)).muscle == "2.00 ×"  # 40 / 20
    state = ctx.session.state
    other = _muscle(Box((0, 2, 0), (1, 3, 1)))  # 10
    ctx.session.replace(replace(state, rois=(other,)), saved=True)
    assert readout(ctx, (0.0, 0.0, 4.0)).muscle == "4.00 ×"


def test_a_muscle_mean_of_zero_gives_no_multiple() -> None:
    assert readout(_context(_muscle(Box((0, 0, 0), (1, 1, 1)))), (0.0, 0.0, 4.0)).muscle == NONE


def test_in_a_bed_of_two_the_muscle_is_that_of_the_animal_under_the_pointer() -> None:
    slots = (
        Slot("left", "a", (-1.0, -1.0, -1.0), (3.0, 9.0, 9.0)),
        Slot("right", "b", (9.0, 9.0, 9.0), (3.0, -1.0, -1.0)),
    )
    rois = (
        _muscle(Box((1, 0, 0), (2, 1, 1)), "ml", "left"),  # 20
        _muscle(Box((0, 2, 0), (1, 3, 1)), "mr", "right"),  # 10
    )
    ctx = _context(*rois, slots=slots)
    assert readout(ctx, (0.0, 0.0, 4.0)).muscle == "2.00 ×"  # 40 / 20
    assert readout(ctx, (8.0, 0.0, 4.0)).muscle == "4.40 ×"  # 44 / 10
    scan = ctx.session.state.scans[0]
    assert slot_at(scan, (99.0, 0.0, 0.0)).subject_id == "left"


def test_the_ct_is_read_where_it_lies_after_registration() -> None:
    grid = Geometry.axis_aligned((1, 1, 3), (4.0, 40.0, 4.0), (-10.0, 0.0, 0.0))
    ct = Volume(grid, np.array([[[[-1000, 40, 300]]]], dtype=np.int16), "HU", Modality.CT)
    ctx = _context(ct=ct)  # shifted by +10 mm: its first voxel lies at x = 0
    assert readout(ctx, (0.0, 0.0, 0.0)).ct == "−1000"
    assert readout(ctx, (4.0, 0.0, 0.0)).ct == "40"
    assert readout(ctx, (8.0, 0.0, 0.0)).ct == "300"
    assert readout(ctx, (0.0, 0.0, 4.0)).ct == NONE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (5.214, "5.21"), (23.41, "23.4"), (467.3, "467"), (123456.7, "123457"),
        (0.01234, "0.0123"), (0.000123, "0.00012"), (1e-7, "<0.00001"), (-1e-7, ">−0.00001"),
        (-2.5, "−2.50"), (float("nan"), NONE),
    ],
)  # fmt: skip
def test_numbers_keep_three_digits_and_never_turn_into_powers(value: float, text: str) -> None:
    assert number(value) == text


@pytest.fixture(scope="module")
def mouse(tmp_path_factory: pytest.TempPathFactory) -> tuple[AppContext, Path]:
    study = make_sample("mouse", tmp_path_factory.mktemp("mouse") / "m", lambda fraction, words: None)
    ctx = build_context(SettingsStore(None), InlineJobRunner(), None)  # type: ignore[arg-type]
    state = load_sample(study)
    ctx.session.replace(state, saved=True)
    ctx.view.move_to(opening_view(state))
    return ctx, study.pet_dir


def _decayed_dose(header: pydicom.Dataset) -> float:
    item = header.RadiopharmaceuticalInformationSequence[0]
    injected = datetime.strptime(str(item.RadiopharmaceuticalStartDateTime)[:14], "%Y%m%d%H%M%S")
    start = datetime.strptime(f"{header.SeriesDate}{str(header.SeriesTime)[:6]}", "%Y%m%d%H%M%S")
    assert header.DecayCorrection == "START"
    elapsed_s = (start - injected).total_seconds()
    return float(item.RadionuclideTotalDose) * 2.0 ** (-elapsed_s / float(item.RadionuclideHalfLife))


def test_suv_kbq_and_percent_id_agree_with_the_header_worked_out_by_hand(
    mouse: tuple[AppContext, Path],
) -> None:
    ctx, folder = mouse
    cursor = ctx.view.state.cursor_lps
    header = min(
        (pydicom.dcmread(p) for p in folder.iterdir() if p.suffix == ".dcm"),
        key=lambda h: abs(float(h.ImagePositionPatient[2]) - cursor[2]),
    )
    row_mm, column_mm = (float(v) for v in header.PixelSpacing)
    corner, along = header.ImagePositionPatient, header.ImageOrientationPatient
    i = round((cursor[0] - float(corner[0])) / (column_mm * float(along[0])))
    j = round((cursor[1] - float(corner[1])) / (row_mm * float(along[4])))
    bq_ml = float(header.pixel_array[j, i]) * float(header.RescaleSlope) + float(header.RescaleIntercept)
    dose = _decayed_dose(header)
    shown = readout(ctx, cursor)
    assert float(shown.kbq_ml) == pytest.approx(bq_ml / 1000.0, rel=5e-3)
    assert float(shown.suv) == pytest.approx(bq_ml * float(header.PatientWeight) * 1000.0 / dose, rel=5e-3)
    assert float(shown.pct_id_ml) == pytest.approx(100.0 * bq_ml / dose, rel=5e-3)
    assert shown.stored_unit == ""

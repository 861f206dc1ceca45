"""In which unit and window a PET is shown, and where a study opens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from atsm_viewer.app.opening import default_pet_window, inner_voxel_lps, opening_view
from atsm_viewer.app.pet_display import factor_array, pet_scales, shown_scale
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.volume import FrameTime, Modality, Volume

GRID = Geometry.axis_aligned((4, 6, 8), (2.0, 1.0, 1.0))
HEADER = {
    "Units": "BQML",
    "DecayCorrection": "ADMIN",
    "CorrectedImage": ["ATTN", "DECY"],
    "Manufacturer": "Mediso",
    "PatientWeight": 0.020,
    "RadiopharmaceuticalInformation": {"RadionuclideTotalDose": 8e6},
}


def session(
    values: np.ndarray, header: dict[str, object] | None, unit: str = "BQML", rois: tuple[Roi, ...] = ()
) -> SessionState:
    times = tuple(FrameTime(60.0 * t, 60.0) for t in range(len(values)))
    pet = Volume(GRID, values.astype(np.float32), unit, Modality.PET, times)
    facts = PetFacts.from_instances([InstanceFacts.from_mapping(header)]) if header is not None else None
    scan = Scan("scan", "1 h", GRID, pet, None, (Slot("s", "a"),), pet_facts=facts)
    return SessionState((Subject("s", "S"),), (Administration("a", "s"),), (scan,), rois)


def ramp(frames: int = 1) -> np.ndarray:
    return np.arange(frames * 192, dtype=float).reshape(frames, 4, 6, 8) * 100


def test_every_available_unit_is_offered_the_best_first() -> None:
    state = session(ramp(), HEADER)
    scales = pet_scales(state, state.scans[0])
    assert list(scales) == ["suv", "kbq_ml", "stored"]
    assert scales["suv"].uniform == pytest.approx(20.0 / 8e6)  # g per Bq, by the definition
    assert scales["kbq_ml"].uniform == pytest.approx(1e-3)
    assert (scales["stored"].uniform, scales["stored"].label) == (1.0, "BQML")
    assert scales["suv"].to_stored(2.0) == pytest.approx(2.0 * 8e6 / 20.0)


@pytest.mark.parametrize("header", [{**HEADER, "PatientWeight": None}, {**HEADER, "Units": "PROPCNTS"}, None])
def test_without_suv_the_next_best_unit_is_shown_and_never_called_suv(
    header: dict[str, object] | None,
) -> None:
    state = session(ramp(), header, "" if header is None else str(header["Units"]))
    scales = pet_scales(state, state.scans[0])
    assert "suv" not in scales
    shown = shown_scale(state, state.scans[0], "suv")
    assert shown.unit == next(iter(scales))
    assert "SUV" not in shown.label
    assert opening_view(state).pet_unit == shown.unit


def test_a_typed_weight_changes_the_scale_at_once() -> None:
    state = session(ramp(), {**HEADER, "PatientWeight": None})
    typed = SuvOverrides(weight_kg=Sourced(0.025, Provenance.TYPED))
    state = replace(state, administrations=(Administration("a", "s", None, typed),))
    assert pet_scales(state, state.scans[0])["suv"].uniform == pytest.approx(25.0 / 8e6)


def test_one_factor_per_instance_reaches_its_slice_and_frame() -> None:
    state = session(ramp(2), HEADER)
    scan = replace(state.scans[0], pet_instance_tk=((0, 1, 2, 3), (4, 5, 6, 7)))
    factors = tuple(float(n + 1) for n in range(8))
    assert factor_array(scan, factors).tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert factor_array(scan, 2.5).tolist() == [[2.5] * 4] * 2
    jumbled = replace(scan, pet_instance_tk=((3, 1, 0, 2), (7, 6, 5, 4)))
    assert factor_array(jumbled, factors).tolist() == [[4, 2, 1, 3], [8, 7, 6, 5]]


def test_uneven_factors_are_told_slice_by_slice() -> None:
    state = session(ramp(), HEADER)
    scale = shown_scale(state, state.scans[0], "stored")
    uneven = replace(scale, factor_tk=np.array([[2.0, 2.0, 3.0, 4.0]]))
    assert scale.k_scale(0) is None
    assert uneven.uniform is None
    assert (uneven.k_scale(0) == [1.0, 1.0, 1.5, 2.0]).all()  # type: ignore[union-attr]
    assert uneven.factor_at(0, 2) == 3.0


def test_the_window_reaches_a_round_number_just_above_the_body() -> None:
    values = np.zeros((1, 4, 6, 8))
    values[0, :, ::2, ::2] = 7_300.0
    state = session(values, HEADER)
    low, high = default_pet_window(state, state.scans[0], "kbq_ml", 0)
    assert (low, high) == (0.0, 8.0)
    assert default_pet_window(state, state.scans[0], "stored", 0) == (0.0, 8000.0)


@pytest.mark.parametrize("fill", [0.0, -5.0, np.nan, np.inf])
def test_an_image_without_a_positive_number_still_opens(fill: float) -> None:
    state = session(np.full((1, 4, 6, 8), fill), HEADER)
    view = opening_view(state)
    assert view.pet_lo < view.pet_hi
    assert np.isfinite(view.cursor_lps).all()
    assert GRID.nearest_index(view.cursor_lps) is not None


def test_a_study_opens_on_its_hottest_spot_and_with_a_tumour_in_the_tumour() -> None:
    values = np.ones((1, 4, 6, 8))
    values[0, 1:3, 3:5, 5:7] = 50.0
    view = opening_view(session(values, HEADER))
    assert GRID.nearest_index(view.cursor_lps) in {(k, j, i) for k in (1, 2) for j in (3, 4) for i in (5, 6)}
    box = Box((0, 0, 0), (1, 2, 2))
    tumour = Roi("t", "t", Role.TUMOUR, "scan", "s", mask=Mask.from_block(box, np.ones((1, 2, 2), bool)))
    muscle = replace(tumour, id="m", role=Role.MUSCLE)
    view = opening_view(session(values, HEADER, rois=(muscle, tumour)))
    assert view.active_roi_id == "t"
    assert GRID.nearest_index(view.cursor_lps) in {(0, j, i) for j in (0, 1) for i in (0, 1)}


def test_the_cursor_lies_inside_a_hollow_region() -> None:
    ring = np.ones((3, 5, 5), dtype=bool)
    ring[:, 1:4, 1:4] = False
    box = Box((0, 1, 2), (3, 6, 7))
    mask = Mask.from_block(box, ring)
    index = GRID.nearest_index(inner_voxel_lps(mask, GRID))
    assert index is not None
    assert mask.contains(index)


def test_an_empty_session_has_an_empty_view() -> None:
    assert opening_view(SessionState()).scan_id == ""


def test_a_small_grid_starts_with_a_small_brush() -> None:
    fine = session(ramp(), HEADER)
    coarse_grid = Geometry.axis_aligned((4, 6, 8), (4.0, 4.0, 4.0))
    human = {**HEADER, "PatientWeight": 70.0, "Manufacturer": "SIEMENS"}
    coarse = session(ramp(), human)
    pet = Volume(coarse_grid, ramp().astype(np.float32), "BQML", Modality.PET)
    coarse = replace(coarse, scans=(replace(coarse.scans[0], pet_geometry=coarse_grid, pet=pet),))
    sizes = [opening_view(s).tool_options["brush"]["diameter_mm"] for s in (fine, coarse)]
    assert sizes == [2.0, 10.0]

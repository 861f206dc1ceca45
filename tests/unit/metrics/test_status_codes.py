"""Every edge case leaves a code, and only the cells that it spoils stay empty."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.protocol import Protocol
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.scan import Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.metrics.evaluate import evaluate
from atsm_viewer.metrics.voxel_counts import VOXEL_COUNTS

T, M = np.s_[4:7, 4:7, 4:7], np.s_[4:8, 10:13, 4:7]
BOTH = [(Role.TUMOUR, T), (Role.MUSCLE, M)]


def typed(value):
    return Sourced(value, Provenance.TYPED)


@pytest.fixture
def image() -> np.ndarray:
    image = np.full((14, 16, 12), 100.0)
    image[T] = 400.0
    image[4, 4, 4] = 440.0
    image[5, 11, 5] = 110.0
    return image


def codes(row) -> set[str]:
    return set((row["status"] or "").split(";")) - {""}


def rows(state, **more):
    results = evaluate(state, app_version="", **more)
    return results.rois.rows, results.tm.rows


def test_an_ordinary_session_carries_only_the_code_of_the_large_peak_sphere(build, image) -> None:
    rois, tm = rows(build(image, BOTH))
    assert codes(rois[0]) <= {"peak_exceeds_roi", "peak_clipped"}
    assert codes(tm[0]) == set()
    assert tm[0]["tm_mean"] is not None


@pytest.mark.parametrize(
    "mask", [Mask.empty(), Mask(Box((50, 50, 50), (51, 52, 51)), np.ones((1, 2, 1), bool))]
)
def test_a_roi_without_a_voxel_in_the_image_still_has_a_row(build, image, mask) -> None:
    rois, tm = rows(build(image, [(Role.TUMOUR, mask), (Role.MUSCLE, M)]))
    assert "empty_roi" in codes(rois[0])
    assert "empty_roi" in codes(tm[0])
    assert rois[0]["n_voxels"] == 0
    assert rois[0]["n_outside_fov"] == mask.n_voxels
    counts = {c.name for c in VOXEL_COUNTS.columns} - {"volume_mm3", "equiv_diameter_mm"}
    first = list(rois[0]).index("n_voxels")
    measured = {k: v for k, v in list(rois[0].items())[first:-1] if k not in counts}
    assert set(measured.values()) == {None}
    assert tm[0]["tm_mean"] is tm[0]["rtv50_mm3"] is None


def test_voxels_outside_the_image_are_counted_and_left_out(build, image) -> None:
    mask = Mask(Box((5, 5, 10), (6, 6, 14)), np.ones((1, 1, 4), bool))
    row = rows(build(image, [(Role.TUMOUR, mask), (Role.MUSCLE, M)]))[0][0]
    assert (row["n_voxels"], row["n_outside_fov"]) == (2, 2)
    assert "clipped_fov" in codes(row)


@pytest.mark.parametrize(
    ("k", "flagged"), [(0, True), (1, True), (2, False), (11, False), (12, True), (13, True)]
)
def test_the_first_and_last_two_slices_are_flagged(build, image, k, flagged) -> None:
    row = rows(build(image, [(Role.TUMOUR, np.s_[k, 4:8, 4:8])]))[0][0]
    assert ("fov_edge" in codes(row)) is flagged


def test_a_single_voxel_has_no_spread_but_a_ratio(build, image) -> None:
    rois, tm = rows(build(image, [(Role.TUMOUR, np.s_[5, 5, 5]), (Role.MUSCLE, M)]))
    assert {"single_voxel", "few_voxels"} <= codes(rois[0])
    assert rois[0]["suv_sd"] is rois[0]["suv_cov"] is tm[0]["tm_mean_sd"] is None
    assert tm[0]["tm_mean"] == pytest.approx(400.0 / image[M].mean())


@pytest.mark.parametrize(("role", "where", "limit"), [(Role.TUMOUR, T, 27), (Role.MUSCLE, M, 36)])
def test_few_voxels_are_flagged_below_the_protocol_minimum_only(build, image, role, where, limit) -> None:
    for minimum, flagged in ((limit, False), (limit + 1, True)):
        protocol = Protocol(min_tumour_voxels=minimum, min_muscle_voxels=minimum)
        row = rows(build(image, [(role, where)], protocol=protocol))[0][0]
        assert ("few_voxels" in codes(row)) is flagged


def test_non_finite_voxels_are_left_out_counted_and_flagged_above_five_per_cent(build, image) -> None:
    image[5, 5, 5] = np.nan
    row = rows(build(image, BOTH))[0][0]
    assert (row["n_voxels"], row["n_nonfinite"]) == (26, 1)
    assert "nonfinite" not in codes(row)
    image[5, 5, 6] = np.inf
    row = rows(build(image, BOTH))[0][0]
    assert (row["n_voxels"], row["n_nonfinite"]) == (25, 2)
    assert "nonfinite" in codes(row)
    assert row["suv_max"] == pytest.approx(440.0 * 20 / 0.5e6)


def test_a_roi_without_any_finite_voxel_is_empty_and_says_so(build, image) -> None:
    image[T] = np.nan
    rois, tm = rows(build(image, BOTH))
    assert "all_nonfinite" in codes(rois[0])
    assert "empty_roi" not in codes(rois[0])
    assert rois[0]["suv_mean"] is tm[0]["tm_mean"] is None


def test_negative_voxels_are_kept_and_counted(build, image) -> None:
    image[5, 5, 5] = -50.0
    row = rows(build(image, BOTH))[0][0]
    assert row["n_negative"] == 1
    assert row["value_min"] == -50.0
    assert "negative_voxels" in codes(row)


def test_a_tumour_without_muscle_has_suv_but_no_ratio(build, image) -> None:
    rois, tm = rows(build(image, [(Role.TUMOUR, T)]))
    assert codes(tm[0]) == {"no_muscle"}
    assert tm[0]["tm_mean"] is tm[0]["tm_max"] is None
    assert tm[0]["muscle_n_rois"] == 0
    assert rois[0]["suv_mean"] is not None


@pytest.mark.parametrize("level", [0.0, -3.0])
def test_muscle_that_is_not_positive_gives_no_ratio(build, image, level) -> None:
    image[M] = level
    tm = rows(build(image, BOTH), hv_theta=3.0)[1][0]
    assert "muscle_nonpositive" in codes(tm)
    assert tm["tm_mean"] is tm["tm_max"] is tm["tm_ci_low"] is tm["hv_mm3"] is None
    assert tm["muscle_value_mean"] == level


def test_unreliable_muscle_is_flagged_and_the_ratio_stays(build, image) -> None:
    image[M] = np.where(np.indices(image[M].shape).sum(axis=0) % 2, 1.0, 200.0)
    tm = rows(build(image, BOTH, protocol=Protocol(fwhm_mm=5.0)))[1][0]
    assert {"muscle_unreliable", "tm_ci_unbounded"} <= codes(tm)
    assert tm["tm_mean"] is not None
    assert tm["tm_ci_low"] is None
    assert tm["tm_ci_unbounded"] == 1


def test_overlap_of_tumour_and_muscle_is_flagged_and_counted_on_both(build, image) -> None:
    rois, tm = rows(build(image, [(Role.TUMOUR, T), (Role.MUSCLE, np.s_[6:9, 4:7, 4:7])]))
    assert rois[0]["n_overlap"] == rois[1]["n_overlap"] == 9
    assert all("roi_overlap" in codes(r) for r in (rois[0], rois[1], tm[0]))


def test_two_lesions_in_one_tumour_are_flagged(build, image) -> None:
    dense = np.zeros(image.shape, bool)
    dense[T] = True
    dense[10, 10, 10] = True
    row = rows(build(image, [(Role.TUMOUR, Mask.from_dense(dense))]))[0][0]
    assert row["n_components"] == 2
    assert "multi_component" in codes(row)
    row = rows(build(image, [(Role.MUSCLE, Mask.from_dense(dense))]))[0][0]
    assert "multi_component" not in codes(row)


def test_a_roi_that_leaves_the_slot_of_its_animal_is_flagged(build, image) -> None:
    left = Slot("s1", "adm1", (-10.5, 4.5, 99.0), (-4.6, 20.5, 127.0))
    right = Slot("s2", "adm2", (-4.5, 4.5, 99.0), (1.5, 20.5, 127.0))
    inside, across = np.s_[4:7, 4:7, 3:6], np.s_[4:7, 4:7, 4:8]
    rois, _ = rows(build(image, [(Role.TUMOUR, inside), (Role.TUMOUR, across)], slots=(left, right)))
    assert "cross_animal" not in codes(rois[0])
    assert "cross_animal" in codes(rois[1])


def test_muscle_of_another_animal_is_never_used(build, image) -> None:
    slots = (Slot("s1", "adm1"), Slot("s2", "adm2"))
    tm = rows(build(image, [(Role.TUMOUR, T), (Role.MUSCLE, M, "s2")], slots=slots))[1][0]
    assert {"no_muscle", "reference_mismatch"} <= codes(tm)
    assert tm["tm_mean"] is None


def test_without_weight_suv_is_empty_but_ratios_and_activity_stay(build, image, overrides) -> None:
    rois, tm = rows(build(image, BOTH, overrides=overrides(weight_kg=None)))
    assert "suv_unavailable" in codes(rois[0])
    assert (
        rois[0]["suv_mean"]
        is rois[0]["suv_peak_1ml"]
        is tm[0]["muscle_suv_mean"]
        is rois[0]["suv_type"]
        is None
    )
    assert rois[0]["pid_ml_mean"] is not None
    assert rois[0]["conc_mean_kbq_ml"] == pytest.approx(image[T].mean() / 1000)
    assert tm[0]["tm_mean"] == pytest.approx(image[T].mean() / image[M].mean())
    assert "E-WEIGHT" in rois[0]["suv_codes"]


def test_unknown_units_leave_ratios_only(build, image) -> None:
    rois, tm = rows(build(image, BOTH, unit="", overrides=SuvOverrides()))
    assert {"unit_unknown", "suv_unavailable"} <= codes(rois[0])
    assert (
        rois[0]["suv_mean"]
        is rois[0]["pid_ml_mean"]
        is rois[0]["conc_mean_kbq_ml"]
        is rois[0]["value_unit"]
        is None
    )
    assert rois[0]["value_mean"] == pytest.approx(image[T].mean())
    assert tm[0]["tm_max"] == pytest.approx(440.0 / image[M].mean())


@pytest.mark.parametrize(
    ("injected", "suspect"),
    [(datetime(2024, 5, 6, 9), False), (datetime(2024, 5, 6, 10), True), (datetime(2024, 5, 6, 10, 30), True),
     (datetime(2024, 5, 6, 5), False), (datetime(2024, 5, 6, 4, 59), True)],
)  # fmt: skip
def test_doubtful_times_after_injection_are_flagged(build, image, overrides, injected, suspect) -> None:
    row = rows(build(image, BOTH, overrides=overrides(administration_time=typed(injected))))[0][0]
    assert ("time_suspect" in codes(row)) is suspect


def test_a_dynamic_scan_from_the_injection_on_is_not_suspect(build, image, overrides) -> None:
    now = overrides(administration_time=typed(datetime(2024, 5, 6, 10)))
    rois, tm = rows(build(np.stack([image, 2 * image]), BOTH, overrides=now))
    assert [r["frame_index"] for r in tm] == [0, 1]
    assert [r["frame_mid_s"] for r in tm] == [30.0, 90.0]
    assert "time_suspect" not in codes(rois[0])
    assert rois[1]["suv_mean"] == pytest.approx(2 * rois[0]["suv_mean"])
    assert tm[1]["tm_mean"] == pytest.approx(tm[0]["tm_mean"])


@pytest.mark.parametrize(("half_life_s", "flagged"), [(45722.0, False), (46400.0, True)])
def test_a_half_life_beside_the_table_is_flagged(build, image, overrides, half_life_s, flagged) -> None:
    entered = overrides(nuclide=typed("Cu-64"), half_life_s=typed(half_life_s))
    row = rows(build(image, BOTH, overrides=entered))[0][0]
    assert ("half_life_mismatch" in codes(row)) is flagged


def test_a_doubtful_activity_balance_of_the_scan_reaches_its_rows(build, image) -> None:
    state = build(image, BOTH)
    notice = Notice("W-ACTIVITY-BALANCE", Severity.WARNING, "too much", scan_id="scan1")
    assert "closure_suspect" in codes(rows(replace(state, notices=(notice,)))[0][0])
    elsewhere = replace(notice, scan_id="another")
    assert "closure_suspect" not in codes(rows(replace(state, notices=(elsewhere,)))[0][0])


@pytest.mark.parametrize(("fwhm", "flagged"), [(1.5, False), (1.6, True)])
def test_tumours_below_three_resolutions_carry_a_partial_volume_risk(build, image, fwhm, flagged) -> None:
    # 27 voxels of 2 mm³ are a sphere of 4.69 mm.
    row = rows(build(image, BOTH, protocol=Protocol(fwhm_mm=fwhm)))[0][0]
    assert ("pve_risk" in codes(row)) is flagged


def test_a_hypoxic_fraction_of_a_thresholded_tumour_is_called_circular(build, image) -> None:
    rois = [(Role.TUMOUR, T, "s1", "threshold"), (Role.MUSCLE, M)]
    assert "hf_circular" in codes(rows(build(image, rois), hv_theta=3.0)[1][0])
    assert "hf_circular" not in codes(rows(build(image, rois))[1][0])


def test_a_scan_without_its_image_keeps_its_rows(build, image) -> None:
    state = build(image, BOTH)
    state = replace(state, scans=(replace(state.scans[0], pet=None),))
    rois, tm = rows(state)
    assert len(rois) == 2
    assert {"no_image"} <= codes(rois[0]) & codes(tm[0])
    assert rois[0]["n_voxels"] is tm[0]["tm_mean"] is None
    assert rois[0]["voxel_z_mm"] == 2.0


def test_a_peak_that_was_put_off_is_announced_and_comes_with_the_next_full_evaluation(build, image) -> None:
    state = build(image, BOTH)
    row = rows(state, with_peaks=False)[0][0]
    assert row["suv_peak_1ml"] is None
    assert "peak_pending" in codes(row)
    full = rows(state)[0][0]
    assert full["suv_peak_1ml"] is not None
    assert rows(state, with_peaks=False)[0][0] == full


def test_a_sphere_beyond_the_image_is_called_clipped(build, image) -> None:
    row = rows(build(image, [(Role.TUMOUR, np.s_[0:3, 0:2, 0:2])]))[0][0]
    assert {"peak_clipped", "peak_exceeds_roi"} <= codes(row)

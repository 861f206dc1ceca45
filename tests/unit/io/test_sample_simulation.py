"""Image formation and dose arithmetic of the sample studies against closed forms."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np
import pytest

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.io.sample.anatomy import Anatomy, Tissue
from atsm_viewer.io.sample.mouse import mouse_scenario
from atsm_viewer.io.sample.patient import patient_scenario
from atsm_viewer.io.sample.scenario import Scenario
from atsm_viewer.io.sample.shapes import Block
from atsm_viewer.io.sample.simulate import finer_grid, sampling_weights, simulate_pet, smoothed


def slab_scenario(noise: float = 0.0) -> Scenario:
    """An endless slab, 10 mm thick in x, of SUV 2."""
    anatomy = Anatomy()
    anatomy.declare(Tissue("slab", 2.0, 0.0, "muscle"))
    anatomy.paint("slab", Block((-5.0, -500.0, -500.0), (5.0, 500.0, 500.0)))
    grid = Geometry.axis_aligned((24, 24, 40), (1.0, 1.0, 1.0), (-19.5, -11.5, -11.5))
    return Scenario(
        "mouse",
        anatomy,
        grid,
        grid,
        0.02,
        None,
        1e6,
        timedelta(hours=1),
        600,
        1,
        3.0,
        noise,
        4,
        0.0,
        ("slab",),
        7,
    )


def test_a_blurred_slab_has_the_profile_of_the_error_function() -> None:
    pet = simulate_pet(slab_scenario())
    sigma = 3.0 / math.sqrt(8 * math.log(2))

    def primitive(u: float) -> float:
        return u * math.erf(u / (sigma * math.sqrt(2))) + sigma * math.sqrt(2 / math.pi) * math.exp(
            -(u**2) / (2 * sigma**2)
        )

    def voxel_mean(x: float) -> float:
        # Mean over the voxel of the slab convolved with the Gaussian: erf(x + 5) - erf(x - 5), integrated.
        upper = primitive(x + 5.5) - primitive(x + 4.5)
        lower = primitive(x - 4.5) - primitive(x - 5.5)
        return upper - lower

    expected = [voxel_mean(-19.5 + i) for i in range(40)]
    np.testing.assert_allclose(pet.noise_free_suv[12, 12], expected, atol=0.004)
    # Activity just outside the grid blurs in, so the ends along the slab do not fade.
    assert pet.noise_free_suv[0, 0, 20] == pytest.approx(2.0, abs=0.01)


def test_blur_and_sampling_conserve_activity() -> None:
    weights = sampling_weights(60, 3, 1.3)
    assert weights.shape == (60, 180)
    np.testing.assert_allclose(weights[:, 60:120].sum(axis=0) * 3, 1.0, rtol=1e-5)
    np.testing.assert_allclose(weights[20:40].sum(axis=1), 1.0, rtol=1e-5)


def test_noise_variance_grows_in_proportion_to_the_value() -> None:
    scenario = slab_scenario(noise=0.05)
    pet = simulate_pet(scenario)
    noise = (pet.suv - pet.noise_free_suv)[:, :, 17:23]
    assert noise.std() == pytest.approx(0.05 * math.sqrt(2.0), rel=0.08)
    assert abs(noise.mean()) < 0.01
    again = simulate_pet(scenario)
    np.testing.assert_array_equal(pet.suv, again.suv)


def test_tissue_volume_is_counted_within_the_grid_only() -> None:
    pet = simulate_pet(slab_scenario())
    assert pet.fine_volume_mm3_by_label[1] == pytest.approx(10 * 24 * 24)


def test_sub_voxels_tile_their_voxels() -> None:
    grid = Geometry.axis_aligned((5, 6, 7), (2.0, 3.0, 4.0), (10.0, 20.0, 30.0))
    fine = finer_grid(grid, Box((1, 2, 3), (3, 4, 5)), 3)
    assert fine.shape_kji == (6, 6, 6)
    first = [fine.index_to_lps((a, b, c)) for a in range(3) for b in range(3) for c in range(3)]
    np.testing.assert_allclose(np.mean(first, axis=0), grid.index_to_lps((1, 2, 3)))
    np.testing.assert_allclose(fine.spacing_kji_mm, (2 / 3, 1.0, 4 / 3))


def test_smoothing_spreads_a_point_by_its_weights_and_keeps_the_sum() -> None:
    image = np.zeros((5, 5, 5), dtype=np.float32)
    image[2, 2, 2] = 1.0
    out = smoothed(image, (0.25, 0.1, 0.0))
    assert out[2, 2, 2] == pytest.approx(0.5 * 0.8)
    assert out[1, 2, 2] == pytest.approx(0.25 * 0.8)
    assert out[2, 3, 2] == pytest.approx(0.5 * 0.1)
    assert out[2, 2, 1] == 0.0
    assert out.sum() == pytest.approx(1.0)


def test_the_mouse_dose_decays_for_a_day() -> None:
    scenario = mouse_scenario()
    assert scenario.scanned_at == datetime(2026, 1, 2, 10, 0, 0)
    decayed = 7.4e6 * math.exp(-math.log(2) / 45722.16 * 86400)
    assert scenario.decayed_bq == pytest.approx(decayed, rel=1e-12)
    assert scenario.bq_per_ml_at_suv_1 == pytest.approx(decayed / 22.3, rel=1e-12)


def test_the_patient_dose_decays_for_an_hour() -> None:
    scenario = patient_scenario()
    decayed = 300e6 * math.exp(-math.log(2) / 45722.16 * 3600)
    assert scenario.bq_per_ml_at_suv_1 == pytest.approx(decayed / 70000, rel=1e-12)


@pytest.mark.parametrize("scenario", [mouse_scenario(), patient_scenario()], ids=["mouse", "patient"])
def test_tumour_rim_is_three_times_muscle_and_the_core_is_colder(scenario: Scenario) -> None:
    suv = {t.name: t.suv for t in scenario.anatomy.tissues}
    muscles = [t.suv for t in scenario.anatomy.tissues if t.role == "muscle"]
    assert len(set(muscles)) == 1
    assert 0.4 <= muscles[0] <= 0.6
    assert suv["tumour rim"] == pytest.approx(3 * muscles[0])
    assert suv["tumour core"] < 0.6 * suv["tumour rim"]
    assert max(suv, key=suv.__getitem__) == "liver"


@pytest.mark.parametrize("scenario", [mouse_scenario(), patient_scenario()], ids=["mouse", "patient"])
def test_pet_and_ct_are_different_grids_in_one_frame_of_reference(scenario: Scenario) -> None:
    assert scenario.pet.frame_of_reference_uid == scenario.ct.frame_of_reference_uid != ""
    assert not scenario.pet.same_grid(scenario.ct)
    megabytes = 2 * math.prod(scenario.ct.shape_kji) / 1e6
    assert megabytes <= (60 if scenario.kind == "mouse" else 120)


def test_a_coarser_scenario_covers_the_same_space() -> None:
    fine, coarse = mouse_scenario(), mouse_scenario().coarser(2)
    np.testing.assert_allclose(coarse.pet.corners_lps(), fine.pet.corners_lps(), atol=1e-9)
    assert coarse.pet.shape_kji == tuple(n // 2 for n in fine.pet.shape_kji)

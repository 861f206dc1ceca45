"""Thresholds, adaptive level, seeds and edge fitting against plain loops, skimage and SimpleITK."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.operations import operation

SHAPE = (6, 10, 12)
GRID = Geometry.axis_aligned(SHAPE, (2.0, 1.0, 1.0))


def image(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).gamma(3.0, 2.0, SHAPE)


def region() -> np.ndarray:
    dense = np.zeros(SHAPE, bool)
    dense[1:5, 2:8, 3:10] = True
    return dense


@pytest.mark.parametrize("unit", ["suv", "muscle", "stored", "percent_max"])
@pytest.mark.parametrize("keep", ["above", "below"])
def test_threshold_keeps_what_a_plain_loop_keeps(make, unit, keep):
    pet, dense = image(), region()
    pet[2, 3, 4] = np.nan
    suv_k = np.linspace(0.4, 0.6, SHAPE[0])
    even_k = suv_k / suv_k[0]
    ctx = make(GRID, dense, pet, suv_k=suv_k, even_k=even_k, muscle_mean=2.5)
    level = {"suv": 2.5, "muscle": 2.0, "stored": 6.0, "percent_max": 41.0}[unit]
    got = operation("threshold").apply(ctx, {"level": level, "unit": unit, "keep": keep}).mask.to_dense(SHAPE)
    stored = pet.astype(np.float32).astype(np.float64)
    top = max(stored[x] * even_k[x[0]] for x in np.ndindex(SHAPE) if dense[x] and np.isfinite(stored[x]))
    for x in np.ndindex(SHAPE):
        even = stored[x] * even_k[x[0]]
        value = {
            "suv": stored[x] * suv_k[x[0]],
            "muscle": even / 2.5,
            "stored": even,
            "percent_max": 100 * even / top,
        }
        wanted = value[unit] >= level if keep == "above" else value[unit] < level
        assert got[x] == (dense[x] and bool(wanted))


def test_a_value_equal_to_the_level_is_inside_whatever_the_rounding(make):
    pet = np.full(SHAPE, 0.1)
    pet[2, 4, 5] = 0.3
    ctx = make(GRID, region(), pet, suv_k=np.full(SHAPE[0], 1.0))
    level = float(np.float32(0.1)) * (1 + 1e-12)
    assert operation("threshold").apply(ctx, {"level": level}).mask.n_voxels == region().sum()
    assert operation("threshold").apply(ctx, {"level": level * (1 + 1e-6)}).mask.n_voxels == 1


def test_units_that_are_not_available_are_refused_in_words(make):
    ctx = make(GRID, region(), image())
    for unit, words in (("suv", "SUV is not known"), ("muscle", "no muscle mean")):
        with pytest.raises(AtsmError, match=words):
            operation("threshold").apply(ctx, {"unit": unit, "level": 1.0})
    defaults = {o.id: o.default for o in operation("threshold").options_for(ctx)}
    assert defaults["unit"] == "stored"


@pytest.mark.parametrize("percent", ["40", "41", "50", "70"])
def test_percent_of_maximum_is_a_threshold_at_that_share(make, percent):
    pet, dense = image(), region()
    got = operation("percent_of_max").apply(make(GRID, dense, pet), {"percent": percent}).mask
    values = pet.astype(np.float32).astype(float)
    level = float(percent) / 100 * max(values[x] for x in np.ndindex(SHAPE) if dense[x])
    assert np.array_equal(got.to_dense(SHAPE), dense & (values >= level))


def test_a_typed_share_and_the_part_around_the_hottest_voxel(make):
    pet, dense = np.ones(SHAPE), region()
    pet[1, 2, 3], pet[4, 7, 9], pet[4, 7, 8] = 10.0, 9.0, 8.9
    ctx = make(GRID, dense, pet)
    typed = {"percent": "typed", "typed_percent": 85.0}
    assert operation("percent_of_max").apply(ctx, typed).mask.n_voxels == 3
    one = operation("percent_of_max").apply(ctx, {**typed, "connected": True})
    assert one.mask.box.lo_kji == (1, 2, 3)
    assert one.mask.n_voxels == 1
    assert dict(one.params)["level_stored"] == "8.5"


def test_percent_of_maximum_slice_by_slice_uses_the_maximum_of_each_slice(make):
    pet, dense = image(), region()
    got = (
        operation("percent_of_max")
        .apply(make(GRID, dense, pet), {"extent": "each_axial"})
        .mask.to_dense(SHAPE)
    )
    values = pet.astype(np.float32).astype(float)
    for k in range(1, 5):
        assert np.array_equal(got[k], dense[k] & (values[k] >= 0.41 * values[k][dense[k]].max()))


def test_the_same_contour_as_simpleitk_around_a_hot_spot(make):
    k, j, i = np.ogrid[:20, :30, :30]
    pet = 1 + 9 * np.exp(-((k - 10) ** 2 + (j - 15) ** 2 + (i - 14) ** 2) / 20)
    dense = np.ones((20, 30, 30), bool)
    grid = Geometry.axis_aligned(dense.shape, (1, 1, 1))
    got = operation("percent_of_max").apply(make(grid, dense, pet), {"percent": "50", "connected": True}).mask
    stored = pet.astype(np.float32)
    itk = sitk.ConnectedThreshold(
        sitk.GetImageFromArray(stored), [(14, 15, 10)], float(stored.max()) * 0.5, 1e9, 1,
        sitk.ConnectedThresholdImageFilter.FullConnectivity,
    )  # fmt: skip
    assert np.array_equal(got.to_dense(dense.shape), sitk.GetArrayFromImage(itk) > 0)


def test_the_adaptive_level_lies_between_background_and_maximum(make):
    pet, dense = np.full(SHAPE, 2.0), region()
    pet[dense] = np.linspace(3.0, 10.0, dense.sum())
    ctx = make(GRID, dense, pet)
    got = operation("adaptive").apply(ctx, {"percent": 50.0, "gap_mm": 0.0, "width_mm": 2.0})
    assert dict(got.params)["background_stored"] == "2"
    assert dict(got.params)["level_stored"] == "6"
    assert np.array_equal(got.mask.to_dense(SHAPE), dense & (pet.astype(np.float32) >= 6.0))
    muscle = operation("adaptive").apply(replace(ctx, muscle_mean=4.0), {"background": "muscle"})
    assert dict(muscle.params)["level_stored"] == "7"
    with pytest.raises(AtsmError, match="nowhere hotter"):
        operation("adaptive").apply(replace(ctx, muscle_mean=11.0), {"background": "muscle"})


def test_other_rois_are_left_out_of_the_background_ring(make):
    pet, dense = np.full(SHAPE, 2.0), region()
    pet[dense] = 10.0
    hot = np.zeros(SHAPE, bool)
    hot[:, 8:, :] = True
    pet[hot] = 1000.0
    got = operation("adaptive").apply(
        make(GRID, dense, pet, others={"hot": hot}), {"gap_mm": 0.0, "width_mm": 2.0}
    )
    assert dict(got.params)["background_stored"] == "2"


def sphere_image(shape=(24, 26, 28), centre=(12, 13, 14), radius=6.0, hot=8.0):
    k, j, i = np.ogrid[: shape[0], : shape[1], : shape[2]]
    away = np.sqrt((k - centre[0]) ** 2 + (j - centre[1]) ** 2 + (i - centre[2]) ** 2)
    return np.where(away <= radius, hot, 1.0), away


def test_a_seed_in_a_hot_sphere_grows_to_the_sphere_and_no_further(make):
    pet, away = sphere_image()
    blurred = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(pet), 1.0))
    ctx = make(Geometry.axis_aligned(pet.shape, (1, 1, 1)), away <= 2, blurred)
    mask = operation("seeds").apply(ctx, {"reach_mm": 8.0}).mask.to_dense(pet.shape)
    truth = away <= 6
    assert 2 * (mask & truth).sum() / (mask.sum() + truth.sum()) > 0.93
    assert not mask[away > 8].any()
    assert mask[away <= 2].all()


def test_two_seeds_share_what_lies_between_them_like_skimage(make):
    from skimage.filters import sobel  # noqa: F401 - the peer library must be there
    from skimage.segmentation import watershed

    rng = np.random.default_rng(4)
    pet = rng.random((12, 14, 16))
    one, two = np.zeros(pet.shape, bool), np.zeros(pet.shape, bool)
    one[6, 7, 4], two[6, 7, 12] = True, True
    grid = Geometry.axis_aligned(pet.shape, (1, 1, 1))
    ctx = make(grid, one, pet, others={"two": two})
    result = operation("seeds").apply(ctx, {"reach_mm": 30.0, "background": "none", "grow_all": True})
    stored = pet.astype(np.float32).astype(float)
    slope = np.sqrt(sum(g**2 for g in np.gradient(stored)))
    expected = watershed(slope, one.astype(np.int32) + 2 * two)
    assert np.array_equal(result.mask.to_dense(pet.shape), expected == 1)
    assert result.others[0][0] == "two"
    assert np.array_equal(result.others[0][1].to_dense(pet.shape), expected == 2)


def test_growing_without_any_second_seed_is_refused(make):
    pet, away = sphere_image()
    ctx = make(Geometry.axis_aligned(pet.shape, (1, 1, 1)), away <= 2, pet)
    with pytest.raises(AtsmError, match="second seed"):
        operation("seeds").apply(ctx, {"background": "none"})


@pytest.mark.parametrize("drawn", [5.0, 7.5])
def test_a_rough_outline_is_fitted_to_the_edge(make, drawn):
    pet, away = sphere_image()
    blurred = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(pet), 0.8))
    ctx = make(Geometry.axis_aligned(pet.shape, (1, 1, 1)), away <= drawn, blurred)
    mask = operation("refine_edge").apply(ctx, {"band_mm": 3.0}).mask.to_dense(pet.shape)
    truth = away <= 6

    def dice(a):
        return 2 * (a & truth).sum() / (a.sum() + truth.sum())

    assert dice(mask) > 0.93
    assert dice(mask) > dice(away <= drawn)

"""T/M, its references and its uncertainty."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atsm_viewer.domain.protocol import Protocol
from atsm_viewer.domain.roi import Role
from atsm_viewer.metrics.evaluate import evaluate
from atsm_viewer.metrics.uncertainty import fieller, ratio_spread, standard_error

RATIOS = (
    "tm_mean",
    "tm_max",
    "tm_peak",
    "tm_ge40pct",
    "tm_ge70pct",
    "tm_top10pct",
    "tm_mean_sd",
    "tb_mean",
    "tbrain_max",
)
T, M = np.s_[4:7, 4:7, 4:7], np.s_[4:7, 10:13, 4:7]
B, BRAIN = np.s_[9:11, 4:7, 4:7], np.s_[9:11, 10:13, 4:7]


def _image(seed: int = 1) -> np.ndarray:
    image = np.random.default_rng(seed).gamma(9.0, 10.0, (14, 16, 12))
    image[T] *= 4
    return image


def test_fieller_and_delta_give_the_published_example() -> None:
    interval = fieller(3.0, 0.2, 1.0, 0.1)
    assert interval is not None
    assert (round(interval.low, 2), round(interval.high, 2)) == (2.39, 3.85)
    se = ratio_spread(3.0, 0.2, 1.0, 0.1)
    assert (round(3 - 1.959964 * se, 2), round(3 + 1.959964 * se, 2)) == (2.29, 3.71)
    unbounded = fieller(3.0, 0.2, 0.3, 0.2)
    assert unbounded is not None
    assert unbounded.unbounded
    assert unbounded.low is None


def test_the_fieller_interval_holds_exactly_the_ratios_that_a_z_test_accepts() -> None:
    a, sa, b, sb = 5.0, 0.7, 2.0, 0.3
    interval = fieller(a, sa, b, sb)
    for end in (interval.low, interval.high):
        z = abs(a - end * b) / math.sqrt(sa**2 + (end * sb) ** 2)
        assert z == pytest.approx(1.959963985, rel=1e-8)


def test_a_standard_error_counts_resolution_volumes_not_voxels() -> None:
    assert standard_error(2.0, 3.41 * 8 * 25, 2.0) == pytest.approx(2.0 / 5)
    assert standard_error(2.0, 0.1, 2.0) == 2.0
    assert standard_error(2.0, 100.0, None) is None


@settings(max_examples=25, deadline=None)
@given(scale=st.floats(1e-6, 1e6), seed=st.integers(0, 50))
def test_ratios_do_not_change_with_the_scale_of_the_image(scale: float, seed: int) -> None:
    from types import SimpleNamespace

    from atsm_viewer.domain.administration import Administration
    from atsm_viewer.domain.geometry import Geometry
    from atsm_viewer.domain.mask import Mask
    from atsm_viewer.domain.roi import Roi
    from atsm_viewer.domain.scan import Scan, Slot
    from atsm_viewer.domain.state import SessionState
    from atsm_viewer.domain.subject import Subject
    from atsm_viewer.domain.volume import Modality, Volume

    def ratios(image: np.ndarray) -> SimpleNamespace:
        geometry = Geometry.axis_aligned(image.shape, (1.0, 1.0, 1.0))
        pet = Volume(geometry, image[None], "", Modality.PET)
        rois = []
        for n, (role, where) in enumerate([(Role.TUMOUR, T), (Role.MUSCLE, M)]):
            dense = np.zeros(image.shape, bool)
            dense[where] = True
            rois.append(Roi(f"r{n}", "", role, "c", "s", mask=Mask.from_dense(dense)))
        scan = Scan("c", "", geometry, pet, None, (Slot("s", "a"),))
        state = SessionState((Subject("s", "s"),), (Administration("a", "s"),), (scan,), tuple(rois))
        return SimpleNamespace(row=evaluate(state, app_version="").tm.rows[0])

    image = _image(seed)
    one, other = ratios(image).row, ratios(image * scale).row
    for name in RATIOS[:-2]:
        assert other[name] == pytest.approx(one[name], rel=1e-9), name
        assert one[name] > 0


def test_ratios_do_not_depend_on_weight_dose_or_whether_suv_is_known(build, overrides) -> None:
    from atsm_viewer.domain.sourced import Provenance, Sourced
    from atsm_viewer.domain.suv.overrides import SuvOverrides

    rois = [(Role.TUMOUR, T), (Role.MUSCLE, M), (Role.BLOOD, B), (Role.BRAIN, BRAIN)]
    image = _image()
    heavier = overrides(weight_kg=Sourced(0.3, Provenance.TYPED))
    rows = [
        evaluate(build(image, rois, overrides=o), app_version="").tm.rows[0]
        for o in (overrides(), heavier, SuvOverrides())
    ]
    for name in RATIOS:
        assert rows[0][name] == rows[1][name] == rows[2][name] is not None, name
    assert rows[1]["muscle_suv_mean"] == pytest.approx(15 * rows[0]["muscle_suv_mean"])
    assert rows[2]["muscle_suv_mean"] is None
    assert rows[2]["tlr70_g"] is None
    assert rows[2]["rtv70_mm3"] == rows[0]["rtv70_mm3"]
    assert image[T].mean() / image[B].mean() == pytest.approx(rows[0]["tb_mean"], rel=1e-6)
    assert image[T].max() / image[BRAIN].mean() == pytest.approx(rows[0]["tbrain_max"], rel=1e-6)


@pytest.mark.parametrize("pooling", ["voxels", "rois"])
def test_three_muscle_rois_pool_as_the_protocol_says_and_give_the_error_between_them(
    build, suv_factor, pooling
) -> None:
    image = _image().astype(np.float32)
    places = [np.s_[2:3, 1:3, 1:3], np.s_[4:6, 10:13, 4:7], np.s_[9:12, 9:12, 8:11]]
    state = build(
        image,
        [(Role.TUMOUR, T), *((Role.MUSCLE, p) for p in places)],
        protocol=Protocol(muscle_pooling=pooling),
    )
    row = evaluate(state, app_version="").tm.rows[0]
    voxels = np.concatenate([image[p].ravel() for p in places]).astype(float)
    means = [image[p].astype(float).mean() for p in places]
    muscle = voxels.mean() if pooling == "voxels" else np.mean(means)
    assert row["muscle_suv_mean"] == pytest.approx(muscle * suv_factor, rel=1e-12)
    assert row["muscle_suv_sd"] == pytest.approx(voxels.std(ddof=1) * suv_factor, rel=1e-12)
    assert row["muscle_between_roi_sd"] == pytest.approx(np.std(means, ddof=1) * suv_factor, rel=1e-12)
    se = np.std(means, ddof=1) / math.sqrt(3)
    assert row["muscle_snr"] == pytest.approx(muscle / se, rel=1e-12)
    assert row["tm_mean"] == pytest.approx(image[T].astype(float).mean() / muscle, rel=1e-12)
    assert row["tm_max_se_muscle"] == pytest.approx(image[T].max() / muscle * se / muscle, rel=1e-6)
    assert row["tm_mean_se"] is None  # without the resolution nobody knows the error of the tumour mean
    assert (row["muscle_n_rois"], row["muscle_n_voxels"]) == (3, voxels.size)
    assert row["muscle_roi_ids"] == "r1;r2;r3"
    assert row["muscle_roi_names"] == "muscle 1;muscle 2;muscle 3"


def test_a_voxel_in_two_muscle_rois_counts_once(build) -> None:
    image = _image().astype(np.float32)
    one, two = np.s_[4:6, 10:13, 4:7], np.s_[5:7, 10:13, 4:7]
    row = evaluate(
        build(image, [(Role.TUMOUR, T), (Role.MUSCLE, one), (Role.MUSCLE, two)]), app_version=""
    ).tm.rows[0]
    assert row["muscle_n_voxels"] == 27
    assert row["tm_mean"] == pytest.approx(
        image[T].astype(float).mean() / image[M].astype(float).mean(), rel=1e-12
    )
    assert "muscle_overlap" in row["status"]


def test_precision_follows_the_resolution(build) -> None:
    image = _image().astype(np.float32)
    state = build(image, [(Role.TUMOUR, T), (Role.MUSCLE, M)], protocol=Protocol(fwhm_mm=1.0))
    row = evaluate(state, app_version="").tm.rows[0]
    n_eff = 27 * 2.0 / 3.41
    t, m = image[T].astype(float), image[M].astype(float)
    se_t, se_m = t.std(ddof=1) / math.sqrt(n_eff), m.std(ddof=1) / math.sqrt(n_eff)
    ratio = t.mean() / m.mean()
    assert row["tm_mean_se"] == pytest.approx(
        ratio * math.sqrt((se_t / t.mean()) ** 2 + (se_m / m.mean()) ** 2), rel=1e-9
    )
    interval = fieller(t.mean(), se_t, m.mean(), se_m)
    assert (row["tm_ci_low"], row["tm_ci_high"]) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert row["tm_ci_unbounded"] == 0


def test_hypoxic_burden_is_zero_and_not_empty_when_no_voxel_is_above_the_threshold(build) -> None:
    state = build(_image(), [(Role.TUMOUR, T), (Role.MUSCLE, M)])
    row = evaluate(state, app_version="", hv_theta=1e6).tm.rows[0]
    assert (row["hv_mm3"], row["hf"], row["hb_g"]) == (0.0, 0.0, 0.0)
    assert evaluate(state, app_version="").tm.rows[0]["hv_mm3"] is None

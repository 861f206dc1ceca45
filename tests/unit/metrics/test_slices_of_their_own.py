"""Series whose factor differs between slices (DecayCorrection NONE over several beds)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.of_scan import assess_scan
from atsm_viewer.metrics.evaluate import evaluate
from atsm_viewer.metrics.live import begin_stroke, provisional_numbers

T, M = np.s_[3:9, 2:6, 2:6], np.s_[3:9, 8:11, 2:6]


@pytest.fixture
def two_beds(build, overrides):
    """Slices 0-5 were counted one half-life before slices 6-11; instances are listed from the last slice."""
    image = np.random.default_rng(2).gamma(20.0, 50.0, (12, 12, 8)).astype(np.float32)
    early, late = (
        InstanceFacts(
            units="BQML",
            decay_correction="NONE",
            series_date="20240506",
            series_time="100000",
            acquisition_date="20240506",
            acquisition_time=clock,
            actual_frame_duration_ms=60000.0,
            frame_reference_time_ms=30000.0,
        )
        for clock in ("100000", "110000")
    )
    facts = PetFacts.from_instances([late] * 6 + [early] * 6)
    tk = (tuple(range(11, -1, -1)),)
    entered = overrides(decay_rule=Sourced("NONE", Provenance.TYPED), reference_time=None,
                        administration_time=Sourced(datetime(2024, 5, 6, 9), Provenance.TYPED))  # fmt: skip
    return build(image, [(Role.TUMOUR, T), (Role.MUSCLE, M)], facts=facts, tk=tk, overrides=entered), image


def _suv(state, image):
    suv = assess_scan(state.scans[0], state.administrations[0])
    assert isinstance(suv.factor_bw, tuple)
    early, late = suv.factor_bw[11], suv.factor_bw[0]
    assert late == pytest.approx(2 * early)  # one half-life later the same reading means twice the uptake
    return image.astype(float) * np.where(np.arange(12) < 6, early, late)[:, None, None]


def test_each_slice_takes_the_factor_of_its_own_instance(two_beds) -> None:
    state, image = two_beds
    suv = _suv(state, image)
    results = evaluate(state, app_version="")
    row, tm = results.rois.rows[0], results.tm.rows[0]
    assert row["suv_mean"] == pytest.approx(suv[T].mean(), rel=1e-9)
    assert row["suv_max"] == pytest.approx(suv[T].max(), rel=1e-9)
    assert row["suv_sd"] == pytest.approx(suv[T].std(ddof=1), rel=1e-9)
    assert tm["tm_mean"] == pytest.approx(suv[T].mean() / suv[M].mean(), rel=1e-9)
    assert tm["muscle_suv_mean"] == pytest.approx(suv[M].mean(), rel=1e-9)
    assert row["pid_ml_max"] == pytest.approx(suv[T].max() * 5.0, rel=1e-9)
    assert row["conc_mean_kbq_ml"] == pytest.approx(image[T].astype(float).mean() / 1000, rel=1e-9)
    k = int(np.unravel_index(np.argmax(np.where(_dense(suv, T), suv, 0)), suv.shape)[0])
    assert row["max_z_mm"] == 100.0 + 2.0 * k


def test_the_peak_weighs_slices_by_their_factors(two_beds) -> None:
    state, image = two_beds
    suv = _suv(state, image)
    row = evaluate(state, app_version="").rois.rows[0]
    best = 0.0
    for centre in np.argwhere(_dense(suv, T)):
        apart = (np.indices(suv.shape) - centre[:, None, None, None]) * np.array([2.0, 1, 1])[
            :, None, None, None
        ]
        best = max(best, suv[np.sqrt((apart**2).sum(axis=0)) <= 6.203504909].mean())
    assert row["suv_peak_1ml"] == pytest.approx(best, rel=1e-9)


def test_without_the_instance_of_each_slice_there_is_no_suv(two_beds) -> None:
    state, _ = two_beds
    state = replace(state, scans=(replace(state.scans[0], pet_instance_tk=()),))
    row = evaluate(state, app_version="").rois.rows[0]
    assert row["suv_mean"] is None
    assert "suv_unavailable" in row["status"]


def test_a_stroke_follows_the_factors_of_the_slices(two_beds) -> None:
    state, _ = two_beds
    exact = evaluate(state, app_version="")
    fresh = provisional_numbers(state, "r0", 0, begin_stroke(state, "r0"))
    assert fresh.rois["r0"]["suv_mean"] == pytest.approx(exact.rois.rows[0]["suv_mean"], rel=1e-12)
    assert fresh.tm["r0"]["tm_mean"] == pytest.approx(exact.tm.rows[0]["tm_mean"], rel=1e-12)


def _dense(like, where):
    dense = np.zeros(like.shape, bool)
    dense[where] = True
    return dense

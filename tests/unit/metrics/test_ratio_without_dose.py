"""T/M of a series that is not corrected for decay does not ask for dose, weight or injection time."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.metrics.evaluate import evaluate
from atsm_viewer.metrics.live import begin_stroke, provisional_numbers

T, M, BOTH = np.s_[5:7, 1:3, 1:3], np.s_[1:3, 1:3, 1:3], np.s_[2:6, 3:5, 3:5]
HALF_LIFE_S = 580.2
TK = (tuple(range(8)),)


def header(clock: str | None, **changes):
    values = {
        "units": "BQML",
        "decay_correction": "NONE",
        "corrected_image": ("ATTN", "NORM"),
        "series_date": "20240315",
        "series_time": "101000",
        "acquisition_date": "20240315",
        "acquisition_time": clock,
        "actual_frame_duration_ms": 60000.0,
    }
    return InstanceFacts(**(values | changes))


def entered(**values):
    return SuvOverrides(
        is_animal=Sourced(True, Provenance.TYPED),
        **{name: Sourced(value, Provenance.TYPED) for name, value in values.items() if value is not None},
    )


def full(**changes):
    values = {
        "half_life_s": HALF_LIFE_S,
        "weight_kg": 0.02,
        "injected_activity_bq": 1e7,
        "administration_time": datetime(2024, 3, 15, 10),
    }
    return entered(**(values | changes))


def beds(build, overrides, early="101000", late="102000", tk=TK, rois=None, late_changes=None, **changes):
    image = np.full((8, 6, 6), 10.0, np.float32)
    image[4:] = 20.0
    facts = PetFacts.from_instances(
        [header(early, **changes)] * 4 + [header(late, **(changes | (late_changes or {})))] * 4
    )
    rois = rois or [(Role.TUMOUR, T), (Role.MUSCLE, M)]
    return build(image, rois, facts=facts, overrides=overrides, tk=tk)


def tm(state):
    return evaluate(state, app_version="").tm.rows[0]


def same(value, expected) -> bool:
    if value is None or expected is None:
        return value is expected
    return value == pytest.approx(expected, rel=1e-12)


RATIOS = (
    "tm_mean",
    "tm_max",
    "tm_peak",
    "tm_ge50pct",
    "tm_top10pct",
    "tm_mean_sd",
    "muscle_snr",
    "rtv50_mm3",
)


@pytest.mark.parametrize("missing", ["injected_activity_bq", "weight_kg", "administration_time"])
def test_ratios_do_not_change_when_the_dose_card_is_incomplete(build, missing) -> None:
    rois = [(Role.TUMOUR, BOTH), (Role.MUSCLE, M)]
    known = tm(beds(build, full(), rois=rois))
    without = tm(beds(build, full(**{missing: None}), rois=rois))
    assert without["muscle_suv_mean"] is None
    assert known["muscle_suv_mean"] is not None
    for column in RATIOS:
        assert without[column] == known[column], column
    assert without["tm_mean"] is not None


def test_the_decay_between_two_beds_is_undone_without_any_dose(build) -> None:
    row = tm(beds(build, entered(half_life_s=HALF_LIFE_S)))
    assert row["tm_mean"] == pytest.approx(2.0 * 2.0 ** (600.0 / HALF_LIFE_S), rel=1e-12)
    assert "decay_unknown" not in row["status"]


def test_longer_frames_are_taken_at_their_mean_activity(build) -> None:
    state = beds(
        build, entered(half_life_s=HALF_LIFE_S), late="101000", late_changes={"actual_frame_duration_ms": 6e5}
    )

    def mean_decay(seconds: float) -> float:  # the plain average of the decay over the frame
        steps = (np.arange(200_000) + 0.5) * seconds / 200_000
        return float(np.mean(0.5 ** (steps / HALF_LIFE_S)))

    assert tm(state)["tm_mean"] == pytest.approx(2.0 * mean_decay(60.0) / mean_decay(600.0), rel=1e-8)


def test_values_of_unknown_unit_decay_between_beds_all_the_same(build) -> None:
    row = tm(beds(build, entered(half_life_s=HALF_LIFE_S), units="CNTS"))
    assert row["tm_mean"] == pytest.approx(2.0 * 2.0 ** (600.0 / HALF_LIFE_S), rel=1e-12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    apart_min=st.integers(0, 45),
    half_life_s=st.floats(90.0, 1e5),
    dose_bq=st.floats(1e4, 1e10),
    weight_kg=st.floats(0.01, 150.0),
)
def test_no_dose_or_weight_whatever_changes_a_ratio(
    build, apart_min, half_life_s, dose_bq, weight_kg
) -> None:
    late = f"10{10 + apart_min:02d}00"
    bare = tm(beds(build, entered(half_life_s=half_life_s), late=late))
    given_all = full(half_life_s=half_life_s, injected_activity_bq=dose_bq, weight_kg=weight_kg)
    assert tm(beds(build, given_all, late=late))["tm_mean"] == bare["tm_mean"]
    assert bare["tm_mean"] == pytest.approx(2.0 * 2.0 ** (60.0 * apart_min / half_life_s), rel=1e-9)


@pytest.mark.parametrize("overrides", [full(), entered(half_life_s=HALF_LIFE_S), entered()])
@pytest.mark.parametrize("painted", ["r0", "r1"])
def test_a_stroke_shows_the_same_ratio_as_the_evaluation(build, overrides, painted) -> None:
    state = beds(build, overrides)
    exact = evaluate(state, app_version="")
    fresh = provisional_numbers(state, painted, 0, begin_stroke(state, painted))
    for column, value in fresh.tm["r0"].items():
        assert same(value, exact.tm.rows[0][column]), column
    row = next(r for r in exact.rois.rows if r["roi_id"] == painted)
    assert same(fresh.rois[painted]["suv_mean"], row["suv_mean"])


@pytest.mark.parametrize(
    ("overrides", "changes"),
    [
        (entered(), {}),
        (full(), {"actual_frame_duration_ms": None}),
        (full(), {"early": None, "late": None}),
        (full(), {"tk": ()}),
    ],
    ids=["no half-life", "no frame duration", "no acquisition time", "unknown which slice is which"],
)
def test_ratios_stay_empty_when_the_decay_between_slices_is_unknown(build, overrides, changes) -> None:
    row = tm(beds(build, overrides, **changes))
    for column in RATIOS:
        assert row[column] is None, column
    codes = row["status"].split(";")
    assert "decay_unknown" in codes
    assert "no_muscle" not in codes


@pytest.mark.parametrize("tk", [TK, ()])
@pytest.mark.parametrize("duration", [60000.0, None])
def test_slices_counted_at_one_time_need_no_half_life(build, tk, duration) -> None:
    row = tm(beds(build, entered(), late="101000", tk=tk, actual_frame_duration_ms=duration))
    assert row["tm_mean"] == 2.0
    assert "decay_unknown" not in row["status"]
    assert row["muscle_value_mean"] == 10.0


def test_each_frame_of_a_dynamic_series_counts_its_slices_at_one_time(build) -> None:
    image = np.full((2, 4, 6, 6), 10.0, np.float32)
    image[:, 2:] = 30.0
    facts = PetFacts.from_instances([header("101000")] * 4 + [header("102000")] * 4)
    rois = [(Role.TUMOUR, np.s_[2:4, 1:3, 1:3]), (Role.MUSCLE, np.s_[0:2, 1:3, 1:3])]
    state = build(image, rois, facts=facts, overrides=entered(), tk=((0, 1, 2, 3), (4, 5, 6, 7)))
    rows = evaluate(state, app_version="").tm.rows
    assert [r["tm_mean"] for r in rows] == [3.0, 3.0]

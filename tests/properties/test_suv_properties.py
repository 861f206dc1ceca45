"""Laws that hold for every header."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atsm_viewer.domain.decay import decayed, mean_activity_time
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.assessment import SuvAssessment, assess
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides

SCAN = datetime(2024, 3, 15, 12, 0)
half_lives = st.floats(75.0, 4e5)
doses = st.floats(1e5, 1e10)
weights = st.floats(0.015, 0.6)


def mouse(dose: float, half_life: float, weight: float, uptake_s: int, **changes: object) -> SuvAssessment:
    injection = SCAN - timedelta(seconds=uptake_s)
    values = {
        "Units": "BQML",
        "CorrectedImage": ["ATTN", "DECY"],
        "DecayCorrection": "START",
        "Manufacturer": "Mediso",
        "PatientWeight": weight,
        "SeriesDate": "20240315",
        "SeriesTime": "120000",
        "AcquisitionDate": "20240315",
        "AcquisitionTime": "120000",
        "RadiopharmaceuticalInformation": {
            "RadionuclideTotalDose": dose,
            "RadionuclideHalfLife": half_life,
            "RadiopharmaceuticalStartDateTime": injection.strftime("%Y%m%d%H%M%S"),
        },
        **changes,
    }
    return assess(PetFacts.from_instances([InstanceFacts.from_mapping(values)]))


@given(doses, half_lives, weights, st.floats(0.0, 7.0))
def test_the_factor_is_inverse_in_the_dose(
    dose: float, half_life: float, weight: float, lives: float
) -> None:
    uptake = int(min(lives * half_life, 80000))
    once, twice = mouse(dose, half_life, weight, uptake), mouse(2 * dose, half_life, weight, uptake)
    assert once.factor_bw == pytest.approx(2 * twice.factor_bw)


@given(doses, half_lives, weights, st.floats(0.0, 7.0), st.floats(1.0, 1e6))
def test_suv_is_linear_in_the_activity(
    dose: float, half_life: float, weight: float, lives: float, scale: float
) -> None:
    uptake = int(min(lives * half_life, 80000))
    result = mouse(dose, half_life, weight, uptake)
    calibrated = SuvOverrides(calibration_factor=Sourced(scale, Provenance.TYPED))
    values = PetFacts.from_instances(
        [
            InstanceFacts.from_mapping(
                {
                    "Units": "CNTS",
                    "CorrectedImage": ["ATTN", "DECY"],
                    "DecayCorrection": "ADMIN",
                    "Manufacturer": "Mediso",
                    "PatientWeight": weight,
                    "RadiopharmaceuticalInformation": {"RadionuclideTotalDose": dose},
                }
            )
        ]
    )
    assert assess(values, calibrated).factor_bw == pytest.approx(scale * 1000 * weight / dose)
    assert result.decayed_dose_bq is not None
    assert result.factor_bw == pytest.approx(1000 * weight / result.decayed_dose_bq)


@given(doses, half_lives, weights, st.floats(0.0, 7.0))
def test_suv_equals_percent_of_injected_activity_times_weight(
    dose: float, half_life: float, weight: float, lives: float
) -> None:
    result = mouse(dose, half_life, weight, int(min(lives * half_life, 80000)))
    assert result.pct_id_per_ml is not None
    assert result.factor_bw == pytest.approx(result.pct_id_per_ml * 1000 * weight / 100)


@given(st.floats(1.0, 1e12), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(1000.0, 1e6))
def test_decay_in_two_steps_is_decay_in_one(
    activity: float, first: float, second: float, half_life: float
) -> None:
    in_two = decayed(decayed(activity, first, half_life), second, half_life)
    assert in_two == pytest.approx(decayed(activity, first + second, half_life), rel=1e-9)


@given(st.floats(1.0, 1e5), half_lives)
def test_the_moment_of_mean_activity_lies_before_the_middle(duration: float, half_life: float) -> None:
    moment = mean_activity_time(duration, half_life)
    assert 0 < moment <= duration / 2 * (1 + 1e-9)


@given(doses, half_lives, weights, st.integers(0, 500))
def test_very_short_frames_make_uncorrected_images_equal_to_corrected_ones(
    dose: float, half_life: float, weight: float, uptake: int
) -> None:
    start = mouse(dose, half_life, weight, uptake)
    listed = {"CorrectedImage": ["ATTN"], "DecayCorrection": "NONE", "ActualFrameDuration": 0.001}
    none = mouse(dose, half_life, weight, uptake, **listed)
    assert none.factor_bw == pytest.approx(start.factor_bw, rel=1e-7)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "Units",
                "SeriesTime",
                "AcquisitionTime",
                "DecayCorrection",
                "PatientWeight",
                "FrameReferenceTime",
                "DecayFactor",
                "ActualFrameDuration",
                "TimezoneOffsetFromUTC",
                "SUVType",
                "Manufacturer",
            ]
        ),
        st.one_of(
            st.none(),
            st.floats(allow_nan=True),
            st.text(alphabet="0123456789.:+-ABCDMN ", max_size=12),
            st.sampled_from(
                ["GML", "CNTS", "CPS", "NONE", "ADMIN", "1200", "235959.9", "+1400", "Philips", "GE"]
            ),
        ),
    )
)
def test_no_header_makes_the_assessment_raise(damage: dict[str, object]) -> None:
    result = mouse(7.4e6, 45722.16, 0.0223, 1200, **damage)
    assert result.available == (result.error is None)
    assert result.available == (result.factor_bw is not None)

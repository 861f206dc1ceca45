import math

import numpy as np
import pytest

from atsm_viewer.domain.decay import decay_constant, decayed, mean_activity_time


@pytest.mark.parametrize(
    ("half_life_s", "frame_s", "expected"),
    [
        (6586.2, 120, 59.936855),
        (6586.2, 600, 298.421417),
        (45722.16, 1200, 599.090404),
        (580.2, 60, 29.820807),
        (580.2, 300, 145.524776),
        (580.2, 600, 282.156068),
        (1422.0, 600, 292.693526),
        (122.24, 60, 29.150262),
        (75.45, 360, 134.259898),
    ],
)
def test_the_moment_of_mean_activity_matches_the_tabulated_values(
    half_life_s: float, frame_s: float, expected: float
) -> None:
    assert mean_activity_time(frame_s, half_life_s) == pytest.approx(expected, abs=6e-7)


def test_activity_at_that_moment_equals_the_numerical_mean_of_the_frame() -> None:
    moments = (np.arange(200_000) + 0.5) / 200_000 * 600.0
    mean = float(np.mean(0.5 ** (moments / 580.2)))
    assert 0.5 ** (mean_activity_time(600.0, 580.2) / 580.2) == pytest.approx(mean, rel=1e-10)


def test_the_series_for_very_long_half_lives_joins_the_closed_form() -> None:
    half_life = 23410080.0
    frame = 1e-6 * half_life / math.log(2.0)
    below, above = mean_activity_time(frame * 0.999, half_life), mean_activity_time(frame * 1.001, half_life)
    assert above / below == pytest.approx(1.001 / 0.999, rel=1e-6)
    assert below == pytest.approx(frame * 0.999 / 2.0, rel=1e-6)


def test_decay_halves_in_one_half_life_and_doubles_backwards() -> None:
    assert decayed(8.0, 10.0, 10.0) == 4.0
    assert decayed(8.0, -10.0, 10.0) == 16.0
    assert decay_constant(10.0) == pytest.approx(math.log(2) / 10)


def test_decay_back_beyond_all_numbers_is_infinite_and_does_not_raise() -> None:
    assert decayed(1.0, -1e9, 1.0) == math.inf

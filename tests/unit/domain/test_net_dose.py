from datetime import datetime

import pytest

from atsm_viewer.domain.net_dose import Measured, net_injected_activity

INJECTION = datetime(2024, 3, 15, 10, 0)


@pytest.mark.parametrize(
    ("half_life_s", "before", "minute_before", "after", "minute_after", "expected"),
    [
        (45722.16, 8.10e6, 50, 0.42e6, 4, 7605125.642981707),
        (580.2, 800e6, 58, 60e6, 3, 618758722.2545729),
    ],
)
def test_syringe_minus_residual_gives_the_published_net_activity(
    half_life_s: float, before: float, minute_before: int, after: float, minute_after: int, expected: float
) -> None:
    assay = Measured(before, datetime(2024, 3, 15, 9, minute_before))
    residual = Measured(after, datetime(2024, 3, 15, 10, minute_after))
    assert net_injected_activity(assay, INJECTION, half_life_s, residual) == pytest.approx(
        expected, rel=1e-12
    )


def test_the_tail_is_subtracted_like_the_residual() -> None:
    net = net_injected_activity(Measured(10.0), INJECTION, 600.0, Measured(1.0), Measured(2.0))
    assert net == pytest.approx(7.0)


def test_one_half_life_before_and_after_is_exact_by_hand() -> None:
    assay = Measured(16.0, datetime(2024, 3, 15, 9, 50))
    tail = Measured(1.0, datetime(2024, 3, 15, 10, 10))
    assert net_injected_activity(assay, INJECTION, 600.0, extravasated=tail) == pytest.approx(8.0 - 2.0)

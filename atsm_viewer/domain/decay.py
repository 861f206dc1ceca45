"""Radioactive decay in closed form."""

from __future__ import annotations

import math

LN2 = math.log(2.0)


def decay_constant(half_life_s: float) -> float:
    """Return lambda = ln 2 / T½ in 1/s."""
    return LN2 / half_life_s


def decayed(activity_bq: float, elapsed_s: float, half_life_s: float) -> float:
    """Return the activity after ``elapsed_s``; a negative time goes back and the activity grows.

    A(t) = A·2^(-t/T½). Times so far back that the activity exceeds every number give infinity.
    """
    try:
        return float(activity_bq * 2.0 ** (-elapsed_s / half_life_s))
    except OverflowError:
        return math.inf if activity_bq > 0 else activity_bq


def mean_activity_time(duration_s: float, half_life_s: float) -> float:
    """Return the moment of a frame at which the activity equals the mean of the frame, in s.

    T_ave = (1/lambda)·ln(lambda·T / (1 - exp(-lambda·T))), measured from the start of the frame
    (DICOM PS3.3 C.8.9.4.1.5). It lies before mid-frame. The series T/2 - lambda·T²/24 replaces it
    where the logarithm would lose digits.
    """
    x = decay_constant(half_life_s) * duration_s
    if x < 1e-6:
        return duration_s / 2.0 - x * duration_s / 24.0
    return math.log(x / -math.expm1(-x)) / decay_constant(half_life_s)

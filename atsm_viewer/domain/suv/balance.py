"""Whether the activity in the image fits the injected activity."""

from __future__ import annotations

import math
from dataclasses import dataclass

from atsm_viewer.domain.suv import thresholds

EXPLANATIONS: tuple[tuple[float, str], ...] = (
    (1e3, "a factor 1000: kBq taken for Bq, or g for kg"),
    (1e-3, "a factor 1000: Bq taken for kBq, or kg for g"),
    (1e6, "a factor 1 000 000: MBq taken for Bq"),
    (1e-6, "a factor 1 000 000: Bq taken for MBq"),
    (37.0, "a factor 37: nCi taken for Bq, or mCi for MBq"),
    (1.0 / 37.0, "a factor 37: Bq taken for nCi, or MBq for mCi"),
    (3.7e4, "a factor 37 000: µCi taken for Bq"),
    (1.0 / 3.7e4, "a factor 37 000: Bq taken for µCi"),
    (3.7e7, "a factor 37 000 000: mCi taken for Bq"),
    (1.0 / 3.7e7, "a factor 37 000 000: Bq taken for mCi"),
    (0.1749 / 0.9673, "a missing positron fraction of 64Cu (0.18)"),
    (0.9673 / 0.1749, "a positron fraction of 64Cu applied twice (5.5)"),
)
"""Usual slips as data; powers of two are tried as slips of whole half-lives or of a day."""


@dataclass(frozen=True, slots=True)
class ActivityBalance:
    """The balance of one image.

    Parameters
    ----------
    ratio
        Activity in the field of view divided by the decayed injected activity (or the mean SUV of
        the body for images that hold SUV).
    expected
        Usual range.
    is_suspect
        Whether a notice is due.
    explanation
        The nearest usual slip, empty when nothing is suspect.
    """

    ratio: float
    expected: tuple[float, float]
    is_suspect: bool
    explanation: str


def activity_balance(
    activity_bq: float, decayed_dose_bq: float, is_animal: bool, half_life_s: float | None = None
) -> ActivityBalance:
    """Return R = sum(A·V)/D(t_ref) with the nearest explanation where R is out of bounds.

    Parameters
    ----------
    activity_bq
        Sum over the field of view of concentration times voxel volume, at the reference time.
    decayed_dose_bq
        Injected activity at the same time.
    is_animal
        Animals lie whole in the field of view.
    half_life_s
        For slips of a whole day.
    """
    expected = thresholds.BALANCE_ANIMAL if is_animal else thresholds.BALANCE_HUMAN
    ratio = activity_bq / decayed_dose_bq
    suspect = not thresholds.BALANCE_LOW <= ratio <= thresholds.BALANCE_HIGH
    words = _nearest(ratio, expected, half_life_s) if suspect else ""
    return ActivityBalance(ratio, expected, suspect, words)


def body_suv_balance(mean_suv: float) -> ActivityBalance:
    """Return the balance of an image that holds SUV: its mean over the body should be about 1."""
    low, high = thresholds.BODY_SUV
    suspect = not low <= mean_suv <= high
    words = _nearest(mean_suv, thresholds.BODY_SUV, None) if suspect else ""
    return ActivityBalance(mean_suv, thresholds.BODY_SUV, suspect, words)


def _nearest(ratio: float, expected: tuple[float, float], half_life_s: float | None) -> str:
    """Return the slip that brings the ratio nearest to the middle of the usual range."""
    if ratio <= 0:
        return "the image holds no positive activity"
    middle = math.sqrt(expected[0] * expected[1])
    slips = list(EXPLANATIONS)
    slips += [(2.0**n, f"a factor 2^{n}: a time slip of {abs(n)} half-lives") for n in (-3, -2, 2, 3)]
    if half_life_s is not None and half_life_s > 86400.0 / 10.0:
        day = 2.0 ** (86400.0 / half_life_s)
        slips += [
            (day, f"a factor {day:.2g}: a lost day"),
            (1.0 / day, f"a factor {1 / day:.2g}: a lost day"),
        ]
    return min(slips, key=lambda slip: abs(math.log(ratio / slip[0] / middle)))[1]

"""How far a ratio may be off: spread, standard errors and an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

RESOLUTION_VOLUME = 3.41
"""(pi / (2 ln 2))^1.5: volume of correlated noise of a Gaussian PSF in units of FWHM³."""

CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2.0)


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval.

    Parameters
    ----------
    low, high
        Its ends; both None when it is unbounded.
    unbounded
        Whether the denominator is too uncertain for a finite interval.
    """

    low: float | None
    high: float | None
    unbounded: bool


def standard_error(sd: float | None, volume_mm3: float, fwhm_mm: float | None) -> float | None:
    """SE of a mean of correlated voxels: s / sqrt(N_eff), N_eff = max(1, V/(3.41·FWHM³)).

    None when the SD or the resolution is unknown: s/sqrt(n) would be several times too small.
    """
    if sd is None or fwhm_mm is None or fwhm_mm <= 0:
        return None
    return sd / math.sqrt(max(1.0, volume_mm3 / (RESOLUTION_VOLUME * fwhm_mm**3)))


def ratio_spread(a: float, spread_a: float | None, b: float, spread_b: float | None) -> float | None:
    """Spread of a/b for independent a and b, first order: R·sqrt((s_a/a)² + (s_b/b)²).

    Written as sqrt(s_a² + R²·s_b²)/|b|, which also holds for a = 0. None when one is unknown.
    """
    if spread_a is None or spread_b is None or b == 0:
        return None
    return math.hypot(spread_a, a / b * spread_b) / abs(b)


def fieller(a: float, se_a: float | None, b: float, se_b: float | None) -> Interval | None:
    """95 % interval of a/b for independent, normally distributed a and b (Fieller 1954).

    With g = (z·SE_b/b)²: [R ± (z/b)·sqrt(SE_a²·(1-g) + R²·SE_b²)] / (1-g); unbounded for g ≥ 1.
    None when a standard error is unknown.
    """
    if se_a is None or se_b is None or b == 0:
        return None
    g = (_Z * se_b / b) ** 2
    if g >= 1.0:
        return Interval(None, None, True)
    ratio = a / b
    half = _Z / abs(b) * math.sqrt(se_a**2 * (1.0 - g) + (ratio * se_b) ** 2)
    return Interval((ratio - half) / (1.0 - g), (ratio + half) / (1.0 - g), False)

"""The independent derivations of the decay reference time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from atsm_viewer.domain.decay import decay_constant, mean_activity_time
from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.timeline import FrameTime, Timeline


@dataclass(frozen=True, slots=True)
class Candidate:
    """One derivation of the reference time.

    Parameters
    ----------
    name
        ``E`` explicit, ``S`` series time, ``A`` earliest acquisition, ``B`` counted back from the
        frames, ``D`` from the decay factors, ``P`` from the Philips factors.
    time
        The reference time it gives.
    change_pct
        What it would change in the SUV compared with the chosen one, in per cent; None if unknown.
    """

    name: str
    time: datetime
    change_pct: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Every derivation that the header allows.

    Parameters
    ----------
    explicit, series, earliest, back, decay, philips
        Candidates E, S, A, B, D, P; None where the header does not allow one.
    explicit_name
        The element behind E.
    back_spread_s
        Largest minus smallest counted-back time in s.
    all_zero
        Whether every FrameReferenceTime is zero.
    """

    explicit: datetime | None
    explicit_name: str
    series: datetime | None
    earliest: datetime | None
    back: datetime | None
    back_spread_s: float
    all_zero: bool
    decay: datetime | None
    philips: datetime | None = None

    def named(self) -> tuple[tuple[str, datetime], ...]:
        """Return the existing candidates with their letters."""
        every = zip(
            "ESABDP",
            (self.explicit, self.series, self.earliest, self.back, self.decay, self.philips),
            strict=True,
        )
        return tuple((letter, time) for letter, time in every if time is not None)


def gather_evidence(
    timeline: Timeline, half_life_s: float | None, is_ge: bool, philips: datetime | None
) -> Evidence:
    """Derive every candidate over all instances.

    b_i = t_acq - FRT where FRT is a start offset (GE) or zero, else t_acq + T_ave - FRT;
    d_i = t_acq + T_ave - ln(DecayFactor)/lambda for decay factors above 1. B and D are medians over
    the instances; but when every FRT is zero B is the earliest start, for a zero proves nothing and
    a later bed is corrected to the start of the first.
    """
    references = [f.reference_s for f in timeline.frames]
    all_zero = bool(references) and all(value == 0 for value in references)
    back = [_back(f, half_life_s, is_ge) for f in timeline.frames]
    origin = timeline.earliest
    back_time, spread = None, 0.0
    offsets = _offsets(timeline, back, origin)
    if origin is not None and offsets.size:
        middle = float(offsets.min()) if all_zero else float(np.median(offsets))
        back_time, spread = _after(origin, middle), float(np.ptp(offsets))
    decay_offsets = _offsets(timeline, [_from_factor(f, half_life_s) for f in timeline.frames], origin)
    decay = None
    if origin is not None and decay_offsets.size:
        decay = _after(origin, float(np.median(decay_offsets)))
    return Evidence(
        explicit=timeline.explicit[0] if timeline.explicit else None,
        explicit_name=timeline.explicit[1] if timeline.explicit else "",
        series=timeline.series,
        earliest=origin,
        back=back_time,
        back_spread_s=spread,
        all_zero=all_zero,
        decay=decay,
        philips=philips,
    )


def agree(first: datetime, second: datetime, half_life_s: float) -> bool:
    """Return whether two reference times give the same SUV within half a per cent."""
    limit = max(thresholds.AGREE_FLOOR_S, half_life_s * math.log2(1.0 + thresholds.AGREE_SUV))
    return abs((first - second).total_seconds()) <= limit


def suv_change_pct(other: datetime, chosen: datetime, half_life_s: float) -> float:
    """Return what another reference time would change in the SUV, in per cent."""
    halvings = (other - chosen).total_seconds() / half_life_s
    return 100.0 * (math.pow(2.0, min(halvings, 1000.0)) - 1.0)


def _after(origin: datetime, seconds: float) -> datetime | None:
    """Return a moment, or None when a damaged header puts it outside the calendar."""
    try:
        return origin + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _offsets(
    timeline: Timeline, shifts: list[float | None], origin: datetime | None
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return per instance the start of counting plus its shift, in s after ``origin``."""
    values: list[float] = []
    for frame, shift in zip(timeline.frames, shifts, strict=True):
        if origin is not None and frame.acquired is not None and shift is not None:
            values.extend([(frame.acquired - origin).total_seconds() + shift] * frame.count)
    return np.asarray(values, dtype=np.float64)


def _back(frame: FrameTime, half_life_s: float | None, is_ge: bool) -> float | None:
    if frame.reference_s is None:
        return None
    if is_ge or frame.reference_s == 0:
        return -frame.reference_s
    average = _average(frame, half_life_s)
    return None if average is None else average - frame.reference_s


def _from_factor(frame: FrameTime, half_life_s: float | None) -> float | None:
    average = _average(frame, half_life_s)
    if frame.decay_factor is None or frame.decay_factor <= 1.0 or average is None or half_life_s is None:
        return None
    return average - math.log(frame.decay_factor) / decay_constant(half_life_s)


def _average(frame: FrameTime, half_life_s: float | None) -> float | None:
    if half_life_s is None or frame.duration_s is None or frame.duration_s <= 0:
        return None
    return mean_activity_time(frame.duration_s, half_life_s)

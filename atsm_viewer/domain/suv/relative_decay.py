"""How much the values of instances decayed against each other: without dose, weight or injection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from atsm_viewer.domain.decay import decayed, mean_activity_time
from atsm_viewer.domain.suv.timeline import Timeline


def frame_moments(timeline: Timeline, half_life_s: float) -> Sequence[tuple[datetime, float]] | None:
    """Return per header a moment and the s after it at which the values hold; None if one is unknown."""
    moments: list[tuple[datetime, float]] = []
    for frame in timeline.frames:
        if frame.occurred is not None:
            moments.append((frame.occurred, 0.0))
        elif frame.acquired is not None and frame.duration_s is not None and frame.duration_s > 0:
            moments.append((frame.acquired, mean_activity_time(frame.duration_s, half_life_s)))
        else:
            return None
    return moments


def relative_factors(
    timeline: Timeline, half_life_s: float | None, unit_factors: tuple[float, ...]
) -> tuple[float, ...] | None:
    """Return per header what makes values without decay correction comparable; None if unknown.

    f_i = u_i·2^((t_i + T_ave,i - t_first)/T½) with the unit factor u_i, the start of counting t_i
    and T_ave of DICOM PS3.3 C.8.9.4.1.5. Only ratios between them mean something.
    """
    if half_life_s is None or half_life_s <= 0:
        return None
    moments = frame_moments(timeline, half_life_s)
    if moments is None:
        return None
    first = min(moment for moment, _average in moments)
    return tuple(
        decayed(unit, -((moment - first).total_seconds() + average), half_life_s)
        for unit, (moment, average) in zip(unit_factors, moments, strict=True)
    )


def counted_together(
    timeline: Timeline, unit_factors: tuple[float, ...], index: tuple[int, ...]
) -> tuple[int, ...]:
    """Return a group number per instance: within a group the decay is the same, whatever the half-life.

    Parameters
    ----------
    timeline, unit_factors
        One entry per header.
    index
        For each instance its header.
    """
    groups: dict[object, int] = {}
    numbers: list[int] = []
    for instance, i in enumerate(index):
        frame = timeline.frames[i]
        key: object = (frame.occurred or frame.acquired, frame.duration_s, unit_factors[i])
        if frame.occurred is None and frame.acquired is None:
            key = instance  # an unknown time is not the same as another unknown time
        numbers.append(groups.setdefault(key, len(groups)))
    return tuple(numbers)

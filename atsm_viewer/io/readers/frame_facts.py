"""From the header of a research format to the facts that the SUV rules read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.sourced import Provenance
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.volume import FrameTime

_LONGEST_S = 1e8


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """One frame as its header tells it.

    Parameters
    ----------
    time
        Start and duration in s, from the start of the scan.
    decay_factor
        Factor by which decay was corrected; None when not stated or not applied.
    """

    time: FrameTime
    decay_factor: float | None = None


def checked_frame(
    path: Path, start_s: float | None, duration_s: float | None, decay_factor: float | None = None
) -> FrameHeader:
    """Return a frame; a missing start or duration counts as 0.

    Raises
    ------
    AtsmError
        When a time is longer than three years or a duration negative.
    """
    start, duration = start_s or 0.0, duration_s or 0.0
    if not abs(start) <= _LONGEST_S or not 0.0 <= duration <= _LONGEST_S:
        raise AtsmError(
            f"“{path.name}” states a frame from {start:g} s over {duration:g} s, which is not usable."
        )
    return FrameHeader(FrameTime(start, duration), decay_factor)


def plausible(moment: datetime) -> datetime | None:
    """Return a moment of the age of PET, or None: damaged dates must not reach the arithmetic."""
    return moment if 1970 < moment.year < 2200 else None


def facts_of_frames(
    common: Mapping[str, Any],
    scan_start: datetime | None,
    frames: Sequence[FrameHeader],
    provenance: Provenance,
    origin: str,
) -> PetFacts:
    """Return facts with one instance per frame.

    Parameters
    ----------
    common
        What is the same for all frames, keyed by DICOM keywords (see ``InstanceFacts.from_mapping``).
    scan_start
        When the first frame starts; None when unknown.
    frames
        In order.
    provenance, origin
        Where the facts were read: header or sidecar, and its file name.
    """
    instances = []
    for frame in frames:
        values = dict(common)
        if scan_start is not None:
            acquired = scan_start + timedelta(seconds=frame.time.start_s)
            values |= {"SeriesDate": date_text(scan_start), "SeriesTime": time_text(scan_start)}
            values |= {"AcquisitionDate": date_text(acquired), "AcquisitionTime": time_text(acquired)}
        if frame.time.duration_s > 0:
            values["ActualFrameDuration"] = frame.time.duration_s * 1000.0
        if frame.decay_factor is not None and frame.decay_factor > 0:
            values["DecayFactor"] = frame.decay_factor
        instances.append(InstanceFacts.from_mapping(values))
    return replace(PetFacts.from_instances(instances), provenance=provenance, origin=origin)


def instances_by_slice(n_frames: int, n_slices: int) -> tuple[tuple[int, ...], ...]:
    """Return for each frame and slice the number of its instance: that of its frame."""
    return tuple((t,) * n_slices for t in range(n_frames))


def from_first_frame(frames: Sequence[FrameHeader]) -> tuple[FrameTime, ...]:
    """Return frame times counted from the start of the first frame, as volumes keep them."""
    first = frames[0].time.start_s if frames else 0.0
    return tuple(FrameTime(f.time.start_s - first, f.time.duration_s) for f in frames)


def date_text(moment: datetime) -> str:
    """Return a DICOM date."""
    return moment.strftime("%Y%m%d")


def time_text(moment: datetime) -> str:
    """Return a DICOM time."""
    return moment.strftime("%H%M%S.%f")


def datetime_text(moment: datetime) -> str:
    """Return a DICOM date-time."""
    return date_text(moment) + time_text(moment)

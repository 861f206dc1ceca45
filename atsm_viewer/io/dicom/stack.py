"""Slice order, frames and geometry of a stack of planes, from their positions alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import FloatArray, Geometry
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.volume import FrameTime
from atsm_viewer.io.conventions import geometry_from_dicom, slice_normal
from atsm_viewer.io.dicom.spacing import even_step

# Two planes nearer than this along the normal lie at one position (rounding of decimal strings).
SAME_POSITION_MM = 0.01


@dataclass(frozen=True, slots=True)
class Plane:
    """One plane of an image: a single-frame file, or a frame of a multi-frame file.

    Parameters
    ----------
    name
        What to call it in messages.
    position_lps
        Image Position (Patient), LPS mm.
    orientation
        Image Orientation (Patient).
    pixel_spacing
        Between rows, between columns, mm.
    thickness_mm
        Slice Thickness; None when unknown. Used only where there is a single plane.
    acquired_s
        Acquisition date and time in seconds since an arbitrary fixed day; None when unknown.
    reference_ms
        Frame Reference Time; None when unknown.
    other_order
        Further numbers that tell frames apart: trigger time, temporal position, acquisition number.
    duration_ms
        Actual Frame Duration; None when unknown.
    image_index
        Image Index (0054,1330); None when unknown.
    """

    name: str
    position_lps: tuple[float, float, float]
    orientation: tuple[float, ...]
    pixel_spacing: tuple[float, float]
    thickness_mm: float | None = None
    acquired_s: float | None = None
    reference_ms: float | None = None
    other_order: tuple[float, ...] = ()
    duration_ms: float | None = None
    image_index: int | None = None


@dataclass(frozen=True, slots=True)
class StackPlan:
    """How planes make a volume.

    Parameters
    ----------
    order_tk
        For each frame t and slice k the number of the plane.
    geometry
        Grid, LPS mm.
    frames
        One time per frame.
    notices
        What is doubtful.
    """

    order_tk: tuple[tuple[int, ...], ...]
    geometry: Geometry
    frames: tuple[FrameTime, ...]
    notices: tuple[Notice, ...]


def plan_stack(
    planes: Sequence[Plane],
    rows_columns: tuple[int, int],
    frame_uid: str,
    identical: Callable[[int, int], bool],
    n_slices_stated: int | None = None,
) -> StackPlan:
    """Work out order, frames and geometry.

    Planes are sorted by the projection of their position on the normal, never by number or name.
    Several planes at every position are frames (dynamic or gated), in order of acquisition time.

    Parameters
    ----------
    planes
        All planes of one stack.
    rows_columns
        Size of a plane.
    frame_uid
        Frame of Reference UID.
    identical
        Whether two planes (by number) hold the same pixels; asked only for duplicates.
    n_slices_stated
        Number of Slices (0054,0081), to check the order of frames against Image Index.

    Raises
    ------
    AtsmError
        When a slice is missing, slices are unevenly spaced or shifted, or planes cannot be told apart.
    """
    orientation = _orientation(planes)
    spacing = _pixel_spacing(planes)
    positions = np.array([plane.position_lps for plane in planes], dtype=np.float64)
    if not np.isfinite(positions).all():
        raise AtsmError(f"“{planes[0].name}”: a slice position is not a number.")
    along = positions @ slice_normal(orientation)
    groups = _positions(along)
    notices: list[Notice] = []
    frames_k = _frames(groups, planes, identical, notices)
    order = np.array(frames_k)  # [k, t]
    centres = positions[order].mean(axis=1)
    origin, step, step_notices = even_step(
        centres, slice_normal(orientation), min(spacing), _thickness(planes)
    )
    notices.extend(step_notices)
    geometry = geometry_from_dicom(
        (len(groups), *rows_columns), origin, orientation, spacing, step, frame_uid
    )
    order_tk = tuple(tuple(int(n) for n in column) for column in order.T)
    if len(order_tk) > 1:
        notices.extend(_check_image_index(order_tk, planes, n_slices_stated))
    return StackPlan(order_tk, geometry, _frame_times(order_tk, planes, notices), tuple(notices))


def _orientation(planes: Sequence[Plane]) -> FloatArray:
    values = np.array([plane.orientation for plane in planes], dtype=np.float64)
    mean = np.asarray(values.mean(axis=0), dtype=np.float64)
    lengths = np.linalg.norm(mean.reshape(2, 3), axis=1)
    if not np.isfinite(mean).all() or np.abs(lengths - 1).max() > 0.01 or abs(mean[:3] @ mean[3:]) > 0.01:
        raise AtsmError(
            f"“{planes[0].name}”: the orientation {planes[0].orientation} does not hold two perpendicular "
            "unit vectors."
        )
    # Make the column direction exactly perpendicular, so that rounding does not shear the grid.
    row = mean[:3] / lengths[0]
    column = mean[3:] - (mean[3:] @ row) * row
    return np.concatenate([row, column / np.linalg.norm(column)])


def _pixel_spacing(planes: Sequence[Plane]) -> tuple[float, float]:
    values = np.array([plane.pixel_spacing for plane in planes], dtype=np.float64)
    first = values[0]
    if not np.isfinite(values).all() or values.min() < 1e-3 or values.max() > 100.0:
        raise AtsmError(
            f"“{planes[0].name}” states a pixel spacing of {first.tolist()} mm, which is not usable."
        )
    if np.abs(values / first - 1).max() > 1e-4:
        raise AtsmError(f"The pixel spacing differs between the slices of “{planes[0].name}” and others.")
    return (float(first[0]), float(first[1]))


def _thickness(planes: Sequence[Plane]) -> float | None:
    return next((plane.thickness_mm for plane in planes if plane.thickness_mm), None)


def _positions(along: FloatArray) -> list[list[int]]:
    """Group planes by position along the normal, ascending."""
    order = np.argsort(along, kind="stable")
    breaks = np.flatnonzero(np.diff(along[order]) > SAME_POSITION_MM) + 1
    return [[int(n) for n in part] for part in np.split(order, breaks)]


def _frames(
    groups: list[list[int]],
    planes: Sequence[Plane],
    identical: Callable[[int, int], bool],
    notices: list[Notice],
) -> list[list[int]]:
    """Order the planes of each position in time; drop copies; every position keeps equally many."""
    dropped = 0
    kept: list[list[int]] = []
    for group in groups:
        group = sorted(group, key=lambda n: _order_key(planes[n]))
        alone: list[int] = []
        for n in group:
            if alone and _order_key(planes[alone[-1]]) == _order_key(planes[n]):
                if not identical(alone[-1], n):
                    raise AtsmError(
                        f"“{planes[alone[-1]].name}” and “{planes[n].name}” lie at the same position and "
                        "time but hold different pixels.",
                        "Remove the one that does not belong to the series.",
                    )
                dropped += 1
            else:
                alone.append(n)
        kept.append(alone)
    most = max(len(group) for group in kept)
    if min(len(group) for group in kept) != most:
        single = [_without_copies(group, identical) for group in kept]
        if all(len(group) == 1 for group in single):
            dropped += sum(len(group) - 1 for group in kept)
            kept = single
        else:
            counts = sorted({len(group) for group in kept})
            raise AtsmError(
                f"The series of “{planes[0].name}” has {counts[0]} to {counts[-1]} images per slice "
                "position: a frame is incomplete, or images of another series are mixed in.",
                "Copy the series again, completely.",
            )
    if dropped:
        notices.append(
            Notice(
                "duplicate_slices",
                Severity.WARNING,
                f"{dropped} image(s) were copies of others and left out.",
            )
        )
    return kept


def _without_copies(group: list[int], identical: Callable[[int, int], bool]) -> list[int]:
    return group[:1] if all(identical(group[0], n) for n in group[1:]) else group


def _order_key(plane: Plane) -> tuple[float, ...]:
    return (plane.acquired_s or 0.0, plane.reference_ms or 0.0, *plane.other_order)


def _check_image_index(
    order_tk: tuple[tuple[int, ...], ...], planes: Sequence[Plane], n_slices: int | None
) -> list[Notice]:
    """Compare the order in time with frame = (ImageIndex - 1) div NumberOfSlices (PS3.3 C.8.9.4.1.9)."""
    if not n_slices or n_slices != len(order_tk[0]) or any(plane.image_index is None for plane in planes):
        return []
    for t, frame in enumerate(order_tk):
        if any(((planes[n].image_index or 1) - 1) // n_slices != t for n in frame):
            return [
                Notice(
                    "frame_order",
                    Severity.WARNING,
                    "Image Index (0054,1330) names another order of frames than the acquisition times; "
                    "the times were followed.",
                    "Check the time-activity curve.",
                )
            ]
    return []


def _frame_times(
    order_tk: tuple[tuple[int, ...], ...], planes: Sequence[Plane], notices: list[Notice]
) -> tuple[FrameTime, ...]:
    durations = []
    for frame in order_tk:
        known = [planes[n].duration_ms for n in frame if planes[n].duration_ms]
        durations.append(float(np.median([d for d in known if d is not None])) / 1000.0 if known else 0.0)
    if len(order_tk) == 1:
        return (FrameTime(0.0, durations[0]),)
    starts: list[float] = []
    for frame in order_tk:
        acquired = [planes[n].acquired_s for n in frame]
        starts.append(min(s for s in acquired if s is not None) if None not in acquired else float("nan"))
    if np.isnan(starts).any() or starts[-1] - starts[0] <= 0:
        references = [[planes[n].reference_ms for n in frame] for frame in order_tk]
        if all(None not in frame for frame in references) and references[-1] != references[0]:
            starts = [min(r for r in frame if r is not None) / 1000.0 for frame in references]
            notices.append(
                Notice(
                    "frame_times",
                    Severity.WARNING,
                    "Acquisition times do not tell the frames apart; Frame Reference Time was used "
                    "for the time axis.",
                )
            )
        else:
            starts = [0.0] * len(order_tk)
            notices.append(
                Notice(
                    "frame_times",
                    Severity.WARNING,
                    "The frames carry no times (gated, or times were removed).",
                )
            )
    return tuple(
        FrameTime(start - starts[0], length) for start, length in zip(starts, durations, strict=True)
    )

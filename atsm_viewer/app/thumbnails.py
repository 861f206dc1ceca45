"""What can be seen of a series at a glance: a small picture, and whether SUV can be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.app.jobs import CancelToken
from atsm_viewer.domain.suv.assessment import assess
from atsm_viewer.io.catalogue import SeriesEntry
from atsm_viewer.io.series_preview import preview_series

SIZE = 64
# Shares of the values that become black and white: a single hot voxel must not turn the rest black.
_DARK, _BRIGHT = 0.01, 0.995


@dataclass(frozen=True)
class Glance:
    """One series at a glance.

    Parameters
    ----------
    picture_ji
        Grey values [j, i], at most 64 x 64; None where there is no picture.
    suv
        A few words: whether SUV is available.
    why
        The reason in one sentence; empty when there is nothing to say.
    """

    picture_ji: npt.NDArray[np.uint8] | None = None
    suv: str = ""
    why: str = ""


def glance_at(entry: SeriesEntry, cancel: CancelToken | None = None) -> Glance:
    """Read one slice and the headers of a series.

    Raises
    ------
    AtsmError
        When they cannot be read.
    """
    token = cancel or CancelToken()
    preview = preview_series(entry, lambda: token.is_cancelled)
    picture = None
    if preview.plane_ji is not None and preview.plane_ji.size:
        picture = thumbnail(preview.plane_ji, preview.pixel_mm, inverted=entry.modality == "PT")
    if preview.facts is None:
        return Glance(picture)
    assessment = assess(preview.facts)
    if assessment.available:
        return Glance(picture, "available", f"SUV can be computed ({assessment.path}).")
    return Glance(picture, "needs entries", assessment.reason)


def thumbnail(
    plane_ji: npt.NDArray[Any], pixel_mm: tuple[float, float], *, inverted: bool = False, size: int = SIZE
) -> npt.NDArray[np.uint8]:
    """Return a slice as a small grey picture of true proportions.

    Parameters
    ----------
    plane_ji
        Values [j, i].
    pixel_mm
        Spacing along j and i.
    inverted
        Whether large values are dark, as is customary for PET.
    size
        Length of the longer side in picture points.
    """
    extent = np.array(plane_ji.shape) * np.array(pixel_mm, dtype=np.float64)
    rows, columns = (max(1, round(float(e) / float(extent.max()) * size)) for e in extent)
    j = ((np.arange(rows) + 0.5) * plane_ji.shape[0] / rows).astype(np.intp)
    i = ((np.arange(columns) + 0.5) * plane_ji.shape[1] / columns).astype(np.intp)
    small = np.nan_to_num(plane_ji[np.ix_(j, i)].astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = np.quantile(small, (_DARK, _BRIGHT))
    if high <= low:
        low, high = float(small.min()), float(small.max())
    share = np.clip((small - low) / (high - low), 0.0, 1.0) if high > low else np.zeros_like(small)
    return np.asarray(np.rint(255.0 * (1.0 - share if inverted else share)), dtype=np.uint8)

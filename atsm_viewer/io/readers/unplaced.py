"""Images whose format says nothing that can be relied on about where the subject lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.notices import Notice, Severity


def centred_geometry(
    shape_kji: tuple[int, int, int],
    spacing_kji_mm: tuple[float, float, float],
    signs_kji: tuple[int, int, int] = (1, 1, 1),
) -> Geometry:
    """Return a grid with its middle at LPS 0.

    Parameters
    ----------
    shape_kji, spacing_kji_mm
        Size and voxel spacing.
    signs_kji
        Whether indices k, j, i grow towards superior, posterior and left (1) or away (-1).
    """
    steps = np.zeros((3, 3))
    for axis, (spacing, sign) in enumerate(zip(spacing_kji_mm, signs_kji, strict=True)):
        steps[axis, 2 - axis] = spacing * sign
    middle = (np.array(shape_kji) - 1) / 2.0 @ steps
    return Geometry.from_affine(shape_kji, -middle, steps)


def unplaced_notice(path: Path) -> Notice:
    """Return the warning that position is unknown and sides are not certain."""
    return Notice(
        "sides_unverified",
        Severity.WARNING,
        f"“{path.name}” carries no position, and which side is left is not certain: "
        "the image was centred at 0 in the order of the file.",
        "Check left and right, and the alignment of PET and CT, before naming ROIs by side.",
    )

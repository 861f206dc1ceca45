"""Judge whether slices are evenly spaced, and say in words where they are not."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import FloatArray
from atsm_viewer.domain.notices import Notice, Severity

# A step that jitters by hundredths of a millimetre is normal on real scanners (0.08 of 3.27 mm was
# seen); these limits let that pass and nothing that would move a voxel.
JITTER_SHARE = 0.025
JITTER_MM = 0.1
JITTER_MM_SHARE = 0.05
GAP_SHARE = 1.5
DRIFT_SHARE = 0.25
IN_PLANE_SHARE = 0.25
TILT_COSINE = 0.9999


def even_step(
    centres_lps: FloatArray, normal: FloatArray, pixel_mm: float, thickness_mm: float | None
) -> tuple[FloatArray, FloatArray, list[Notice]]:
    """Return origin and mean step of a stack, LPS mm, with what is doubtful.

    Parameters
    ----------
    centres_lps
        Array [slice, 3] of positions of the first pixel of each slice, ascending along the normal.
    normal
        Unit normal of the slices.
    pixel_mm
        Smaller pixel spacing, for judging shifts within the plane.
    thickness_mm
        Slice Thickness, used only where there is a single slice.

    Raises
    ------
    AtsmError
        When a slice is missing, the spacing changes, or slices are shifted against each other.
    """
    n = len(centres_lps)
    if n == 1:
        return _single(centres_lps[0], normal, thickness_mm)
    along = centres_lps @ normal
    steps = np.diff(along)
    median = float(np.median(steps))
    _refuse_gaps(steps, median, centres_lps)
    tolerance = max(JITTER_SHARE * median, min(JITTER_MM, JITTER_MM_SHARE * median))
    worst = int(np.argmax(np.abs(steps - median)))
    deviation = float(abs(steps[worst] - median))
    if deviation > tolerance:
        raise AtsmError(
            f"The slices are unevenly spaced: {steps[worst]:.3f} mm between two of them, "
            f"{median:.3f} mm elsewhere.",
            "Such a stack cannot be measured as a volume; reconstruct it with an even spacing.",
        )
    step = (centres_lps[-1] - centres_lps[0]) / (n - 1)
    off = centres_lps - (centres_lps[0] + np.arange(n)[:, None] * step)
    drift = float(np.abs(off @ normal).max())
    in_plane = float(np.linalg.norm(off - np.outer(off @ normal, normal), axis=1).max())
    if drift > DRIFT_SHARE * median:
        raise AtsmError(f"The slice spacing drifts: a slice lies {drift:.2f} mm from an even grid.")
    if in_plane > IN_PLANE_SHARE * pixel_mm:
        raise AtsmError(
            f"Slices are shifted against each other within their plane by up to {in_plane:.2f} mm."
        )
    return centres_lps[0], step, _notices(step, normal, median, max(deviation, drift, in_plane))


def _single(
    centre: FloatArray, normal: FloatArray, thickness_mm: float | None
) -> tuple[FloatArray, FloatArray, list[Notice]]:
    if thickness_mm is None or not 1e-3 <= thickness_mm <= 100.0:
        raise AtsmError(
            "The series holds a single slice without a thickness, so its voxels have no volume.",
            "Open the whole series.",
        )
    notice = Notice(
        "single_slice",
        Severity.WARNING,
        f"The series holds one slice only; Slice Thickness ({thickness_mm:g} mm) was taken as its height.",
        "Open the whole series if there are more slices.",
    )
    return centre, normal * thickness_mm, [notice]


def _refuse_gaps(steps: FloatArray, median: float, centres_lps: FloatArray) -> None:
    gaps = np.flatnonzero(steps > GAP_SHARE * median)
    if not gaps.size:
        return
    first = int(gaps[0])
    missing = int(np.round(steps[gaps] / median - 1).sum())
    raise AtsmError(
        f"At least {max(1, missing)} slice(s) are missing: between z = {centres_lps[first][2]:.2f} mm and "
        f"z = {centres_lps[first + 1][2]:.2f} mm the step is {steps[first]:.2f} mm "
        f"instead of {median:.2f} mm.",
        "Copy the series again, completely; slices are never made up.",
    )


def _notices(step: FloatArray, normal: FloatArray, median: float, deviation: float) -> list[Notice]:
    notices = []
    if deviation > max(1e-3 * median, 0.002):
        notices.append(
            Notice(
                "slice_jitter",
                Severity.INFO,
                f"Slice positions deviate from an even spacing by up to {deviation:.3f} mm "
                f"({median:.3f} mm per slice); the mean step was used.",
            )
        )
    cosine = float(abs(step @ normal) / np.linalg.norm(step))
    if cosine < TILT_COSINE:
        angle = float(np.degrees(np.arccos(min(1.0, cosine))))
        notices.append(
            Notice(
                "tilted_stack",
                Severity.WARNING,
                f"The stack is sheared by {angle:.1f}° (tilted gantry); the voxels were kept as they are, "
                "on a sheared grid.",
                "Positions and volumes are right; nothing was resampled.",
            )
        )
    return notices

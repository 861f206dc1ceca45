"""Letters, scale bar and ticks that lie over a picture: numbers and words only, no drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.plane import Plane
from atsm_viewer.render.window import Window

_LETTERS = (("L", "R"), ("P", "A"), ("H", "F"))
_SECOND_LETTER_FROM = 0.25
"""A direction gets a further letter when it runs along that axis by more than this cosine (76°)."""


@dataclass(frozen=True, slots=True)
class EdgeLetters:
    """Which side of the patient lies beyond each edge of a view."""

    left: str
    right: str
    top: str
    bottom: str


def direction_letters(direction_lps: npt.ArrayLike) -> str:
    """Letters of a direction (LPS): L R, P A, H F; the strongest first, more than one when oblique."""
    direction = np.asarray(direction_lps, dtype=np.float64)
    direction = direction / np.linalg.norm(direction)
    order = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    named = [axis for axis in order if axis == order[0] or abs(direction[axis]) > _SECOND_LETTER_FROM]
    return "".join(_LETTERS[axis][0 if direction[axis] > 0 else 1] for axis in named)


def orientation_letters(plane: Plane) -> EdgeLetters:
    """Letters for the four edges of a view of a plane."""
    u, v = np.asarray(plane.u_lps), np.asarray(plane.v_lps)
    return EdgeLetters(
        direction_letters(-u), direction_letters(u), direction_letters(-v), direction_letters(v)
    )


def _round_numbers(near: float) -> list[float]:
    """1, 2 and 5 times the power of ten below a number, and the next power, ascending."""
    power = 10.0 ** math.floor(math.log10(near))
    return [f * power for f in (1.0, 2.0, 5.0, 10.0)]


def _decimals(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9))


def _text(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "−")


def scale_bar(mm_per_pixel: float, max_px: float) -> tuple[float, float, str]:
    """Longest bar of a round length that fits.

    Parameters
    ----------
    mm_per_pixel
        Scale of the view.
    max_px
        Room for the bar, pixels.

    Returns
    -------
    tuple
        Length in mm, length in pixels, and its text ("5 mm", "10 cm").

    Raises
    ------
    AtsmError
        When the scale or the room is not positive.
    """
    if not (mm_per_pixel > 0 and max_px > 0):
        raise AtsmError(f"No scale bar fits into {max_px} pixels at {mm_per_pixel} mm per pixel.")
    room_mm = mm_per_pixel * max_px
    # The tiny allowance keeps the noise of binary fractions from dropping to the length below.
    length = max(mm for mm in _round_numbers(room_mm) if mm <= room_mm * (1 + 1e-9))
    if length >= 10.0:
        text = f"{_text(length / 10.0, 0)} cm"
    else:
        text = f"{_text(length, _decimals(length))} mm"
    return length, length / mm_per_pixel, text


def colour_bar_ticks(window: Window, n: int) -> list[tuple[float, str]]:
    """Round values inside a window for the ticks of its colour bar.

    Parameters
    ----------
    window
        In the unit shown beside the bar.
    n
        Ticks wanted; at most one more than that come.

    Returns
    -------
    list
        Value and its text, ascending.
    """
    if n < 1:
        raise AtsmError(f"A colour bar cannot have {n} ticks.")
    wanted = window.width / n
    step = min(s for s in _round_numbers(wanted) if s >= wanted * (1 - 1e-9))
    decimals = _decimals(step)
    first = math.ceil(window.lo / step - 1e-6)
    last = math.floor(window.hi / step + 1e-6)
    values = [round(i * step, decimals + 1) + 0.0 for i in range(first, last + 1)]
    return [(value, _text(value, decimals)) for value in values]

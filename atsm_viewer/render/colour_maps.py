"""Colours for values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError

ByteArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]

RAMP_END = 0.2
"""Fraction of the window over which PET fades in over CT: background does not veil the anatomy."""


def _ramp() -> FloatArray:
    return np.clip(np.linspace(0.0, 1.0, 256) / RAMP_END, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class ColourMap:
    """256 colours from the low to the high end of a window.

    Parameters
    ----------
    id, title
        Stable name, and the name shown.
    rgb
        Array [256, 3] of uint8, sRGB; made read-only.
    opacity
        Array [256], 0 to 1: share of the colour when drawn over CT; made read-only.
    """

    id: str
    title: str
    rgb: ByteArray
    opacity: FloatArray = field(default_factory=_ramp)

    def __post_init__(self) -> None:
        if self.rgb.shape != (256, 3) or self.rgb.dtype != np.uint8 or self.opacity.shape != (256,):
            raise AtsmError(f"The colour map {self.id} must have 256 colours.")
        self.rgb.flags.writeable = False
        self.opacity.flags.writeable = False


def _to_bytes(rgb: FloatArray) -> ByteArray:
    return np.round(np.clip(rgb, 0.0, 1.0) * 255.0).astype(np.uint8)


def _between(points: Sequence[tuple[float, ...]]) -> FloatArray:
    """Interpolate control points (position, channel, …) to an array [256, channels]."""
    table = np.array(points)
    x = np.linspace(0.0, 1.0, 256)
    return np.stack([np.interp(x, table[:, 0], table[:, c]) for c in range(1, table.shape[1])], axis=1)


def _from_oklch(points: Sequence[tuple[float, ...]]) -> ByteArray:
    """Colours from control points (position, lightness, chroma, hue in degrees) in OKLCH.

    Equal steps of OKLab lightness look equal (B. Ottosson, "A perceptual color space for image
    processing", 2020; matrices from there).
    """
    light, chroma, hue = _between(points).T
    a, b = chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))
    cube_root = np.stack(
        [
            light + 0.3963377774 * a + 0.2158037573 * b,
            light - 0.1055613458 * a - 0.0638541728 * b,
            light - 0.0894841775 * a - 1.2914855480 * b,
        ]
    )
    to_linear_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip((to_linear_rgb @ cube_root**3).T, 0.0, 1.0)
    return _to_bytes(np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))


def _hot() -> ByteArray:
    x = np.linspace(0.0, 3.0, 256)
    return _to_bytes(np.stack([x, x - 1.0, x - 2.0], axis=1))


def _grey() -> ByteArray:
    return np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


def _spectrum() -> ByteArray:
    return _to_bytes(
        _between(
            [
                (0.00, 0.0, 0.0, 0.0),
                (0.15, 0.3, 0.0, 0.6),
                (0.30, 0.0, 0.2, 1.0),
                (0.45, 0.0, 0.8, 0.8),
                (0.60, 0.0, 0.8, 0.1),
                (0.75, 1.0, 0.9, 0.0),
                (0.90, 1.0, 0.2, 0.0),
                (1.00, 1.0, 1.0, 1.0),
            ]
        )
    )


_EMBER = (
    (0.0, 0.00, 0.00, 290.0),
    (0.08, 0.20, 0.06, 290.0),
    (0.2, 0.31, 0.13, 305.0),
    (0.45, 0.51, 0.18, 360.0),
    (0.7, 0.71, 0.17, 408.0),
    (0.9, 0.89, 0.15, 450.0),
    (1.0, 0.98, 0.06, 465.0),
)
_LAGOON = (
    (0.0, 0.26, 0.12, 315.0),
    (0.3, 0.43, 0.10, 265.0),
    (0.45, 0.535, 0.085, 215.0),
    (0.6, 0.64, 0.11, 175.0),
    (0.8, 0.78, 0.17, 135.0),
    (1.0, 0.92, 0.18, 105.0),
)

COLOUR_MAPS: dict[str, ColourMap] = {
    m.id: m
    for m in (
        ColourMap("hot", "Hot", _hot()),
        ColourMap("inferno", "Inferno-like", _from_oklch(_EMBER)),
        ColourMap("viridis", "Viridis-like", _from_oklch(_LAGOON)),
        ColourMap("grey", "Grey", _grey()),
        ColourMap("grey_inverted", "Inverted grey", np.ascontiguousarray(_grey()[::-1])),
        ColourMap("pet", "PET rainbow", _spectrum()),
    )
}
"""All colour maps by id; the first is the usual one for PET over CT."""

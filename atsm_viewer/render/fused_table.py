"""The colour of every pair of PET and CT level."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atsm_viewer.render.colour_maps import ColourMap

BACKGROUND_RGB = (16, 18, 20)
"""Drawn where there is no image."""

BACKGROUND = np.uint32(0xFF000000 | BACKGROUND_RGB[0] << 16 | BACKGROUND_RGB[1] << 8 | BACKGROUND_RGB[2])


def entry_of_level(level: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Entry 0 to 255 of a colour map for level 1 to 255 (level 0 means no image)."""
    return np.asarray(np.maximum(np.asarray(level) - 1, 0) * 255 // 254, dtype=np.intp)


def fused_table(colour_map: ColourMap | None, opacity: float, over_ct: bool) -> npt.NDArray[np.uint32]:
    """Build the table [pet * 256 + ct] of 0xffRRGGBB.

    Parameters
    ----------
    colour_map
        Colours of the PET; None when there is none.
    opacity
        0 to 1, on top of the map's own ramp.
    over_ct
        Whether a CT lies below; without one the PET is opaque.
    """
    entry = entry_of_level(np.arange(256))
    below = np.repeat(entry[:, None].astype(np.float64), 3, axis=1)
    below[0] = BACKGROUND_RGB
    colour = np.zeros((256, 3))
    share = np.zeros(256)
    if colour_map is not None:
        colour = colour_map.rgb[entry].astype(np.float64)
        share = colour_map.opacity[entry] * opacity if over_ct else np.ones(256)
        share[0] = 0.0
    mixed = below[None] + (colour[:, None] - below[None]) * share[:, None, None]
    rgb = np.floor(mixed + 0.5).astype(np.uint32)
    table = np.uint32(0xFF000000) | rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2]
    return np.ascontiguousarray(table.astype(np.uint32).ravel())

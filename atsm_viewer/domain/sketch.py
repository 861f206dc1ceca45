"""Lines and handles drawn over the pictures while a shape is made."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.plane import Vec3


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a gesture draws over the pictures besides the voxels.

    Parameters
    ----------
    lines_lps
        Polylines, each a run of positions, LPS mm.
    handles_lps
        Points that can be dragged, LPS mm, in the order in which the gesture counts them.
    words
        What the hand should know now, for example ``42 % of 3.1 SUV``; empty for nothing.
    """

    lines_lps: tuple[tuple[Vec3, ...], ...] = ()
    handles_lps: tuple[Vec3, ...] = ()
    words: str = ""

"""A ROI as it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch


@dataclass(frozen=True, slots=True, eq=False)
class RoiLayer:
    """The voxels of a ROI in one colour.

    Parameters
    ----------
    geometry
        Grid on which the ROI was drawn.
    mask
        Its voxels.
    colour_rgb
        Red, green, blue, 0 to 255.
    fill_opacity
        0 to 1; 0 draws no fill.
    pending
        Voxels of a stroke in progress, shown as if they were written already.
    """

    geometry: Geometry
    mask: Mask
    colour_rgb: tuple[int, int, int]
    fill_opacity: float = 0.35
    pending: Patch | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.fill_opacity <= 1.0 or not all(0 <= c <= 255 for c in self.colour_rgb):
            raise AtsmError(f"ROI colour {self.colour_rgb} at opacity {self.fill_opacity} is not possible.")

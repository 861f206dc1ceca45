"""What is drawn, and how: one value per image layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.rigid import RigidTransform
from atsm_viewer.domain.volume import Volume
from atsm_viewer.render.colour_maps import ColourMap
from atsm_viewer.render.window import Window

NO_SHIFT = RigidTransform()
"""The PET and CT of one scanner, or after a registration that found nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class CtLayer:
    """A CT in grey.

    Parameters
    ----------
    volume
        The CT; frame 0 is drawn.
    window
        In the unit of the volume, HU.
    interpolate
        Linear between voxels; False shows the voxels.
    ct_to_pet
        Takes CT positions into the space of the PET, which is the space of the view.
    """

    volume: Volume
    window: Window
    interpolate: bool = True
    ct_to_pet: RigidTransform = NO_SHIFT

    def draws_same(self, other: CtLayer | None) -> bool:
        """Whether the other layer gives the same pixels in any view."""
        return (
            other is not None
            and self.volume is other.volume
            and self.window == other.window
            and self.interpolate == other.interpolate
            and self.ct_to_pet == other.ct_to_pet
        )


@dataclass(frozen=True, slots=True, eq=False)
class PetLayer:
    """One frame of a PET in colour.

    Parameters
    ----------
    volume, frame
        The PET and the number of the frame.
    window_in_stored_units
        In the unit of the volume, after multiplication with ``k_scale``.
    colour_map
        Colours and their opacity ramp.
    opacity
        0 to 1, share of the PET over the CT, on top of the ramp. Without a CT layer there is
        nothing below and the PET is drawn opaque, whatever this says.
    interpolate
        Linear between voxels; False shows the voxels.
    k_scale
        Array [k] of factors, one per slice, for series whose SUV factor differs between slices;
        None where one factor holds for all. Pass the same array each time, for it is compared by
        identity.

    Raises
    ------
    AtsmError
        When the frame, the opacity or the number of factors does not fit.
    """

    volume: Volume
    frame: int
    window_in_stored_units: Window
    colour_map: ColourMap
    opacity: float = 1.0
    interpolate: bool = True
    k_scale: npt.NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.frame < self.volume.n_frames:
            raise AtsmError(f"The PET has {self.volume.n_frames} frames; there is no frame {self.frame}.")
        if not 0.0 <= self.opacity <= 1.0:
            raise AtsmError(f"An opacity of {self.opacity} is not between 0 and 1.")
        n_slices = self.volume.geometry.shape_kji[0]
        if self.k_scale is not None and self.k_scale.shape != (n_slices,):
            raise AtsmError(f"{self.k_scale.size} slice factors were given for {n_slices} slices.")

    def draws_same(self, other: PetLayer | None) -> bool:
        """Whether the other layer gives the same pixels in any view."""
        return (
            other is not None
            and self.volume is other.volume
            and self.frame == other.frame
            and self.window_in_stored_units == other.window_in_stored_units
            and self.colour_map is other.colour_map
            and self.opacity == other.opacity
            and self.interpolate == other.interpolate
            and self.k_scale is other.k_scale
        )

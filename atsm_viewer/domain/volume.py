"""Images with geometry and quantity."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry


class Modality(Enum):
    """What made the image."""

    PET = "PT"
    CT = "CT"
    OTHER = "OT"


@dataclass(frozen=True, slots=True)
class FrameTime:
    """When one frame was counted.

    Parameters
    ----------
    start_s
        Seconds from the start of the first frame to the start of this one.
    duration_s
        Seconds of counting; 0 when unknown.
    """

    start_s: float = 0.0
    duration_s: float = 0.0

    @property
    def mid_s(self) -> float:
        """Seconds from the start of the first frame to the middle of this one."""
        return self.start_s + self.duration_s / 2.0


@dataclass(frozen=True, eq=False)
class Volume:
    """An image: values on a grid, in a stated unit.

    Two volumes are equal only when they are the same object; the change model relies on it.

    Parameters
    ----------
    geometry
        Where the voxels lie.
    values_tkji
        Array [t, k, j, i] (t = 1 for a static image) of rescaled values in ``unit``; made
        read-only. PET is float32, CT int16 or float32. Voxels that hold no measurement are NaN.
    unit
        The stored unit, in DICOM terms where there is one: ``BQML``, ``GML``, ``HU`` …; empty
        when unknown.
    modality
        What made the image.
    frames
        One :class:`FrameTime` per t.
    """

    geometry: Geometry
    values_tkji: npt.NDArray[Any]
    unit: str
    modality: Modality
    frames: tuple[FrameTime, ...] = field(default=(FrameTime(),))

    def __post_init__(self) -> None:
        if self.values_tkji.ndim != 4 or self.values_tkji.shape[1:] != self.geometry.shape_kji:
            raise AtsmError(
                f"The image has {self.values_tkji.shape} values for a grid of {self.geometry.shape_kji}."
            )
        if len(self.frames) != self.values_tkji.shape[0]:
            raise AtsmError(f"The image has {self.values_tkji.shape[0]} frames but {len(self.frames)} times.")
        self.values_tkji.flags.writeable = False

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return int(self.values_tkji.shape[0])

    def frame_kji(self, frame: int = 0) -> npt.NDArray[Any]:
        """View [k, j, i] of one frame."""
        view: npt.NDArray[Any] = self.values_tkji[frame]
        return view

    def value_at(self, position_lps: npt.ArrayLike, frame: int = 0) -> float | None:
        """Value of the voxel whose cell holds a position (LPS mm), or None outside."""
        index = self.geometry.nearest_index(position_lps)
        return None if index is None else float(np.asarray(self.values_tkji[frame][index]))

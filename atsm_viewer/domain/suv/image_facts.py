"""What the pixels and the grid contribute to the checks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Optional facts that need the image itself.

    Parameters
    ----------
    voxel_volume_ml
        Volume of a voxel in ml.
    fov_mm
        Diameter of the field of view in mm.
    voxel_mm
        Largest in-plane voxel size in mm.
    value_sum
        Sum of the rescaled values of one frame over the field of view: one number, or one per
        instance of the frame's slices where factors differ; None when not computed.
    mean_body_value
        Mean rescaled value inside the body outline, for images that hold SUV.
    """

    voxel_volume_ml: float | None = None
    fov_mm: float | None = None
    voxel_mm: float | None = None
    value_sum: float | tuple[float, ...] | None = None
    mean_body_value: float | None = None

"""Everything that defines a number and is the same for all ROIs."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.sphere_protocol import SphereProtocol


@dataclass(frozen=True, slots=True)
class Protocol:
    """How the numbers of a session are defined.

    Parameters
    ----------
    headline
        Column shown largest: ``tm_mean`` or ``tm_max``.
    muscle_pooling
        ``voxels``: the mean over all voxels of all muscle ROIs; ``rois``: the mean of the ROI means.
    min_tumour_voxels, min_muscle_voxels
        Below these counts a row carries ``few_voxels``.
    fwhm_mm
        Resolution of the scanner; None when unknown.
    spheres
        Which muscle spheres are placed; None where the study has no such rule.
    """

    headline: str = "tm_mean"
    muscle_pooling: str = "voxels"
    min_tumour_voxels: int = 10
    min_muscle_voxels: int = 30
    fwhm_mm: float | None = None
    spheres: SphereProtocol | None = None

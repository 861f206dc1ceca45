"""How many voxels, how large, and what is odd about them."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.roi_frame import RoiFrame


def _compute(here: RoiFrame) -> Cells:
    samples = here.ratio_samples
    if samples is None:
        return {}
    filled = samples.n > 0
    return {
        "n_voxels": samples.n,
        "n_nonfinite": samples.n_nonfinite,
        "n_outside_fov": samples.n_outside,
        "n_negative": samples.n_negative,
        "n_overlap": here.opposed_mask.n_voxels,
        "n_components": samples.n_components,
        "volume_mm3": samples.volume_mm3 if filled else None,
        "equiv_diameter_mm": samples.equiv_diameter_mm if filled else None,
    }


VOXEL_COUNTS = Metric(
    name="voxel_counts",
    unit="",
    definition="Number of finite voxels whose centres lie in the ROI, and their volume.",
    columns=(
        Column("n_voxels", "Voxels", "Finite PET voxels in the ROI."),
        Column("n_nonfinite", "Non-finite voxels", "Voxels of the ROI without a finite value; left out."),
        Column("n_outside_fov", "Outside voxels", "Voxels of the ROI outside the image; left out."),
        Column("n_negative", "Negative voxels", "Voxels below 0; kept."),
        Column(
            "n_overlap",
            "Overlap voxels",
            "Voxels that a tumour shares with muscle ROIs of the scan, or vice versa.",
        ),
        Column("n_components", "Separate parts", "Parts that share no face, edge or corner."),
        Column("volume_mm3", "Volume (mm³)", "Voxels times the volume of a voxel."),
        Column("equiv_diameter_mm", "Equivalent diameter (mm)", "Diameter of the sphere of the same volume."),
    ),
    compute=_compute,
)

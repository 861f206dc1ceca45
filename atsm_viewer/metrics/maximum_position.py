"""Where the hottest voxel lies."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.roi_frame import RoiFrame


def _compute(here: RoiFrame) -> Cells:
    samples = here.ratio_samples
    if samples is None or samples.max_index_kji is None:
        return {}
    x, y, z = here.scan.pet_geometry.index_to_lps(samples.max_index_kji)
    return {
        "max_x_mm": float(x),
        "max_y_mm": float(y),
        "max_z_mm": float(z),
        "max_ties": samples.max_ties,
    }


MAXIMUM_POSITION = Metric(
    name="maximum_position",
    unit="mm",
    definition="Centre of the hottest voxel, DICOM patient coordinates (LPS).",
    columns=(
        Column("max_x_mm", "Max at x (mm)", "Position of the maximum towards the left (LPS)."),
        Column("max_y_mm", "Max at y (mm)", "Position of the maximum towards the back (LPS)."),
        Column("max_z_mm", "Max at z (mm)", "Position of the maximum towards the head (LPS)."),
        Column(
            "max_ties",
            "Equal maxima",
            "Voxels that hold the maximum; the position is the lowest index k, j, i.",
        ),
    ),
    compute=_compute,
)

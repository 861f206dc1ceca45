"""The columns of the two tables, in output order."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics import ROI_METRICS, TM_METRICS
from atsm_viewer.metrics.identity import IDENTITY_COLUMNS, STATUS_COLUMN

REFERENCE_COLUMN = Column("reference", "Reference", "The reference tissue of the tm columns.")
SIZE_COLUMNS = (
    Column("n_voxels", "Tumour voxels", "Finite PET voxels of the tumour."),
    Column("volume_mm3", "Tumour volume (mm³)", "Voxels of the tumour times the volume of a voxel."),
)

ROI_COLUMNS: tuple[Column, ...] = (
    *IDENTITY_COLUMNS,
    *(column for metric in ROI_METRICS for column in metric.columns),
    STATUS_COLUMN,
)
"""One row per ROI and frame: identity, then the families of ``ROI_METRICS``, then the status."""

TM_COLUMNS: tuple[Column, ...] = (
    *IDENTITY_COLUMNS,
    REFERENCE_COLUMN,
    *SIZE_COLUMNS,
    *(column for metric in TM_METRICS for column in metric.columns),
    STATUS_COLUMN,
)
"""One row per tumour and frame: identity, size, then the families of ``TM_METRICS``, then the status."""

"""WHAT IS MEASURED: pure functions from a session to two tables of numbers.

``evaluate.evaluate`` fills the tables, ``live`` follows a stroke in progress, ``samples`` gathers the
values under a mask once. One metric, or one close family, is one file with one ``Metric``; the
tuples below are the registry and, with ``identity``, fix the order of the columns.

Rules: PET voxels on the PET grid only, never interpolated; ratios from stored values; an empty cell
with a code in ``status`` instead of a number that nobody knows; float64 throughout.

May import: domain, numpy; scipy and scikit-image inside the function that needs them. No other room.
To add one: write a file with its ``Metric``, add it to a tuple below. The contract test runs it.
Guarded by: ``tests/unit/metrics``, ``tests/golden/test_metrics_golden.py``,
``tests/benchmarks/test_bench_statistics.py``.
"""

from __future__ import annotations

from atsm_viewer.metrics.hottest_tenth import HOTTEST_TENTH
from atsm_viewer.metrics.hypoxic_volume import HYPOXIC_VOLUME
from atsm_viewer.metrics.isocontour import ISOCONTOUR
from atsm_viewer.metrics.maximum_position import MAXIMUM_POSITION
from atsm_viewer.metrics.metric import Metric
from atsm_viewer.metrics.moments import MOMENTS
from atsm_viewer.metrics.muscle_metrics import MUSCLE
from atsm_viewer.metrics.other_references import OTHER_REFERENCES
from atsm_viewer.metrics.peak_metrics import PEAKS
from atsm_viewer.metrics.relative_volume import RELATIVE_VOLUME
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.metrics.tm_ratios import TM_RATIOS
from atsm_viewer.metrics.tm_uncertainty import TM_UNCERTAINTY
from atsm_viewer.metrics.tumour_frame import TumourFrame
from atsm_viewer.metrics.uptake import UPTAKE
from atsm_viewer.metrics.voxel_counts import VOXEL_COUNTS

ROI_METRICS: tuple[Metric[RoiFrame], ...] = (
    VOXEL_COUNTS,
    MOMENTS,
    MAXIMUM_POSITION,
    PEAKS,
    HOTTEST_TENTH,
    ISOCONTOUR,
    UPTAKE,
)
"""What is measured of every ROI in every frame."""

TM_METRICS: tuple[Metric[TumourFrame], ...] = (
    TM_RATIOS,
    TM_UNCERTAINTY,
    MUSCLE,
    OTHER_REFERENCES,
    RELATIVE_VOLUME,
    HYPOXIC_VOLUME,
)
"""What is measured of every tumour in every frame."""

METRICS: tuple[Metric[RoiFrame] | Metric[TumourFrame], ...] = (*ROI_METRICS, *TM_METRICS)
"""Every metric."""

"""Tumour over blood, brain and liver."""

from __future__ import annotations

from atsm_viewer.domain.results import Column
from atsm_viewer.domain.roi import Role
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.tumour_frame import TumourFrame

_PREFIXES = {Role.BLOOD: "tb", Role.BRAIN: "tbrain", Role.LIVER: "tliver"}


def _compute(tumour: TumourFrame) -> Cells:
    samples = tumour.samples
    if samples is None:
        return {}
    cells: Cells = {}
    for role, prefix in _PREFIXES.items():
        cells[f"{prefix}_mean"] = tumour.over(samples.mean, role)
        cells[f"{prefix}_max"] = tumour.over(samples.maximum, role)
    return cells


OTHER_REFERENCES = Metric(
    name="other_references",
    unit="",
    definition="Tumour mean and maximum divided by the pooled mean of another reference tissue.",
    columns=tuple(
        Column(
            f"{prefix}_{short}",
            f"T/{role.value} {short}",
            f"Tumour {words} divided by the pooled mean of the {role.value} ROIs.",
        )
        for role, prefix in _PREFIXES.items()
        for short, words in (("mean", "mean"), ("max", "maximum"))
    ),
    compute=_compute,
)

"""Volumes above a fraction of the tumour maximum, and their uptake."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.results import Column
from atsm_viewer.metrics.isocontour import PERCENTS
from atsm_viewer.metrics.metric import Cells, Metric
from atsm_viewer.metrics.tumour_frame import TumourFrame


def _compute(tumour: TumourFrame) -> Cells:
    samples, suv = tumour.samples, tumour.here.scales.suv
    if samples is None or tumour.here.scales.ratio.factor is None:
        return {}
    cells: Cells = {}
    for percent in PERCENTS:
        above = samples.above_fraction_of_max(percent / 100.0)
        if above is None:
            continue
        volume = above.size * samples.voxel_volume_mm3
        mean = suv.of(float(np.mean(above)))
        cells[f"rtv{percent}_mm3"] = volume
        cells[f"tlr{percent}_g"] = None if mean is None else mean * volume / 1000.0
    return cells


RELATIVE_VOLUME = Metric(
    name="relative_volume",
    unit="mm³",
    definition="Volume of the tumour voxels at or above (≥) a percentage of its maximum (Tsujikawa 2016).",
    columns=(
        *(
            Column(
                f"rtv{p}_mm3",
                f"RTV {p} % (mm³)",
                f"Volume of the tumour voxels ≥ {p} % of the tumour maximum.",
            )
            for p in PERCENTS
        ),
        *(
            Column(f"tlr{p}_g", f"TLR {p} % (g)", f"SUV mean within RTV {p} % times RTV {p} % in mL.")
            for p in PERCENTS
        ),
    ),
    compute=_compute,
)

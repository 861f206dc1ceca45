"""Region growing: connected voxels whose value is like that around the spot."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import Refusal, ToolContext
from atsm_viewer.tools.bounded import BOUND_OPTIONS, bound_around, drag_factor
from atsm_viewer.tools.shaped import Reached, ShapedTool, Track, Values


class RegionGrow(ShapedTool):
    """Connected voxels (through faces) within a tolerance of the mean of the 3 × 3 × 3 voxels pressed."""

    id = "grow"
    title = "Region grow"
    tip = "Click takes connected voxels like those under it; drag right widens, left narrows."
    options: tuple[OptionSpec, ...] = (
        OptionSpec("tolerance_in", "Tolerance", "percent", choices=(("percent", "% of mean"), ("sd", "SD"))),
        OptionSpec("percent", "±", 25.0, "%", minimum=1.0, maximum=500.0, step=5.0,
                   shown_when=("tolerance_in", ("percent",))),
        OptionSpec("sd", "±", 2.0, "SD", minimum=0.1, maximum=50.0, step=0.5,
                   shown_when=("tolerance_in", ("sd",))),
        *BOUND_OPTIONS,
    )  # fmt: skip

    def reached(self, track: Track, ctx: ToolContext, values: Values) -> Reached | Refusal:
        """Return the region; the spot itself always belongs to it."""
        bound = bound_around(track[0], ctx, values)
        if isinstance(bound, Refusal):
            return bound
        k, j, i = bound.seed_kji
        near = (slice(max(0, k - 1), k + 2), slice(max(0, j - 1), j + 2), slice(max(0, i - 1), i + 2))
        sample = bound.values_kji[near]
        sample = sample[np.isfinite(sample)]
        if not sample.size or not np.isfinite(bound.values_kji[k, j, i]):
            return Refusal("there is no PET value here", "Click another spot")
        mean, wider = float(sample.mean()), drag_factor(track, values)
        if values["tolerance_in"] == "sd":
            sd = float(sample.std(ddof=1)) if sample.size > 1 else 0.0
            half, words = float(values["sd"]) * wider * sd, f"± {float(values['sd']) * wider:.1f} SD"
        else:
            share = float(values["percent"]) * wider
            half, words = abs(mean) * share / 100.0, f"± {share:.0f} %"
        passing = np.abs(bound.values_kji - mean) <= half
        passing[k, j, i] = True
        region = bound.connected(passing, bound.seed_kji)
        if bound.goes_on(region, passing):
            words += " · touches the bound"
        return Reached(bound.box, region, Sketch(words=words))


REGION_GROW = RegionGrow()

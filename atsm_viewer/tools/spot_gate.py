"""A gate whose range comes from the spot under the press (threshold brush)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.plane import Vec3
from atsm_viewer.tools.base import ToolContext


@dataclass(frozen=True, slots=True)
class SpotGate:
    """Only voxels whose PET value is near the one that was pressed.

    Parameters
    ----------
    spot
        Stored value under the press.
    share
        Half the width of the range as a share of that value.
    """

    spot: float
    share: float

    title = "range from the spot"
    off_command = "gate.spot.off"
    restricts_erasing = True

    def allows(self, ctx: ToolContext, box: Box) -> npt.NDArray[np.bool_]:
        """Array [k, j, i] of bool over ``box``; NaN is never allowed."""
        if ctx.scan.pet is None:
            return np.zeros(box.shape_kji, dtype=np.bool_)
        values = np.asarray(ctx.scan.pet.frame_kji(ctx.frame)[box.slices], dtype=np.float64)
        return np.asarray(np.abs(values - self.spot) <= abs(self.spot) * self.share)

    def explain(self, ctx: ToolContext, index_kji: Index3) -> str:
        """Why a voxel may not be written, for example ``not within 25 % of the spot pressed``."""
        return f"not within {100 * self.share:.0f} % of the PET value at the spot pressed"


def spot_gate(ctx: ToolContext, at_lps: Vec3, percent: float) -> SpotGate | None:
    """Return the gate of a press at a position (LPS mm), or None where there is no PET value."""
    index = ctx.scan.pet_geometry.nearest_index(at_lps)
    if index is None or ctx.scan.pet is None:
        return None
    spot = float(ctx.scan.pet.frame_kji(ctx.frame)[index])
    return SpotGate(spot, percent / 100.0) if np.isfinite(spot) else None

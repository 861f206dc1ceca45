"""Connected voxels around a spot, inside a bound: what the one-click tools have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.tools.base import Refusal, ToolContext
from atsm_viewer.tools.footprint import swept_footprint
from atsm_viewer.tools.plane_shapes import box_footprint
from atsm_viewer.tools.shaped import Track, Values
from atsm_viewer.tools.writing import OUTSIDE

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

BOUND_OPTIONS: tuple[OptionSpec, ...] = (
    OptionSpec("bound_mm", "Within", 10.0, "mm", minimum=0.5, maximum=150.0, step=1.0),
    OptionSpec(
        "bound", "Bound", "ball", choices=(("ball", "Ball"), ("box", "Box"), ("slice", "Disc in the slice"))
    ),
)


@dataclass(frozen=True, eq=False)
class Bound:
    """The PET around a spot.

    Parameters
    ----------
    box
        Where the blocks lie; one voxel wider than the bound wherever the grid goes on.
    values_kji
        Stored PET values [k, j, i] as float64; NaN never passes a threshold.
    inside_kji
        Array [k, j, i] of bool, the voxels within the bound.
    seed_kji
        The voxel under the press, counted within the blocks.
    """

    box: Box
    values_kji: FloatArray
    inside_kji: BoolArray
    seed_kji: Index3

    def connected(self, passing_kji: BoolArray, seed_kji: Index3) -> BoolArray:
        """The passing voxels of the bound that hang together with a seed through their faces [k, j, i]."""
        return flood(passing_kji & self.inside_kji, seed_kji)

    def goes_on(self, region_kji: BoolArray, passing_kji: BoolArray) -> bool:
        """Whether a region would reach beyond the bound: a passing voxel outside touches it."""
        return bool((neighbours(region_kji) & passing_kji & ~self.inside_kji).any())

    def rim_median(self) -> float | None:
        """Median of the outermost voxels of the bound (stored values); None when they have none."""
        outermost = self.inside_kji & neighbours(~self.inside_kji)
        if not outermost.any():  # the whole grid lies inside
            outermost = self.inside_kji.copy()
            outermost[1:-1, 1:-1, 1:-1] = False
        values = self.values_kji[outermost]
        values = values[np.isfinite(values)]
        return float(np.median(values)) if values.size else None

    def hill_top(self, seed_kji: Index3) -> Index3:
        """Climb from a voxel to the highest of its 26 neighbours until none is higher."""
        held = np.where(self.inside_kji, self.values_kji, -np.inf)
        held[np.isnan(held)] = -np.inf
        at = seed_kji
        while True:
            lo = [max(0, c - 1) for c in at]
            near = held[lo[0] : at[0] + 2, lo[1] : at[1] + 2, lo[2] : at[2] + 2]
            k, j, i = (int(v) for v in np.unravel_index(int(np.argmax(near)), near.shape))
            if not near[k, j, i] > held[at]:
                return at
            at = (lo[0] + k, lo[1] + j, lo[2] + i)


def bound_around(event: PointerEvent, ctx: ToolContext, values: Values) -> Bound | Refusal:
    """Return the PET within the bound of the options around a press, or why there is none."""
    if ctx.scan.pet is None:
        return Refusal("the PET image is not loaded", "Find the image first")
    geometry = ctx.scan.pet_geometry
    seed = geometry.nearest_index(event.position_lps)
    if seed is None:
        return OUTSIDE
    radius, kind, at = float(values["bound_mm"]), values["bound"], event.position_lps
    if kind == "box":
        box, inside = box_footprint(geometry, at, (radius, radius, radius), event.plane)
    else:
        box, inside = swept_footprint(
            geometry, at, at, radius, "ball" if kind == "ball" else "disc", event.plane
        )
    if box.is_empty:
        return OUTSIDE
    wide = box.grown(1).intersect(geometry.box) if kind != "slice" else box
    held = np.zeros(wide.shape_kji, dtype=np.bool_)
    held[box.slices_within(wide)] = inside
    k, j, i = (a - b for a, b in zip(seed, wide.lo_kji, strict=True))
    shape = wide.shape_kji
    if not (0 <= k < shape[0] and 0 <= j < shape[1] and 0 <= i < shape[2]):
        return OUTSIDE
    held[k, j, i] = True
    pet = np.asarray(ctx.scan.pet.frame_kji(ctx.frame)[wide.slices], dtype=np.float64)
    return Bound(wide, pet, held, (k, j, i))


def flood(passing_kji: BoolArray, seed_kji: tuple[int, ...]) -> BoolArray:
    """Passing voxels that hang together with a seed through their faces; none where it does not pass."""
    if not passing_kji[seed_kji]:
        return np.zeros_like(passing_kji)
    # Loaded at the first click: it would make the start of the program half a second slower.
    from scipy import ndimage

    labels, _ = ndimage.label(passing_kji)
    return np.asarray(labels == labels[seed_kji])


def neighbours(region_kji: BoolArray) -> BoolArray:
    """Voxels that share a face with a region [k, j, i]."""
    out = np.zeros_like(region_kji)
    out[1:] |= region_kji[:-1]
    out[:-1] |= region_kji[1:]
    out[:, 1:] |= region_kji[:, :-1]
    out[:, :-1] |= region_kji[:, 1:]
    out[:, :, 1:] |= region_kji[:, :, :-1]
    out[:, :, :-1] |= region_kji[:, :, 1:]
    return out


def drag_factor(track: Track, values: Values) -> float:
    """How much a drag widens: 2 for a drag to the right as long as the bound, ½ for one to the left."""
    if len(track) < 2:
        return 1.0
    plane = track[0].plane
    away = plane.to_uv_mm(track[-1].position_lps) - plane.to_uv_mm(track[0].position_lps)
    share = float(away[0]) / float(values["bound_mm"])
    return float(2.0 ** min(max(share, -8.0), 8.0))

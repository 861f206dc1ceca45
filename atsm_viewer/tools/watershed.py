"""Gradient edge: the hill under the spot up to where its flank is steepest."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import Refusal, ToolContext
from atsm_viewer.tools.bounded import BOUND_OPTIONS, bound_around, neighbours
from atsm_viewer.tools.shaped import Reached, ShapedTool, Track, Values

_TOP_SHARE = 0.9


class Watershed(ShapedTool):
    """Watershed of the gradient magnitude between the top of the hill and the rim of the bound.

    Inner marker: the connected voxels above 90 % of the way from the rim to the top; outer marker: the
    outermost voxels of the bound. The gradient is taken per mm along the axes of the grid.
    """

    id = "watershed"
    title = "Gradient edge"
    tip = "Click takes the hot spot up to its steepest edge; make the bound hold the spot and some air."
    options: tuple[OptionSpec, ...] = BOUND_OPTIONS

    def reached(self, track: Track, ctx: ToolContext, values: Values) -> Reached | Refusal:
        """Return the basin of the spot."""
        bound = bound_around(track[-1] if len(track) > 1 else track[0], ctx, values)
        if isinstance(bound, Refusal):
            return bound
        rim = bound.rim_median()
        top = bound.hill_top(bound.seed_kji)
        peak = float(bound.values_kji[top])
        if rim is None or not peak > rim:
            return Refusal("the spot is not hotter than the rim of the bound", "Click a hotter spot")
        inner = bound.connected(bound.values_kji >= rim + _TOP_SHARE * (peak - rim), top)
        outer = bound.inside_kji & neighbours(~bound.inside_kji) & ~inner
        if not outer.any():
            return Refusal("the bound is too small to hold an edge", "Make the bound larger")
        # Loaded at the first click: it would make the start of the program most of a second slower.
        from skimage.segmentation import watershed

        markers = np.zeros(bound.box.shape_kji, dtype=np.int32)
        markers[outer], markers[inner] = 2, 1
        spacing = ctx.scan.pet_geometry.spacing_kji_mm
        filled = np.nan_to_num(bound.values_kji, nan=rim, posinf=peak, neginf=rim)
        steep = np.zeros_like(filled)
        for axis, step_mm in enumerate(spacing):
            if filled.shape[axis] > 1:
                steep += np.gradient(filled, step_mm, axis=axis) ** 2
        region = np.asarray(watershed(np.sqrt(steep), markers, mask=bound.inside_kji) == 1)
        words = "edge of the hot spot"
        if (neighbours(region) & outer).any():
            words += " · touches the bound"
        return Reached(bound.box, region, Sketch(words=words))


WATERSHED = Watershed()

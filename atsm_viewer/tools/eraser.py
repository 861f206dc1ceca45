"""The eraser: a brush whose left button takes voxels away."""

from __future__ import annotations

from atsm_viewer.tools.base import Cursor
from atsm_viewer.tools.brush import Brush

ERASER = Brush(
    id="eraser",
    title="Eraser",
    tip="Take voxels out of the chosen ROI; Ctrl paints.",
    cursor=Cursor.ERASER,
    left_adds=False,
)

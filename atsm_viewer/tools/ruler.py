"""The ruler: distance between two points and the values along the line."""

from __future__ import annotations

from atsm_viewer.tools.base import Cursor
from atsm_viewer.tools.view_tool import ViewTool

RULER = ViewTool(
    id="ruler",
    title="Ruler",
    tip="Drag measures a distance in mm and shows PET and CT along the line.",
    cursor=Cursor.MEASURE,
)

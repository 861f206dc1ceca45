"""The crosshair tool: a click moves the linked crosshair."""

from __future__ import annotations

from atsm_viewer.tools.base import Cursor
from atsm_viewer.tools.view_tool import ViewTool

CROSSHAIR = ViewTool(
    id="crosshair",
    title="Crosshair",
    tip="Click or drag to move the crosshair in all views.",
    cursor=Cursor.CROSSHAIR,
)

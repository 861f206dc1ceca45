"""The window tool: a drag changes centre and width of the grey values."""

from __future__ import annotations

from atsm_viewer.tools.base import Cursor
from atsm_viewer.tools.view_tool import ViewTool

WINDOW_TOOL = ViewTool(
    id="window",
    title="Window",
    tip="Drag up or down for the centre, left or right for the width of the window.",
    cursor=Cursor.WINDOW,
)

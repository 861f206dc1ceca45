"""POINTER TOOLS: what a press, a drag and a release mean, without Qt and without pixels.

Pointers arrive as LPS positions on a plane. A painting tool is footprint × gate × write mode: which
voxels it reaches (``footprint``, ``plane_shapes``, ``bounded``), which of them may be written
(``gates``), and whether they are added or erased (``writing``). A gesture gathers them from press to
release and hands back one edit: ``stroke`` only grows, ``shaped`` works its voxels out anew with every
movement.

May import: ``domain``, numpy, scipy, scikit-image; no other room.
To add a tool: one file with a value that fulfils ``base.Tool`` (an heir of ``shaped.ShapedTool`` needs
one method), and its name in ``TOOLS``. The digit that takes a tool in hand is its place in ``TOOLS``,
counted from 1; the tenth has 0, later ones have none.
To add a gate: a frozen dataclass that fulfils ``gates.Gate``, in ``gates.py``.
Guarded by: ``tests/unit/tools``, ``tests/contracts/test_tools_contract.py``,
``tests/benchmarks/test_bench_stroke_kernel.py``.
"""

from __future__ import annotations

from atsm_viewer.tools.base import (
    AdjustableGesture,
    Cursor,
    Gesture,
    GestureStep,
    OpenGesture,
    Refusal,
    Tool,
    ToolContext,
)
from atsm_viewer.tools.box_tool import BOX
from atsm_viewer.tools.brush import Brush
from atsm_viewer.tools.crosshair import CROSSHAIR
from atsm_viewer.tools.ellipse import ELLIPSE
from atsm_viewer.tools.eraser import ERASER
from atsm_viewer.tools.isocontour import ISOCONTOUR
from atsm_viewer.tools.lasso import LASSO
from atsm_viewer.tools.level_trace import LEVEL_TRACE
from atsm_viewer.tools.limits import stepped_diameter
from atsm_viewer.tools.picker import PICKER
from atsm_viewer.tools.polygon import POLYGON
from atsm_viewer.tools.region_grow import REGION_GROW
from atsm_viewer.tools.ruler import RULER
from atsm_viewer.tools.sphere import PROTOCOL_SPHERE, SPHERE
from atsm_viewer.tools.watershed import WATERSHED
from atsm_viewer.tools.window_tool import WINDOW_TOOL

BRUSH = Brush()
TOOLS: tuple[Tool, ...] = (
    CROSSHAIR,
    WINDOW_TOOL,
    BRUSH,
    ERASER,
    SPHERE,
    ISOCONTOUR,
    LASSO,
    POLYGON,
    PROTOCOL_SPHERE,
    PICKER,
    RULER,
    ELLIPSE,
    BOX,
    REGION_GROW,
    WATERSHED,
    LEVEL_TRACE,
)


def tool(tool_id: str) -> Tool | None:
    """Return the tool of that id, or None."""
    return next((t for t in TOOLS if t.id == tool_id), None)


__all__ = [
    "BRUSH",
    "CROSSHAIR",
    "ERASER",
    "TOOLS",
    "WINDOW_TOOL",
    "AdjustableGesture",
    "Brush",
    "Cursor",
    "Gesture",
    "GestureStep",
    "OpenGesture",
    "Refusal",
    "Tool",
    "ToolContext",
    "stepped_diameter",
    "tool",
]

"""POINTER TOOLS: what a press, a drag and a release mean, without Qt and without pixels.

Pointers arrive as LPS positions on a plane. A painting tool is footprint × gate × write mode: which
voxels the brush reaches (``footprint``), which of them may be written (``gates``), and whether they
are added or erased. A gesture (``stroke``) gathers them from press to release and hands back one edit.

May import: ``domain``, numpy, scipy, scikit-image; no other room.
To add a tool: one file with a value that fulfils ``base.Tool``, and its name in ``TOOLS``. The digit
that takes a tool in hand is its place in ``TOOLS``, counted from 1.
To add a gate: a frozen dataclass that fulfils ``gates.Gate``, in ``gates.py``.
Guarded by: ``tests/unit/tools``, ``tests/contracts/test_tools_contract.py``,
``tests/benchmarks/test_bench_stroke_kernel.py``.
"""

from __future__ import annotations

from atsm_viewer.tools.base import Cursor, Gesture, GestureStep, Refusal, Tool, ToolContext
from atsm_viewer.tools.brush import Brush
from atsm_viewer.tools.crosshair import CROSSHAIR
from atsm_viewer.tools.eraser import ERASER
from atsm_viewer.tools.limits import stepped_diameter
from atsm_viewer.tools.window_tool import WINDOW_TOOL

BRUSH = Brush()
TOOLS: tuple[Tool, ...] = (CROSSHAIR, WINDOW_TOOL, BRUSH, ERASER)


def tool(tool_id: str) -> Tool | None:
    """Return the tool of that id, or None."""
    return next((t for t in TOOLS if t.id == tool_id), None)


__all__ = [
    "BRUSH",
    "CROSSHAIR",
    "ERASER",
    "TOOLS",
    "WINDOW_TOOL",
    "Brush",
    "Cursor",
    "Gesture",
    "GestureStep",
    "Refusal",
    "Tool",
    "ToolContext",
    "stepped_diameter",
    "tool",
]

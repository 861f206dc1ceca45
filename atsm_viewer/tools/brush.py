"""The brush: paint and erase with a disc or a ball."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.tools.base import Cursor, Gesture, Refusal, ToolContext
from atsm_viewer.tools.footprint import Shape
from atsm_viewer.tools.limits import MAX_DIAMETER_MM, MIN_DIAMETER_MM
from atsm_viewer.tools.spot_gate import spot_gate
from atsm_viewer.tools.stroke import BrushSetup, Stroke
from atsm_viewer.tools.writing import OUTSIDE, cropped, presses_add, target, values_of

BRUSH_OPTIONS: tuple[OptionSpec, ...] = (
    OptionSpec(
        "diameter_mm", "Size", 4.0, "mm", minimum=MIN_DIAMETER_MM, maximum=MAX_DIAMETER_MM, step=0.5
    ),
    OptionSpec(
        "shape", "Shape", "disc", choices=(("disc", "Disc"), ("ball", "Ball"), ("square", "Square"))
    ),
    OptionSpec("from_spot", "Only values like the spot pressed", False),
    OptionSpec(
        "spot_percent", "Like the spot within ±", 25.0, "%", minimum=1.0, maximum=99.0, step=5.0,
        shown_when=("from_spot", (True,)),
    ),
    OptionSpec("fill_ring", "Fill a closed ring", False),
    OptionSpec("pressure", "Pen pressure sets the size", False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Brush:
    """A brush that writes the voxels under it into the chosen ROI.

    The left button does what the tool is for, the right button always erases, Ctrl turns painting
    into erasing and the reverse. While no button is down the left one is assumed.

    Parameters
    ----------
    id, title, tip
        See :class:`~atsm_viewer.tools.base.Tool`.
    cursor
        What the pointer looks like.
    left_adds
        Whether the left button paints.
    """

    id: str = "brush"
    title: str = "Brush"
    tip: str = "Paint voxels into the chosen ROI; right button or Ctrl erases."
    cursor: Cursor = Cursor.BRUSH
    left_adds: bool = True
    options: tuple[OptionSpec, ...] = BRUSH_OPTIONS
    is_painting: bool = True

    def adds(self, event: PointerEvent) -> bool:
        """Whether a press like this paints (True) or erases."""
        return presses_add(event, self.left_adds)

    def footprint(self, event: PointerEvent, ctx: ToolContext) -> Patch | Refusal:
        """Exactly the voxels that a press here would change, or why there are none."""
        setup = self._setup(event, ctx)
        if isinstance(setup, Refusal):
            return setup
        stamp = setup.stamp(event, event)
        patch = cropped(stamp.box, stamp.changes_kji, setup.adds)
        return setup.why_nothing(stamp, event.position_lps) if patch.box.is_empty else patch

    def reach(self, event: PointerEvent, ctx: ToolContext) -> Patch | Refusal:
        """All voxels under the brush, changed by a press or not: shows its size where nothing changes."""
        setup = self._setup(event, ctx)
        if isinstance(setup, Refusal):
            return setup
        stamp = setup.stamp(event, event)
        return cropped(stamp.box, stamp.reached_kji, setup.adds)

    def begin(self, event: PointerEvent, ctx: ToolContext) -> Gesture | Refusal:
        """Start a stroke. A press beside the PET is no refusal: the hand may be on its way in.

        With a range from the spot it is one, because there is no spot to take the range from.
        """
        setup = self._setup(event, ctx)
        return setup if isinstance(setup, Refusal) else Stroke(setup, event)

    def _setup(self, event: PointerEvent, ctx: ToolContext) -> BrushSetup | Refusal:
        roi = target(ctx)
        if isinstance(roi, Refusal):
            return roi
        given = values_of(self.options, ctx)
        if given["from_spot"]:
            gate = spot_gate(ctx, event.position_lps, float(given["spot_percent"]))
            if gate is None:
                return OUTSIDE
            ctx = replace(ctx, gates=(*ctx.gates, gate))
        return BrushSetup(
            ctx, roi, self.adds(event), float(given["diameter_mm"]) / 2.0, cast(Shape, given["shape"]),
            bool(given["pressure"]), bool(given["fill_ring"]),
        )  # fmt: skip

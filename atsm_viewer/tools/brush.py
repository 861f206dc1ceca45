"""The brush: paint and erase with a disc or a ball."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.pointer import Button, Modifier, PointerEvent
from atsm_viewer.tools.base import Cursor, Gesture, Refusal, ToolContext
from atsm_viewer.tools.footprint import Shape
from atsm_viewer.tools.limits import MAX_DIAMETER_MM, MIN_DIAMETER_MM
from atsm_viewer.tools.stroke import BrushSetup, Stroke, cropped

BRUSH_OPTIONS: tuple[OptionSpec, ...] = (
    OptionSpec(
        "diameter_mm", "Diameter", 4.0, "mm", minimum=MIN_DIAMETER_MM, maximum=MAX_DIAMETER_MM, step=0.5
    ),
    OptionSpec(
        "shape", "Shape", "disc", choices=(("disc", "Disc in the plane"), ("ball", "Ball in space"))
    ),
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
        by_button = self.left_adds and event.button is not Button.RIGHT
        return by_button != bool(event.modifiers & Modifier.CTRL)

    def footprint(self, event: PointerEvent, ctx: ToolContext) -> Patch | Refusal:
        """Exactly the voxels that a press here would change, or why there are none."""
        setup = self._setup(event, ctx)
        if isinstance(setup, Refusal):
            return setup
        stamp = setup.stamp(event.position_lps, event.position_lps, event.plane)
        patch = cropped(stamp.box, stamp.changes_kji, setup.adds)
        return setup.why_nothing(stamp, event.position_lps) if patch.box.is_empty else patch

    def reach(self, event: PointerEvent, ctx: ToolContext) -> Patch | Refusal:
        """All voxels under the brush, changed by a press or not: shows its size where nothing changes."""
        setup = self._setup(event, ctx)
        if isinstance(setup, Refusal):
            return setup
        stamp = setup.stamp(event.position_lps, event.position_lps, event.plane)
        return cropped(stamp.box, stamp.reached_kji, setup.adds)

    def begin(self, event: PointerEvent, ctx: ToolContext) -> Gesture | Refusal:
        """Start a stroke. A press beside the PET is no refusal: the hand may be on its way in."""
        setup = self._setup(event, ctx)
        return setup if isinstance(setup, Refusal) else Stroke(setup, event)

    def _setup(self, event: PointerEvent, ctx: ToolContext) -> BrushSetup | Refusal:
        roi = ctx.roi
        if roi is None:
            return Refusal("no ROI selected", "Add a ROI or choose one in the list", "roi.add")
        if roi.scan_id != ctx.scan.id:
            label = ctx.state.scan(roi.scan_id).label
            return Refusal(f"“{roi.name}” belongs to scan “{label}”", "Choose a ROI of this scan")
        if roi.locked:
            return Refusal(f"“{roi.name}” is locked", "Unlock it", "roi.unlock")
        if not roi.visible:
            return Refusal(f"“{roi.name}” is hidden", "Show it", "roi.show")
        given = {spec.id: spec.checked(ctx.options.get(spec.id, spec.default)) for spec in self.options}
        radius_mm = float(given["diameter_mm"]) / 2.0
        return BrushSetup(ctx, roi, radius_mm, cast(Shape, given["shape"]), self.adds(event))

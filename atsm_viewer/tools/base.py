"""What every pointer tool can do, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import Edit
from atsm_viewer.domain.options import OptionSpec, OptionValue
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.roi import Roi
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.domain.state import SessionState

if TYPE_CHECKING:
    from atsm_viewer.tools.gates import Gate

# Commands that a refusal may offer as its one-key remedy; the app registers them under these ids.
REMEDY_COMMANDS: tuple[str, ...] = (
    "roi.add",
    "roi.unlock",
    "roi.show",
    "gate.pet.off",
    "gate.ct.off",
    "gate.others.off",
    "gate.inside_roi.off",
    "gate.slot.off",
    "gate.spot.off",
)


class Cursor(Enum):
    """What the pointer looks like over a picture."""

    CROSSHAIR = "crosshair"
    WINDOW = "window"
    BRUSH = "brush"
    ERASER = "eraser"
    PICKER = "picker"
    MEASURE = "measure"


@dataclass(frozen=True, eq=False)
class ToolContext:
    """What a tool may know when the pointer moves.

    Parameters
    ----------
    state
        The session before the gesture.
    roi
        The ROI that painting writes to; None when none is chosen.
    scan
        The scan pointed at.
    frame
        The frame shown, counted from 0.
    options
        Values of the options of the tool; missing ones start at their default.
    gates
        What may be written; a voxel must pass all of them.
    suv_scale
        SUV per stored PET value; None while it cannot be known.
    muscle_mean
        Mean of the muscle reference in stored units; None while there is none or no tool asks for it.
    grab_mm
        How near to a handle a press takes hold of it, mm.
    """

    state: SessionState
    roi: Roi | None
    scan: Scan
    frame: int
    options: Mapping[str, OptionValue]
    gates: tuple[Gate, ...] = ()
    suv_scale: float | None = None
    muscle_mean: float | None = None
    grab_mm: float = 1.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was, or would be, changed, in words for the cursor.

    Parameters
    ----------
    reason
        What stands in the way, for example ``“Tumour 1” is locked``.
    remedy
        What would help; empty where nothing can.
    remedy_command
        Id of the command that does it (one of ``REMEDY_COMMANDS``), or None.
    """

    reason: str
    remedy: str = ""
    remedy_command: str | None = None


@dataclass(frozen=True, eq=False)
class GestureStep:
    """What one movement changed about the preview.

    Parameters
    ----------
    dirty_box
        Box around ``newly`` and ``taken``; empty when nothing changed.
    newly
        Voxels that will change from this movement on.
    taken
        Voxels that would have changed before this movement and no longer will; None where a gesture
        only grows.
    """

    dirty_box: Box
    newly: Patch
    taken: Patch | None = None


class Gesture(Protocol):
    """One press-to-release; nothing is written before :meth:`finish`."""

    @property
    def adds(self) -> bool:
        """True when it paints, False when it erases."""
        ...

    @property
    def first(self) -> GestureStep:
        """What the press itself changes; :meth:`extend` never reports these voxels again."""
        ...

    @property
    def pending(self) -> Patch:
        """All voxels that would change if the gesture ended now."""
        ...

    @property
    def sketch(self) -> Sketch:
        """What is drawn besides the voxels."""
        ...

    def extend(self, event: PointerEvent) -> GestureStep:
        """Follow the pointer and return what this movement added."""
        ...

    def finish(self, modified_utc: str) -> Edit | Refusal:
        """End the gesture (ISO 8601 time); an edit, or the reason why nothing changed."""
        ...

    def cancel(self) -> None:
        """End the gesture without any change."""
        ...


@runtime_checkable
class OpenGesture(Gesture, Protocol):
    """A gesture of several presses; a release does not end it, :meth:`finish` does."""

    def press(self, event: PointerEvent) -> GestureStep:
        """Take up another press: a new point, or hold of one that is there."""
        ...

    def step_back(self) -> GestureStep:
        """Remove the last point; the first one stays."""
        ...


@runtime_checkable
class AdjustableGesture(Gesture, Protocol):
    """A gesture whose shape can be taken up again by a handle after it was written."""

    def grabbed(self, event: PointerEvent) -> AdjustableGesture | None:
        """A fresh gesture of the same shape that follows the handle under a press, or None."""
        ...


class Tool(Protocol):
    """A pointer tool: what it is called, what it would change, and how a gesture begins."""

    @property
    def id(self) -> str:
        """Stable short name."""
        ...

    @property
    def title(self) -> str:
        """Words on screen."""
        ...

    @property
    def tip(self) -> str:
        """One sentence for the tooltip and the help page."""
        ...

    @property
    def options(self) -> tuple[OptionSpec, ...]:
        """Declared parameters; one generic form renders them."""
        ...

    @property
    def cursor(self) -> Cursor:
        """What the pointer looks like."""
        ...

    @property
    def is_painting(self) -> bool:
        """Whether it changes voxels; the window itself carries out the other tools."""
        ...

    def footprint(self, event: PointerEvent, ctx: ToolContext) -> Patch | Refusal:
        """Exactly the voxels that a press here would change."""
        ...

    def reach(self, event: PointerEvent, ctx: ToolContext) -> Patch | Refusal:
        """All voxels under the tool, changed by a press or not: shows its size where nothing changes."""
        ...

    def begin(self, event: PointerEvent, ctx: ToolContext) -> Gesture | Refusal:
        """Start a gesture at a press."""
        ...

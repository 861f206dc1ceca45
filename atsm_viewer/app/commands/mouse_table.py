"""What the mouse does in the pictures; read by the help page and the README."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MouseAction:
    """One thing the mouse does.

    Parameters
    ----------
    action
        What happens.
    binding
        What the hand does.
    """

    action: str
    binding: str


MOUSE_ACTIONS: tuple[MouseAction, ...] = (
    MouseAction("Scroll slices", "Wheel; Up / Down; PgUp / PgDn (×10)"),
    MouseAction("Brush size", "Shift+wheel"),
    MouseAction("Zoom", "Ctrl+wheel; right-drag outside the painting tools"),
    MouseAction("Pan", "Middle-drag; Space+drag"),
    MouseAction("Window (centre and width)", "Left-drag in the window tool; Alt+drag in any tool"),
    MouseAction("Window by numbers", "Double-click the colour bar"),
    MouseAction("Move the crosshair", "Left-click in the crosshair tool; Shift+move in any tool"),
    MouseAction("Jump to the hottest voxel on a line", "Click on the projection (MIP)"),
    MouseAction("Paint", "Left-drag in the brush; Ctrl erases instead"),
    MouseAction("Erase", "Right-drag in the painting tools; left-drag in the eraser"),
    MouseAction("Take a shape out of the ROI", "Right button or Ctrl in all shape tools"),
    MouseAction("Place a sphere of exact size", "Click in the sphere tool; drag its handles afterwards"),
    MouseAction("Close a polygon; remove its last corner", "Enter or double-click; Backspace"),
    MouseAction("Widen or narrow a contour", "Drag right or left in isocontour and region grow"),
    MouseAction("Choose the ROI under the pointer", "Click in the picker"),
    MouseAction("Measure a distance and its profile", "Drag in the ruler"),
    MouseAction("Cancel a stroke or a drag", "Esc"),
    MouseAction("Maximise a pane, and back", "Double-click its title"),
)

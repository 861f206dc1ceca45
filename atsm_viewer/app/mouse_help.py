"""What each mouse button does right now, in words for the context line."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.app.commands.conditions import active_roi
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.painting import tool_by_id
from atsm_viewer.domain.pointer import Modifier


@dataclass(frozen=True, slots=True)
class MouseHint:
    """One hand movement and what it does.

    Parameters
    ----------
    hand
        For example ``Left-drag``.
    effect
        For example ``paint “Tumour 1”``.
    """

    hand: str
    effect: str


def mouse_help(
    ctx: AppContext, modifiers: Modifier = Modifier.NONE, *, space: bool = False
) -> tuple[MouseHint, ...]:
    """Return what the mouse does now, the most important first.

    Parameters
    ----------
    ctx
        Tool and ROI in hand, stroke in progress.
    modifiers
        Modifier keys that are down.
    space
        Whether the space bar is down.
    """
    if not ctx.session.state.scans:
        return (MouseHint("Drop", "a folder or file to open it"),)
    if ctx.painter.is_open:
        return (
            MouseHint("Click", "set a corner"), MouseHint("Drag", "move a corner"),
            MouseHint("Enter or double-click", "close"), MouseHint("Backspace", "remove the last"),
            MouseHint("Esc", "cancel"),
        )  # fmt: skip
    if ctx.painter.is_active:
        return (MouseHint("Release", "finish the stroke"), MouseHint("Esc", "cancel it"))
    if space:
        return (MouseHint("Drag", "pan"),)
    if Modifier.ALT in modifiers:
        return (MouseHint("Drag", "window (centre and width)"),)
    tool = tool_by_id(ctx.view.state.tool_id)
    wheel = _wheel(modifiers, tool.is_painting)
    if Modifier.SHIFT in modifiers:
        return (MouseHint("Move", "crosshair"), wheel)
    if tool.is_painting:
        return (*_painting(ctx, modifiers), wheel, MouseHint("Middle-drag", "pan"))
    if tool.id == "picker":
        return (MouseHint("Click", "choose the ROI there"), MouseHint("Right-drag", "zoom"), wheel)
    left = {
        "crosshair": "move the crosshair", "window": "window (centre and width)",
        "ruler": "measure a distance and its profile",
    }.get(tool.id, tool.title.lower())  # fmt: skip
    return (
        MouseHint("Left-drag", left),
        MouseHint("Right-drag", "zoom"),
        wheel,
        MouseHint("Middle-drag", "pan"),
    )


def mouse_help_text(hints: tuple[MouseHint, ...]) -> str:
    """Return the hints as one line."""
    return "  ·  ".join(f"{hint.hand}: {hint.effect}" for hint in hints)


_CLICK_WORDS = {
    "sphere": ("a sphere of the size", "size it"),
    "ellipse": ("a circle of the size", "pull an ellipse"),
    "box": ("a box of the size", "pull a box"),
    "isocontour": ("the contour of the spot", "right wider, left narrower"),
    "grow": ("the region of the spot", "right wider, left narrower"),
    "watershed": ("the spot up to its edge", "move the spot"),
    "level_trace": ("the outline on the CT", "move the spot"),
    "lasso": ("nothing alone", "draw round voxels"),
    "polygon": ("corners of a polygon", "move a corner"),
}


def _wheel(modifiers: Modifier, is_painting: bool) -> MouseHint:
    if Modifier.CTRL in modifiers:
        return MouseHint("Wheel", "zoom")
    if Modifier.SHIFT in modifiers and is_painting:
        return MouseHint("Wheel", "brush size")
    return MouseHint("Wheel", "slices")


def _painting(ctx: AppContext, modifiers: Modifier) -> tuple[MouseHint, ...]:
    if ctx.view.state.tool_id == "protocol_sphere":
        return (MouseHint("Click", "place the next muscle sphere"), MouseHint("Drag", "move it"))
    roi = active_roi(ctx)
    if roi is None:
        return (MouseHint("Left-drag", "nothing: no ROI is selected"),)
    if roi.locked:
        return (MouseHint("Left-drag", f"nothing: “{roi.name}” is locked"),)
    if not roi.visible:
        return (MouseHint("Left-drag", f"nothing: “{roi.name}” is hidden"),)
    invert = Modifier.CTRL in modifiers
    words = {True: "paint", False: "erase"}
    left_adds = (ctx.view.state.tool_id != "eraser") != invert
    if ctx.view.state.tool_id in _CLICK_WORDS:
        click, drag = _CLICK_WORDS[ctx.view.state.tool_id]
        name = f"“{roi.name}”"
        into = f"into {name}" if left_adds else f"out of {name}"
        return (
            MouseHint("Click", f"{click} {into}"), MouseHint("Drag", drag),
            MouseHint("Right button", "the reverse"),
        )  # fmt: skip
    # The right button erases; Ctrl turns it round as well.
    return (
        MouseHint("Left-drag", f"{words[left_adds]} “{roi.name}”"),
        MouseHint("Right-drag", words[invert]),
    )

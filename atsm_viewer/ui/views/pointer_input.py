"""Buttons and modifier keys of Qt in words of the domain."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from atsm_viewer.domain.pointer import Button, Modifier, PointerEvent
from atsm_viewer.render.view_transform import ViewTransform

QT_BUTTONS = {
    Button.LEFT: Qt.MouseButton.LeftButton,
    Button.MIDDLE: Qt.MouseButton.MiddleButton,
    Button.RIGHT: Qt.MouseButton.RightButton,
}
_BUTTONS = {qt: ours for ours, qt in QT_BUTTONS.items()}
_MODIFIERS = (
    (Qt.KeyboardModifier.ShiftModifier, Modifier.SHIFT),
    (Qt.KeyboardModifier.ControlModifier, Modifier.CTRL),
    (Qt.KeyboardModifier.AltModifier, Modifier.ALT),
)
_CURSORS = {
    "crosshair": Qt.CursorShape.CrossCursor,
    "window": Qt.CursorShape.SizeAllCursor,
    # The exact voxels are drawn around it; a small cross marks the spot itself.
    "brush": Qt.CursorShape.CrossCursor,
    "eraser": Qt.CursorShape.CrossCursor,
    "picker": Qt.CursorShape.PointingHandCursor,
    "measure": Qt.CursorShape.CrossCursor,
}


def button_of(button: Qt.MouseButton) -> Button:
    """Which button; NONE for one that means nothing here."""
    return _BUTTONS.get(button, Button.NONE)


def modifiers_of(modifiers: Qt.KeyboardModifier) -> Modifier:
    """Which modifier keys."""
    held = Modifier.NONE
    for qt, ours in _MODIFIERS:
        if modifiers & qt:
            held |= ours
    return held


def cursor_for(name: str) -> Qt.CursorShape:
    """Pointer shape for the cursor name of a tool."""
    return _CURSORS.get(name, Qt.CursorShape.ArrowCursor)


def pointer_event(
    view: ViewTransform,
    at: QPointF,
    pixel_ratio: float,
    button: Button,
    modifiers: Modifier,
    pressure: float = 1.0,
) -> PointerEvent:
    """Return where in the patient the pointer is.

    Parameters
    ----------
    view
        The view under the pointer, in device pixels.
    at
        Where the pointer is, logical pixels of the view.
    pixel_ratio
        Device pixels per logical pixel.
    button, modifiers, pressure
        See :class:`~atsm_viewer.domain.pointer.PointerEvent`.
    """
    x, y, z = view.to_lps(at.x() * pixel_ratio, at.y() * pixel_ratio)
    return PointerEvent((float(x), float(y), float(z)), view.plane, button, modifiers, pressure)

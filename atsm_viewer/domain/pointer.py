"""Pointer input in patient space, so that no tool knows a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, Flag, auto

from atsm_viewer.domain.plane import Plane, Vec3


class Button(Enum):
    """Which button is down."""

    NONE = "none"
    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class Modifier(Flag):
    """Which modifier keys are down."""

    NONE = 0
    SHIFT = auto()
    CTRL = auto()
    ALT = auto()


@dataclass(frozen=True, slots=True)
class PointerEvent:
    """Where the pointer is and what is pressed.

    Parameters
    ----------
    position_lps
        LPS mm, on ``plane``.
    plane
        The plane of the view under the pointer.
    button
        The button of the gesture; NONE while hovering.
    modifiers
        Modifier keys.
    pressure
        Pen pressure 0–1; 1 for a mouse.
    """

    position_lps: Vec3
    plane: Plane
    button: Button = Button.NONE
    modifiers: Modifier = Modifier.NONE
    pressure: float = 1.0

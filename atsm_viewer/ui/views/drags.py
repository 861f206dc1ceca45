"""What goes on between a press and a release; every drag can be taken back."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from atsm_viewer.app.painting import Painter
from atsm_viewer.app.ruler_line import RulerLine
from atsm_viewer.app.view_state import ViewStore
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.render.view_transform import ViewTransform

_ZOOM_PX = 160.0
"""Logical pixels for a factor of e."""
_WIDTH_PX = 250.0
"""Logical pixels that multiply a window's width by e."""
_CENTRE_PX = 300.0
"""Logical pixels that move a window's centre by its width."""


class Drag(Protocol):
    """A press that may move before it is released.

    Positions are device pixels of the view; a pointer event says the same in the patient.
    """

    def move(self, x_px: float, y_px: float, event: PointerEvent) -> None:
        """Follow the pointer."""
        ...

    def cancel(self) -> None:
        """Go back to how it was before the press."""
        ...


GetTransform = Callable[[], ViewTransform]
SetTransform = Callable[[ViewTransform], None]


class PanDrag:
    """Moves the picture with the pointer."""

    def __init__(self, get: GetTransform, put: SetTransform, x_px: float, y_px: float) -> None:
        self._get, self._put = get, put
        self._x, self._y = self._x0, self._y0 = x_px, y_px

    def move(self, x_px: float, y_px: float, event: PointerEvent) -> None:
        """Follow the pointer."""
        self._put(self._get().panned(x_px - self._x, y_px - self._y))
        self._x, self._y = x_px, y_px

    def cancel(self) -> None:
        """Put the picture back."""
        self._put(self._get().panned(self._x0 - self._x, self._y0 - self._y))


class ZoomDrag:
    """Enlarges while the pointer goes up, about the spot that was pressed."""

    def __init__(
        self, get: GetTransform, put: SetTransform, x_px: float, y_px: float, pixel_ratio: float
    ) -> None:
        self._get, self._put, self._ratio = get, put, pixel_ratio
        self._anchor = (x_px, y_px)
        self._y = y_px

    def move(self, x_px: float, y_px: float, event: PointerEvent) -> None:
        """Follow the pointer."""
        factor = math.exp((self._y - y_px) / (_ZOOM_PX * self._ratio))
        self._put(self._get().zoomed(factor, self._anchor))
        self._y = y_px

    def cancel(self) -> None:
        """Put the scale back."""
        factor = math.exp((self._y - self._anchor[1]) / (_ZOOM_PX * self._ratio))
        self._put(self._get().zoomed(factor, self._anchor))


class WindowDrag:
    """Right widens the window, left narrows it; up makes the picture brighter, down darker.

    The window of the PET moves while the PET is seen, that of the CT otherwise or with Shift. The
    lower end of a PET window stays at or above zero.

    Parameters
    ----------
    view
        Whose window changes.
    on_pet
        True for the PET.
    x_px, y_px, pixel_ratio
        The press, and device pixels per logical pixel.
    """

    def __init__(self, view: ViewStore, on_pet: bool, x_px: float, y_px: float, pixel_ratio: float) -> None:
        self._view, self._on_pet, self._ratio = view, on_pet, pixel_ratio
        self._x0, self._y0 = x_px, y_px
        state = view.state
        if on_pet:
            self._centre = (state.pet_lo + state.pet_hi) / 2.0
            # A window without width could not be widened by a factor.
            self._width = max(state.pet_hi - state.pet_lo, 0.01 * abs(state.pet_hi), 1e-6)
        else:
            self._centre, self._width = state.ct_centre_hu, state.ct_width_hu
        self._before = (state.pet_lo, state.pet_hi, state.ct_centre_hu, state.ct_width_hu)

    def move(self, x_px: float, y_px: float, event: PointerEvent) -> None:
        """Follow the pointer."""
        dx, dy = (x_px - self._x0) / self._ratio, (y_px - self._y0) / self._ratio
        width = self._width * math.exp(dx / _WIDTH_PX)
        centre = self._centre + dy * self._width / _CENTRE_PX
        if not self._on_pet:
            self._view.set(ct_centre_hu=centre, ct_width_hu=max(width, 1.0))
            return
        lo, hi = max(centre - width / 2.0, 0.0), centre + width / 2.0
        # Dragged below zero the window would turn over; a hundredth of the first width is left.
        self._view.set(pet_lo=lo, pet_hi=max(hi, lo + self._width / 100.0))

    def cancel(self) -> None:
        """Put the window back."""
        lo, hi, centre, width = self._before
        self._view.set(pet_lo=lo, pet_hi=hi, ct_centre_hu=centre, ct_width_hu=width)


class CursorDrag:
    """Moves the linked crosshair."""

    def __init__(self, view: ViewStore, put: Callable[[PointerEvent], None], event: PointerEvent) -> None:
        self._view, self._put, self._before = view, put, view.state.cursor_lps
        put(event)

    def move(self, x_px: float, y_px: float, event: PointerEvent) -> None:
        """Follow the pointer."""
        self._put(event)

    def cancel(self) -> None:
        """Put the crosshair back."""
        self._view.set(cursor_lps=self._before)


class StrokeDrag:
    """Paints or erases; the painter keeps the stroke."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter

    def move(self, x_px: float, y_px: float, event: PointerEvent) -> None:
        """Follow the pointer."""
        self._painter.move(event)

    def cancel(self) -> None:
        """Drop the stroke."""
        self._painter.cancel()


class RulerDrag:
    """Lays the ruler from the press to the pointer."""

    def __init__(self, ruler: RulerLine, event: PointerEvent) -> None:
        self._ruler, self._start, self._before = ruler, event.position_lps, ruler.ends
        ruler.put(None)

    def move(self, x_px: float, y_px: float, event: PointerEvent) -> None:
        """Follow the pointer."""
        self._ruler.put((self._start, event.position_lps))

    def cancel(self) -> None:
        """Put the ruler back."""
        self._ruler.put(self._before)

"""What presses, movements and keys over a slice view do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF

from atsm_viewer.app.commands.tool_commands import step_brush
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.picking import pick_roi
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.domain.pointer import Button, Modifier, PointerEvent
from atsm_viewer.domain.scan import Scan
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.ui.views.drags import (
    CursorDrag,
    Drag,
    PanDrag,
    RulerDrag,
    StrokeDrag,
    WindowDrag,
    ZoomDrag,
)
from atsm_viewer.ui.views.pointer_input import pointer_event
from atsm_viewer.ui.views.view_model import Content, scrolled, within_images

ZOOM_PER_NOTCH = 1.2
GRAB_PX = 9.0
"""How near to a handle, in logical pixels, a press takes hold of it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the pointer is and what is held.

    Parameters
    ----------
    at
        Logical pixels of the view.
    modifiers
        Modifier keys.
    pressure
        Pen pressure 0–1; 1 for a mouse.
    """

    at: QPointF
    modifiers: Modifier = Modifier.NONE
    pressure: float = 1.0


class Hand:
    """Turns pointer input on one view into drags, strokes and steps; knows no widget.

    Parameters
    ----------
    ctx
        What is worked on.
    orientation, content
        Of the view.
    get_transform, put_transform
        Read and change where the view looks.
    pixel_ratio
        Device pixels per logical pixel, now.
    refuse
        Called with a refusal or an error when nothing could be done.
    """

    def __init__(
        self,
        ctx: AppContext,
        orientation: Orientation,
        content: Content,
        get_transform: Callable[[], ViewTransform | None],
        put_transform: Callable[[ViewTransform], None],
        pixel_ratio: Callable[[], float],
        refuse: Callable[[object], None],
    ) -> None:
        self._ctx, self._orientation, self._content = ctx, orientation, content
        self._get, self._put = get_transform, put_transform
        self._ratio, self._refuse = pixel_ratio, refuse
        self._drag: Drag | None = None
        self.button = Button.NONE
        self.space_held = False

    @property
    def is_dragging(self) -> bool:
        """Whether a press goes on."""
        return self._drag is not None

    @property
    def can_cancel(self) -> bool:
        """Whether Escape has something to take back."""
        return self._drag is not None or self._ctx.painter.is_active

    @property
    def takes_brush(self) -> bool:
        """Whether the tool in hand has a brush."""
        return self._ctx.painter.is_painting_tool

    @property
    def is_panning(self) -> bool:
        """Whether the picture moves with the pointer."""
        return isinstance(self._drag, PanDrag)

    @property
    def is_painting(self) -> bool:
        """Whether a stroke goes on in this view."""
        return isinstance(self._drag, StrokeDrag)

    def event_at(self, spot: Spot) -> PointerEvent | None:
        """Where in the patient a spot is; None while there is nothing to look at."""
        view = self._get()
        if view is None:
            return None
        button = self.button if self.is_painting else Button.NONE
        return pointer_event(view, spot.at, self._ratio(), button, spot.modifiers, spot.pressure)

    def footprint(self, spot: Spot) -> Patch | None:
        """Exactly the voxels that a press would change; None when it would be refused.

        The reason is not told here: it is told when the press comes.
        """
        event = self.event_at(spot)
        if event is None:
            return None
        try:
            patch = self._ctx.painter.footprint(event)
        except AtsmError:
            return None
        return patch if isinstance(patch, Patch) else None

    def press(self, spot: Spot, button: Button) -> None:
        """Begin what the button means now; further buttons mean nothing until it is released."""
        view = self._get()
        if view is None or self._drag is not None or button is Button.NONE:
            return
        event = pointer_event(view, spot.at, self._ratio(), button, spot.modifiers, spot.pressure)
        self.button = button
        x, y = spot.at.x() * self._ratio(), spot.at.y() * self._ratio()
        left, alt = button is Button.LEFT, bool(spot.modifiers & Modifier.ALT)
        if button is Button.MIDDLE or (left and self.space_held):
            self._drag = PanDrag(self._view_now, self._put, x, y)
        elif left and (alt or self._ctx.view.state.tool_id == "window"):
            on_pet = self._windows_pet(bool(spot.modifiers & Modifier.SHIFT))
            self._drag = WindowDrag(self._ctx.view, on_pet, x, y, self._ratio())
        elif self._ctx.painter.is_painting_tool:
            self._begin_stroke(event)
        elif button is Button.RIGHT:
            self._drag = ZoomDrag(self._view_now, self._put, x, y, self._ratio())
        elif self._ctx.view.state.tool_id == "picker":
            pick_roi(self._ctx, event)
        elif self._ctx.view.state.tool_id == "ruler":
            self._drag = RulerDrag(self._ctx.ruler, event)
        else:
            self._drag = CursorDrag(self._ctx.view, self.point_cursor, event)

    @property
    def has_open_shape(self) -> bool:
        """Whether a polygon waits to be closed."""
        return self._ctx.painter.is_open

    def close_shape(self) -> None:
        """Close the polygon; what it holds is written as one step."""
        if self._ctx.painter.is_open:
            self._drag, self.button = None, Button.NONE
            self._finish(self._ctx.painter.close)

    def step_back(self) -> None:
        """Remove the last corner of the polygon."""
        self._ctx.painter.step_back()

    def move(self, spot: Spot) -> None:
        """Go on with the drag; Shift without a button moves the crosshair."""
        event = self.event_at(spot)
        if event is None:
            return
        if self._drag is not None:
            try:
                self._drag.move(spot.at.x() * self._ratio(), spot.at.y() * self._ratio(), event)
            except AtsmError as error:
                self.cancel()
                self._refuse(error)
        elif spot.modifiers & Modifier.SHIFT:
            self.point_cursor(event)

    def release(self) -> None:
        """End the drag; what was painted is written as one step."""
        drag, self._drag, self.button = self._drag, None, Button.NONE
        if not isinstance(drag, StrokeDrag):
            return
        self._finish(self._ctx.painter.release)

    def _finish(self, end: Callable[[], object]) -> None:
        painter = self._ctx.painter
        painter.last_words = ""
        try:
            refusal = end()
        except AtsmError as error:
            self._refuse(error)
            return
        if refusal is not None:
            self._refuse(refusal)
        elif painter.last_words:
            self._ctx.port.show_message(painter.last_words)

    def cancel(self) -> bool:
        """Take the drag back; False when there was none."""
        drag, self._drag, self.button = self._drag, None, Button.NONE
        if drag is not None:
            drag.cancel()
            return True
        return self._ctx.painter.cancel()

    def scroll(self, notches: int) -> None:
        """Move the crosshair some PET slices along the normal; not under a stroke."""
        scan = self._scan()
        if scan is None or self._ctx.painter.is_active:
            return
        cursor = self._ctx.view.state.cursor_lps
        self._ctx.view.set(cursor_lps=scrolled(scan.pet_geometry, self._orientation, cursor, notches))

    def step_brush(self, notches: int) -> None:
        """Make the brush larger or smaller; not under a stroke."""
        if not self._ctx.painter.is_active:
            step_brush(self._ctx, notches)

    def zoom(self, at: QPointF, notches: float) -> None:
        """Enlarge about a spot (logical pixels)."""
        view = self._get()
        if view is not None:
            ratio = self._ratio()
            self._put(view.zoomed(ZOOM_PER_NOTCH**notches, (at.x() * ratio, at.y() * ratio)))

    def point_cursor(self, event: PointerEvent) -> None:
        """Move the linked crosshair to the pointer."""
        scan = self._scan()
        if scan is not None:
            self._ctx.view.set(cursor_lps=within_images(scan, event.position_lps))

    def _begin_stroke(self, event: PointerEvent) -> None:
        try:
            view = self._view_now()
            refusal = self._ctx.painter.press(event, GRAB_PX * self._ratio() * view.mm_per_pixel)
        except AtsmError as error:
            self._refuse(error)
            return
        if refusal is not None:
            self._refuse(refusal)
        elif self._ctx.painter.is_active:
            self._drag = StrokeDrag(self._ctx.painter)

    def _windows_pet(self, shift: bool) -> bool:
        scan = self._scan()
        if scan is None or scan.pet is None or self._content is Content.CT:
            return False
        if self._content is Content.PET or scan.ct is None:
            return True
        return self._ctx.view.state.pet_visible and not shift

    def _scan(self) -> Scan | None:
        view = self._ctx.view.state
        return next((s for s in self._ctx.session.state.scans if s.id == view.scan_id), None)

    def _view_now(self) -> ViewTransform:
        view = self._get()
        assert view is not None  # a drag begins only where there is a view
        return view

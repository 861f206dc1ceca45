"""Mouse, pen, wheel and keys over a picture, told to the hand."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from atsm_viewer.domain.pointer import Button
from atsm_viewer.ui.views.hand import Hand, Spot
from atsm_viewer.ui.views.pointer_input import QT_BUTTONS, button_of, modifiers_of
from atsm_viewer.ui.widgets.cursor_note import CursorNote

_NOTCH, _PAGE = 120, 10
_CLOSE_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PINCH_NOTCHES = 4.0
_SCROLL_KEYS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: _PAGE, Qt.Key.Key_PageDown: -_PAGE}


class InputSurface(QWidget):
    """A widget that takes pointer and keys; what it shows is up to its heir.

    Parameters
    ----------
    hand
        Knows what input means.
    """

    _turn_over = Signal()

    def __init__(self, hand: Hand, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hand = hand
        self.note = CursorNote(self)
        self.spot: Spot | None = None
        self._wheel_rest = 0.0
        self._looked = self._look_is_due = False
        # Queued: comes when the events at hand are done, and before the repaint that they asked for.
        self._turn_over.connect(self._on_turn_over, Qt.ConnectionType.QueuedConnection)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def point(self, spot: Spot | None) -> None:
        """Show what lies under the pointer; None when it left."""
        raise NotImplementedError

    def show_cursor(self) -> None:
        """Give the pointer the shape of what a press would do."""
        raise NotImplementedError

    def on_title(self, at: QPointF) -> bool:
        """Whether a spot (logical pixels) lies on the title."""
        raise NotImplementedError

    def title_pressed(self) -> None:
        """Act on a double-click on the title."""
        raise NotImplementedError

    def point_again(self) -> None:
        """Look anew at what lies under the pointer: at once, then once more for all else in this turn."""
        if self.spot is None:
            self.show_cursor()
            return
        if self._looked:
            self._look_is_due = True
            return
        self._looked = True
        self._turn_over.emit()
        self._look()

    def _on_turn_over(self) -> None:
        self._looked = False
        if self._look_is_due:
            self._look()

    def _look(self) -> None:
        self._look_is_due = False
        self.show_cursor()
        if self.spot is not None:
            self.point(self.spot)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag or a stroke."""
        self._press(self._spot_of(event), button_of(event.button()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Maximise by the title; elsewhere a second press."""
        if event.button() is Qt.MouseButton.LeftButton and self.on_title(event.position()):
            self.title_pressed()
        elif self.hand.has_open_shape:
            self.hand.close_shape()
            self.point_again()
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow every movement, so that a fast stroke has no gaps."""
        spot = self._spot_of(event)
        if self.hand.is_dragging and not event.buttons() & QT_BUTTONS[self.hand.button]:
            self._release()  # the release went to another window
        self._move(spot, bool(event.buttons()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag of that button."""
        if self.hand.is_dragging and button_of(event.button()) is self.hand.button:
            self._release()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen paints with its tip and erases with its other end."""
        spot = Spot(event.position(), modifiers_of(event.modifiers()), event.pressure())
        eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        if event.type() == QEvent.Type.TabletPress:
            self._press(spot, Button.RIGHT if eraser else button_of(event.button()))
        elif event.type() == QEvent.Type.TabletRelease:
            self._release()
        else:
            self._move(spot, bool(event.buttons()))
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll slices; with Shift the brush grows, with Ctrl the picture."""
        turned = event.angleDelta()
        # Some systems turn a wheel with Shift or Alt held into a sideways one.
        delta = turned.y() or turned.x()
        ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        event.accept()
        if ctrl:
            self.hand.zoom(event.position(), delta / _NOTCH)
            return
        if self._wheel_rest * delta < 0:
            self._wheel_rest = 0.0
        self._wheel_rest += delta / _NOTCH
        notches = math.trunc(self._wheel_rest + math.copysign(1e-9, delta))
        self._wheel_rest -= notches
        if notches and shift and self.hand.takes_brush:
            self.hand.step_brush(notches)
        elif notches:
            self.hand.scroll(notches)

    def event(self, event: QEvent) -> bool:
        """Take pinches, and the keys that would otherwise run a command."""
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.hand.zoom(event.position(), event.value() * 4.0)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            escapes = event.key() == Qt.Key.Key_Escape and self.hand.can_cancel
            escapes |= self.hand.has_open_shape and event.key() in (*_CLOSE_KEYS, Qt.Key.Key_Backspace)
            if escapes or self._is_scroll_key(event):
                event.accept()
                return True
        return super().event(event)

    @staticmethod
    def _is_scroll_key(event: QKeyEvent) -> bool:
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return plain == Qt.KeyboardModifier.NoModifier and event.key() in _SCROLL_KEYS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll slices, cancel, hold Space to pan."""
        if self._is_scroll_key(event):
            self.hand.scroll(_SCROLL_KEYS[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape and self.hand.cancel():
            self.note.dismiss()
            self.show_cursor()
        elif event.key() in _CLOSE_KEYS and self.hand.has_open_shape:
            self.hand.close_shape()
            self.point_again()
        elif event.key() == Qt.Key.Key_Backspace and self.hand.has_open_shape:
            self.hand.step_back()
        elif event.key() == Qt.Key.Key_Space:
            self._hold_space(True)
        else:
            self._keys_changed(event)
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go of Space."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._hold_space(False)
        else:
            self._keys_changed(event)
            super().keyReleaseEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Take the keys."""
        # Keys follow the pointer, but never out of a field in which somebody types.
        holder = QApplication.focusWidget()
        typing = isinstance(holder, QLineEdit | QAbstractSpinBox | QComboBox | QPlainTextEdit)
        if self.isActiveWindow() and not typing:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        if not self.hand.is_dragging:
            self.point(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let go of Space."""
        self._hold_space(False)
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """End what is going on."""
        self._release()
        self.point(None)
        super().hideEvent(event)

    def _spot_of(self, event: QMouseEvent) -> Spot:
        return Spot(event.position(), modifiers_of(event.modifiers()))

    def _press(self, spot: Spot, button: Button) -> None:
        self.note.dismiss()
        if self.on_title(spot.at):
            return  # a double-click on the title must not paint
        self.spot = spot
        self.hand.press(spot, button)
        self.show_cursor()
        self.point(spot)

    def _move(self, spot: Spot, pressed: bool) -> None:
        self.spot = spot
        if self.hand.is_dragging or not pressed:
            self.hand.move(spot)
        self.point_again()

    def _release(self) -> None:
        if not self.hand.is_dragging:
            return
        self.hand.release()
        self.show_cursor()
        if self.underMouse():
            self.point_again()
        else:
            self.point(None)

    def _hold_space(self, held: bool) -> None:
        if self.hand.space_held != held:
            self.hand.space_held = held
            self.show_cursor()
            self.point_again()

    def _keys_changed(self, event: QKeyEvent) -> None:
        """Ctrl turns painting into erasing, so what a press would change may differ now."""
        if self.spot is not None and event.key() in (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt):
            held = modifiers_of(QApplication.queryKeyboardModifiers())
            self.point(Spot(self.spot.at, held, self.spot.pressure))

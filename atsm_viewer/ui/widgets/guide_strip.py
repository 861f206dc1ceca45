"""Where one is on the way from images to numbers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.guide import GuideStep, guide_steps
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.state import SessionState
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.widgets.labels import ElidedLabel, scaled_font


class StepButton(QAbstractButton):
    """One station: a disc with a number or a tick, and its name."""

    def __init__(self, number: int, step: GuideStep, parent: QWidget) -> None:
        super().__init__(parent)
        self._number = number
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_step(step)

    def set_step(self, step: GuideStep) -> None:
        """Show another state of the station."""
        self.step = step
        self.setText(step.title)
        self.setToolTip(step.tip)
        state = "done" if step.done else ("next" if step.current else "to do")
        self.setAccessibleName(f"{step.title}, step {self._number}: {state}")
        self.setAccessibleDescription(step.tip)
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for disc and name, in heavy type, so that nothing moves when it gets current."""
        line = self.fontMetrics().height()
        heavy = scaled_font(self.font(), 1.0, bold=True)
        width = QFontMetrics(heavy).horizontalAdvance(self.text())
        return QSize(width + 2 * line, round(line * 1.7))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw disc, tick or number, name, and the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, line = self.palette(), self.fontMetrics().height()
        if self.underMouse() or self.hasFocus():
            painter.setPen(
                QPen(palette.color(QPalette.ColorRole.Accent), 1.5) if self.hasFocus() else Qt.PenStyle.NoPen
            )
            painter.setBrush(palette.color(QPalette.ColorRole.Button))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        size = line * 1.1
        disc = QRectF(line * 0.3, (self.height() - size) / 2, size, size)
        self._draw_disc(painter, disc)
        reached = self.step.current or self.step.done
        role = QPalette.ColorRole.WindowText if reached else QPalette.ColorRole.PlaceholderText
        painter.setPen(palette.color(role))
        painter.setFont(scaled_font(self.font(), 1.0, bold=self.step.current))
        words = QRectF(self.rect()).adjusted(disc.right() + line * 0.35, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.end()

    def _draw_disc(self, painter: QPainter, disc: QRectF) -> None:
        palette = self.palette()
        accent, ground = palette.color(QPalette.ColorRole.Highlight), QColor(0, 0, 0, 0)
        quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        filled = self.step.current
        painter.setPen(QPen(accent if filled else quiet, 1.2))
        painter.setBrush(accent if filled else ground)
        painter.drawEllipse(disc)
        ink = palette.color(QPalette.ColorRole.HighlightedText) if filled else quiet
        if self.step.done:
            ink = palette.color(QPalette.ColorRole.Link)
            painter.setPen(QPen(ink, max(disc.width() * 0.12, 1.5)))
            w, x, y = disc.width(), disc.x(), disc.y()
            tick = (QPointF(x + 0.27 * w, y + 0.53 * w), QPointF(x + 0.44 * w, y + 0.69 * w))
            painter.drawPolyline(QPolygonF([*tick, QPointF(x + 0.74 * w, y + 0.34 * w)]))
            return
        painter.setPen(ink)
        painter.setFont(scaled_font(self.font(), 0.8, bold=True))
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(self._number))


class GuideStrip(QWidget):
    """The stations in a row; a click goes on there.

    Parameters
    ----------
    ctx, bridge
        What it shows and how it learns of changes.
    run_command
        Runs a command by id.
    """

    focus_wanted = Signal(str)
    """Id of a station (``dose``, ``review``) whose panel is to come forward."""
    dismissed = Signal()

    def __init__(
        self,
        ctx: AppContext,
        bridge: Bridge,
        run_command: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ctx, self._run = ctx, run_command
        self.setAccessibleName("Guide")
        em = self.fontMetrics().averageCharWidth()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(em, em // 2, em, em // 2)
        layout.setSpacing(em // 2)
        self.buttons: dict[str, StepButton] = {}
        for number, step in enumerate(guide_steps(ctx), start=1):
            button = StepButton(number, step, self)
            button.clicked.connect(lambda checked=False, chosen=step.id: self._on_step(chosen))
            if number > 1:
                layout.addWidget(_Arrow(self))
            layout.addWidget(button)
            self.buttons[step.id] = button
        layout.addSpacing(2 * em)
        self._tip = ElidedLabel("", self, Qt.TextElideMode.ElideRight, QPalette.ColorRole.PlaceholderText)
        layout.addWidget(self._tip, 1)
        self.close_button = QToolButton(self)
        self.close_button.setAutoRaise(True)
        self.close_button.setText("×")
        self.close_button.setFont(scaled_font(self.font(), 1.3))
        self.close_button.setToolTip("Hides the guide; Help ▸ Guide strip brings it back.")
        self.close_button.setAccessibleName("Hide the guide")
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button.clicked.connect(self._on_close)
        layout.addWidget(self.close_button)
        # Bound methods, so that the connection ends with the strip.
        bridge.state_changed.connect(self._on_state)
        bridge.settings_changed.connect(self._on_view)
        bridge.results_changed.connect(self._on_results)
        self.refresh()

    def refresh(self) -> None:
        """Show how far one is."""
        tip = ""
        for step in guide_steps(self._ctx):
            self.buttons[step.id].set_step(step)
            tip = step.tip if step.current else tip
        self._tip.setText(tip)

    def _on_state(self, old: SessionState, new: SessionState) -> None:
        self.refresh()

    def _on_view(self, old: ViewState, new: ViewState) -> None:
        if old.scan_id != new.scan_id:
            self.refresh()

    def _on_results(self) -> None:
        if self._ctx.live.provisional is None:  # nothing is decided under the brush
            self.refresh()

    def _on_step(self, step_id: str) -> None:
        step = self.buttons[step_id].step
        if step.roi_id:
            painted = step.done
            self._ctx.view.set(active_roi_id=step.roi_id)
            self._run("roi.jump" if painted else "tool.brush")
        elif step.command_id is not None:
            self._run(step.command_id)
        else:
            self.focus_wanted.emit(step_id)

    def _on_close(self) -> None:
        self.hide()
        self.dismissed.emit()
        try:
            self._ctx.settings.change(guide_visible=False)
        except AtsmError as error:
            self._ctx.port.show_error(error)


class _Arrow(QWidget):
    """A quiet › between two stations."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        line = self.fontMetrics().height()
        self.setFixedSize(line // 2, line)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw two strokes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.PlaceholderText), 1.3))
        w, h = self.width(), self.height()
        points = [QPointF(w * 0.3, h * 0.3), QPointF(w * 0.75, h * 0.5), QPointF(w * 0.3, h * 0.7)]
        painter.drawPolyline(QPolygonF(points))
        painter.end()

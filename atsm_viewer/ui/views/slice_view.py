"""One plane of the study, drawn, pointed at and painted on."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.line_profile import line_profile
from atsm_viewer.app.painting import StrokeChange, tool_by_id
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.options import option_values
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.domain.state import SessionState
from atsm_viewer.render.compose import Composer
from atsm_viewer.render.dirty_rect import PixelRect, rect_of_box
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.views import overlay_items as items
from atsm_viewer.ui.views.brush_preview import BrushPreview
from atsm_viewer.ui.views.camera import Camera
from atsm_viewer.ui.views.hand import Hand, Spot
from atsm_viewer.ui.views.input_surface import InputSurface
from atsm_viewer.ui.views.outlines import Outline
from atsm_viewer.ui.views.picture import Picture, logical_rect
from atsm_viewer.ui.views.pointer_input import cursor_for
from atsm_viewer.ui.views.tool_overlay import draw_ruler, draw_sketch, draw_words_at
from atsm_viewer.ui.views.view_model import (
    Content,
    Scene,
    SceneBuilder,
    changed_boxes,
    field_of_interest,
    position_words,
    slice_number,
)
from atsm_viewer.ui.widgets.profile_popup import ProfilePopup

BACKGROUND = QColor(8, 9, 10)
_ACTIVE_PX, _OTHER_PX = 2.0, 1.0
_CONTENT_WORDS = {Content.FUSED: "", Content.CT: " · CT", Content.PET: " · PET"}


class SliceView(InputSurface):
    """Shows one plane through the linked crosshair and takes pointer and keys.

    The picture is composed at device-pixel resolution, at most once per paint event, and during a
    stroke only where voxels changed. In the window tool (or with Alt) a drag sets the window of the
    PET while it is seen, that of the CT otherwise or with Shift.

    Parameters
    ----------
    ctx
        What is shown and worked on.
    orientation
        Which plane.
    composer
        Draws the picture; shared by all views.
    bridge
        Tells what changed.
    content
        Restricts what is shown to the CT or the PET.
    """

    hovered = Signal(object)
    """Position under the pointer (LPS mm), or None when it left."""
    maximise_requested = Signal(object)
    """Name of this pane, by a double-click on its title."""
    refused = Signal(object)
    """A Refusal, or an AtsmError, that was shown at the cursor."""
    footprint_changed = Signal(object)
    """Patch that a press here would change, or None."""
    looked_elsewhere = Signal(object)
    """ViewTransform after the person zoomed or panned."""

    def __init__(
        self, ctx: AppContext, orientation: Orientation, composer: Composer, bridge: Bridge,
        content: Content = Content.FUSED, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        hand = Hand(
            ctx, orientation, content, lambda: self._camera.transform, self._put_transform,
            lambda: self.devicePixelRatioF(), self._on_refused,
        )  # fmt: skip
        super().__init__(hand, parent)
        self._ctx, self._orientation, self._content = ctx, orientation, content
        self._builder, self._scene = SceneBuilder(content), Scene()
        self._camera, self._picture = Camera(orientation), Picture(composer)
        self._outlines: dict[str, Outline] = {}
        self._brush = BrushPreview()
        self._stroke_box = Box.empty()
        self._is_behind = False
        self._profile: ProfilePopup | None = None
        ctx.ruler.subscribe(self._on_ruler)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(80, 80)
        self.setAccessibleName(f"{self.title} view")
        bridge.state_changed.connect(self._on_state)
        bridge.view_changed.connect(self._on_view)
        bridge.stroke_changed.connect(self._on_stroke)
        self._sync()

    @property
    def orientation(self) -> Orientation:
        """Which plane is shown."""
        return self._orientation

    @property
    def title(self) -> str:
        """Words in the corner."""
        return items.TITLES[self._orientation] + _CONTENT_WORDS[self._content]

    @property
    def pane_name(self) -> str:
        """Name of this pane in ``ViewState.maximised``."""
        suffix = "" if self._content is Content.FUSED else f"_{self._content.value}"
        return self._orientation.value + suffix

    @property
    def view_transform(self) -> ViewTransform | None:
        """Where the view looks, device pixels; None while nothing is open."""
        return self._camera.transform

    @property
    def picture(self) -> Picture:
        """The composed picture."""
        return self._picture

    @property
    def position_words(self) -> str:
        """Slice position in mm and slice number; empty while nothing is open."""
        scan, cursor = self._scene.scan, self._ctx.view.state.cursor_lps
        if scan is None:
            return ""
        n, of = slice_number(scan.pet_geometry, self._orientation, cursor)
        return f"{position_words(self._orientation, cursor)} · slice {n} of {of}"

    def fit(self) -> None:
        """Show the whole PET."""
        if self._camera.fit():
            self._looks_elsewhere()

    def follow(self, transform: ViewTransform) -> None:
        """Take over middle and scale of another view of the same plane."""
        if self._camera.put(transform):
            self._stale_all()

    def show_footprint(self, patch: Patch | None) -> None:
        """Outline the voxels that a press in another view would change."""
        self._put_brush(patch)

    def _sync(self) -> None:
        """Bring scene, camera and stale pixels up to date with the states."""
        self._is_behind = False
        ctx, view = self._ctx, self._ctx.view.state
        old, self._scene = self._scene, self._builder.build(ctx.session.state, view, ctx.painter.pending)
        scan, ratio = self._scene.scan, self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        grid = field_of_interest(scan) if scan is not None else None
        moved = self._camera.look_at(grid, view.cursor_lps, width, height)
        boxes = None if moved else changed_boxes(old, self._scene)
        if boxes is None:
            self._stale_all()
        else:
            for box in boxes:
                self._stale_box(box)
        shown = {roi.roi_id for roi in self._scene.rois}
        for roi_id in self._outlines.keys() - shown:
            del self._outlines[roi_id]

    def _stale_all(self) -> None:
        self._picture.invalidate()
        self._put_brush(self._brush.patch)
        self.update()

    def _stale_box(self, box: Box) -> None:
        view, scan = self._camera.transform, self._scene.scan
        if view is None or scan is None:
            return
        rect = rect_of_box(view, scan.pet_geometry, box)
        if rect is not None:
            self._picture.invalidate(rect)
            self._update_pixels(rect)

    def _update_pixels(self, rect: PixelRect | None) -> None:
        if rect is not None:
            self.update(logical_rect(rect, self.devicePixelRatioF()))

    def _follow(self) -> None:
        """Catch up with the states: now while it is seen, else when it is shown."""
        if self.isVisible():
            self._sync()
        else:
            self._is_behind = True

    def _on_state(self, old: SessionState, new: SessionState) -> None:
        self._follow()
        self.point_again()

    def _on_view(self, old: ViewState, new: ViewState) -> None:
        self._follow()
        if old.tool_id != new.tool_id:
            self.note.dismiss()
            self.update()  # handles and ruler belong to their tool
            if self._profile is not None and new.tool_id != "ruler":
                self._profile.hide()
        same_words = (old.cursor_lps, old.crosshair_visible) == (new.cursor_lps, new.crosshair_visible)
        if not same_words or old.active_roi_id != new.active_roi_id or old.scan_id != new.scan_id:
            self.update()
            self.setAccessibleDescription(self.position_words)
        self.point_again()

    def _on_stroke(self, change: StrokeChange) -> None:
        # No box means the stroke went away: redraw all that it had covered.
        if change.box is None:
            box, self._stroke_box = self._stroke_box, Box.empty()
            self._follow()
        else:
            box, self._stroke_box = change.box, self._stroke_box.union(change.box)
            self._is_behind = True  # the paint event catches up once, however often the pointer moved
        if self.isVisible():
            self._stale_box(box)
            sketch = self._ctx.painter.sketch
            if change.box is None or (sketch is not None and (sketch.lines_lps or sketch.handles_lps)):
                self.update()  # lines and handles reach beyond the voxels

    def _on_ruler(self) -> None:
        self.update()
        ends, scan = self._ctx.ruler.ends, self._scene.scan
        if ends is None or scan is None or not self.hand.is_dragging:
            if self._profile is not None:
                self._profile.hide()
            return
        if self._profile is None:
            self._profile = ProfilePopup(self)
        view = self._ctx.view.state
        scale = self._builder.scale(self._ctx.session.state, scan, view.pet_unit)
        self._profile.show_profile(line_profile(scan, view.frame, *ends), scale.uniform, scale.label)
        self._profile.place()

    def _put_transform(self, transform: ViewTransform) -> None:
        if self._camera.put(transform):
            self._looks_elsewhere()

    def _looks_elsewhere(self) -> None:
        self._stale_all()
        self.point_again()
        if self._camera.transform is not None:
            self.looked_elsewhere.emit(self._camera.transform)

    def _on_refused(self, why: object) -> None:
        at = self.spot.at.toPoint() if self.spot is not None else self.rect().center()
        if isinstance(why, AtsmError):
            self.note.say(why.user_message, why.hint, at)
        else:
            remedy = str(getattr(why, "remedy", ""))
            if remedy and getattr(why, "remedy_command", None):
                remedy += " (Enter)"
            self.note.say(str(getattr(why, "reason", why)), remedy, at)
        self.refused.emit(why)

    # --- what the pointer shows ---

    def point(self, spot: Spot | None) -> None:
        """Show what lies under the pointer and what a press there would change; None when it left."""
        self.spot = spot
        event = self.hand.event_at(spot) if spot is not None else None
        self.hovered.emit(event.position_lps if event is not None else None)
        self._update_pixels(self._brush.rect())
        patch: Patch | None = None
        self._brush.put_circle(None)
        view, state = self._camera.transform, self._ctx.view.state
        paints = self._ctx.painter.is_painting_tool and not self.hand.space_held
        busy_otherwise = self.hand.is_dragging and not self.hand.is_painting
        if spot is not None and view is not None and paints and not busy_otherwise:
            # During a stroke the voxels themselves show what it changes.
            patch = None if self.hand.is_painting else self.hand.footprint(spot)
            tool = tool_by_id(state.tool_id)
            diameter = option_values(tool.options, state.tool_options.get(tool.id)).get("diameter_mm")
            if isinstance(diameter, float):
                ratio = self.devicePixelRatioF()
                at = (spot.at.x() * ratio, spot.at.y() * ratio)
                self._brush.put_circle(at, diameter / 2.0 / view.mm_per_pixel)
        self._put_brush(patch)
        self.footprint_changed.emit(patch)

    def _put_brush(self, patch: Patch | None) -> None:
        if patch is None and self._brush.patch is None:
            self._update_pixels(self._brush.rect())
            return
        self._update_pixels(self._brush.rect())
        scan = self._scene.scan
        self._brush.put(patch, scan.pet_geometry if scan is not None else None, self._camera.transform)
        self._update_pixels(self._brush.rect())

    def show_cursor(self) -> None:
        """Give the pointer the shape of what a press would do."""
        if self.hand.is_panning:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self.hand.space_held:
            shape = Qt.CursorShape.OpenHandCursor
        elif self.spot is not None and self.on_title(self.spot.at) and not self.hand.is_dragging:
            shape = Qt.CursorShape.PointingHandCursor
        else:
            shape = cursor_for(tool_by_id(self._ctx.view.state.tool_id).cursor.value)
        if self.cursor().shape() is not shape:
            self.setCursor(shape)

    def on_title(self, at: QPointF) -> bool:
        """Whether a spot (logical pixels) lies on the title."""
        return items.title_rect(self.font(), self.title).contains(at)

    # --- drawing ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Compose what is stale, then draw picture, vector items and words."""
        if self._is_behind:
            self._sync()
        painter = QPainter(self)
        view, ratio = self._camera.transform, self.devicePixelRatioF()
        if view is None:
            painter.fillRect(self.rect(), BACKGROUND)
            painter.end()
            return
        image = self._picture.refreshed(view, self._scene)
        painter.setClipRegion(event.region())
        painter.save()
        painter.scale(1.0 / ratio, 1.0 / ratio)
        painter.drawImage(0, 0, image)
        self._draw_vectors(painter, view, ratio)
        painter.restore()
        self._draw_words(painter, view, ratio, event.rect())
        painter.end()

    def _draw_vectors(self, painter: QPainter, view: ViewTransform, ratio: float) -> None:
        if self._scene.outlines:
            for roi in self._scene.rois:
                layer = roi.layer
                kept = self._outlines.setdefault(roi.roi_id, Outline())
                lines = kept.lines(layer.mask, layer.geometry, view, layer.pending)
                width = _ACTIVE_PX if roi.is_active else _OTHER_PX
                items.draw_outline(painter, lines, QColor(*layer.colour_rgb), width, ratio)
        if self._ctx.view.state.crosshair_visible:
            at = view.to_pixel(self._ctx.view.state.cursor_lps)
            items.draw_crosshair(painter, at, view.width_px, view.height_px, ratio)
        self._brush.draw(painter, ratio)
        sketch, ruler = self._ctx.painter.sketch, self._ctx.ruler.ends
        if sketch is not None:
            draw_sketch(painter, view, sketch, ratio)
        if ruler is not None and self._ctx.view.state.tool_id == "ruler":
            draw_ruler(painter, view, ruler, ratio)

    def _draw_words(self, painter: QPainter, view: ViewTransform, ratio: float, within: QRect) -> None:
        size, font = (float(self.width()), float(self.height())), self.font()
        line = painter.fontMetrics().lineSpacing()
        inner = self.rect().adjusted(3 * line, 3 * line, -3 * line, -3 * line)
        # All words lie near the border; a stroke in the middle need not draw them again.
        if not inner.contains(within):
            items.draw_words(painter, font, self.title, self.position_words, size)
            items.draw_letters(painter, font, view, size)
            items.draw_scale_bar(painter, font, view.mm_per_pixel * ratio, size)
        sketch, ruler = self._ctx.painter.sketch, self._ctx.ruler.ends
        if sketch is not None and self.hand.is_painting and self.spot is not None:
            at = view.to_lps(self.spot.at.x() * ratio, self.spot.at.y() * ratio)
            draw_words_at(painter, view, (at[0], at[1], at[2]), sketch.words, font, ratio)
        if ruler is not None and self._ctx.view.state.tool_id == "ruler":
            draw_words_at(painter, view, ruler[1], f"{math.dist(*ruler):.1f} mm", font, ratio)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(items.FOCUS, 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def title_pressed(self) -> None:
        """Ask for this pane to be maximised, or to return."""
        self.maximise_requested.emit(self.pane_name)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while it was hidden."""
        if self._is_behind:
            self._sync()
            self._stale_all()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the view fitted, or its middle and scale."""
        self._sync()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Compose anew when the window comes to a screen of another pixel density."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._sync()
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring."""
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        self.update()
        super().focusOutEvent(event)

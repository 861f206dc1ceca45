"""What an operation would make, outlined over the slice views before it is carried out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.mask import Mask
from atsm_viewer.ui.views import overlay_items as items
from atsm_viewer.ui.views.outlines import Outline
from atsm_viewer.ui.views.slice_view import SliceView

COLOUR = QColor(255, 255, 255)
_WIDTH_PX = 2.0


class OperationPreviewOverlay(QWidget):
    """Dashed outlines over one slice view; takes no pointer events.

    It lies over the view and is repainted with it, so it follows scrolling and zooming by itself.

    Parameters
    ----------
    ctx
        Tells which scan is shown.
    view
        The view that it lies over.
    """

    def __init__(self, ctx: AppContext, view: SliceView) -> None:
        super().__init__(view)
        self._ctx, self._view = ctx, view
        self._masks: tuple[tuple[str, Mask], ...] = ()
        self._outlines: list[Outline] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setGeometry(view.rect())
        view.installEventFilter(self)
        self.show()

    def put(self, masks: Sequence[tuple[str, Mask]]) -> None:
        """Outline voxels, each with the scan that it lies on."""
        self._masks = tuple(masks)
        self._outlines = [Outline() for _ in self._masks]
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the view."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._view.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the outlines of the scan shown."""
        transform = self._view.view_transform
        scans = {s.id: s for s in self._ctx.session.state.scans}
        scan_id = self._ctx.view.state.scan_id
        if transform is None or scan_id not in scans:
            return
        ratio = self.devicePixelRatioF()
        painter = QPainter(self)
        painter.scale(1.0 / ratio, 1.0 / ratio)
        for (on_scan, mask), outline in zip(self._masks, self._outlines, strict=True):
            if on_scan == scan_id and not mask.is_empty:
                lines = outline.lines(mask, scans[scan_id].pet_geometry, transform)
                items.draw_outline(painter, lines, COLOUR, _WIDTH_PX, ratio, dashed=True)
        painter.end()

"""Where the panes stand."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QGridLayout, QWidget

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.render.compose import Composer
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.views.slice_view import SliceView
from atsm_viewer.ui.views.view_model import Content

_GAP_PX = 2
_GAP_COLOUR = QColor(43, 47, 52)
FOURTH = "fourth"
AXIAL, CORONAL, SAGITTAL = (o.value for o in Orientation)
Cell = tuple[int, int, int, int]
"""Row, column, rows, columns."""

_WITH_FOURTH: dict[str, dict[str, Cell]] = {
    "four": {AXIAL: (0, 0, 1, 1), CORONAL: (0, 1, 1, 1), SAGITTAL: (1, 0, 1, 1), FOURTH: (1, 1, 1, 1)},
    "axial": {AXIAL: (0, 0, 3, 2), CORONAL: (0, 2, 1, 1), SAGITTAL: (1, 2, 1, 1), FOURTH: (2, 2, 1, 1)},
    "row": {AXIAL: (0, 0, 1, 1), CORONAL: (0, 1, 1, 1), SAGITTAL: (0, 2, 1, 1)},
    "compare": {f"{AXIAL}_pet": (0, 0, 1, 1), f"{AXIAL}_ct": (0, 1, 1, 1), AXIAL: (0, 2, 1, 1)},
}
_WITHOUT_FOURTH: dict[str, dict[str, Cell]] = {
    **_WITH_FOURTH,
    "four": {AXIAL: (0, 0, 1, 1), CORONAL: (0, 1, 1, 1), SAGITTAL: (1, 0, 1, 2)},
    "axial": {AXIAL: (0, 0, 2, 2), CORONAL: (0, 2, 1, 1), SAGITTAL: (1, 2, 1, 1)},
}


class ViewGrid(QWidget):
    """Places the panes by ``ViewState.layout`` and lets one of them fill the grid.

    The brush of one view is outlined in the others, and the three axial views of ``compare`` look at
    the same part.

    Parameters
    ----------
    ctx, bridge
        Whose layout is followed, and how.
    views
        The three slice views.
    composer
        For the further axial views of ``compare``.
    """

    def __init__(
        self,
        ctx: AppContext,
        bridge: Bridge,
        views: Mapping[Orientation, SliceView],
        composer: Composer,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._slices = [views[o] for o in Orientation]
        axial = views[Orientation.AXIAL]
        self._axials = [axial]
        for content in (Content.CT, Content.PET):
            view = SliceView(ctx, Orientation.AXIAL, composer, bridge, content)
            view.hovered.connect(axial.hovered)
            view.refused.connect(axial.refused)
            self._slices.append(view)
            self._axials.append(view)
        self._panes: dict[str, QWidget] = {view.pane_name: view for view in self._slices}
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(_GAP_PX)
        for view in self._slices:
            view.setParent(self)
            view.maximise_requested.connect(self.toggle_maximised)
            view.footprint_changed.connect(self._share_footprint)
        for view in self._axials:
            view.looked_elsewhere.connect(self._share_transform)
        # The gaps are dark in every theme: a bright frame would dazzle beside dark pictures.
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, _GAP_COLOUR)
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        bridge.view_changed.connect(self._on_view)
        self._arrange()

    @property
    def visible_panes(self) -> tuple[str, ...]:
        """Names of the panes that stand in the grid now, in reading order."""
        return tuple(self._cells())

    def set_fourth_pane(self, pane: QWidget) -> None:
        """Put a further pane into the layouts that have room for it."""
        old = self._panes.get(FOURTH)
        if old is not None:
            self._layout.removeWidget(old)
            old.hide()
        pane.setParent(self)
        self._panes[FOURTH] = pane
        self._arrange()

    def fit(self) -> None:
        """Show the whole PET in every view."""
        for view in self._slices:
            view.fit()

    def toggle_maximised(self, name: object) -> None:
        """Let a pane fill the grid, or put it back."""
        now = self._ctx.view.state.maximised
        self._ctx.view.set(maximised="" if now == name else str(name))

    def maximise_in_use(self) -> None:
        """Let the pane with the focus, else the first one, fill the grid, or put it back."""
        shown = self._ctx.view.state.maximised
        focused = next((name for name, pane in self._panes.items() if pane.hasFocus()), AXIAL)
        self._ctx.view.set(maximised="" if shown else focused)

    def _cells(self) -> dict[str, Cell]:
        view = self._ctx.view.state
        if view.maximised in self._panes:
            return {view.maximised: (0, 0, 1, 1)}
        layouts = _WITH_FOURTH if FOURTH in self._panes else _WITHOUT_FOURTH
        return layouts.get(view.layout, layouts["four"])

    def _on_view(self, old: ViewState, new: ViewState) -> None:
        if (old.layout, old.maximised) != (new.layout, new.maximised):
            self._arrange()

    def _arrange(self) -> None:
        focused = next((p for p in self._panes.values() if p.hasFocus()), None)
        cells = self._cells()
        self.setUpdatesEnabled(False)
        for pane in self._panes.values():
            self._layout.removeWidget(pane)
        for line in range(4):
            self._layout.setRowStretch(line, 0)
            self._layout.setColumnStretch(line, 0)
        for name, cell in cells.items():
            self._layout.addWidget(self._panes[name], *cell)
            for row in range(cell[0], cell[0] + cell[2]):
                self._layout.setRowStretch(row, 1)
            for column in range(cell[1], cell[1] + cell[3]):
                self._layout.setColumnStretch(column, 1)
        for name, pane in self._panes.items():
            pane.setVisible(name in cells)
        self.setUpdatesEnabled(True)
        if focused is not None and not focused.isVisibleTo(self):
            self._panes[next(iter(cells))].setFocus(Qt.FocusReason.OtherFocusReason)

    def _share_footprint(self, patch: object) -> None:
        for view in self._slices:
            if view is not self.sender() and view.isVisible():
                view.show_footprint(patch)  # type: ignore[arg-type]

    def _share_transform(self, transform: object) -> None:
        for view in self._axials:
            if view is not self.sender():
                view.follow(transform)  # type: ignore[arg-type]

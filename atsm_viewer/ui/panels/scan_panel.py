"""Scans and frames."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QSlider, QVBoxLayout, QWidget

from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.scan import Scan
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.panels.panel import Panel


def describe(scan: Scan) -> str:
    """Return what a scan consists of, in two short lines."""
    k, j, i = scan.pet_geometry.shape_kji
    dk, dj, di = scan.pet_geometry.spacing_kji_mm
    pet = f"PET {i}×{j}×{k}, {di:.3g}×{dj:.3g}×{dk:.3g} mm"
    if scan.pet is None:
        pet += " (image missing)"
    if scan.ct is None:
        return f"{pet}\nno CT"
    ck, cj, ci = scan.ct.geometry.shape_kji
    sk, sj, si = scan.ct.geometry.spacing_kji_mm
    return f"{pet}\nCT {ci}×{cj}×{ck}, {si:.3g}×{sj:.3g}×{sk:.3g} mm"


class ScanPanel(Panel):
    """Which scan and which frame is shown."""

    id = "scans"
    title = "Scans"

    def __init__(
        self,
        ctx: AppContext,
        bridge: Bridge,
        run_command: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ctx, bridge, run_command, parent)
        self._list = QListWidget(self)
        self._list.setAccessibleName("Scans")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.currentRowChanged.connect(self._choose)
        self._frame_label = QLabel(self)
        self._frame = QSlider(Qt.Orientation.Horizontal, self)
        self._frame.setAccessibleName("Frame")
        self._frame.valueChanged.connect(lambda frame: self.ctx.view.set(frame=frame))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._list)
        layout.addWidget(self._frame_label)
        layout.addWidget(self._frame)
        bridge.state_changed.connect(self._on_state)
        bridge.settings_changed.connect(self._on_view)
        self._fill()

    def _on_state(self, old: object, new: object) -> None:
        if getattr(old, "scans", None) != getattr(new, "scans", None):
            self._fill()

    def _on_view(self, old: object, new: object) -> None:
        self._show_frame()

    def _fill(self) -> None:
        self._list.blockSignals(True)
        self._list.clear()
        for scan in self.ctx.session.state.scans:
            item = QListWidgetItem(f"{scan.label}\n{describe(scan)}")
            source = scan.pet_source.description if scan.pet_source else ""
            item.setToolTip(f"{scan.label}\n{describe(scan)}\n{source}".strip())
            self._list.addItem(item)
            if scan.id == self.ctx.view.state.scan_id:
                self._list.setCurrentItem(item)
        self._list.blockSignals(False)
        # No taller than its scans: the ROI list below needs the room.
        lines = min(3, max(1, self._list.count())) * 3
        self._list.setFixedHeight(round(lines * self._list.fontMetrics().lineSpacing()) + 10)
        self.setMaximumHeight(self.sizeHint().height() + 2 * self.fontMetrics().height())
        self._show_frame()

    def _choose(self, row: int) -> None:
        scans = self.ctx.session.state.scans
        if 0 <= row < len(scans):
            self.ctx.view.set(scan_id=scans[row].id, frame=0)

    def _show_frame(self) -> None:
        state, view = self.ctx.session.state, self.ctx.view.state
        scan = next((s for s in state.scans if s.id == view.scan_id), None)
        pet = scan.pet if scan else None
        many = pet is not None and pet.n_frames > 1
        self._frame.setVisible(many)
        self._frame_label.setVisible(many)
        if pet is not None and many:
            self._frame.blockSignals(True)
            self._frame.setRange(0, pet.n_frames - 1)
            self._frame.setValue(view.frame)
            self._frame.blockSignals(False)
            time = pet.frames[view.frame]
            self._frame_label.setText(
                f"Frame {view.frame + 1} of {pet.n_frames}: {time.start_s:g} s + {time.duration_s:g} s"
            )

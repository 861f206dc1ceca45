"""Every tool once, by real pointer and key events, on the sample mouse; refusals are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from atsm_viewer.app import documents
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.sphere_placing import sphere_notices
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.tools import TOOLS
from atsm_viewer.ui.application import make_window
from atsm_viewer.ui.main_window import MainWindow
from atsm_viewer.ui.views.slice_view import SliceView
from atsm_viewer.ui.widgets.profile_popup import ProfilePopup

LEFT, RIGHT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
TWICE = QEvent.Type.MouseButtonDblClick


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr(documents.platformdirs, "user_data_dir", lambda *a, **k: str(tmp_path / "data"))
    opened = make_window(SettingsStore(None), None)
    opened.resize(1280, 800)
    # pytest-qt closes the window before fixtures end; nothing may ask about unsaved work then.
    qtbot.addWidget(opened, before_close_func=lambda w: w.ctx.session.mark_saved(w.ctx.session.state))
    with qtbot.waitExposed(opened):
        opened.show()
    opened.run("file.sample.mouse")
    qtbot.waitUntil(lambda: bool(opened.ctx.session.state.scans), timeout=60_000)
    qtbot.waitUntil(lambda: opened._jobs.is_idle, timeout=60_000)
    qtbot.wait(50)
    return opened


def axial(window: MainWindow) -> SliceView:
    return window.views[Orientation.AXIAL]


def send(
    view: SliceView, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton
) -> None:
    no_key = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(view, QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, held, no_key))


def hot_spot(window: MainWindow) -> QPointF:
    view = axial(window)
    x, y = view.view_transform.to_pixel(window.ctx.view.state.cursor_lps)
    return QPointF(x, y) / view.devicePixelRatioF()


def drag(window: MainWindow, *way: QPointF, button: Qt.MouseButton = LEFT) -> None:
    view = axial(window)
    send(view, PRESS, way[0], button, button)
    for at in way[1:]:
        send(view, MOVE, at, NONE, button)
    send(view, RELEASE, way[-1], button, NONE)


def take(window: MainWindow, qtbot: QtBot, tool_id: str) -> None:
    window.run(f"tool.{tool_id}")
    qtbot.wait(20)
    assert window.ctx.view.state.tool_id == tool_id


def fresh_roi(window: MainWindow, qtbot: QtBot, tool_id: str) -> None:
    window.run("roi.add.tumour")
    take(window, qtbot, tool_id)


def n_voxels(window: MainWindow) -> int:
    ctx = window.ctx
    return ctx.session.state.roi(ctx.view.state.active_roi_id).mask.n_voxels


@pytest.mark.timeout(240)
def test_each_marking_tool_marks_undoes_and_takes_out(qtbot: QtBot, window: MainWindow) -> None:
    spot = hot_spot(window)
    ring = [spot + QPointF(30 * np.cos(t), 30 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 25)]
    ways = {
        "brush": [spot, spot + QPointF(10, 0)],
        "sphere": [spot],
        "isocontour": [spot],
        "lasso": ring,
        "ellipse": [spot, spot + QPointF(30, 20)],
        "box": [spot, spot + QPointF(20, 20)],
        "grow": [spot],
        "watershed": [spot],
        "level_trace": [spot],
    }
    for tool_id, way in ways.items():
        fresh_roi(window, qtbot, tool_id)
        drag(window, *way)
        marked = n_voxels(window)
        assert marked > 1, (tool_id, window.ctx.painter.last_refusal)
        assert not window.ctx.painter.is_active
        if tool_id != "level_trace":
            drag(window, *way, button=RIGHT)
            assert n_voxels(window) < marked, tool_id
            window.run("edit.undo")
        assert n_voxels(window) == marked
        window.run("edit.undo")
        assert n_voxels(window) == 0
    painting = {t.id for t in TOOLS if t.is_painting}
    assert painting == {*ways, "eraser", "polygon", "protocol_sphere"}


def test_escape_drops_a_shape_and_numbers_follow_it_while_it_shrinks(
    qtbot: QtBot, window: MainWindow
) -> None:
    fresh_roi(window, qtbot, "ellipse")
    ctx, view, spot = window.ctx, axial(window), hot_spot(window)
    send(view, PRESS, spot, LEFT, LEFT)
    counted = []
    for width in (60, 90, 30):
        send(view, MOVE, spot + QPointF(width, width), NONE, LEFT)
        roi_id, patch = ctx.painter.pending
        cells = ctx.live.provisional.rois[roi_id]
        assert cells["n_voxels"] == patch.n_voxels
        values = ctx.session.state.scans[0].pet.frame_kji(0)[patch.box.slices][patch.block_kji]
        assert cells["suv_max"] / cells["suv_mean"] == pytest.approx(values.max() / values.mean(), rel=1e-5)
        counted.append(patch.n_voxels)
    assert counted[1] > counted[0] > counted[2]
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not ctx.painter.is_active
    assert ctx.live.provisional is None
    assert n_voxels(window) == 0


def test_a_polygon_is_clicked_corrected_and_closed(qtbot: QtBot, window: MainWindow) -> None:
    fresh_roi(window, qtbot, "polygon")
    ctx, view, spot = window.ctx, axial(window), hot_spot(window)
    corners = [spot + QPointF(*p) for p in ((-30, -30), (30, -30), (30, 30), (80, 80))]
    for corner in corners:
        drag(window, corner)
        assert ctx.painter.is_open
    QTest.keyClick(view, Qt.Key.Key_Backspace)
    assert len(ctx.painter.sketch.handles_lps) == 3
    half = ctx.painter.pending[1].n_voxels
    drag(window, corners[2], spot + QPointF(-30, 30))  # a corner is dragged before closing
    assert len(ctx.painter.sketch.handles_lps) == 3
    drag(window, corners[2])
    whole = ctx.painter.pending[1].n_voxels
    assert len(ctx.painter.sketch.handles_lps) == 4
    assert whole != half
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert not ctx.painter.is_active
    assert n_voxels(window) == whole
    assert ctx.session.undo_labels[0].startswith("Paint")
    ctx.view.set(not_over_others=False)
    fresh_roi(window, qtbot, "polygon")
    for corner in corners[:2]:
        drag(window, corner)
    send(view, PRESS, corners[2], LEFT, LEFT)
    send(view, RELEASE, corners[2], LEFT, NONE)
    send(view, TWICE, corners[2], LEFT, LEFT)
    send(view, RELEASE, corners[2], LEFT, NONE)
    assert not ctx.painter.is_active
    assert n_voxels(window) == half
    fresh_roi(window, qtbot, "polygon")
    drag(window, corners[0])
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not ctx.painter.is_active


def test_a_sphere_is_moved_by_its_handle_after_it_was_placed(qtbot: QtBot, window: MainWindow) -> None:
    fresh_roi(window, qtbot, "sphere")
    ctx, spot = window.ctx, hot_spot(window)
    drag(window, spot)
    placed, before = ctx.session.state.roi(ctx.view.state.active_roi_id).mask, len(ctx.session.undo_labels)
    drag(window, spot, spot + QPointF(40, 0))
    moved = ctx.session.state.roi(ctx.view.state.active_roi_id).mask
    assert len(ctx.session.undo_labels) == before
    assert abs(moved.n_voxels - placed.n_voxels) < 0.35 * placed.n_voxels
    assert moved.box.lo_kji[2] > placed.box.lo_kji[2]
    rim = QPointF(*axial(window).view_transform.to_pixel(ctx.painter.sketch.handles_lps[1]))
    drag(window, rim / axial(window).devicePixelRatioF(), rim + QPointF(25, 0))
    assert n_voxels(window) > 2 * placed.n_voxels
    view = axial(window)
    centre = QPointF(*view.view_transform.to_pixel(ctx.painter.sketch.handles_lps[0]))
    resized = ctx.session.state
    send(view, PRESS, centre, LEFT, LEFT)
    send(view, MOVE, centre + QPointF(0, 20), NONE, LEFT)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert ctx.session.state is resized


def test_protocol_spheres_become_rois_and_departures_are_told(qtbot: QtBot, window: MainWindow) -> None:
    ctx, spot = window.ctx, hot_spot(window)
    take(window, qtbot, "protocol_sphere")
    rois = len(ctx.session.state.rois)
    drag(window, spot)
    assert "no sphere protocol" in ctx.painter.last_refusal.reason
    window.run("protocol.spheres.mouse")
    for n in range(3):
        drag(window, spot + QPointF(0, 40 * (n - 1)))
        left = 2 - n
        assert [x.code for x in sphere_notices(ctx.session.state)] == ["protocol_sphere_number"] * bool(left)
    placed = ctx.session.state.rois[rois:]
    assert [r.role.value for r in placed] == ["muscle"] * 3
    assert all(r.method.name == "protocol_sphere" for r in placed)
    drag(window, spot + QPointF(40, 0))
    assert "all 3 spheres" in ctx.painter.last_refusal.reason
    window.run("edit.undo")
    assert len(ctx.session.state.rois) == rois + 2
    window.run("edit.redo")
    ctx.view.set(active_roi_id=placed[2].id)  # the undo put its neighbour in hand
    take(window, qtbot, "eraser")
    drag(window, spot + QPointF(0, 40))
    assert [x.code for x in sphere_notices(ctx.session.state)] == ["protocol_sphere_edited"]
    window.run("protocol.spheres.rat")
    assert {x.code for x in sphere_notices(ctx.session.state)} >= {"protocol_sphere_size"}


def test_the_picker_selects_and_the_ruler_measures(qtbot: QtBot, window: MainWindow) -> None:
    ctx, spot, view = window.ctx, hot_spot(window), axial(window)
    fresh_roi(window, qtbot, "sphere")
    drag(window, spot)
    first = ctx.view.state.active_roi_id
    window.run("roi.add.other")
    assert ctx.view.state.active_roi_id != first
    take(window, qtbot, "picker")
    drag(window, spot)
    assert ctx.view.state.active_roi_id == first
    take(window, qtbot, "ruler")
    state = ctx.session.state
    drag(window, spot, spot + QPointF(50, 0))
    wanted = 50 * view.devicePixelRatioF() * view.view_transform.mm_per_pixel
    popup = view.findChild(ProfilePopup)
    assert popup.isVisible()
    assert popup.words.startswith(f"{wanted:.1f} mm")
    assert "HU" in popup.words
    assert ctx.session.state is state
    take(window, qtbot, "brush")
    assert not popup.isVisible()


def test_gates_bind_the_new_tools_and_their_remedies_open_them(qtbot: QtBot, window: MainWindow) -> None:
    ctx, spot, view = window.ctx, hot_spot(window), axial(window)
    fresh_roi(window, qtbot, "sphere")
    gates = window.tool_bar.findChild(QToolButton, "gates")
    sheet = gates.sheet
    sheet.findChild(QDoubleSpinBox, "gate.ct.lo").setValue(2000.0)
    sheet.findChild(QDoubleSpinBox, "gate.ct.hi").setValue(3000.0)
    gates.boxes["ct"].click()
    assert ctx.view.state.ct_gate_on
    drag(window, spot)
    assert n_voxels(window) == 0
    assert "CT gate 2000–3000 HU" in ctx.painter.last_refusal.reason
    assert view.note.isVisible()
    window.run("tool.remedy")
    assert not ctx.view.state.ct_gate_on
    drag(window, spot)
    assert n_voxels(window) > 10
    ctx.view.set(inside_roi_id=ctx.view.state.active_roi_id, not_over_others=False)
    fresh_roi(window, qtbot, "lasso")
    far = spot + QPointF(0, 70)
    drag(window, far, far + QPointF(30, 0), far + QPointF(30, 30), far)
    assert "painting is limited" in ctx.painter.last_refusal.reason
    window.run("tool.remedy")
    assert not ctx.view.state.inside_roi_id


def test_the_bar_fits_and_its_fields_set_the_tool_in_hand(qtbot: QtBot, window: MainWindow) -> None:
    bar = window.tool_bar
    for tool in TOOLS:
        take(window, qtbot, tool.id)
        for mode in ("percent_50", "suv", "muscle", "adaptive"):
            if tool.id == "isocontour":
                window.ctx.view.set_tool_option(tool.id, "mode", mode)
            qtbot.wait(20)
            too_wide = bar.sizeHint().width() - 1280
            assert too_wide <= 0, (tool.id, mode)
    take(window, qtbot, "sphere")
    bar._options.field("diameter_mm").setValue(7.5)
    assert window.ctx.view.state.tool_options["sphere"]["diameter_mm"] == 7.5
    take(window, qtbot, "brush")
    bar._options.field("fill_ring").click()
    assert window.ctx.view.state.tool_options["eraser"]["fill_ring"] is True

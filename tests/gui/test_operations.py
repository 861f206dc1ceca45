"""Operations by real keys and clicks: the dialog, its preview, Cancel and OK."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox
from pytestqt.qtbot import QtBot

from atsm_viewer.app import documents
from atsm_viewer.app.commands import COMMANDS, command
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.edits import AddRoi, RemoveRoi, RenameRoi, SetRoiLocked
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.operations import OPERATIONS
from atsm_viewer.ui.application import make_window
from atsm_viewer.ui.dialogs.operation_dialog import OperationDialog
from atsm_viewer.ui.main_window import MainWindow
from atsm_viewer.ui.views.operation_preview import OperationPreviewOverlay

LEFT = Qt.MouseButton.LeftButton
SHAPE = (16, 32, 32)
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def session() -> SessionState:
    k, j, i = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    away = np.sqrt((k - 8) ** 2 * 4 + (j - 16.0) ** 2 + (i - 14.0) ** 2)
    pet = (1.0 + 9.0 * np.exp(-(away**2) / 30.0)).astype(np.float32)
    grid = Geometry.axis_aligned(SHAPE, (2.0, 1.0, 1.0))
    scan = Scan("scan", "1 h", grid, Volume(grid, pet[None], "CNTS", Modality.PET), None, (Slot("s", "a"),))
    hollow = away <= 7
    hollow[8, 16, 14] = False
    rois = (
        Roi("t", "Tumour 1", Role.TUMOUR, "scan", "s", mask=Mask.from_dense(hollow)),
        Roi("m", "Muscle 1", Role.MUSCLE, "scan", "s", mask=Mask.from_dense(away > 22)),
    )
    return SessionState((Subject("s", "M1"),), (Administration("a", "s"),), (scan,), rois)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr(documents.platformdirs, "user_data_dir", lambda *a, **k: str(tmp_path / "data"))
    opened = make_window(SettingsStore(None), None)
    opened.resize(1200, 760)
    # Widgets are closed before fixtures end: nothing may ask about unsaved work then.
    qtbot.addWidget(opened, before_close_func=lambda w: w.ctx.session.mark_saved(w.ctx.session.state))
    with qtbot.waitExposed(opened):
        opened.show()
    opened.ctx.session.replace(session(), saved=True)
    opened.ctx.view.set(
        scan_id="scan", active_roi_id="t", pet_unit="stored", pet_hi=10.0, cursor_lps=(14.0, 16.0, 16.0)
    )
    settle(qtbot, opened)
    return opened


def settle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.wait(20)
    qtbot.waitUntil(lambda: window._jobs.is_idle, timeout=30_000)
    qtbot.wait(20)


def open_dialog(qtbot: QtBot, window: MainWindow, command_id: str) -> OperationDialog:
    window.run(command_id)
    dialog = window.findChild(OperationDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.isVisible(), timeout=5000)
    ready(qtbot, window, dialog)
    return dialog


def ready(qtbot: QtBot, window: MainWindow, dialog: OperationDialog) -> None:
    """Wait until the preview belongs to the values shown."""
    qtbot.waitUntil(lambda: not dialog._timer.isActive(), timeout=5000)
    settle(qtbot, window)


def outlined(window: MainWindow) -> list[tuple[tuple[str, Mask], ...]]:
    return [o._masks for o in window.findChildren(OperationPreviewOverlay)]


def white_pixels(window: MainWindow) -> int:
    image = window.views[Orientation.AXIAL].grab().toImage()
    middle = range(60, image.width() - 60)
    return sum(
        image.pixelColor(x, y).getRgb()[:3] == (255, 255, 255)
        for y in range(60, image.height() - 60)
        for x in middle
    )


def test_every_operation_has_a_command_with_an_ellipsis_where_it_asks():
    for entry in OPERATIONS:
        spec = command(f"op.{entry.id}")
        assert spec.menu == "ROI/Operations"
        assert spec.title.endswith("…") == bool(entry.options)
    keys = [k for spec in COMMANDS for k in spec.shortcuts]
    assert len(keys) == len(set(keys)), sorted(k for k in keys if keys.count(k) > 1)


def test_grow_by_keys_shows_a_preview_and_ok_makes_one_step(qtbot: QtBot, window: MainWindow) -> None:
    ctx = window.ctx
    before, plain = ctx.session.state, white_pixels(window)
    QTest.keyClick(window.views[Orientation.AXIAL], Qt.Key.Key_G, CTRL_SHIFT)
    dialog = window.findChild(OperationDialog)
    assert dialog is not None
    ready(qtbot, window, dialog)
    size = dialog.form.field("mm")
    assert isinstance(size, QDoubleSpinBox)
    size.setFocus()
    size.selectAll()
    QTest.keyClicks(size, "3")
    ready(qtbot, window, dialog)
    assert size.value() == 3.0
    assert ctx.session.state is before
    assert len(outlined(window)) >= 3
    ((_, mask),) = outlined(window)[0]
    assert mask.n_voxels > before.roi("t").mask.n_voxels
    assert white_pixels(window) > plain + 50
    voxels = dialog._numbers["Voxels"]
    assert voxels[1].text().replace("\u202f", "") == str(before.roi("t").mask.n_voxels)
    assert voxels[2].text().replace("\u202f", "") == str(mask.n_voxels)
    assert float(dialog._numbers["T/M mean"][2].text()) < float(dialog._numbers["T/M mean"][1].text())
    QTest.mouseClick(dialog.ok, LEFT)
    settle(qtbot, window)
    assert ctx.session.state.roi("t").mask.same_voxels(mask)
    assert ctx.session.undo_labels == ("Grow: Tumour 1",)
    assert ctx.session.state.roi("t").method.name == "grow"
    assert ("mm", "3") in ctx.session.state.roi("t").method.params
    assert white_pixels(window) <= plain + 5
    ctx.session.undo()
    assert ctx.session.state is before


@pytest.mark.parametrize("how", ["cancel", "escape", "frame"])
def test_leaving_the_dialog_changes_nothing_at_all(qtbot: QtBot, window: MainWindow, how: str) -> None:
    ctx = window.ctx
    ctx.session.apply(RenameRoi("t", "T"), "Rename")
    ctx.session.apply(RenameRoi("t", "U"), "Rename")
    ctx.session.undo()
    state, undo, redo = ctx.session.state, ctx.session.undo_labels, ctx.session.redo_labels
    dialog = open_dialog(qtbot, window, "op.threshold")
    field = dialog.form.field("extent")
    assert isinstance(field, QComboBox)
    QTest.keyClick(field, Qt.Key.Key_Down)
    ready(qtbot, window, dialog)
    if how == "cancel":
        QTest.mouseClick(dialog.cancel, LEFT)
    elif how == "escape":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        dialog.close()
    settle(qtbot, window)
    assert ctx.session.state is state
    assert (ctx.session.undo_labels, ctx.session.redo_labels) == (undo, redo)
    assert not outlined(window)
    assert window.findChild(OperationDialog) is None


def test_refused_values_say_why_and_ok_waits(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_dialog(qtbot, window, "op.threshold")
    level = dialog.form.field("level")
    assert isinstance(level, QDoubleSpinBox)
    level.setValue(1000.0)
    ready(qtbot, window, dialog)
    assert not dialog.ok.isEnabled()
    assert "no voxel" in dialog.note.text()
    assert outlined(window)[0] == ()
    QTest.mouseClick(dialog.restore, LEFT)
    ready(qtbot, window, dialog)
    assert dialog.ok.isEnabled()
    dialog.reject()


def test_the_preview_follows_the_session_and_ends_with_its_roi(qtbot: QtBot, window: MainWindow) -> None:
    ctx = window.ctx
    dialog = open_dialog(qtbot, window, "op.grow")
    smaller = ctx.session.state.roi("t")
    ctx.session.apply(SetRoiLocked("t", True), "Lock")
    ready(qtbot, window, dialog)
    assert not dialog.ok.isEnabled()
    assert "locked" in dialog.note.text()
    ctx.session.undo()
    ready(qtbot, window, dialog)
    assert dialog.ok.isEnabled()
    ctx.session.apply(RemoveRoi("t"), "Delete")
    ready(qtbot, window, dialog)
    assert not dialog.ok.isEnabled()
    assert outlined(window)[0] == ()
    ctx.session.apply(AddRoi(replace(smaller, id="again")), "Add")
    assert not dialog.ok.isEnabled()
    dialog.reject()


def test_without_a_preview_nothing_is_outlined_and_ok_still_works(qtbot: QtBot, window: MainWindow) -> None:
    ctx = window.ctx
    dialog = open_dialog(qtbot, window, "op.fill_holes")
    QTest.mouseClick(dialog.preview_box, LEFT, pos=_in(dialog))
    ready(qtbot, window, dialog)
    assert not dialog.preview_box.isChecked()
    assert outlined(window)[0] == ()
    n = ctx.session.state.roi("t").mask.n_voxels
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert ctx.session.state.roi("t").mask.n_voxels == n + 1


def _in(dialog: OperationDialog):
    """A spot on the words of the check box."""
    box = dialog.preview_box
    return box.rect().topLeft() + type(box.rect().topLeft())(12, box.height() // 2)


def test_values_are_remembered_and_a_second_dialog_replaces_the_first(
    qtbot: QtBot, window: MainWindow
) -> None:
    dialog = open_dialog(qtbot, window, "op.grow")
    dialog.form.field("mm").setValue(1.25)
    ready(qtbot, window, dialog)
    dialog.accept()
    settle(qtbot, window)
    again = open_dialog(qtbot, window, "op.grow")
    assert again.form.values()["mm"] == 1.25
    assert again.form.field("mm").text() == "1.25 mm"
    window.run("op.smooth")
    settle(qtbot, window)
    dialogs = window.findChildren(OperationDialog)
    assert [d.windowTitle() for d in dialogs if d.isVisible()] == ["Smooth"]
    dialogs[-1].reject()
    settle(qtbot, window)


def test_nudging_by_keys_is_one_step_each_and_never_lost(qtbot: QtBot, window: MainWindow) -> None:
    ctx = window.ctx
    low = ctx.session.state.roi("t").mask.box.lo_kji
    view = window.views[Orientation.AXIAL]
    for _ in range(5):
        QTest.keyClick(view, Qt.Key.Key_Right, CTRL_SHIFT)
    assert ctx.session.state.roi("t").mask.box.lo_kji == (low[0], low[1], low[2] + 5)
    assert len(ctx.session.undo_labels) == 5
    QTest.keyClick(view, Qt.Key.Key_PageUp, CTRL_SHIFT)
    assert ctx.session.state.roi("t").mask.box.lo_kji == (low[0] + 1, low[1], low[2] + 5)
    QTest.keyClick(view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    assert ctx.session.state.roi("t").mask.is_empty
    assert "no voxels yet" in command("op.grow").why_not(ctx)


def test_an_answer_for_a_state_that_no_longer_holds_is_dropped_in_words(
    qtbot: QtBot, window: MainWindow
) -> None:
    from atsm_viewer.app.operations_run import run_operation
    from atsm_viewer.operations import operation

    ctx = window.ctx
    mask = ctx.session.state.roi("t").mask
    run_operation(ctx, operation("grow"), {"mm": 2.0})
    ctx.session.apply(RenameRoi("t", "Another"), "Rename")
    settle(qtbot, window)
    assert ctx.session.state.roi("t").mask is mask
    assert ctx.session.undo_labels == ("Rename",)
    token = run_operation(ctx, operation("grow"), {"mm": 2.0})
    assert token is not None
    token.cancel()
    settle(qtbot, window)
    assert ctx.session.state.roi("t").mask is mask


def test_a_mirrored_copy_is_added_put_in_hand_and_undone_in_one_step(
    qtbot: QtBot, window: MainWindow
) -> None:
    ctx = window.ctx
    dialog = open_dialog(qtbot, window, "op.split")
    assert "one part already" in dialog.note.text()
    dialog.reject()
    settle(qtbot, window)
    state = ctx.session.state
    dialog = open_dialog(qtbot, window, "op.mirror")
    assert "1 ROI will be added" in dialog.note.text()
    assert "Midline" in dialog.note.text()
    dialog.accept()
    settle(qtbot, window)
    names = [r.name for r in ctx.session.state.rois]
    assert names == ["Tumour 1", "Tumour 1 mirrored", "Muscle 1"]
    assert ctx.view.state.active_roi_id == ctx.session.state.rois[1].id
    ctx.session.undo()
    assert ctx.session.state is state

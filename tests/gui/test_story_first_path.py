"""The whole job once, by real pointer and key events: sample, muscle, tumour, T/M, save, reopen, CSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableWidget
from pytestqt.qtbot import QtBot

from atsm_viewer.app import documents
from atsm_viewer.app.measuring import measure
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.domain.roi import Role
from atsm_viewer.io.sample import make_sample
from atsm_viewer.ui.application import make_window
from atsm_viewer.ui.main_window import MainWindow
from atsm_viewer.ui.views.slice_view import SliceView

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.MouseButton.NoButton


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setattr(documents.platformdirs, "user_data_dir", lambda *a, **k: str(tmp_path / "data"))
    opened = make_window(SettingsStore(None), None)
    opened.resize(1280, 800)
    qtbot.addWidget(opened)
    with qtbot.waitExposed(opened):
        opened.show()
    yield opened
    opened.ctx.session.mark_saved(opened.ctx.session.state)
    opened.close()


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until workers are idle and exact numbers are shown."""
    live = window.ctx.live

    def calm() -> bool:
        return window._jobs.is_idle and (not window.ctx.session.state.scans or live.is_current)

    qtbot.waitUntil(calm, timeout=60_000)
    qtbot.wait(30)


def pixel_of(view: SliceView, lps: tuple[float, float, float]) -> QPointF:
    transform = view.view_transform
    assert transform is not None
    x, y = transform.to_pixel(lps)
    return QPointF(x / view.devicePixelRatioF(), y / view.devicePixelRatioF())


def mouse(
    view: SliceView, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton
) -> None:
    event = QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)


def paint_line(
    view: SliceView, start: QPointF, end: QPointF, while_down: Callable[[], None] | None = None
) -> None:
    mouse(view, QEvent.Type.MouseButtonPress, start, LEFT, LEFT)
    for step in np.linspace(0.25, 1.0, 4):
        at = start + (end - start) * float(step)
        mouse(view, QEvent.Type.MouseMove, at, NONE, LEFT)
    if while_down is not None:
        while_down()
    mouse(view, QEvent.Type.MouseButtonRelease, end, LEFT, NONE)


def click(view: SliceView, at: QPointF) -> None:
    mouse(view, QEvent.Type.MouseButtonPress, at, LEFT, LEFT)
    mouse(view, QEvent.Type.MouseButtonRelease, at, LEFT, NONE)


def key(
    window: MainWindow,
    qtbot: QtBot,
    key_: Qt.Key,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    QTest.keyClick(window.views[Orientation.AXIAL], key_, modifier)
    qtbot.wait(20)


def go_to(window: MainWindow, qtbot: QtBot, lps: np.ndarray) -> None:
    """Reach a position as a person does: crosshair tool, click in two planes."""
    key(window, qtbot, Qt.Key.Key_1)
    target = tuple(float(v) for v in lps)
    click(window.views[Orientation.CORONAL], pixel_of(window.views[Orientation.CORONAL], target))
    qtbot.wait(20)
    click(window.views[Orientation.SAGITTAL], pixel_of(window.views[Orientation.SAGITTAL], target))
    qtbot.wait(20)
    assert np.linalg.norm(np.array(window.ctx.view.state.cursor_lps) - lps) < 1.0


def numbers(window: MainWindow) -> dict[str, object]:
    """What the results table shows, read from its cells."""
    table = window.panels["results"].findChild(QTableWidget)
    heads = [table.horizontalHeaderItem(c).text() for c in range(table.columnCount())]
    return {
        table.item(r, 0).text(): {h: table.item(r, c).text() for c, h in enumerate(heads)}
        for r in range(table.rowCount())
    }


@pytest.mark.timeout(180)
def test_a_scientist_does_the_whole_job_once(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = window.ctx
    window.run("file.sample.mouse")
    qtbot.waitUntil(lambda: bool(ctx.session.state.scans), timeout=60_000)
    settle(qtbot, window)
    # Where tumour and muscle truly are.
    study = make_sample("mouse", tmp_path / "data" / "sample-mouse")
    truth = json.loads(study.truth_path.read_text())
    assert truth["regions"]
    labels = {r.name: r.label for r in study.regions}
    rim = next(v for k, v in labels.items() if "rim" in k.lower() or "tumour" in k.lower())
    centre = {}
    for name, label in (("tumour", rim), ("muscle", None)):
        if label is None:
            import SimpleITK

            mask = SimpleITK.GetArrayFromImage(
                SimpleITK.ReadImage(str(study.truth_path.parent / "roi_muscle.nii.gz"))
            )
        else:
            mask = study.labels_kji == label
        inside = np.argwhere(mask)
        middle = inside[np.argmin(((inside - inside.mean(axis=0)) ** 2).sum(axis=1))]
        centre[name] = study.pet.index_to_lps(middle)

    axial = window.views[Orientation.AXIAL]
    go_to(window, qtbot, centre["muscle"])
    key(window, qtbot, Qt.Key.Key_M)
    assert ctx.view.state.tool_id == "brush"
    at = pixel_of(axial, tuple(centre["muscle"]))
    paint_line(axial, at, at + QPointF(3, 0))
    settle(qtbot, window)
    muscle = ctx.session.state.rois_of(ctx.view.state.scan_id, Role.MUSCLE)[0]
    assert muscle.mask.n_voxels > 3

    go_to(window, qtbot, centre["tumour"])
    key(window, qtbot, Qt.Key.Key_T)
    at = pixel_of(axial, tuple(centre["tumour"]))
    seen: list[float] = []

    def look_under_the_brush() -> None:
        qtbot.wait(40)
        shown = numbers(window)["Tumour 1"]
        assert shown["T/M mean"] != "–"
        seen.append(float(shown["T/M mean"]))
        assert not ctx.session.state.rois_of(ctx.view.state.scan_id, Role.TUMOUR)[0].mask.n_voxels

    paint_line(axial, at, at + QPointF(6, 4), look_under_the_brush)
    settle(qtbot, window)
    after_one = numbers(window)["Tumour 1"]
    assert float(after_one["T/M mean"]) == pytest.approx(seen[0], rel=2e-3)
    paint_line(axial, at + QPointF(0, 6), at + QPointF(6, 8))
    settle(qtbot, window)
    after_two = numbers(window)
    assert after_two["Tumour 1"] != after_one
    # Independent of the program's own statistics: the stored values under the masks.
    tumour = ctx.session.state.rois_of(ctx.view.state.scan_id, Role.TUMOUR)[0]
    pet = ctx.session.state.scans[0].pet
    assert pet is not None
    values = pet.frame_kji(0).astype(np.float64)
    expected = (
        values[tumour.mask.to_dense(values.shape)].mean() / values[muscle.mask.to_dense(values.shape)].mean()
    )
    assert float(after_two["Tumour 1"]["T/M mean"]) == pytest.approx(expected, rel=1e-3)

    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    key(window, qtbot, Qt.Key.Key_Z, ctrl)
    settle(qtbot, window)
    assert numbers(window)["Tumour 1"] == after_one
    key(window, qtbot, Qt.Key.Key_Z, ctrl)
    settle(qtbot, window)
    assert numbers(window)["Tumour 1"]["T/M mean"] == "–"
    key(window, qtbot, Qt.Key.Key_Z, ctrl | shift)
    settle(qtbot, window)
    assert numbers(window)["Tumour 1"] == after_one
    key(window, qtbot, Qt.Key.Key_Y, ctrl)
    settle(qtbot, window)
    assert numbers(window) == after_two

    project = tmp_path / "work" / "first.atsm"
    project.parent.mkdir()
    monkeypatch.setattr(ctx.port, "choose_save_file", lambda title, proposal, filters: project)
    assert window.isWindowModified()
    key(window, qtbot, Qt.Key.Key_S, ctrl)
    settle(qtbot, window)
    assert project.exists()
    assert not window.isWindowModified()
    key(window, qtbot, Qt.Key.Key_W, ctrl)
    assert not ctx.session.state.scans

    window.open_paths([project])
    qtbot.waitUntil(lambda: bool(ctx.session.state.scans), timeout=60_000)
    settle(qtbot, window)
    assert numbers(window) == after_two

    table = tmp_path / "work" / "paper.csv"
    monkeypatch.setattr(ctx.port, "choose_save_file", lambda title, proposal, filters: table)
    key(window, qtbot, Qt.Key.Key_E, ctrl)
    settle(qtbot, window)
    headless = measure(project, [])
    rois, ratios = headless.write_csv(tmp_path / "headless", overwrite=False)
    assert (table.parent / "paper_rois.csv").read_bytes() == rois.read_bytes()
    assert (table.parent / "paper_tm.csv").read_bytes() == ratios.read_bytes()
    assert not headless.has_errors

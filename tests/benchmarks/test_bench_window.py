"""How fast the window answers: strokes, crosshair and start-up, as ratios within one run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.render.kernels import warm_up
from atsm_viewer.ui.application import make_window
from atsm_viewer.ui.main_window import MainWindow

pytestmark = pytest.mark.benchmark
PET_SHAPE, CT_SHAPE = (300, 336, 336), (300, 512, 512)


def study() -> SessionState:
    rng = np.random.default_rng(1)
    pet_grid = Geometry.axis_aligned(PET_SHAPE, (2.0, 2.0, 2.0))
    ct_grid = Geometry.axis_aligned(CT_SHAPE, (2.0, 1.3125, 1.3125))
    pet = rng.random((1, *PET_SHAPE), dtype=np.float32) * 5
    ct = rng.integers(-100, 100, (1, *CT_SHAPE), dtype=np.int16)
    scan = Scan(
        "scan", "1 h", pet_grid, Volume(pet_grid, pet, "GML", Modality.PET),
        Volume(ct_grid, ct, "HU", Modality.CT), (Slot("s", "a"),),
    )  # fmt: skip
    rois = (Roi("t", "Tumour", Role.TUMOUR, "scan", "s"), Roi("m", "Muscle", Role.MUSCLE, "scan", "s"))
    return SessionState((Subject("s", "S"),), (Administration("a", "s"),), (scan,), rois)


@dataclass
class Times:
    """Milliseconds of repeated events."""

    ms: list[float]

    def __str__(self) -> str:
        return (
            f"median {np.median(self.ms):.2f} ms, p95 {np.quantile(self.ms, 0.95):.2f} ms, n {len(self.ms)}"
        )

    @property
    def median(self) -> float:
        return float(np.median(self.ms))


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    warm_up()
    opened = make_window(SettingsStore(None), None)
    opened.resize(1920, 1080)
    qtbot.addWidget(opened)
    with qtbot.waitExposed(opened):
        opened.show()
    state = study()
    opened.ctx.session.replace(state, saved=True)
    opened.ctx.view.move_to(opening_view(state))
    opened.ctx.view.set(cursor_lps=(336.0, 336.0, 300.0), active_roi_id="t", tool_id="brush")
    qtbot.waitUntil(lambda: opened._jobs.is_idle and opened.ctx.live.is_current, timeout=30_000)
    yield opened
    opened.ctx.session.mark_saved(opened.ctx.session.state)
    opened.close()


def timed(action: Callable[[], None]) -> float:
    start = time.perf_counter()
    action()
    QApplication.processEvents()
    return (time.perf_counter() - start) * 1000.0


def send(window: MainWindow, kind: QEvent.Type, at: QPointF, held: Qt.MouseButton) -> None:
    view = window.views[Orientation.AXIAL]
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)


def stroke(window: MainWindow, diameter_mm: float, shape: str) -> Times:
    for tool in ("brush", "eraser"):
        window.ctx.view.set_tool_option(tool, "diameter_mm", diameter_mm)
        window.ctx.view.set_tool_option(tool, "shape", shape)
    QApplication.processEvents()
    view = window.views[Orientation.AXIAL]
    middle = QPointF(view.width() / 2, view.height() / 2)
    angles = np.linspace(0.0, 4.0 * np.pi, 60)
    path = [middle + QPointF(70 * np.cos(a), 70 * np.sin(a)) for a in angles]
    left = Qt.MouseButton.LeftButton
    send(window, QEvent.Type.MouseButtonPress, path[0], left)
    QApplication.processEvents()
    times = Times([timed(lambda at=at: send(window, QEvent.Type.MouseMove, at, left)) for at in path[1:]])
    send(window, QEvent.Type.MouseButtonRelease, path[-1], Qt.MouseButton.NoButton)
    QApplication.processEvents()
    window.ctx.session.undo()
    QApplication.processEvents()
    return times


@dataclass
class Peer:
    """The usual way: pyqtgraph image items for CT, PET and mask in three views, numbers recomputed."""

    widget: pg.GraphicsLayoutWidget
    masks: list[pg.ImageItem]
    pets: list[pg.ImageItem]
    values: npt.NDArray[np.float32]
    mask: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, window: MainWindow, qtbot: QtBot) -> Peer:
        scan = window.ctx.session.state.scans[0]
        assert scan.pet is not None
        assert scan.ct is not None
        values, ct = scan.pet.frame_kji(0), scan.ct.frame_kji(0)
        widget = pg.GraphicsLayoutWidget()
        widget.resize(window.grid.size())
        qtbot.addWidget(widget)
        masks, pets = [], []
        for below, over in (
            (ct[112], values[75]),
            (ct[:, 128], values[:, 80]),
            (ct[:, :, 128], values[:, :, 80]),
        ):
            box = widget.addViewBox(lockAspect=True)
            pet = pg.ImageItem(over, axisOrder="row-major", opacity=0.6, levels=(0, 5))
            mask = pg.ImageItem(np.zeros((*over.shape, 4), np.uint8), axisOrder="row-major")
            for item in (pg.ImageItem(below, axisOrder="row-major", levels=(-160, 240)), pet, mask):
                item.setRect(0, 0, 672, 600)
                box.addItem(item)
            masks.append(mask)
            pets.append(pet)
        with qtbot.waitExposed(widget):
            widget.show()
        return cls(widget, masks, pets, values, np.zeros(values.shape, dtype=bool))

    def stroke_move(self, step: int) -> None:
        self.mask[150, 160 + step : 180 + step, 160:180] = True
        inside = self.values[self.mask]
        self.widget.setWindowTitle(f"{inside.mean():.3f} {inside.max():.3f} {inside.std():.3f}")
        planes = (self.mask[150], self.mask[:, 168], self.mask[:, :, 168])
        for item, plane in zip(self.masks, planes, strict=True):
            rgba = np.zeros((*plane.shape, 4), np.uint8)
            rgba[plane] = (213, 94, 0, 90)
            item.setImage(rgba)

    def scroll(self, step: int) -> None:
        planes = (self.values[60 + step], self.values[:, 60 + step], self.values[:, :, 60 + step])
        for item, plane in zip(self.pets, planes, strict=True):
            item.setImage(plane, autoLevels=False)


def test_a_stroke_reaches_pixels_and_numbers_faster_than_with_image_items(
    window: MainWindow, qtbot: QtBot
) -> None:
    peer = Peer.of(window, qtbot)
    naive = Times([timed(lambda step=step: peer.stroke_move(step)) for step in range(25)])
    peer.widget.close()
    stroke(window, 40.0, "disc")
    print(f"\nimage items, mask redrawn and numbers recomputed: {naive}")
    medians = {}
    for shape, diameter in (("disc", 40.0), ("disc", 120.0), ("ball", 40.0), ("ball", 120.0)):
        times = stroke(window, diameter, shape)
        medians[shape, diameter] = times.median
        ratio = naive.median / times.median
        print(f"{shape} {diameter:g} mm to pixels and numbers: {times}; image items / ours {ratio:.1f}")
    assert medians["disc", 40.0] < 3.0 * naive.median


def test_dragging_the_crosshair_is_faster_than_with_image_items(window: MainWindow, qtbot: QtBot) -> None:
    peer = Peer.of(window, qtbot)
    naive = Times([timed(lambda step=step: peer.scroll(step)) for step in range(25)])
    peer.widget.close()
    window.ctx.view.set(tool_id="crosshair")
    QApplication.processEvents()
    view = window.views[Orientation.AXIAL]
    left = Qt.MouseButton.LeftButton
    middle = QPointF(view.width() / 2, view.height() / 2)
    send(window, QEvent.Type.MouseButtonPress, middle, left)
    QApplication.processEvents()
    path = [middle + QPointF(2.0 * i, 1.5 * i) for i in range(1, 50)]
    times = Times([timed(lambda at=at: send(window, QEvent.Type.MouseMove, at, left)) for at in path])
    send(window, QEvent.Type.MouseButtonRelease, path[-1], Qt.MouseButton.NoButton)
    print(f"\ncrosshair drag, fused views of {view.width()}x{view.height()}: {times}")
    print(f"image items, PET alone changed: {naive}; image items / ours {naive.median / times.median:.1f}")
    # Ours interpolates between slices and voxels; still it must not be much slower.
    assert times.median < 6.0 * naive.median


START = """
import sys, time
t0 = time.perf_counter()
from PySide6.QtWidgets import QApplication, QWidget
{body}
app.processEvents()
print((time.perf_counter() - t0) * 1000.0)
"""
BARE = "app = QApplication(['x']); w = QWidget(); w.resize(1280, 800); w.show()"
OURS = (
    "from atsm_viewer.ui.application import make_application, make_window\n"
    "from atsm_viewer.app.settings import SettingsStore\n"
    "app = make_application(['x']); w = make_window(SettingsStore(None), None); w.show()"
)


def test_start_up_is_reported_against_a_bare_window(tmp_path: Path) -> None:
    def start(body: str) -> float:
        done = subprocess.run(
            [sys.executable, "-c", START.format(body=body)], capture_output=True, text=True, check=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        return float(done.stdout.strip().splitlines()[-1])

    start(OURS)
    pairs = [(start(BARE), start(OURS)) for _ in range(3)]
    bare, ours = np.median([p[0] for p in pairs]), np.median([p[1] for p in pairs])
    print(f"\nfirst window: {ours:.0f} ms, bare Qt window {bare:.0f} ms, ratio {ours / bare:.1f}")
    assert ours < 25 * bare

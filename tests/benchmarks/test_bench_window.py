"""How fast the window answers: strokes, crosshair and start-up, as ratios within one run.

Three views of about 900 × 900 pixels in the whole main window, PET 300 × 336 × 336, CT 300 × 512 × 512.
A time runs from the pointer event until every widget is painted, numbers included. The peers get the
same images, as many pixels and a real repaint, and no panel to keep up to date. Printed are median and
95th percentile; asserted is only that our median is not the larger one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph as pg
import SimpleITK as sitk
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel
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
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.render.kernels import warm_up
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.ui.application import make_window
from atsm_viewer.ui.main_window import MainWindow

pytestmark = pytest.mark.benchmark
PET_SHAPE, CT_SHAPE = (300, 336, 336), (300, 512, 512)
VOXEL_MM = 2.0
LEFT = Qt.MouseButton.LeftButton
Draw = Callable[[int], None]


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
        return f"median {self.median:7.2f} ms, p95 {np.quantile(self.ms, 0.95):7.2f} ms, n {len(self.ms)}"

    @property
    def median(self) -> float:
        return float(np.median(self.ms))


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    warm_up()
    opened = make_window(SettingsStore(None), None)
    opened.resize(3440, 1040)
    # Unsaved strokes would make it ask before it closes.
    session = opened.ctx.session
    qtbot.addWidget(opened, before_close_func=lambda _: session.mark_saved(session.state))
    with qtbot.waitExposed(opened):
        opened.show()
    state = study()
    opened.ctx.session.replace(state, saved=True)
    opened.ctx.view.move_to(opening_view(state))
    opened.ctx.view.set(
        cursor_lps=(336.0, 336.0, 300.0), active_roi_id="t", tool_id="brush", layout="row", pet_unit="stored",
        pet_lo=0.0, pet_hi=5.0,
    )  # fmt: skip
    qtbot.waitUntil(lambda: opened._jobs.is_idle and opened.ctx.live.is_current, timeout=30_000)
    for volume in (state.scans[0].ct, state.scans[0].pet):
        assert volume is not None
        opened.composer.prepare(volume)
    qtbot.wait(200)
    return opened


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    # Once for the pictures, once for the numbers, which come when the events at hand are done.
    QApplication.processEvents()
    QApplication.processEvents()
    return (time.perf_counter() - start) * 1000.0


def repeated(draw: Draw, n: int) -> Times:
    """Times of ``draw(1)`` to ``draw(n)`` after one that does not count."""
    timed(lambda: draw(0))
    return Times([timed(lambda step=step: draw(step)) for step in range(1, n + 1)])


def send(window: MainWindow, kind: QEvent.Type, at: QPointF, held: Qt.MouseButton) -> None:
    view = window.views[Orientation.AXIAL]
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    event = QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)


def drag(window: MainWindow, path: list[QPointF]) -> Times:
    send(window, QEvent.Type.MouseButtonPress, path[0], LEFT)
    QApplication.processEvents()
    times = Times([timed(lambda at=at: send(window, QEvent.Type.MouseMove, at, LEFT)) for at in path[1:]])
    send(window, QEvent.Type.MouseButtonRelease, path[-1], Qt.MouseButton.NoButton)
    QApplication.processEvents()
    return times


def brush(window: MainWindow, radius_voxels: int, shape: str) -> None:
    window.ctx.view.set_tool_option("brush", "diameter_mm", 2.0 * VOXEL_MM * radius_voxels)
    window.ctx.view.set_tool_option("brush", "shape", shape)
    QApplication.processEvents()


def transform(window: MainWindow, orientation: Orientation) -> ViewTransform:
    found = window.views[orientation].view_transform
    assert found is not None
    return found


def stroke(window: MainWindow, radius_voxels: int, shape: str) -> Times:
    """One stroke of 60 moves of six voxels each, every one onto fresh voxels."""
    brush(window, radius_voxels, shape)
    view = window.views[Orientation.AXIAL]
    middle, per_px = QPointF(view.width() / 2, view.height() / 2), transform(window, Orientation.AXIAL)
    radius_mm = 120.0
    angles = np.arange(61) * (6 * VOXEL_MM / radius_mm)
    radius = radius_mm / per_px.mm_per_pixel / view.devicePixelRatioF()
    times = drag(window, [middle + QPointF(radius * np.cos(a), radius * np.sin(a)) for a in angles])
    window.ctx.session.undo()
    QApplication.processEvents()
    return times


class ImageItems:
    """The usual way: pyqtgraph image items for CT, PET and mask in three views, numbers recomputed."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        scan = window.ctx.session.state.scans[0]
        assert scan.pet is not None
        assert scan.ct is not None
        self.pet, self.ct = scan.pet.frame_kji(0), scan.ct.frame_kji(0)
        self.mask = np.zeros(self.pet.shape, dtype=bool)
        self.label = QLabel()
        qtbot.addWidget(self.label)
        self.label.show()
        self.views: list[pg.GraphicsView] = []
        self.items: list[tuple[pg.ImageItem, pg.ImageItem, pg.ImageItem]] = []
        for orientation, axis in zip(Orientation, range(3), strict=True):
            below, over = self._planes(axis, 0)
            view, box = pg.GraphicsView(), pg.ViewBox(lockAspect=True, enableMenu=False)
            view.setCentralItem(box)
            view.resize(window.views[orientation].size())
            ct = pg.ImageItem(below, axisOrder="row-major", levels=(-160, 240))
            pet = pg.ImageItem(over, axisOrder="row-major", levels=(0, 5), opacity=0.6)
            pet.setLookupTable(COLOUR_MAPS["hot"].rgb)
            mask = pg.ImageItem(np.zeros((*over.shape, 4), np.uint8), axisOrder="row-major")
            for item in (ct, pet, mask):
                item.setRect(0, 0, 672, 600 if axis else 672)
                box.addItem(item)
            qtbot.addWidget(view)
            with qtbot.waitExposed(view):
                view.show()
            self.views.append(view)
            self.items.append((ct, pet, mask))

    def _planes(self, axis: int, step: int) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.float32]]:
        index = 120 + step
        ct_index = index if axis == 0 else round(index * CT_SHAPE[axis] / PET_SHAPE[axis])
        return self.ct.take(ct_index, axis), self.pet.take(index, axis)

    def _repaint(self) -> None:
        for view in self.views:
            view.viewport().repaint()

    def stroke_move(self, step: int) -> None:
        self.mask[150, 100 + 2 * step : 120 + 2 * step, 160:180] = True
        inside = self.pet[self.mask]
        self.label.setText(f"{inside.mean():.3f} {inside.max():.3f} {inside.std(ddof=1):.3f}")
        for axis, (_, _, item) in enumerate(self.items):
            plane = self.mask.take((150, 168, 168)[axis], axis)
            rgba = np.zeros((*plane.shape, 4), np.uint8)
            rgba[plane] = (213, 94, 0, 90)
            item.setImage(rgba, autoLevels=False)
        self._repaint()

    def drag_move(self, step: int) -> None:
        # As ours: the view pointed at keeps its slice.
        for axis, (ct, pet, _) in enumerate(self.items):
            if axis:
                below, over = self._planes(axis, step)
                ct.setImage(below, autoLevels=False)
                pet.setImage(over, autoLevels=False)
        self._repaint()

    def close(self) -> None:
        for widget in (*self.views, self.label):
            widget.close()


def resampler(window: MainWindow) -> Draw:
    """SimpleITK resamples both images linearly to the pixels of two views, NumPy blends; never painted."""
    scan = window.ctx.session.state.scans[0]
    images = []
    for volume in (scan.ct, scan.pet):
        assert volume is not None
        image = sitk.GetImageFromArray(volume.frame_kji(0))
        image.SetSpacing(volume.geometry.spacing_kji_mm[::-1])
        image.SetOrigin(volume.geometry.origin_lps)
        images.append(image)
    hot = COLOUR_MAPS["hot"].rgb.astype(np.float32)

    def draw(step: int) -> None:
        for orientation in (Orientation.CORONAL, Orientation.SAGITTAL):
            view = transform(window, orientation).with_plane_through(
                (300.0 + 2 * step, 300.0 + 2 * step, 300.0)
            )
            resample = sitk.ResampleImageFilter()
            resample.SetSize((view.width_px, view.height_px, 1))
            resample.SetOutputSpacing((view.mm_per_pixel, view.mm_per_pixel, 1.0))
            resample.SetOutputOrigin([float(x) for x in view.to_lps(0.5, 0.5)])
            axes = np.array([view.plane.u_lps, view.plane.v_lps, view.plane.normal_lps]).T
            resample.SetOutputDirection([float(x) for x in axes.ravel()])
            resample.SetInterpolator(sitk.sitkLinear)
            ct, pet = (sitk.GetArrayFromImage(resample.Execute(image))[0] for image in images)
            grey = np.clip((ct.astype(np.float32) + 160.0) * (255 / 400), 0, 255)[..., None]
            colour = hot[np.clip(pet * (255 / 5), 0, 255).astype(np.intp)]
            (grey * 0.4 + colour * 0.6).astype(np.uint8)

    return draw


def report(name: str, times: Times, ours: Times) -> float:
    ratio = times.median / ours.median
    print(f"{name:58s} {times}, {ratio:5.1f} × ours")
    return ratio


def sizes(window: MainWindow) -> str:
    return ", ".join(f"{t.width_px} × {t.height_px}" for t in (transform(window, o) for o in Orientation))


def test_a_stroke_reaches_pixels_and_numbers_faster_than_with_image_items(
    window: MainWindow, qtbot: QtBot
) -> None:
    peer = ImageItems(window, qtbot)
    naive = repeated(peer.stroke_move, 40)
    peer.close()
    stroke(window, 10, "disc")
    print(f"\nstroke, views of {sizes(window)} pixels")
    ratios = {}
    for shape in ("disc", "ball"):
        for radius in (10, 30, 50):
            times = stroke(window, radius, shape)
            print(f"{shape} of radius {radius} voxels, six voxels a move, pixels and numbers    {times}")
            ratios[shape, radius] = report("  image items, mask set, numbers from values[mask]", naive, times)
    assert ratios["disc", 10] >= 1.0
    assert ratios["disc", 30] >= 1.0


def test_dragging_the_crosshair_is_faster_than_image_items_and_resampling(
    window: MainWindow, qtbot: QtBot
) -> None:
    peer = ImageItems(window, qtbot)
    nearest = repeated(peer.drag_move, 40)
    peer.close()
    resampled = repeated(resampler(window), 8)
    window.ctx.view.set(tool_id="crosshair")
    QApplication.processEvents()
    view = window.views[Orientation.AXIAL]
    middle = QPointF(view.width() / 2, view.height() / 2)
    path = [middle + QPointF(2.0 * i, 1.5 * i) for i in range(60)]
    drag(window, path)
    ours = drag(window, [at + QPointF(0.4, 0.7) for at in path])
    print(f"\ncrosshair drag, views of {sizes(window)} pixels, two of them change")
    report("ours, linear, fused, painted", ours, ours)
    to_items = report("image items, nearest voxel, CT and PET set, painted", nearest, ours)
    to_resampling = report("SimpleITK Resample, linear, NumPy blend, not painted", resampled, ours)
    assert to_items >= 0.7
    assert to_resampling >= 1.0


def test_the_last_of_two_thousand_strokes_is_as_quick_as_the_first(window: MainWindow) -> None:
    brush(window, 3, "disc")
    view = window.views[Orientation.AXIAL]
    middle = QPointF(view.width() / 2, view.height() / 2)
    spots = [middle + QPointF(16.0 * (n % 10 - 5), 16.0 * (n // 10 - 5)) for n in range(100)]

    def one(at: QPointF) -> None:
        send(window, QEvent.Type.MouseButtonPress, at, LEFT)
        send(window, QEvent.Type.MouseMove, at + QPointF(5.0, 0.0), LEFT)
        send(window, QEvent.Type.MouseButtonRelease, at, Qt.MouseButton.NoButton)

    times = []
    for number in range(2000):
        # A hundred strokes paint, the next hundred erase the same: the ROI stays as large as it was.
        if number % 100 == 0:
            window.ctx.view.set(tool_id="eraser" if number // 100 % 2 else "brush")
            window.ctx.view.set_tool_option("eraser", "diameter_mm", 6.0 * VOXEL_MM)
            QApplication.processEvents()
        times.append(timed(lambda at=spots[number % 100]: one(at)))
    first, last = Times(times[200:400]), Times(times[-200:])
    print(f"\nwhole strokes 201 to 400    {first}\nwhole strokes 1801 to 2000  {last}")
    assert len(window.ctx.session.undo_labels) > 100
    assert last.median < 3.0 * first.median


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
    # Python files are compiled once, as an installation does.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def start(body: str) -> float:
        done = subprocess.run(
            [sys.executable, "-c", START.format(body=body)], capture_output=True, text=True, check=True,
            env=environment, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        return float(done.stdout.strip().splitlines()[-1])

    start(OURS)
    pairs = [(start(BARE), start(OURS)) for _ in range(5)]
    bare, ours = (Times(list(column)) for column in zip(*pairs, strict=True))
    print(f"\nfirst window painted  {ours}\nbare Qt window        {bare}")
    print(f"ratio {ours.median / bare.median:.1f}")
    assert ours.median < 15 * bare.median

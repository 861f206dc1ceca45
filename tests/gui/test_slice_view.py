"""A slice view by real pointer and key events, against distances worked out here."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.study_loading import catalogue_of, load_pair
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.edits import SetRoiLocked
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.render.compose import Composer
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.views.colour_bar import ColourBar
from atsm_viewer.ui.views.slice_view import SliceView
from atsm_viewer.ui.views.view_grid import FOURTH, ViewGrid

NO_KEY = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
SHAPE, SPACING = (14, 30, 32), (2.0, 1.5, 1.25)
ORIGIN = (-20.0, 10.0, 100.0)


class NoQuestions:
    """A port that must not be asked anything."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the view asked the person: {name}")


def study() -> SessionState:
    rng = np.random.default_rng(5)
    grid = Geometry.axis_aligned(SHAPE, SPACING, ORIGIN)
    pet = rng.uniform(0.0, 4.0, (1, *SHAPE)).astype(np.float32)
    ct_grid = Geometry.axis_aligned((28, 45, 50), (1.0, 1.0, 0.8), ORIGIN)
    ct = rng.integers(-200, 300, (1, 28, 45, 50)).astype(np.int16)
    scan = Scan(
        "scan", "1 h", grid, Volume(grid, pet, "BQML", Modality.PET), Volume(ct_grid, ct, "HU", Modality.CT),
        (Slot("mouse", "dose"),),
    )  # fmt: skip
    tumour = Roi("tumour", "Tumour", Role.TUMOUR, "scan", "mouse")
    muscle = Roi("muscle", "Muscle", Role.MUSCLE, "scan", "mouse")
    return SessionState(
        (Subject("mouse", "Mouse 1"),), (Administration("dose", "mouse"),), (scan,), (tumour, muscle)
    )  # fmt: skip


@dataclass
class Desk:
    """A view on the table, and hands for it."""

    ctx: AppContext
    bridge: Bridge
    view: SliceView

    @property
    def grid(self) -> Geometry:
        return self.ctx.session.state.scans[0].pet_geometry

    def mask(self, roi_id: str = "tumour") -> np.ndarray:
        return self.ctx.session.state.roi(roi_id).mask.to_dense(SHAPE)

    def at(self, index_kji: tuple[float, float, float]) -> QPointF:
        """Where a position given by its index lies in the view, logical pixels."""
        transform = self.view.view_transform
        assert transform is not None
        x, y = transform.to_pixel(self.grid.index_to_lps(index_kji))
        ratio = self.view.devicePixelRatioF()
        return QPointF(x / ratio, y / ratio)

    def lps(self, at: QPointF) -> np.ndarray:
        """Position under a spot of the view, worked out from the transform alone."""
        t, ratio = self.view.view_transform, self.view.devicePixelRatioF()
        assert t is not None
        u = t.centre_uv_mm[0] + (at.x() * ratio - t.width_px / 2) * t.mm_per_pixel
        v = t.centre_uv_mm[1] + (at.y() * ratio - t.height_px / 2) * t.mm_per_pixel
        point, right, down = (np.array(p) for p in (t.plane.point_lps, t.plane.u_lps, t.plane.v_lps))
        return np.asarray(point + u * right + v * down)

    def send(
        self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton,
        keys: Qt.KeyboardModifier = NO_KEY,
    ) -> None:  # fmt: skip
        event = QMouseEvent(kind, at, QPointF(self.view.mapToGlobal(at)), button, held, keys)
        QApplication.sendEvent(self.view, event)

    def press(self, at: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        self.send(QEvent.Type.MouseButtonPress, at, button, button, keys)

    def move(
        self, at: QPointF, held: Qt.MouseButton = Qt.MouseButton.NoButton, keys: Qt.KeyboardModifier = NO_KEY
    ) -> None:
        self.send(QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, held, keys)

    def release(self, at: QPointF, button: Qt.MouseButton = LEFT) -> None:
        self.send(QEvent.Type.MouseButtonRelease, at, button, Qt.MouseButton.NoButton)

    def drag(
        self, path: list[QPointF], button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEY
    ) -> None:
        self.press(path[0], button, keys)
        for at in path[1:]:
            self.move(at, button, keys)
        self.release(path[-1], button)

    def wheel(self, at: QPointF, eighths: int, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        event = QWheelEvent(
            at, QPointF(self.view.mapToGlobal(at)), QPoint(), QPoint(0, eighths), Qt.MouseButton.NoButton,
            keys, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.view, event)
        self.bridge.flush()

    def paints(self, *, diameter_mm: float = 6.0, shape: str = "disc", tool: str = "brush") -> None:
        self.ctx.view.set(tool_id=tool, active_roi_id="tumour")
        self.ctx.view.set_tool_option(tool, "diameter_mm", diameter_mm)
        self.ctx.view.set_tool_option(tool, "shape", shape)
        self.bridge.flush()

    def colour_at(self, at: QPointF) -> tuple[int, int, int]:
        """Colour of the composed picture, without vector items."""
        QApplication.processEvents()
        ratio = self.view.devicePixelRatioF()
        value = int(self.view.picture.buffer[int(at.y() * ratio), int(at.x() * ratio)])
        return value >> 16 & 255, value >> 8 & 255, value & 255


def near_path(
    grid: Geometry, path: list[np.ndarray], radius_mm: float, slice_kji: tuple[int, int] | None
) -> np.ndarray:
    """Voxels within a radius of a path of points, one at a time; ``slice_kji`` is (axis, index)."""
    inside = np.zeros(grid.shape_kji, dtype=bool)
    for index in itertools.product(*(range(n) for n in grid.shape_kji)):
        if slice_kji is not None and index[slice_kji[0]] != slice_kji[1]:
            continue
        centre = np.array(grid.origin_lps) + np.array(index[::-1]) * np.array(SPACING[::-1])
        best = min(_distance(centre, a, b) for a, b in itertools.pairwise([*path, path[-1]]))
        inside[index] = best <= radius_mm
    return inside


def _distance(p: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    way = b - a
    length = float(way @ way)
    t = min(1.0, max(0.0, float((p - a) @ way) / length)) if length else 0.0
    return float(np.linalg.norm(p - a - t * way))


@pytest.fixture
def context() -> AppContext:
    ctx = build_context(SettingsStore(None), InlineJobRunner(), NoQuestions())  # type: ignore[arg-type]
    state = study()
    ctx.session.replace(state, saved=True)
    cursor = state.scans[0].pet_geometry.index_to_lps((7, 15, 16))
    x, y, z = (float(v) for v in cursor)
    ctx.view.move_to(
        ViewState(scan_id="scan", cursor_lps=(x, y, z), active_roi_id="tumour", pet_unit="stored", pet_hi=4.0)
    )  # fmt: skip
    return ctx


@pytest.fixture
def bridge(context: AppContext, qapp: QApplication) -> Iterator[Bridge]:
    bridge = Bridge(context)
    yield bridge
    bridge.close()


@pytest.fixture
def make(context: AppContext, bridge: Bridge, qtbot: QtBot) -> Callable[[Orientation], Desk]:
    def make(orientation: Orientation) -> Desk:
        view = SliceView(context, orientation, Composer(), bridge)
        qtbot.addWidget(view)
        view.resize(420, 400)
        with qtbot.waitExposed(view):
            view.show()
        return Desk(context, bridge, view)

    return make


@pytest.fixture
def desk(make: Callable[[Orientation], Desk]) -> Desk:
    return make(Orientation.AXIAL)


# The index axis along which each plane scrolls, and two spots on the slice under the crosshair.
PLANES = [
    (Orientation.AXIAL, 0, (7.0, 10.2, 9.7), (7.0, 18.4, 21.1)),
    (Orientation.CORONAL, 1, (3.3, 15.0, 9.7), (9.6, 15.0, 21.1)),
    (Orientation.SAGITTAL, 2, (3.3, 8.1, 16.0), (9.6, 20.3, 16.0)),
]


@pytest.mark.parametrize(("orientation", "axis", "start", "end"), PLANES)
def test_a_fast_drag_paints_exactly_the_voxels_near_its_path(
    make: Callable[[Orientation], Desk], orientation: Orientation, axis: int, start: tuple[float, ...],
    end: tuple[float, ...],
) -> None:  # fmt: skip
    desk = make(orientation)
    desk.paints(diameter_mm=6.0)
    a, b = desk.at(start), desk.at(end)
    desk.drag([a, b])
    expected = near_path(desk.grid, [desk.lps(a), desk.lps(b)], 3.0, (axis, (7, 15, 16)[axis]))
    assert expected.sum() > 30
    np.testing.assert_array_equal(desk.mask(), expected)
    assert desk.ctx.session.undo_labels == ("Paint Tumour",)


def test_a_ball_paints_into_the_neighbouring_slices_too(desk: Desk) -> None:
    desk.paints(diameter_mm=8.0, shape="ball")
    at = desk.at((7.0, 12.0, 14.0))
    desk.drag([at])
    expected = near_path(desk.grid, [desk.lps(at)], 4.0, None)
    assert expected[5].any()
    np.testing.assert_array_equal(desk.mask(), expected)


def test_the_right_button_erases_and_ctrl_inverts(desk: Desk) -> None:
    desk.paints(diameter_mm=12.0)
    middle, edge = desk.at((7.0, 15.0, 15.0)), desk.at((7.0, 15.0, 19.0))
    desk.drag([middle])
    painted = desk.mask()
    desk.drag([edge], RIGHT)
    hole = near_path(desk.grid, [desk.lps(edge)], 6.0, (0, 7))
    np.testing.assert_array_equal(desk.mask(), painted & ~hole)
    desk.drag([middle], LEFT, CTRL)
    assert not desk.mask().any()
    desk.drag([middle], RIGHT, CTRL)
    np.testing.assert_array_equal(desk.mask(), painted)


def test_escape_in_the_middle_of_a_stroke_drops_it(desk: Desk, qtbot: QtBot) -> None:
    desk.paints()
    a, b = desk.at((7.0, 10.0, 10.0)), desk.at((7.0, 20.0, 20.0))
    before = desk.colour_at(a)
    desk.press(a)
    desk.move(b, LEFT)
    assert desk.ctx.painter.pending is not None
    assert desk.colour_at(a) != before
    qtbot.keyClick(desk.view, Qt.Key.Key_Escape)
    desk.move(a, LEFT)
    desk.release(a)
    assert not desk.mask().any()
    assert desk.ctx.session.undo_labels == ()
    assert desk.colour_at(a) == before


def test_the_picture_shows_the_stroke_before_it_is_released(desk: Desk) -> None:
    desk.paints(diameter_mm=8.0)
    at, away = desk.at((7.0, 12.0, 12.0)), desk.at((7.0, 25.0, 25.0))
    desk.move(at)
    before, far = desk.colour_at(at), desk.colour_at(away)
    desk.press(at)
    r, g, b = desk.colour_at(at)
    share = desk.ctx.view.state.roi_fill_opacity
    for now, was, roi in zip((r, g, b), before, (0xD5, 0x5E, 0x00), strict=True):
        assert abs(now - (was + share * (roi - was))) <= 2
    assert desk.colour_at(away) == far
    desk.release(at)
    assert desk.colour_at(at) == (r, g, b)


@pytest.mark.parametrize("orientation", list(Orientation))
def test_dirty_rectangles_leave_the_same_pixels_as_a_full_drawing(
    make: Callable[[Orientation], Desk], orientation: Orientation
) -> None:
    desk = make(orientation)
    desk.paints(diameter_mm=7.0, shape="ball")
    full_drawings: list[object] = []
    composer = desk.view.picture._composer
    compose = composer.compose

    def spy(*args: object, **named: object) -> object:
        full_drawings.append(named.get("rect"))
        return compose(*args, **named)  # type: ignore[arg-type]

    QApplication.processEvents()
    composer.compose = spy  # type: ignore[method-assign,assignment]
    spots = [desk.at(index) for index in ((7.0, 12.0, 12.0), (7.0, 15.0, 18.0), (7.0, 20.0, 14.0))]
    desk.press(spots[0])
    for at in spots[1:]:
        desk.move(at, LEFT)
        QApplication.processEvents()
    desk.release(spots[-1])
    desk.ctx.session.undo()
    desk.bridge.flush()
    QApplication.processEvents()
    desk.ctx.session.redo()
    desk.bridge.flush()
    QApplication.processEvents()
    assert full_drawings
    assert None not in full_drawings
    piecemeal = desk.view.picture.buffer.copy()
    desk.view.picture.invalidate()
    desk.view.update()
    QApplication.processEvents()
    assert full_drawings[-1] is None
    np.testing.assert_array_equal(piecemeal, desk.view.picture.buffer)


def test_undo_and_redo_repaint_the_place_without_the_pointer(desk: Desk) -> None:
    desk.paints(diameter_mm=8.0)
    at = desk.at((7.0, 12.0, 12.0))
    before = desk.colour_at(at)
    desk.drag([at])
    painted = desk.colour_at(at)
    assert painted != before
    desk.ctx.view.set(tool_id="crosshair")
    desk.bridge.flush()
    QApplication.sendEvent(desk.view, QEvent(QEvent.Type.Leave))
    QApplication.processEvents()
    desk.ctx.session.undo()
    desk.bridge.flush()
    assert desk.colour_at(at) == before
    desk.ctx.session.redo()
    desk.bridge.flush()
    assert desk.colour_at(at) == painted


def test_what_is_on_screen_after_a_stroke_equals_a_fresh_window(
    desk: Desk, make: Callable[[Orientation], Desk]
) -> None:
    desk.paints(diameter_mm=7.0)
    spots = [desk.at(index) for index in ((7.0, 8.0, 8.0), (7.0, 15.0, 22.0), (7.0, 22.0, 9.0))]
    desk.drag(spots)
    desk.ctx.view.set(tool_id="crosshair")
    desk.bridge.flush()
    QApplication.sendEvent(desk.view, QEvent(QEvent.Type.Leave))
    QApplication.processEvents()
    # The backing store holds what partial repaints left; a second window is painted at one go.
    if desk.view.devicePixelRatioF() != 1.0:
        pytest.skip("the screenless platform grabs scaled windows at another size")
    screen = desk.view.screen()
    shown = screen.grabWindow(desk.view.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    fresh = desk.view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert shown.size() == fresh.size()
    assert shown == fresh


def test_the_outlined_voxels_before_a_press_are_those_that_it_paints(desk: Desk, qtbot: QtBot) -> None:
    desk.paints(diameter_mm=5.0)
    at = desk.at((7.0, 14.3, 11.6))
    with qtbot.waitSignal(desk.view.footprint_changed) as caught:
        desk.move(at)
    patch = caught.args[0]
    promised = Mask.from_block(patch.box, patch.block_kji).to_dense(SHAPE)
    desk.drag([at])
    np.testing.assert_array_equal(desk.mask(), promised)


def drawn_along(desk: Desk, index_kji: tuple[int, int, int], colour: tuple[int, int, int]) -> list[bool]:
    """Whether each of the four borders of one voxel is drawn in a colour (within a pixel), in the middle."""
    QApplication.processEvents()
    image = desk.view.grab().toImage()
    ratio = desk.view.devicePixelRatioF()
    k, j, i = index_kji
    found = []
    for border in ((k, j - 0.5, i), (k, j + 0.5, i), (k, j, i - 0.5), (k, j, i + 0.5)):
        at = desk.at(border) * ratio
        near = [(int(at.x()) + dx, int(at.y()) + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        found.append(any(image.pixelColor(x, y).getRgb()[:3] == colour for x, y in near))
    return found


def test_outlines_run_along_the_borders_of_the_voxels(desk: Desk) -> None:
    desk.paints(diameter_mm=0.1)
    desk.ctx.view.set(roi_fill_opacity=0.0, crosshair_visible=False)
    desk.bridge.flush()
    voxel, at = (7, 9, 20), desk.at((7.0, 9.0, 20.0))
    white, vermilion = (255, 255, 255), (0xD5, 0x5E, 0x00)
    desk.move(at)
    assert drawn_along(desk, voxel, white) == [True] * 4
    assert drawn_along(desk, voxel, vermilion) == [False] * 4
    desk.drag([at])
    desk.ctx.view.set(tool_id="crosshair")
    desk.bridge.flush()
    QApplication.sendEvent(desk.view, QEvent(QEvent.Type.Leave))
    assert drawn_along(desk, voxel, vermilion) == [True] * 4
    assert drawn_along(desk, (7, 9, 22), vermilion) == [False] * 4
    desk.ctx.view.set(roi_outline=False)
    desk.bridge.flush()
    assert drawn_along(desk, voxel, vermilion) == [False] * 4


def test_a_release_outside_the_view_ends_the_stroke(desk: Desk) -> None:
    desk.paints()
    desk.press(desk.at((7.0, 15.0, 15.0)))
    outside = QPointF(900.0, 200.0)
    desk.move(outside, LEFT)
    desk.release(outside)
    assert not desk.ctx.painter.is_active
    assert desk.mask()[7, 15, 31]
    painted = desk.mask()
    desk.move(desk.at((7.0, 5.0, 5.0)))
    np.testing.assert_array_equal(desk.mask(), painted)


def test_a_release_that_never_arrived_ends_the_stroke_at_the_next_movement(desk: Desk) -> None:
    desk.paints()
    desk.press(desk.at((7.0, 15.0, 15.0)))
    desk.move(desk.at((7.0, 5.0, 5.0)))
    assert not desk.ctx.painter.is_active
    assert desk.mask()[7, 15, 15]
    assert not desk.mask()[7, 5, 5]


def test_a_locked_roi_is_refused_at_the_cursor_with_its_remedy(desk: Desk, qtbot: QtBot) -> None:
    desk.paints()
    desk.ctx.session.apply(SetRoiLocked("tumour", True), "Lock")
    desk.bridge.flush()
    at = desk.at((7.0, 15.0, 15.0))
    with qtbot.waitSignal(desk.view.refused) as caught:
        desk.press(at)
    desk.release(at)
    assert caught.args[0].remedy_command == "roi.unlock"
    note = desk.view.note
    assert note.isVisible()
    assert "is locked" in note.text()
    assert "Unlock it" in note.text()
    assert desk.view.rect().contains(note.geometry())
    assert not desk.mask().any()
    # It stays long enough to be read and answered by its key, and goes by itself.
    with qtbot.waitSignal(note.gone, timeout=10_000):
        pass
    assert not note.isVisible()


def test_a_stroke_that_changes_nothing_says_why_on_release(desk: Desk, qtbot: QtBot) -> None:
    desk.paints()
    at = desk.at((7.0, 15.0, 15.0))
    desk.drag([at])
    with qtbot.waitSignal(desk.view.refused) as caught:
        desk.drag([at])
    assert "belongs already" in caught.args[0].reason
    assert desk.view.note.isVisible()


def test_shift_and_a_move_bring_the_crosshair_from_any_tool(desk: Desk) -> None:
    desk.paints()
    at = desk.at((7.0, 4.0, 25.0))
    desk.move(at, keys=SHIFT)
    np.testing.assert_allclose(desk.ctx.view.state.cursor_lps, desk.lps(at), atol=1e-9)
    assert not desk.mask().any()


def test_a_click_of_the_crosshair_tool_moves_the_cursor_and_escape_puts_it_back(
    desk: Desk, qtbot: QtBot
) -> None:
    before = desk.ctx.view.state.cursor_lps
    at = desk.at((7.0, 20.0, 9.0))
    desk.press(at)
    np.testing.assert_allclose(desk.ctx.view.state.cursor_lps, desk.lps(at), atol=1e-9)
    qtbot.keyClick(desk.view, Qt.Key.Key_Escape)
    assert desk.ctx.view.state.cursor_lps == before
    desk.release(at)


@pytest.mark.parametrize(
    ("orientation", "lps_axis", "step"),
    [(Orientation.AXIAL, 2, 2.0), (Orientation.CORONAL, 1, -1.5), (Orientation.SAGITTAL, 0, -1.25)],
)
def test_wheel_and_keys_scroll_whole_slices_and_stop_at_the_end(
    make: Callable[[Orientation], Desk], qtbot: QtBot, orientation: Orientation, lps_axis: int, step: float
) -> None:
    desk = make(orientation)
    start = np.array(desk.ctx.view.state.cursor_lps)

    def gone() -> np.ndarray:
        return np.array(desk.ctx.view.state.cursor_lps) - start

    along = np.eye(3)[lps_axis] * step
    middle = QPointF(200.0, 200.0)
    desk.wheel(middle, 120)
    np.testing.assert_allclose(gone(), along, atol=1e-9)
    desk.wheel(middle, -60)
    np.testing.assert_allclose(gone(), along, atol=1e-9)
    desk.wheel(middle, -60)
    np.testing.assert_allclose(gone(), 0, atol=1e-9)
    qtbot.keyClick(desk.view, Qt.Key.Key_Down)
    np.testing.assert_allclose(gone(), -along, atol=1e-9)
    qtbot.keyClick(desk.view, Qt.Key.Key_Up)
    for _ in range(5):
        qtbot.keyClick(desk.view, Qt.Key.Key_PageUp)
    index = desk.grid.lps_to_index(desk.ctx.view.state.cursor_lps)
    n = SHAPE[2 - lps_axis]
    assert index[2 - lps_axis] == pytest.approx(n - 1 if step > 0 else 0, abs=1e-9)


def test_position_and_slice_number_are_told_in_words(desk: Desk) -> None:
    assert desk.view.position_words == "H 114.0 mm · slice 8 of 14"
    desk.wheel(QPointF(200, 200), 120)
    assert desk.view.position_words == "H 116.0 mm · slice 9 of 14"
    assert desk.view.accessibleDescription() == desk.view.position_words


def test_the_wheel_from_between_two_slices_ends_on_the_middle_of_one(desk: Desk) -> None:
    x, y, z = desk.grid.index_to_lps((6.3, 15, 16))
    desk.ctx.view.set(cursor_lps=(float(x), float(y), float(z)))
    desk.wheel(QPointF(200, 200), 120)
    assert desk.grid.lps_to_index(desk.ctx.view.state.cursor_lps)[0] == pytest.approx(7.0, abs=1e-9)


def test_ctrl_and_wheel_enlarge_about_the_pointer(desk: Desk) -> None:
    at = desk.at((7.0, 10.0, 20.0))
    under, scale = desk.lps(at), desk.view.view_transform.mm_per_pixel  # type: ignore[union-attr]
    desk.wheel(at, 240, CTRL)
    assert desk.view.view_transform.mm_per_pixel < 0.8 * scale  # type: ignore[union-attr]
    np.testing.assert_allclose(desk.lps(at), under, atol=1e-9)
    desk.view.fit()
    assert desk.view.view_transform.mm_per_pixel == pytest.approx(scale)  # type: ignore[union-attr]


def test_shift_and_wheel_change_the_brush_and_leave_the_slice(desk: Desk) -> None:
    desk.paints(diameter_mm=6.0)
    cursor = desk.ctx.view.state.cursor_lps
    desk.wheel(QPointF(200, 200), 120, SHIFT)
    assert desk.ctx.view.state.tool_options["brush"]["diameter_mm"] > 6.0
    desk.wheel(QPointF(200, 200), -120, SHIFT)
    assert desk.ctx.view.state.tool_options["brush"]["diameter_mm"] == pytest.approx(6.0)
    assert desk.ctx.view.state.cursor_lps == cursor


def test_middle_drag_and_space_with_left_drag_pan(desk: Desk, qtbot: QtBot) -> None:
    desk.paints()
    a, b = QPointF(200.0, 200.0), QPointF(260.0, 170.0)
    under = desk.lps(a)
    desk.drag([a, b], MIDDLE)
    np.testing.assert_allclose(desk.lps(b), under, atol=1e-9)
    qtbot.keyPress(desk.view, Qt.Key.Key_Space)
    desk.drag([b, a])
    qtbot.keyRelease(desk.view, Qt.Key.Key_Space)
    np.testing.assert_allclose(desk.lps(a), under, atol=1e-9)
    assert not desk.mask().any()


def test_a_right_drag_enlarges_outside_the_painting_tools(desk: Desk, qtbot: QtBot) -> None:
    a = QPointF(150.0, 200.0)
    under, scale = desk.lps(a), desk.view.view_transform.mm_per_pixel  # type: ignore[union-attr]
    desk.press(a, RIGHT)
    desk.move(QPointF(150.0, 100.0), RIGHT)
    assert desk.view.view_transform.mm_per_pixel < scale  # type: ignore[union-attr]
    np.testing.assert_allclose(desk.lps(a), under, atol=1e-9)
    qtbot.keyClick(desk.view, Qt.Key.Key_Escape)
    assert desk.view.view_transform.mm_per_pixel == pytest.approx(scale)  # type: ignore[union-attr]


def test_the_window_tool_sets_the_pet_and_with_shift_the_ct(desk: Desk) -> None:
    desk.ctx.view.set(tool_id="window")
    desk.bridge.flush()
    a, wider, darker = QPointF(200, 200), QPointF(300, 200), QPointF(200, 300)
    desk.drag([a, wider])
    view = desk.ctx.view.state
    assert view.pet_lo == 0.0
    assert view.pet_hi > 4.0
    assert (view.ct_centre_hu, view.ct_width_hu) == (40.0, 400.0)
    desk.drag([a, wider], keys=SHIFT)
    assert desk.ctx.view.state.ct_width_hu > 400.0
    assert desk.ctx.view.state.ct_centre_hu == pytest.approx(40.0)
    desk.drag([a, darker], keys=SHIFT)
    assert desk.ctx.view.state.ct_centre_hu > 40.0
    assert desk.ctx.view.state.pet_hi == view.pet_hi


def test_alt_sets_the_window_from_a_painting_tool_and_paints_nothing(desk: Desk) -> None:
    desk.paints()
    desk.drag([QPointF(200, 200), QPointF(300, 200)], keys=ALT)
    assert desk.ctx.view.state.pet_hi > 4.0
    assert not desk.mask().any()


def test_a_change_of_window_changes_the_pixels(desk: Desk) -> None:
    QApplication.processEvents()
    before = desk.view.picture.buffer.copy()
    desk.ctx.view.set(pet_hi=1.0)
    desk.bridge.flush()
    QApplication.processEvents()
    assert np.mean(desk.view.picture.buffer != before) > 0.2


def test_a_pen_paints_with_its_tip_and_erases_with_its_other_end(desk: Desk) -> None:
    desk.paints(diameter_mm=6.0)
    at = desk.at((7.0, 15.0, 15.0))

    def pen(kind: QEvent.Type, end: QPointingDevice.PointerType, held: Qt.MouseButton) -> None:
        device = QPointingDevice(
            "pen", 1, QInputDevice.DeviceType.Stylus, end, QInputDevice.Capability.Pressure, 1, 1
        )  # fmt: skip
        place = QPointF(desk.view.mapToGlobal(at))
        event = QTabletEvent(kind, device, at, place, 0.7, 0, 0, 0, 0, 0, NO_KEY, LEFT, held)
        QApplication.sendEvent(desk.view, event)

    tip, other = QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser
    pen(QEvent.Type.TabletPress, tip, LEFT)
    pen(QEvent.Type.TabletRelease, tip, Qt.MouseButton.NoButton)
    np.testing.assert_array_equal(desk.mask(), near_path(desk.grid, [desk.lps(at)], 3.0, (0, 7)))
    pen(QEvent.Type.TabletPress, other, LEFT)
    pen(QEvent.Type.TabletRelease, other, Qt.MouseButton.NoButton)
    assert not desk.mask().any()


def test_the_position_under_the_pointer_is_told_and_taken_back(desk: Desk, qtbot: QtBot) -> None:
    at = desk.at((7.0, 3.0, 4.0))
    with qtbot.waitSignal(desk.view.hovered) as caught:
        desk.move(at)
    np.testing.assert_allclose(caught.args[0], desk.lps(at), atol=1e-9)
    with qtbot.waitSignal(desk.view.hovered) as caught:
        QApplication.sendEvent(desk.view, QEvent(QEvent.Type.Leave))
    assert caught.args[0] is None


def test_a_double_click_on_the_title_asks_for_the_whole_window_and_paints_nothing(
    desk: Desk, qtbot: QtBot
) -> None:
    desk.paints()
    desk.wheel(QPointF(210, 200), 1200, CTRL)
    assert desk.grid.nearest_index(desk.lps(QPointF(15, 12))) is not None
    with qtbot.waitSignal(desk.view.maximise_requested) as caught:
        qtbot.mouseClick(desk.view, LEFT, pos=QPoint(15, 12))
        qtbot.mouseDClick(desk.view, LEFT, pos=QPoint(15, 12))
    assert caught.args == ["axial"]
    assert not desk.mask().any()


def test_a_view_without_study_takes_input_in_silence(qtbot: QtBot, desk: Desk) -> None:
    desk.ctx.session.replace(SessionState(), saved=True)
    desk.bridge.flush()
    desk.drag([QPointF(100, 100), QPointF(150, 150)])
    desk.wheel(QPointF(100, 100), 120)
    desk.wheel(QPointF(100, 100), 120, CTRL)
    qtbot.keyClick(desk.view, Qt.Key.Key_PageUp)
    QApplication.processEvents()
    assert desk.view.view_transform is None


def test_hiding_a_view_under_a_stroke_keeps_what_was_painted(desk: Desk) -> None:
    desk.paints()
    desk.press(desk.at((7.0, 15.0, 15.0)))
    desk.view.hide()
    assert not desk.ctx.painter.is_active
    assert desk.mask()[7, 15, 15]


@pytest.fixture
def grid(context: AppContext, bridge: Bridge, qtbot: QtBot) -> ViewGrid:
    composer = Composer()
    views = {o: SliceView(context, o, composer, bridge) for o in Orientation}
    grid = ViewGrid(context, bridge, views, composer)
    qtbot.addWidget(grid)
    grid.resize(700, 500)
    with qtbot.waitExposed(grid):
        grid.show()
    return grid


def shown(grid: ViewGrid) -> set[str]:
    return {v.pane_name for v in grid.findChildren(SliceView) if v.isVisible()}


def test_layouts_show_their_panes_and_a_maximised_one_returns(
    grid: ViewGrid, context: AppContext, bridge: Bridge
) -> None:
    three = {"axial", "coronal", "sagittal"}
    for layout, panes in (
        ("four", three),
        ("axial", three),
        ("row", three),
        ("compare", {"axial", "axial_ct", "axial_pet"}),
    ):
        context.view.set(layout=layout)
        bridge.flush()
        assert shown(grid) == panes
    context.view.set(layout="four")
    grid.toggle_maximised("coronal")
    bridge.flush()
    assert shown(grid) == {"coronal"}
    grid.toggle_maximised("coronal")
    bridge.flush()
    assert shown(grid) == three


def test_a_fourth_pane_stands_where_there_is_room(
    grid: ViewGrid, context: AppContext, bridge: Bridge
) -> None:
    pane = QWidget()
    grid.set_fourth_pane(pane)
    assert pane.isVisible()
    assert grid.visible_panes == ("axial", "coronal", "sagittal", FOURTH)
    context.view.set(layout="row")
    bridge.flush()
    assert not pane.isVisible()


def test_the_other_planes_outline_the_same_ball(grid: ViewGrid, context: AppContext, bridge: Bridge) -> None:
    context.view.set(tool_id="brush")
    context.view.set_tool_option("brush", "shape", "ball")
    context.view.set_tool_option("brush", "diameter_mm", 9.0)
    bridge.flush()
    views = {v.pane_name: v for v in grid.findChildren(SliceView)}
    desk = Desk(context, bridge, views["axial"])
    desk.move(desk.at((7.0, 15.0, 16.0)))
    patches = [views[name]._brush.patch for name in ("axial", "coronal", "sagittal")]
    assert patches[0] is not None
    assert patches[1] is patches[0]
    assert patches[2] is patches[0]
    QApplication.sendEvent(views["axial"], QEvent(QEvent.Type.Leave))
    assert views["coronal"]._brush.patch is None


def test_the_planes_of_compare_look_at_the_same_part(
    grid: ViewGrid, context: AppContext, bridge: Bridge
) -> None:
    context.view.set(layout="compare")
    bridge.flush()
    QApplication.processEvents()
    views = {v.pane_name: v for v in grid.findChildren(SliceView)}
    Desk(context, bridge, views["axial_pet"]).wheel(QPointF(60, 60), 240, CTRL)
    looks = [views[n].view_transform for n in ("axial", "axial_ct", "axial_pet")]
    assert len({(t.centre_uv_mm, t.mm_per_pixel) for t in looks if t is not None}) == 1


def test_the_colour_bar_follows_the_window_and_a_drag_moves_its_upper_end(
    context: AppContext, bridge: Bridge, qtbot: QtBot
) -> None:
    bar = ColourBar(context, bridge)
    qtbot.addWidget(bar)
    bar.resize(bar.sizeHint().width(), 300)
    with qtbot.waitExposed(bar):
        bar.show()
    assert bar.unit_words == "BQML"
    values = [value for value, _ in bar.ticks]
    assert values[0] == 0.0
    assert values[-1] == 4.0
    qtbot.mousePress(bar, LEFT, pos=QPoint(15, 80))
    qtbot.mouseMove(bar, QPoint(15, 40))
    qtbot.mouseRelease(bar, LEFT, pos=QPoint(15, 40))
    assert 0.0 < context.view.state.pet_hi < 4.0
    assert context.view.state.pet_lo == 0.0
    with qtbot.waitSignal(bar.edit_requested):
        qtbot.mouseDClick(bar, LEFT, pos=QPoint(15, 100))


@pytest.mark.shared_data
def test_a_real_study_is_drawn_in_colour_and_grey(
    shared_dir: Path, context: AppContext, bridge: Bridge, make: Callable[[Orientation], Desk]
) -> None:
    _, pairs = catalogue_of([shared_dir / "data" / "ibsi_sts" / "STS_002"])
    state = load_pair(pairs[0])
    context.session.replace(state, saved=True)
    context.view.move_to(replace(opening_view(state), crosshair_visible=False))
    desk = make(Orientation.AXIAL)
    QApplication.processEvents()
    picture = desk.view.picture.buffer
    red, green, blue = (
        (picture >> 16 & 255).astype(int),
        (picture >> 8 & 255).astype(int),
        (picture & 255).astype(int),
    )
    assert np.mean(red - blue > 60) > 0.01
    assert np.mean((abs(red - blue) < 8) & (green > 60)) > 0.05

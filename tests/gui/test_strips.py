"""Guide, progress, status line, messages and theme."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.edits import AddRoi
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.pointer import Modifier
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.ui.bridge import Bridge
from atsm_viewer.ui.job_runner import QtJobRunner
from atsm_viewer.ui.theme import apply_theme, theme_palette
from atsm_viewer.ui.widgets import message_bar
from atsm_viewer.ui.widgets.guide_strip import GuideStrip
from atsm_viewer.ui.widgets.message_bar import MessageBar
from atsm_viewer.ui.widgets.progress_strip import ProgressStrip, time_left
from atsm_viewer.ui.widgets.status_line import StatusLine

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def ctx() -> AppContext:
    return build_context(SettingsStore(None), InlineJobRunner(), None)  # type: ignore[arg-type]


@pytest.fixture
def bridge(ctx: AppContext) -> Iterator[Bridge]:
    made = Bridge(ctx)
    yield made
    made.close()


@pytest.fixture
def jobs() -> Iterator[QtJobRunner]:
    made = QtJobRunner()
    yield made
    made.shutdown()


@pytest.fixture
def show(qtbot: Any) -> Any:
    def shown(window: QWidget) -> Any:
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        return window

    return shown


def _open(ctx: AppContext) -> None:
    grid = Geometry.axis_aligned((4, 8, 8), (1.0, 1.0, 1.0))
    values = np.arange(256, dtype=np.float32).reshape(1, 4, 8, 8)
    scan = Scan("scan", "1 h", grid, Volume(grid, values, "CNTS", Modality.PET), None, (Slot("s", "a"),))
    ctx.session.replace(SessionState((Subject("s", "M1"),), (Administration("a", "s"),), (scan,)), saved=True)
    ctx.view.move_to(ViewState(scan_id="scan"))


def test_a_click_on_a_station_runs_its_command(
    qtbot: Any, show: Any, ctx: AppContext, bridge: Bridge
) -> None:
    ran: list[str] = []
    strip = show(GuideStrip(ctx, bridge, ran.append))
    qtbot.mouseClick(strip.buttons["load"], LEFT)
    assert ran == ["file.open.folder"]


def test_the_guide_follows_the_session(qtbot: Any, show: Any, ctx: AppContext, bridge: Bridge) -> None:
    strip = show(GuideStrip(ctx, bridge, lambda command_id: None))
    assert "next" in strip.buttons["load"].accessibleName()
    _open(ctx)
    qtbot.waitUntil(lambda: "done" in strip.buttons["load"].accessibleName())
    assert "next" in strip.buttons["dose"].accessibleName()


def test_a_station_without_a_command_asks_for_its_panel(
    qtbot: Any, show: Any, ctx: AppContext, bridge: Bridge
) -> None:
    _open(ctx)
    strip = show(GuideStrip(ctx, bridge, lambda command_id: None))
    with qtbot.waitSignal(strip.focus_wanted) as wanted:
        qtbot.keyClick(strip.buttons["dose"], Qt.Key.Key_Space)
    assert wanted.args == ["dose"]


def test_an_empty_roi_is_taken_in_hand_with_the_brush(
    qtbot: Any, show: Any, ctx: AppContext, bridge: Bridge
) -> None:
    _open(ctx)
    ctx.session.apply(AddRoi(Roi("r", "Muscle 1", Role.MUSCLE, "scan", "s")), "Add")
    ran: list[str] = []
    strip = show(GuideStrip(ctx, bridge, ran.append))
    qtbot.mouseClick(strip.buttons["muscle"], LEFT)
    assert (ctx.view.state.active_roi_id, ran) == ("r", ["tool.brush"])


def test_the_guide_is_dismissed_and_stays_so(qtbot: Any, show: Any, ctx: AppContext, bridge: Bridge) -> None:
    strip = show(GuideStrip(ctx, bridge, lambda command_id: None))
    with qtbot.waitSignal(strip.dismissed):
        qtbot.mouseClick(strip.close_button, LEFT)
    assert not strip.isVisible()
    assert ctx.settings.settings.guide_visible is False


def test_a_deleted_guide_leaves_the_bridge_alone(qtbot: Any, ctx: AppContext, bridge: Bridge) -> None:
    strip = GuideStrip(ctx, bridge, lambda command_id: None)
    with qtbot.waitSignal(strip.destroyed):
        strip.deleteLater()
    with qtbot.waitSignal(bridge.state_changed):
        _open(ctx)  # a slot of the deleted strip would fail the test


def _blocked(release: threading.Event, cancelled: list[bool] | None = None) -> Any:
    def work(progress: Any, cancel: Any) -> None:
        progress(0.25, "Slice 1 of 4")
        while not release.wait(0.01):
            if cancel.is_cancelled:
                if cancelled is not None:
                    cancelled.append(True)
                return

    return work


def test_long_work_appears_with_title_words_and_bar_and_goes_when_done(
    qtbot: Any, show: Any, jobs: QtJobRunner
) -> None:
    strip = ProgressStrip(jobs)
    qtbot.addWidget(strip)
    release = threading.Event()
    jobs.run("Reading PET", _blocked(release), lambda answer: None, lambda error: None)
    assert not strip.isVisible()
    qtbot.waitUntil(strip.isVisible)
    row = next(iter(strip._rows.values()))
    qtbot.waitUntil(lambda: row.words.text() == "Slice 1 of 4")
    assert row.title.text() == "Reading PET"
    assert row.bar.value() / row.bar.maximum() == 0.25
    release.set()
    qtbot.waitUntil(lambda: not strip.isVisible())


def test_quick_work_never_flashes(qtbot: Any, jobs: QtJobRunner) -> None:
    strip = ProgressStrip(jobs)
    qtbot.addWidget(strip)
    with qtbot.waitSignal(jobs.ended):
        jobs.run("Quick", lambda progress, cancel: None, lambda answer: None, lambda error: None)
    qtbot.wait(250)
    assert not strip.isVisible()


def test_quiet_work_is_not_shown(qtbot: Any, jobs: QtJobRunner) -> None:
    strip = ProgressStrip(jobs)
    qtbot.addWidget(strip)
    release = threading.Event()
    jobs.run("Measuring", _blocked(release), lambda answer: None, lambda error: None, quiet=True)
    qtbot.wait(250)
    assert not strip.isVisible()
    release.set()
    qtbot.waitUntil(lambda: jobs.is_idle)


def test_cancel_reaches_the_work(qtbot: Any, jobs: QtJobRunner) -> None:
    strip = ProgressStrip(jobs)
    qtbot.addWidget(strip)
    cancelled: list[bool] = []
    jobs.run("Reading", _blocked(threading.Event(), cancelled), lambda answer: None, lambda error: None)
    qtbot.waitUntil(strip.isVisible)
    qtbot.mouseClick(strip.findChild(QPushButton), LEFT)
    qtbot.waitUntil(lambda: not strip.isVisible())
    assert cancelled == [True]


def test_two_jobs_have_a_row_each(qtbot: Any, jobs: QtJobRunner) -> None:
    strip = ProgressStrip(jobs)
    qtbot.addWidget(strip)
    release = threading.Event()
    for title in ("One", "Two"):
        jobs.run(title, _blocked(release), lambda answer: None, lambda error: None)
    qtbot.waitUntil(lambda: sum(row.isVisible() for row in strip._rows.values()) == 2)
    release.set()
    qtbot.waitUntil(lambda: not strip.isVisible())


@pytest.mark.parametrize(
    ("elapsed_s", "fraction", "words"),
    [
        (1.9, 0.5, ""), (10.0, 0.0, ""), (10.0, 1.0, ""), (2.0, 0.5, "about 2 s left"),
        (9.0, 0.9, "about 1 s left"), (10.0, 0.25, "about 30 s left"), (60.0, 0.25, "about 3 min left"),
    ],
)  # fmt: skip
def test_the_time_left_assumes_the_pace_so_far(elapsed_s: float, fraction: float, words: str) -> None:
    assert time_left(elapsed_s, fraction) == words


def test_the_status_line_shows_the_voxel_under_the_pointer(show: Any, ctx: AppContext) -> None:
    _open(ctx)
    line = show(StatusLine(ctx))
    line.show_position((3.0, 2.0, 1.0))  # k 1, j 2, i 3: 64 + 16 + 3
    assert line.value("pet") == "83.0"
    assert line.value("voxel") == "1, 2, 3"
    line.show_position(None)
    assert line.value("pet") == "–"


def test_values_never_move_their_neighbours(qtbot: Any, show: Any, ctx: AppContext) -> None:
    _open(ctx)
    line = StatusLine(ctx)
    line.resize(1600, 30)
    show(line)
    places = []
    for position in (None, (0.0, 0.0, 0.0), (7.0, 7.0, 3.0), (-999.9, 999.9, -999.9)):
        line.show_position(position)
        qtbot.wait(1)
        places.append([f.x() for f in line._fields.values()])
    assert all(p == places[0] for p in places)


def test_no_value_is_cut_off(show: Any, ctx: AppContext) -> None:
    _open(ctx)
    line = show(StatusLine(ctx))
    for position in ((7.0, 7.0, 3.0), (-999.9, 999.9, -1999.9)):
        line.show_position(position)
        for name, field in line._fields.items():
            assert field.value.sizeHint().width() <= field.value.width(), (name, field.value.text())


def test_a_narrow_window_leaves_out_what_matters_least(qtbot: Any, show: Any, ctx: AppContext) -> None:
    line = StatusLine(ctx)
    line.resize(1600, 30)
    show(line)
    assert all(f.isVisible() for f in line._fields.values())
    line.resize(500, 30)
    qtbot.waitUntil(lambda: not line._fields["voxel"].isVisible())
    assert line._fields["pet"].isVisible()
    assert line.minimumSizeHint().width() < 100


def test_the_context_line_follows_tool_and_held_keys(show: Any, ctx: AppContext) -> None:
    _open(ctx)
    line = show(StatusLine(ctx))
    assert "Left-drag: move the crosshair" in line.help_text()
    line.set_keys(Modifier.ALT)
    assert line.help_text() == "Drag: window (centre and width)"
    line.set_keys(Modifier.NONE)
    ctx.view.set(tool_id="brush")
    line.refresh()
    assert "no ROI is selected" in line.help_text()


def test_a_message_goes_away_by_itself_and_a_newer_one_takes_its_place(
    qtbot: Any, show: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_bar, "SHOWN_MS", 200)
    window = QWidget()
    window.resize(500, 300)
    bar = MessageBar(window)
    show(window)
    assert not bar.isVisible()
    bar.show_message("Saved one")
    bar.show_message("Saved two")
    assert bar.isVisible()
    assert bar.text() == "Saved two"
    assert window.rect().contains(bar.geometry())
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=2000)


def test_a_message_longer_than_the_window_wraps_inside_it(show: Any) -> None:
    window = QWidget()
    window.resize(300, 300)
    bar = MessageBar(window)
    show(window)
    bar.show_message("many words " * 20)
    assert window.rect().contains(bar.geometry())


def _luminance(colour: QColor) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: QColor, b: QColor) -> float:
    bright, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


R = QPalette.ColorRole


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (R.WindowText, R.Window), (R.Text, R.Base), (R.Text, R.AlternateBase), (R.ButtonText, R.Button),
        (R.HighlightedText, R.Highlight), (R.ToolTipText, R.ToolTipBase), (R.PlaceholderText, R.Window),
        (R.PlaceholderText, R.Base), (R.Link, R.Base), (R.Link, R.Window),
    ],
)  # fmt: skip
def test_text_has_the_contrast_of_wcag_aa(
    dark: bool, text: QPalette.ColorRole, ground: QPalette.ColorRole
) -> None:
    palette = theme_palette(dark)
    assert _contrast(palette.color(text), palette.color(ground)) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("text", "ground"), [(R.WindowText, R.Window), (R.Text, R.Base), (R.ButtonText, R.Button)]
)
def test_disabled_text_can_still_be_read(
    dark: bool, text: QPalette.ColorRole, ground: QPalette.ColorRole
) -> None:
    palette, off = theme_palette(dark), QPalette.ColorGroup.Disabled
    assert _contrast(palette.color(off, text), palette.color(off, ground)) >= 3.0


def test_a_theme_reaches_the_program_and_can_be_changed(qapp: QApplication) -> None:
    before, style = qapp.palette(), qapp.style().objectName()
    try:
        apply_theme(qapp, "dark")
        assert _luminance(qapp.palette().color(R.Window)) < 0.1
        apply_theme(qapp, "light")
        assert _luminance(qapp.palette().color(R.Window)) > 0.7
        apply_theme(qapp, "system")
        with pytest.raises(ValueError):
            apply_theme(qapp, "pink")
    finally:
        qapp.setStyle(style)
        qapp.setPalette(before)

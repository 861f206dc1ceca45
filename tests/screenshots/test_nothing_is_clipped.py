"""The real window at two sizes, light and dark: no visible word is cut, every pane has a picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.samples import load_sample
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.sample import make_sample
from atsm_viewer.ui.application import make_window
from atsm_viewer.ui.main_window import MainWindow
from atsm_viewer.ui.theme import apply_theme
from atsm_viewer.ui.widgets.labels import ElidedLabel


@pytest.fixture(scope="module")
def mouse(tmp_path_factory: pytest.TempPathFactory) -> SessionState:
    return load_sample(make_sample("mouse", Path(tmp_path_factory.mktemp("sample")) / "mouse"))


@pytest.fixture(params=[(1280, 800), (1920, 1080)], ids=["1280x800", "1920x1080"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param


@pytest.fixture(params=["light", "dark"])
def window(
    qtbot: QtBot,
    qapp: QApplication,
    mouse: SessionState,
    size: tuple[int, int],
    request: pytest.FixtureRequest,
) -> Iterator[MainWindow]:
    apply_theme(qapp, request.param)
    opened = make_window(SettingsStore(None), None)
    opened.resize(*size)
    qtbot.addWidget(opened)
    with qtbot.waitExposed(opened):
        opened.show()
    opened.ctx.session.replace(mouse, saved=True)
    opened.ctx.view.move_to(opening_view(mouse))
    qtbot.waitUntil(lambda: opened._jobs.is_idle and opened.ctx.live.is_current, timeout=30_000)
    qtbot.wait(100)
    yield opened
    opened.close()
    apply_theme(qapp, "system")


def words_of(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton) and not isinstance(widget, ElidedLabel):
        return widget.text()
    return ""


def test_no_button_or_label_is_narrower_than_its_words(window: MainWindow) -> None:
    cut = []
    for widget in window.findChildren(QWidget):
        words = words_of(widget)
        if not words or not widget.isVisible() or "<" in words:
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            continue
        longest = max(widget.fontMetrics().horizontalAdvance(line) for line in words.splitlines() or [""])
        if widget.width() < longest:
            cut.append((type(widget).__name__, words, widget.width(), longest))
    assert cut == []


def test_the_window_fits_the_screen_it_was_given(window: MainWindow, size: tuple[int, int]) -> None:
    assert (window.width(), window.height()) == size


def test_every_plane_shows_the_mouse(window: MainWindow) -> None:
    for view in window.views.values():
        picture = view.grab().toImage()
        raw = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
        # A picture has many grey levels and colours; an empty pane a handful.
        assert np.unique(raw).size > 60

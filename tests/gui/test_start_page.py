"""The first page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.ui.widgets.start_page import CARDS, StartPage

LEFT = Qt.MouseButton.LeftButton


class Seen:
    """Records what the page asks for."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.paths: list[list[Path]] = []


@pytest.fixture
def ctx() -> AppContext:
    return build_context(SettingsStore(None), InlineJobRunner(), None)  # type: ignore[arg-type]


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def page(qtbot: Any, ctx: AppContext, seen: Seen, tmp_path: Path) -> StartPage:
    there = tmp_path / "mouse 3.atsm"
    there.write_bytes(b"")
    ctx.settings.change(recent=(str(there), str(tmp_path / ("deep/" * 30) / "gone.atsm")))
    made = StartPage(ctx, seen.commands.append, seen.paths.append)
    qtbot.addWidget(made)
    made.resize(900, 700)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_every_card_runs_its_command_by_click_and_by_key(qtbot: Any, page: StartPage, seen: Seen) -> None:
    for command_id in CARDS:
        qtbot.mouseClick(page.cards[command_id], LEFT)
        qtbot.keyClick(page.cards[command_id], Qt.Key.Key_Space)
    assert seen.commands == [c for c in CARDS for _ in range(2)]


def test_cards_can_be_reached_with_tab(qtbot: Any, page: StartPage) -> None:
    page.activateWindow()
    first, second = (page.cards[c] for c in CARDS[:2])
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is second or page.focusWidget() is second


def test_a_recent_file_opens_by_click_and_by_enter(
    qtbot: Any, page: StartPage, seen: Seen, tmp_path: Path
) -> None:
    item = page.recent.item(0)
    qtbot.mouseClick(page.recent.viewport(), LEFT, pos=page.recent.visualItemRect(item).center())
    assert seen.paths == [[tmp_path / "mouse 3.atsm"]]
    page.recent.setCurrentItem(item)
    qtbot.keyClick(page.recent, Qt.Key.Key_Return)
    assert seen.paths == [[tmp_path / "mouse 3.atsm"]] * 2


def test_a_file_that_is_gone_is_greyed_says_so_and_does_not_open(
    qtbot: Any, page: StartPage, seen: Seen
) -> None:
    item = page.recent.item(1)
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "not found" in item.text()
    qtbot.mouseClick(page.recent.viewport(), LEFT, pos=page.recent.visualItemRect(item).center())
    assert seen.paths == []


def test_a_long_path_never_widens_the_page(page: StartPage) -> None:
    assert page.horizontalScrollBar().maximum() == 0
    assert page.recent.width() <= page.viewport().width()
    assert page.recent.textElideMode() is Qt.TextElideMode.ElideMiddle


def test_the_list_follows_the_settings_and_hides_when_empty(page: StartPage, ctx: AppContext) -> None:
    ctx.settings.change(recent=())
    page.refresh()
    assert not page.recent.isVisible()


def test_intended_use_and_dropping_are_stated(page: StartPage) -> None:
    words = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "Research use only; never a diagnosis" in words
    assert "drop files and folders" in words


def test_a_click_on_a_recent_file_opens_it_only_once(qtbot: Any, page: StartPage, seen: Seen) -> None:
    spot = page.recent.visualItemRect(page.recent.item(0)).center()
    qtbot.mouseDClick(page.recent.viewport(), LEFT, pos=spot)
    assert len(seen.paths) <= 1

"""Projects in the window: locks, earlier versions, copies and missing images, by real events."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from atsm_viewer.app.samples import TRUTH_PROJECT, build_sample
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.edits import RenameRoi
from atsm_viewer.io.project.backup_store import list_backups
from atsm_viewer.io.project.lock import acquire_lock, lock_file, lock_owner
from atsm_viewer.ui.application import make_window
from atsm_viewer.ui.dialogs.backups_dialog import BackupsDialog
from atsm_viewer.ui.main_window import MainWindow


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample("mouse", tmp_path_factory.mktemp("sample") / "mouse").root


@pytest.fixture
def project(sample: Path, tmp_path: Path) -> Path:
    shutil.copytree(sample, tmp_path / "mouse")
    return tmp_path / "mouse" / TRUTH_PROJECT


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    opened = make_window(SettingsStore(None), None)
    qtbot.addWidget(opened)
    with qtbot.waitExposed(opened):
        opened.show()
    yield opened
    opened.ctx.session.mark_saved(opened.ctx.session.state)
    opened.close()


def settle(qtbot: QtBot, window: MainWindow) -> None:
    def calm() -> bool:
        return window._jobs.is_idle and (not window.ctx.session.state.scans or window.ctx.live.is_current)

    qtbot.waitUntil(calm, timeout=60_000)
    qtbot.wait(30)


def open_project(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    window.open_paths([path])
    qtbot.waitUntil(lambda: bool(window.ctx.session.state.scans), timeout=60_000)
    settle(qtbot, window)


def when_shown(kind: type, act: Callable[[object], None]) -> None:
    """Do something with the next modal dialog of a kind, as soon as it is there."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, kind):
            act(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)


def rename(window: MainWindow, name: str) -> None:
    window.ctx.session.apply(RenameRoi(window.ctx.session.state.rois[0].id, name), "Rename")


@pytest.mark.timeout(120)
def test_the_lock_is_held_while_the_window_is_open_and_given_up_when_it_closes(
    qtbot: QtBot, window: MainWindow, project: Path
) -> None:
    open_project(qtbot, window, project)
    assert lock_owner(project) is not None
    assert window.close()
    assert not lock_file(project).exists()
    acquire_lock(project).release()


@pytest.mark.timeout(120)
def test_an_earlier_version_is_browsed_and_restored(qtbot: QtBot, window: MainWindow, project: Path) -> None:
    open_project(qtbot, window, project)
    first = window.ctx.session.state.rois[0].name
    rename(window, "Second")
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, window)
    present = project.read_bytes()
    assert len(list_backups(project)) == 1

    def restore(dialog: object) -> None:
        assert isinstance(dialog, BackupsDialog)
        assert not dialog.restore.isEnabled()
        item = dialog.table.topLevelItem(0)
        at = dialog.table.visualItemRect(item).center()
        QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert dialog.restore.isEnabled()
        QTest.mouseClick(dialog.restore, Qt.MouseButton.LeftButton)

    when_shown(BackupsDialog, restore)
    window.actions_["file.backups"].trigger()
    settle(qtbot, window)
    assert window.ctx.session.state.rois[0].name == first
    assert not window.isWindowModified()
    assert present in [v.path.read_bytes() for v in list_backups(project)]


@pytest.mark.timeout(120)
def test_closing_the_list_of_versions_changes_nothing(
    qtbot: QtBot, window: MainWindow, project: Path
) -> None:
    open_project(qtbot, window, project)
    before, state = project.read_bytes(), window.ctx.session.state

    def close(dialog: object) -> None:
        assert isinstance(dialog, BackupsDialog)
        box = dialog.findChild(QDialogButtonBox)
        QTest.mouseClick(box.button(QDialogButtonBox.StandardButton.Close), Qt.MouseButton.LeftButton)

    when_shown(BackupsDialog, close)
    window.actions_["file.backups"].trigger()
    assert project.read_bytes() == before
    assert window.ctx.session.state is state

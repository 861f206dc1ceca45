"""Projects in the window: locks, earlier versions, copies and missing images, by real events."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QMessageBox, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from atsm_viewer.app.samples import TRUTH_PROJECT, build_sample
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.edits import RenameRoi
from atsm_viewer.io.project.backup_store import list_backups
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.lock import LockOwner, acquire_lock, lock_file, lock_owner
from atsm_viewer.ui.application import make_window
from atsm_viewer.ui.dialogs.backups_dialog import BackupsDialog
from atsm_viewer.ui.main_window import MainWindow

Box = TypeVar("Box", bound=QDialog)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample("mouse", tmp_path_factory.mktemp("sample") / "mouse").root


@pytest.fixture
def project(sample: Path, tmp_path: Path) -> Path:
    # Images are looked for two folders up: so deep, nothing of another test can be found.
    root = tmp_path / "lab" / "study" / "mouse"
    shutil.copytree(sample, root)
    return root / TRUTH_PROJECT


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    opened = make_window(SettingsStore(None), None)
    # Widgets are closed before this fixture goes on: a test that failed with unsaved work must not
    # end in a question that nobody answers.
    qtbot.addWidget(opened, before_close_func=lambda w: w.ctx.session.mark_saved(w.ctx.session.state))
    with qtbot.waitExposed(opened):
        opened.show()
    yield opened
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


@contextmanager
def answering(kind: type[Box], act: Callable[[Box], None]) -> Iterator[None]:
    """Act on the next modal dialog of a kind while the block runs; it must have come by its end."""
    answered: list[Box] = []
    over: list[bool] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if over or answered:
            return
        if not isinstance(dialog, kind):
            QTimer.singleShot(20, look)
            return
        answered.append(dialog)
        try:
            act(dialog)
        except BaseException:
            dialog.reject()  # or it would wait for ever
            raise

    QTimer.singleShot(20, look)
    try:
        yield
    finally:
        over.append(True)
    assert answered, f"no {kind.__name__} was shown"


def press(box: QMessageBox, words: str) -> None:
    (button,) = [b for b in box.findChildren(QPushButton) if b.text() == words]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def rename(window: MainWindow, name: str) -> None:
    window.ctx.session.apply(RenameRoi(window.ctx.session.state.rois[0].id, name), "Rename")


@pytest.mark.timeout(120)
def test_a_project_held_by_another_machine_opens_read_only_and_saves_elsewhere(
    qtbot: QtBot, window: MainWindow, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = replace(LockOwner.myself(), host="bench-pc", pid=7)
    lock_file(project).write_text(json.dumps(asdict(owner)))
    asked: list[str] = []

    def read_only(box: QMessageBox) -> None:
        asked.append(box.text())
        press(box, "Open read-only")

    with answering(QMessageBox, read_only):
        open_project(qtbot, window, project)
    assert "bench-pc" in asked[0]
    assert f"since {datetime.fromisoformat(owner.since).astimezone():%Y-%m-%d %H:%M})" in asked[0]
    assert "just now" in asked[0]
    assert "(read-only)" in window.windowTitle()
    before = project.read_bytes()
    rename(window, "Mine")
    monkeypatch.setattr(window.ctx.port, "choose_save_file", lambda *args: tmp_path / "mine.atsm")
    window.activateWindow()  # no window manager here gives the focus back after a question
    qtbot.waitUntil(window.isActiveWindow)
    with answering(QMessageBox, lambda box: press(box, "Save as…")):
        QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, window)
    assert project.read_bytes() == before
    assert load_project(tmp_path / "mine.atsm").state.rois[0].name == "Mine"
    assert "(read-only)" not in window.windowTitle()
    assert not window.isWindowModified()
    assert lock_owner(project) == owner


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

    def restore(dialog: BackupsDialog) -> None:
        assert not dialog.restore.isEnabled()
        item = dialog.table.topLevelItem(0)
        assert item is not None
        at = dialog.table.visualItemRect(item).center()
        QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert dialog.restore.isEnabled()
        QTest.mouseClick(dialog.restore, Qt.MouseButton.LeftButton)

    with answering(BackupsDialog, restore):
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

    def close(dialog: BackupsDialog) -> None:
        box = dialog.findChild(QDialogButtonBox)
        assert isinstance(box, QDialogButtonBox)
        QTest.mouseClick(box.button(QDialogButtonBox.StandardButton.Close), Qt.MouseButton.LeftButton)

    with answering(BackupsDialog, close):
        window.actions_["file.backups"].trigger()
    assert project.read_bytes() == before
    assert window.ctx.session.state is state


@pytest.mark.timeout(120)
def test_numbers_of_missing_images_are_marked_and_a_packed_copy_needs_no_images(
    qtbot: QtBot, window: MainWindow, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_project(qtbot, window, project)
    table = window.panels["results"].findChild(QTableWidget)
    assert isinstance(table, QTableWidget)

    def shown(table: QTableWidget = table) -> list[list[str]]:
        columns = range(table.columnCount())
        cells = [[table.item(r, c) for c in columns] for r in range(table.rowCount())]
        return [[cell.text() for cell in row if cell is not None] for row in cells]

    whole = shown()
    copy = tmp_path / "sent" / "to" / "somebody" / "copy.atsm"
    copy.parent.mkdir(parents=True)
    monkeypatch.setattr(window.ctx.port, "choose_save_file", lambda *args: copy)
    reports: list[str] = []
    monkeypatch.setattr(window.ctx.port, "show_report", lambda title, text: reports.append(text))
    with answering(QMessageBox, lambda box: press(box, "PET and CT")):
        window.actions_["file.pack"].trigger()
    settle(qtbot, window)
    assert "PET and CT" in reports[0]
    window.run("file.close")
    for folder in ("pet", "ct"):
        shutil.rmtree(project.parent / folder)
    open_project(qtbot, window, project)
    assert all("stored, image missing" in row[-1] for row in shown())
    assert [row[1:-1] for row in shown()] == [row[1:-1] for row in whole]
    window.run("file.close")
    open_project(qtbot, window, copy)
    assert [row[1:] for row in shown()] == [row[1:] for row in whole]
    assert window.ctx.session.state.scans[0].ct is not None

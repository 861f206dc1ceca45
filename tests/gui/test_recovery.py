"""A window that died comes back: offered on the first page, restored voxel by voxel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from atsm_viewer.app import documents
from atsm_viewer.app.recovery import find_work
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.journal.places import all_journals
from atsm_viewer.ui.application import make_window
from atsm_viewer.ui.dialogs.recovery_dialog import RecoveryDialog
from atsm_viewer.ui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.MouseButton.NoButton
Open = Callable[[], MainWindow]


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    monkeypatch.setattr(documents.platformdirs, "user_data_dir", lambda *a, **k: str(tmp_path / "data"))
    opened: list[MainWindow] = []

    def make() -> MainWindow:
        window = make_window(SettingsStore(None), None, tmp_path / "auto")
        window.resize(1280, 800)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.offer_recovery()
        qtbot.waitUntil(lambda: window._jobs.is_idle, timeout=10_000)
        opened.append(window)
        return window

    yield make
    for window in opened:
        window.ctx.session.mark_saved(window.ctx.session.state)
        window.close()


def settle(qtbot: QtBot, window: MainWindow) -> None:
    def calm() -> bool:
        return window._jobs.is_idle and (not window.ctx.session.state.scans or window.ctx.live.is_current)

    qtbot.waitUntil(calm, timeout=60_000)
    qtbot.wait(30)


def paint(window: MainWindow, qtbot: QtBot, start: QPointF, end: QPointF) -> None:
    view = window.views[Orientation.AXIAL]
    steps = ((QEvent.Type.MouseButtonPress, start, LEFT, LEFT), (QEvent.Type.MouseMove, end, NONE, LEFT),
             (QEvent.Type.MouseButtonRelease, end, LEFT, NONE))  # fmt: skip
    for kind, at, button, held in steps:
        modifier = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(
            view, QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, held, modifier)
        )
    qtbot.wait(20)


def die(window: MainWindow) -> None:
    """Leave what a killed process leaves: the journal as it is on disk, and nothing told to anybody."""
    assert window.ctx.autosave is not None
    assert window.ctx.autosave.flush()
    window.ctx.autosave.abandon()
    window.ctx.session.mark_saved(window.ctx.session.state)  # so that closing it does not ask


def masks(state: SessionState) -> list[tuple[str, str, int, str]]:
    return [(r.name, r.role.value, r.edited_voxels, r.mask.sha256()) for r in state.rois]


def painted_and_dead(qtbot: QtBot, open_window: Open) -> MainWindow:
    window = open_window()
    window.run("file.sample.mouse")
    settle(qtbot, window)
    window.run("roi.add.tumour")
    view = window.views[Orientation.AXIAL]
    middle = QPointF(view.width() / 2, view.height() / 2)
    for n in range(4):
        paint(window, qtbot, middle + QPointF(10 * n, 0), middle + QPointF(10 * n, 40))
    window.run("edit.undo")
    settle(qtbot, window)
    die(window)
    return window


def answer_dialog(answer: Callable[[RecoveryDialog], None]) -> None:
    """Answer the next recovery dialog as soon as it is there."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, RecoveryDialog):
            answer(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(0, look)


@pytest.mark.timeout(90)
def test_what_was_painted_before_a_crash_is_offered_and_restored_voxel_by_voxel(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    dead = painted_and_dead(qtbot, open_window)
    before = masks(dead.ctx.session.state)
    assert before[0][2] > 0

    window = open_window()
    page = window.start_page
    assert page.unsaved.isVisible()
    assert page.unsaved.count() == 1
    assert "Sample mouse" in page.unsaved.item(0).text()
    assert "4 steps" in page.unsaved.item(0).text()  # a new ROI, four strokes, one undone
    shown: list[str] = []

    def choose(dialog: RecoveryDialog) -> None:
        shown.extend(dialog.steps.item(n).text() for n in range(dialog.steps.count()))
        QTest.mouseClick(dialog.restore, LEFT)

    answer_dialog(choose)
    row = page.unsaved.visualItemRect(page.unsaved.item(0)).center()
    QTest.mouseClick(page.unsaved.viewport(), LEFT, pos=row)
    settle(qtbot, window)
    assert [s.split()[0] for s in shown] == ["Paint", "Paint", "Paint", "Add"]
    assert masks(window.ctx.session.state) == before
    assert window.ctx.session.state.scans[0].pet is not None
    assert window.ctx.session.is_dirty
    assert window.isWindowModified()
    assert window.ctx.recovery is not None
    assert window.ctx.recovery.items == ()
    # The restored work has a journal of its own, so that a second crash loses nothing either.
    assert len(all_journals(tmp_path / "auto")) == 1
    die(window)
    (work,) = find_work(tmp_path / "auto")
    assert work.n_steps == 4


@pytest.mark.timeout(90)
def test_work_is_kept_for_later_and_discarded_only_after_a_question(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    painted_and_dead(qtbot, open_window)
    window = open_window()

    answer_dialog(lambda dialog: QTest.mouseClick(dialog.later, LEFT))
    window.run("file.recover")
    assert len(all_journals(tmp_path / "auto")) == 1
    assert window.start_page.unsaved.count() == 1

    def ask_twice(dialog: RecoveryDialog) -> None:
        for answer in ("Cancel", "Discard"):

            def reply(answer: str = answer) -> None:
                box = QApplication.activeModalWidget()
                assert isinstance(box, QMessageBox)
                (button,) = [b for b in box.buttons() if b.text().replace("&", "") == answer]
                QTest.mouseClick(button, LEFT)

            QTimer.singleShot(50, reply)
            QTest.mouseClick(dialog.discard, LEFT)
            left.append(len(all_journals(tmp_path / "auto")))

    left: list[int] = []
    answer_dialog(ask_twice)
    window.run("file.recover")
    assert left == [1, 0]
    assert not window.start_page.unsaved.isVisible()
    assert not window.actions_["file.recover"].isEnabled()


@pytest.mark.timeout(90)
def test_an_orderly_end_leaves_no_journal(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    window = open_window()
    window.run("file.sample.mouse")
    settle(qtbot, window)
    assert all_journals(tmp_path / "auto") == ()
    window.run("roi.add.tumour")
    assert window.ctx.autosave is not None
    assert window.ctx.autosave.flush()
    assert len(all_journals(tmp_path / "auto")) == 1
    # Another window leaves the work of a living one alone.
    other = open_window()
    assert other.ctx.recovery is not None
    assert other.ctx.recovery.items == ()
    window.ctx.document.path = tmp_path / "case.atsm"
    window.run("file.save")
    assert window.ctx.autosave.flush()
    assert all_journals(tmp_path / "auto") == ()
    window.run("roi.add.muscle")
    window.ctx.session.mark_saved(window.ctx.session.state)
    window.close()
    assert [p.name for p in (tmp_path / "auto").iterdir()] == []


def test_a_disk_that_cannot_be_written_is_told_in_the_window(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    (tmp_path / "auto").write_text("in the way")
    window = make_window(SettingsStore(None), None, tmp_path / "auto")
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    try:
        window.run("file.sample.mouse")
        settle(qtbot, window)
        window.run("roi.add.tumour")
        qtbot.waitUntil(lambda: "Autosave is not working" in window.messages.text(), timeout=5000)
    finally:
        window.ctx.session.mark_saved(window.ctx.session.state)
        window.close()

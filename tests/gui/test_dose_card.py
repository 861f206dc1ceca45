"""The dose card by real key and pointer events."""

from __future__ import annotations

import csv
from pathlib import Path

import pydicom
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QTableWidget
from pytestqt.qtbot import QtBot

from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.ui.application import make_window
from atsm_viewer.ui.dialogs.missing_facts_dialog import MissingFactsDialog
from atsm_viewer.ui.main_window import MainWindow
from atsm_viewer.ui.panels.dose_panel import DosePanel
from atsm_viewer.ui.widgets.dose_field import DoseFieldRow

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def clock_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 24 h 64Cu study with ROIs whose header gives the clock of the injection but not the date."""
    from atsm_viewer.app.samples import build_sample

    root = tmp_path_factory.mktemp("clock") / "mouse"
    study = build_sample("mouse", root)
    for path in Path(study.pet_dir).iterdir():
        ds = pydicom.dcmread(path)
        drug = ds.RadiopharmaceuticalInformationSequence[0]
        drug.RadiopharmaceuticalStartTime = drug.RadiopharmaceuticalStartDateTime[8:14]
        del drug.RadiopharmaceuticalStartDateTime
        ds.save_as(path)
    return root


@pytest.fixture
def window(qtbot: QtBot, clock_only: Path) -> MainWindow:
    opened = make_window(SettingsStore(None), None)
    opened.resize(1280, 900)
    # Nobody is there to answer whether to save.
    qtbot.addWidget(opened, before_close_func=lambda w: w.ctx.session.mark_saved(w.ctx.session.state))
    with qtbot.waitExposed(opened):
        opened.show()
    opened.open_paths([clock_only / "sample-truth.atsm"])
    qtbot.waitUntil(lambda: bool(opened.ctx.session.state.scans), timeout=60_000)
    settle(qtbot, opened)
    return opened


def settle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window._jobs.is_idle and window.ctx.live.is_current, timeout=60_000)
    qtbot.wait(30)


def panel(window: MainWindow) -> DosePanel:
    found = window.panels["dose"]
    assert isinstance(found, DosePanel)
    return found


def row(window: MainWindow, field_id: str) -> DoseFieldRow:
    return panel(window).rows[field_id]


def type_into(qtbot: QtBot, at: DoseFieldRow, text: str) -> None:
    assert at.edit is not None
    at.edit.setFocus()
    QTest.keyClick(at.edit, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(at.edit, text)
    QTest.keyClick(at.edit, Qt.Key.Key_Return)
    qtbot.wait(30)


def results(window: MainWindow) -> dict[str, dict[str, str]]:
    table = window.panels["results"].findChild(QTableWidget)
    heads = [table.horizontalHeaderItem(c).text() for c in range(table.columnCount())]
    return {
        table.item(r, 0).text(): {h: table.item(r, c).text() for c, h in enumerate(heads)}
        for r in range(table.rowCount())
    }


def tumour(window: MainWindow) -> dict[str, str]:
    return next(v for k, v in results(window).items() if k.startswith("Tumour"))


@pytest.mark.timeout(180)
def test_a_clock_without_a_date_is_refused_asked_typed_undone_and_exported_as_typed(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = panel(window)
    # SUV refused with the reason, T/M shown.
    assert card.banner.isVisible()
    assert "injection date" in card.verdict.text()
    assert card.ask.isVisible()
    before = tumour(window)
    assert before["SUVmean"] in ("", "–")
    assert float(before["T/M mean"]) > 1.5
    assert window.ctx.view.state.pet_unit == "kbq_ml"
    picture = window.ctx.view.state

    # The date is typed: first without the date, which is refused beside the field and not lost.
    at = row(window, "administration_time")
    type_into(qtbot, at, "10:00")
    assert "date is missing" in at.problem_text
    assert at.edit is not None
    assert at.edit.text() == "10:00"
    assert card.banner.isVisible()
    type_into(qtbot, at, "2026-01-01 10:00")
    settle(qtbot, window)

    # SUV appears, everywhere at once; the value is marked as typed.
    assert not card.banner.isVisible()
    assert card.hours.text() == "24.00 h p.i."
    assert (at.origin.text(), at.origin.isEnabled(), at.label.font().bold()) == ("↩ typed", True, True)
    after = tumour(window)
    assert float(after["SUVmean"]) == pytest.approx(1.176, abs=0.002)
    assert after["T/M mean"] == before["T/M mean"]
    assert window.ctx.view.state.pet_unit == "suv"
    assert "SUV" in window.colour_bar.unit_words
    assert "× 22.3 g ÷ (7.4 MBq × 2^(−24.00 h / 12.70 h))" in card.sum.text()

    # Undo by its key, from the very field, takes it away again.
    QTest.keyClick(at.edit, Qt.Key.Key_Z, CTRL)
    settle(qtbot, window)
    assert card.banner.isVisible()
    assert tumour(window) == before
    now = window.ctx.view.state
    assert (now.pet_unit, now.pet_lo, now.pet_hi) == (picture.pet_unit, picture.pet_lo, picture.pet_hi)
    QTest.keyClick(window.views[Orientation.AXIAL], Qt.Key.Key_Y, CTRL)
    settle(qtbot, window)
    assert tumour(window) == after

    # The CSV carries “typed”.
    monkeypatch.setattr(type(window.ctx.port), "choose_save_file", lambda *a: tmp_path / "out.csv")
    window.run("file.export.csv")
    settle(qtbot, window)
    files = sorted(tmp_path.glob("*_rois.csv"))
    assert files
    with files[0].open(encoding="utf-8", newline="") as opened:
        first = next(csv.DictReader(opened))
    assert first["injection_time_source"] == "typed"
    assert first["injection_time"] == "2026-01-01T10:00:00"

    # One click goes back to the header, which does not know.
    QTest.mouseClick(at.origin, LEFT)
    settle(qtbot, window)
    assert card.banner.isVisible()
    assert window.ctx.session.undo_labels[0] == "Withdraw injection time"


@pytest.mark.timeout(120)
def test_a_day_is_chosen_by_one_click_where_only_the_clock_is_known(qtbot: QtBot, window: MainWindow) -> None:
    at = row(window, "administration_time")
    buttons = at._choices.buttons
    assert [b.text().split(" = ")[1] for b in buttons] == ["0.0 h p.i.", "24.0 h p.i.", "48.0 h p.i."]
    QTest.mouseClick(buttons[1], LEFT)
    settle(qtbot, window)
    assert panel(window).hours.text() == "24.00 h p.i."


@pytest.mark.timeout(120)
def test_a_weight_with_another_unit_changes_the_numbers_and_escape_brings_typing_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    at = row(window, "weight_kg")
    assert at.edit is not None
    assert at.unit is not None
    assert (at.edit.text(), at.unit.currentText()) == ("22.3", "g")
    at.edit.setFocus()
    QTest.keyClicks(at.edit, "99")
    QTest.keyClick(at.edit, Qt.Key.Key_Escape)
    assert at.edit.text() == "22.3"
    assert not window.ctx.session.is_dirty
    type_into(qtbot, at, "0,025 kg")
    assert (at.edit.text(), at.unit.currentText(), at.origin.text()) == ("25", "g", "↩ typed")
    QTest.mouseClick(at.origin, LEFT)
    qtbot.wait(30)
    assert (at.edit.text(), at.origin.text()) == ("22.3", "header")


@pytest.mark.timeout(120)
def test_missing_facts_are_asked_once_and_entered_as_one_step(qtbot: QtBot, window: MainWindow) -> None:
    type_into(qtbot, row(window, "species"), "mouse")
    state = window.ctx.session.state
    dialog = MissingFactsDialog(window.ctx, "", window)
    qtbot.addWidget(dialog)
    dialog.show()
    assert list(dialog.rows) == ["administration_time"]
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "date of injection is unknown" in words
    assert "T/M" in words
    edit = dialog.rows["administration_time"].edit
    assert edit is not None
    QTest.keyClicks(edit, "someday")
    QTest.mouseClick(dialog.ok, LEFT)
    assert dialog.isVisible()
    assert edit.text() == "someday"
    assert "not a date" in dialog.rows["administration_time"].problem_text
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(edit, "2026-01-01 10:00")
    QTest.mouseClick(dialog.ok, LEFT)
    assert not dialog.isVisible()
    settle(qtbot, window)
    assert not panel(window).banner.isVisible()
    assert window.ctx.session.undo_labels[0] == "Enter missing facts"
    window.ctx.session.undo()
    assert window.ctx.session.state is state
    settle(qtbot, window)


@pytest.mark.timeout(120)
def test_cancelling_the_question_changes_nothing(qtbot: QtBot, window: MainWindow) -> None:
    state = window.ctx.session.state
    dialog = MissingFactsDialog(window.ctx, "", window)
    qtbot.addWidget(dialog)
    dialog.show()
    edit = dialog.rows["administration_time"].edit
    assert edit is not None
    QTest.keyClicks(edit, "2026-01-01 10:00")
    dialog.reject()
    assert window.ctx.session.state is state
    assert float(tumour(window)["T/M mean"]) > 1.5


@pytest.mark.timeout(120)
def test_a_table_is_pasted_from_the_clipboard_and_the_key_leads_to_the_card(
    qtbot: QtBot, window: MainWindow
) -> None:
    QGuiApplication.clipboard().setText("subject_id\tinjected_at\nSAMPLE-MOUSE\t2026-01-01 10:00")
    window.run("dose.paste")
    settle(qtbot, window)
    assert panel(window).hours.text() == "24.00 h p.i."
    assert row(window, "administration_time").origin.text() == "↩ table"
    window.run("dose.edit")
    assert row(window, "weight_kg").edit is window.focusWidget()


@pytest.mark.timeout(120)
def test_the_wheel_over_a_list_never_changes_a_value(qtbot: QtBot, window: MainWindow) -> None:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    box = row(window, "nuclide").box
    assert box is not None
    state, index = window.ctx.session.state, box.currentIndex()
    event = QWheelEvent(
        QPointF(5, 5), QPointF(box.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, -120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, event)
    assert (box.currentIndex(), window.ctx.session.state) == (index, state)

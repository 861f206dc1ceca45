"""Dialogs, worked with by keys and clicks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from atsm_viewer import __version__
from atsm_viewer.app.commands import COMMANDS, CommandSpec
from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.series_choice import Catalogue, ProposedPair, RejectedFile, SeriesEntry
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.render.window import CT_PRESETS
from atsm_viewer.ui.dialogs.about_dialog import AboutDialog
from atsm_viewer.ui.dialogs.error_dialog import ErrorDialog
from atsm_viewer.ui.dialogs.palette_dialog import PaletteDialog
from atsm_viewer.ui.dialogs.series_dialog import SeriesDialog
from atsm_viewer.ui.dialogs.shortcuts_dialog import ShortcutsDialog
from atsm_viewer.ui.dialogs.window_dialog import WindowDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def ctx() -> AppContext:
    made = build_context(SettingsStore(None), InlineJobRunner(), None)  # type: ignore[arg-type]
    grid = Geometry.axis_aligned((4, 8, 8), (1.0, 1.0, 1.0))
    values = np.linspace(0, 40, 256, dtype=np.float32).reshape(1, 4, 8, 8)
    ct = Volume(grid, np.zeros((1, 4, 8, 8), dtype=np.int16), "HU", Modality.CT)
    scan = Scan("scan", "", grid, Volume(grid, values, "CNTS", Modality.PET), ct, (Slot("s", "a"),))
    made.session.replace(
        SessionState((Subject("s", "M1"),), (Administration("a", "s"),), (scan,)), saved=True
    )
    made.view.move_to(
        ViewState(
            scan_id="scan", pet_unit="stored", pet_lo=1.0, pet_hi=20.00004, ct_centre_hu=12, ct_width_hu=345
        )
    )
    return made


@pytest.fixture
def show(qtbot: Any) -> Any:
    def shown(window: QWidget) -> Any:
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        return window

    return shown


def _entry(name: str, modality: str, **more: Any) -> SeriesEntry:
    kind = more.pop("kind", "dicom-series")
    return SeriesEntry(name, kind, modality, name, (Path(f"/data/{name}"),), **more)


PET_A, PET_B = _entry("PET AC", "PT", shape="10 × 20 × 30", n_files=10), _entry("PET NAC", "PT")
CT_A, CT_B = _entry("CT soft", "CT", study_date="20260102", study_time="095512"), _entry("CT bone", "CT")
NIFTI = _entry("thing.nii.gz", "", kind="nifti")
BAD = _entry("Scout", "CT", suitable=False, reason="one slice only")
CATALOGUE = Catalogue(
    (PET_A, PET_B, CT_A, CT_B, NIFTI, BAD), (RejectedFile(Path("/data/x.txt"), "not DICOM"),)
)
PAIRS = (ProposedPair(PET_A, CT_A, "same frame"), ProposedPair(PET_B, CT_A, "same study"))


def test_enter_opens_the_best_proposal(qtbot: Any, show: Any) -> None:
    dialog = show(SeriesDialog(CATALOGUE, PAIRS))
    qtbot.keyClick(dialog.proposals, Qt.Key.Key_Return)
    assert dialog.chosen is PAIRS[0]
    assert not dialog.isVisible()


def test_the_down_key_takes_the_next_proposal_into_both_lists(qtbot: Any, show: Any) -> None:
    dialog = show(SeriesDialog(CATALOGUE, PAIRS))
    qtbot.keyClick(dialog.proposals, Qt.Key.Key_Down)
    assert (dialog.pet.currentText(), dialog.ct.currentText()) == ("PET NAC", "CT soft")
    qtbot.mouseClick(dialog.ok, LEFT)
    assert dialog.chosen is PAIRS[1]


def test_another_ct_can_be_chosen_and_the_reason_says_that_a_person_did(qtbot: Any, show: Any) -> None:
    dialog = show(SeriesDialog(CATALOGUE, PAIRS))
    qtbot.keyClick(dialog.ct, Qt.Key.Key_Down)
    assert dialog.ct.currentText() == "CT bone"
    assert "by hand" in dialog.reason.text()
    qtbot.mouseClick(dialog.ok, LEFT)
    assert (dialog.chosen.pet, dialog.chosen.ct) == (PET_A, CT_B)


def test_the_pet_can_be_opened_without_a_ct(qtbot: Any, show: Any) -> None:
    dialog = show(SeriesDialog(CATALOGUE, PAIRS))
    qtbot.keyClick(dialog.ct, Qt.Key.Key_Home)
    assert dialog.ct.currentText() == "No CT"
    qtbot.mouseClick(dialog.ok, LEFT)
    assert dialog.chosen.ct is None


def test_images_are_told_apart_by_date_size_and_files(show: Any) -> None:
    dialog = show(SeriesDialog(CATALOGUE, PAIRS))
    assert "10 × 20 × 30" in dialog.pet_facts.text()
    assert "10 files" in dialog.pet_facts.text()
    assert "2026-01-02 09:55" in dialog.ct_facts.text()


def test_a_file_of_unknown_modality_can_be_either_but_not_both(qtbot: Any, show: Any) -> None:
    dialog = show(SeriesDialog(Catalogue((NIFTI,), ()), ()))
    assert not dialog.ok.isEnabled()
    assert dialog.reason.text() == "Choose the PET image."
    qtbot.keyClick(dialog.pet, Qt.Key.Key_Home)
    assert dialog.ok.isEnabled()
    qtbot.keyClick(dialog.ct, Qt.Key.Key_End)
    assert not dialog.ok.isEnabled()
    assert "same image" in dialog.reason.text()
    dialog.accept()
    assert dialog.chosen is None


def test_without_any_pet_it_says_why_open_is_disabled(show: Any) -> None:
    dialog = show(SeriesDialog(Catalogue((CT_A,), ()), ()))
    assert not dialog.ok.isEnabled()
    assert dialog.reason.text() == "None of these images can be a PET."


def test_what_is_not_opened_is_listed_with_its_reason_on_demand(qtbot: Any, show: Any) -> None:
    dialog = show(SeriesDialog(CATALOGUE, PAIRS))
    tree = dialog.set_aside.content
    assert dialog.set_aside.button.text() == "Not opened: 1 series, 1 file"
    assert not tree.isVisible()
    qtbot.mouseClick(dialog.set_aside.button, LEFT)
    assert tree.isVisible()
    rows = [(tree.topLevelItem(n).text(0), tree.topLevelItem(n).text(1)) for n in range(2)]
    assert rows == [("Scout", "one slice only"), ("x.txt", "not DICOM")]


def test_escape_chooses_nothing(qtbot: Any, show: Any) -> None:
    dialog = show(SeriesDialog(CATALOGUE, PAIRS))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.chosen is None
    assert not dialog.isVisible()


def test_an_error_shows_message_and_hint_and_hides_details_until_asked(qtbot: Any, show: Any) -> None:
    dialog = show(ErrorDialog(AtsmError("“a.dcm” is cut.", "Copy it again.", "offset 12")))
    assert (dialog.message.text(), dialog.hint.text()) == ("“a.dcm” is cut.", "Copy it again.")
    assert not dialog.details.content.isVisible()
    qtbot.mouseClick(dialog.details.button, LEFT)
    assert dialog.details.content.isVisible()
    assert dialog.details.content.toPlainText() == "offset 12"


def test_the_copied_report_holds_message_details_and_version(qtbot: Any, show: Any) -> None:
    dialog = show(ErrorDialog(AtsmError("“a.dcm” is cut.", "Copy it again.", "offset 12")))
    qtbot.mouseClick(dialog.copy_button, LEFT)
    copied = QGuiApplication.clipboard().text()
    for part in ("“a.dcm” is cut.", "Copy it again.", "offset 12", __version__):
        assert part in copied


def test_an_error_without_details_offers_none_and_closes_with_enter(qtbot: Any, show: Any) -> None:
    dialog = show(ErrorDialog(AtsmError("No <b>disk</b> space.")))
    assert not dialog.details.isVisible()
    assert not dialog.hint.isVisible()
    assert dialog.message.textFormat() is Qt.TextFormat.PlainText
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()


def test_the_palette_runs_what_was_typed_on_enter_and_closes_first(
    qtbot: Any, show: Any, ctx: AppContext
) -> None:
    ran: list[tuple[str, bool]] = []
    dialog = show(PaletteDialog(ctx, COMMANDS, lambda spec: ran.append((spec.id, dialog.isVisible()))))
    qtbot.keyClicks(dialog.line, "add muscle")
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    assert ran == [("roi.add.muscle", False)]


def test_the_palette_moves_with_up_and_down_while_typing(qtbot: Any, show: Any, ctx: AppContext) -> None:
    dialog = show(PaletteDialog(ctx, COMMANDS, lambda spec: None))
    first = dialog.current()
    qtbot.keyClick(dialog.line, Qt.Key.Key_Up)
    assert dialog.current() is first
    qtbot.keyClick(dialog.line, Qt.Key.Key_Down)
    assert dialog.current() is COMMANDS[1]
    qtbot.keyClick(dialog.line, Qt.Key.Key_PageDown)
    assert dialog.current() is COMMANDS[11]


def test_the_palette_greys_what_cannot_run_and_says_why(qtbot: Any, show: Any, ctx: AppContext) -> None:
    ran: list[CommandSpec] = []
    dialog = show(PaletteDialog(ctx, COMMANDS, ran.append))
    qtbot.keyClicks(dialog.line, "undo")
    assert dialog.list.topLevelItem(0).text(1) == "There is nothing to undo."
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    assert ran == []
    assert dialog.isVisible()
    assert dialog.note.text() == "Not now: There is nothing to undo."


def test_the_palette_says_when_nothing_matches_and_enter_does_nothing(
    qtbot: Any, show: Any, ctx: AppContext
) -> None:
    ran: list[CommandSpec] = []
    dialog = show(PaletteDialog(ctx, COMMANDS, ran.append))
    qtbot.keyClicks(dialog.line, "qqxx")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(dialog.line, key)
    assert (ran, dialog.note.text()) == ([], "No command matches.")


def test_the_palette_shows_the_keys_a_person_chose(show: Any, ctx: AppContext) -> None:
    ctx.settings.change(shortcuts={"file.open.folder": "Ctrl+J"})
    dialog = show(PaletteDialog(ctx, COMMANDS, lambda spec: None))
    assert dialog.list.topLevelItem(0).text(2) == "Ctrl+J"


def test_the_help_page_lists_every_command_and_the_mouse(show: Any) -> None:
    dialog = show(ShortcutsDialog(COMMANDS))
    shown = dialog.shown_actions()
    assert {c.title for c in COMMANDS} <= set(shown)
    assert {"Zoom", "Pan", "Paint", "Erase"} <= set(shown)


def test_the_help_page_is_filtered_by_key(qtbot: Any, show: Any) -> None:
    dialog = show(ShortcutsDialog(COMMANDS))
    qtbot.keyClicks(dialog.filter, "ctrl+k")
    assert dialog.shown_actions() == ("Find command…",)
    qtbot.keyClicks(dialog.filter, "zz")
    assert dialog.shown_actions() == ()


def test_about_states_version_licence_and_intended_use_and_copies_versions(qtbot: Any, show: Any) -> None:
    from PySide6.QtWidgets import QLabel

    dialog = show(AboutDialog())
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for part in (__version__, "Apache-2.0", "research use only", "never a diagnosis", "pydicom"):
        assert part in words
    qtbot.mouseClick(dialog.copy_button, LEFT)
    assert f"numpy {np.__version__}" in QGuiApplication.clipboard().text()


def _windows(ctx: AppContext) -> tuple[float, float, float, float]:
    view = ctx.view.state
    return (view.pet_lo, view.pet_hi, view.ct_centre_hu, view.ct_width_hu)


def _type(qtbot: Any, spin: Any, text: str) -> None:
    spin.setFocus()
    spin.selectAll()
    qtbot.keyClicks(spin, text)
    qtbot.keyClick(spin, Qt.Key.Key_Tab)


def test_opening_and_accepting_the_window_dialog_moves_no_number(
    qtbot: Any, show: Any, ctx: AppContext
) -> None:
    before = _windows(ctx)
    dialog = show(WindowDialog(ctx))
    qtbot.mouseClick(dialog.ok, LEFT)
    assert _windows(ctx) == before == (1.0, 20.00004, 12, 345)


def test_an_edited_end_shows_at_once_and_leaves_the_other_unrounded(
    qtbot: Any, show: Any, ctx: AppContext
) -> None:
    dialog = show(WindowDialog(ctx))
    _type(qtbot, dialog.pet_lo, "2.5")
    assert _windows(ctx) == (2.5, 20.00004, 12, 345)


def test_cancel_brings_the_windows_back(qtbot: Any, show: Any, ctx: AppContext) -> None:
    before = _windows(ctx)
    dialog = show(WindowDialog(ctx))
    _type(qtbot, dialog.pet_hi, "8")
    _type(qtbot, dialog.ct_width, "100")
    assert _windows(ctx) == (1.0, 8.0, 12, 100.0)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert _windows(ctx) == before


def test_a_window_the_wrong_way_round_is_refused_in_words(qtbot: Any, show: Any, ctx: AppContext) -> None:
    dialog = show(WindowDialog(ctx))
    _type(qtbot, dialog.pet_hi, "0.5")
    assert not dialog.ok.isEnabled()
    assert "above the lower end" in dialog.note.text()
    assert ctx.view.state.pet_lo < ctx.view.state.pet_hi
    _type(qtbot, dialog.pet_lo, "0.1")  # now both ends are fine, and both are used
    assert dialog.ok.isEnabled()
    assert _windows(ctx)[:2] == (0.1, 0.5)


def test_a_ct_preset_sets_both_numbers_and_own_numbers_leave_it(
    qtbot: Any, show: Any, ctx: AppContext
) -> None:
    dialog = show(WindowDialog(ctx))
    assert dialog.preset.currentText() == "Own numbers"
    qtbot.keyClicks(dialog.preset, "Lung")
    lung = CT_PRESETS["Lung"]
    assert _windows(ctx)[2:] == (lung.centre, lung.width)
    _type(qtbot, dialog.ct_centre, "-500")
    assert dialog.preset.currentText() == "Own numbers"


def test_the_automatic_pet_window_spans_the_image(qtbot: Any, show: Any, ctx: AppContext) -> None:
    dialog = show(WindowDialog(ctx))
    qtbot.mouseClick(dialog.automatic, LEFT)
    lo, hi = _windows(ctx)[:2]
    assert (lo, hi) == (dialog.pet_lo.value(), dialog.pet_hi.value()) == (0.0, 40.0)

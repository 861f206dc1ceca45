"""The tree of all images: quick with thousands, pictures by and by, a click chooses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem

from atsm_viewer.app.samples import build_sample
from atsm_viewer.app.series_choice import Catalogue, ProposedPair, SeriesEntry
from atsm_viewer.app.series_memory import MAX_STUDIES, last_choice, remember_choice
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.study_loading import catalogue_of
from atsm_viewer.app.thumbnails import thumbnail
from atsm_viewer.ui.dialogs.series_dialog import SeriesDialog
from atsm_viewer.ui.job_runner import QtJobRunner


def _entry(name: str, modality: str = "PT", patient: str = "P", study: str = "S") -> SeriesEntry:
    return SeriesEntry(name, "dicom-series", modality, name, (Path(f"/d/{name}"),), patient, study, name)


@pytest.fixture
def jobs() -> Iterator[QtJobRunner]:
    runner = QtJobRunner()
    yield runner
    runner.shutdown()


def _rows(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    children = [item.child(n) for n in range(item.childCount())]
    return [row for child in children for row in _rows(child)] if children else [item]


def test_two_thousand_series_open_within_a_second(qtbot: Any, jobs: QtJobRunner) -> None:
    entries = tuple(
        _entry(f"series {n}", "PT" if n % 2 else "CT", f"P{n // 40}", f"S{n // 10}") for n in range(2000)
    )
    pairs = tuple(ProposedPair(e, None, "alone") for e in entries if e.modality == "PT")
    start = time.perf_counter()
    dialog = SeriesDialog(Catalogue(entries, ()), pairs, None, jobs)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    assert time.perf_counter() - start < 1.0
    assert dialog.tree.topLevelItemCount() == 50
    assert sum(len(_rows(dialog.tree.topLevelItem(n))) for n in range(50)) == 2000
    dialog.reject()


def test_pictures_and_verdicts_of_a_real_study_arrive(qtbot: Any, jobs: QtJobRunner, tmp_path: Path) -> None:
    build_sample("mouse", tmp_path)
    catalogue, pairs = catalogue_of([tmp_path])
    dialog = SeriesDialog(catalogue, pairs, None, jobs)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    rows = _rows(dialog.tree.topLevelItem(0))
    (pet,) = (row for row in rows if row.text(1) == "PET")
    (ct,) = (row for row in rows if row.text(1) == "CT")
    empty = {row.text(1): row.icon(0).cacheKey() for row in (pet, ct)}
    qtbot.waitUntil(lambda: pet.text(5) == "available", timeout=10_000)
    qtbot.waitUntil(lambda: ct.icon(0).cacheKey() != empty["CT"], timeout=10_000)
    assert ct.text(5) == ""  # only a PET has an SUV
    dialog.reject()
    qtbot.waitUntil(lambda: jobs.is_idle)


def test_a_click_in_the_tree_chooses_the_image(qtbot: Any) -> None:
    a, b, ct = _entry("PET a"), _entry("PET b"), _entry("CT", "CT")
    dialog = SeriesDialog(Catalogue((a, b, ct), ()), (ProposedPair(a, ct, "same frame"),))
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    for row in _rows(dialog.tree.topLevelItem(0)):
        if row.text(0) == "PET b":
            spot = dialog.tree.visualItemRect(row).center()
            qtbot.mouseClick(dialog.tree.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert dialog.pet.currentText() == "PET b"
    qtbot.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    assert (dialog.chosen.pet, dialog.chosen.ct) == (b, ct)


def test_the_choice_of_a_study_is_remembered_across_starts(qtbot: Any, tmp_path: Path) -> None:
    a, b, ct = _entry("PET a"), _entry("PET b"), _entry("CT", "CT")
    catalogue = Catalogue((a, b, ct), ())
    remember_choice(SettingsStore(tmp_path / "s.json"), ProposedPair(b, None, "by hand"))
    last = last_choice(SettingsStore(tmp_path / "s.json"), catalogue)
    assert last == ("PET b", "")
    dialog = SeriesDialog(catalogue, (ProposedPair(a, ct, "same frame"),), last=last)
    qtbot.addWidget(dialog)
    assert (dialog.pet.currentText(), dialog.ct.currentText()) == ("PET b", "No CT")
    assert last_choice(SettingsStore(tmp_path / "s.json"), Catalogue((a, ct), ())) is None


def test_only_the_latest_choices_are_kept() -> None:
    settings = SettingsStore(None)
    for n in range(MAX_STUDIES + 5):
        remember_choice(settings, ProposedPair(_entry("x", study=f"S{n}"), None, ""))
    kept = [study for study, _pet, _ct in settings.settings.series_choices]
    assert kept == [f"S{n}" for n in range(5, MAX_STUDIES + 5)]


def test_a_thumbnail_keeps_proportions_and_turns_pet_dark_on_white() -> None:
    plane = np.zeros((10, 20))
    plane[:, 10:] = 5.0
    plain = thumbnail(plane, (4.0, 1.0))  # 40 mm high, 20 mm wide
    assert plain.shape == (64, 32)
    assert (plain[:, :16] == 0).all()
    assert (plain[:, 16:] == 255).all()
    assert np.array_equal(thumbnail(plane, (4.0, 1.0), inverted=True), 255 - plain)
    assert (thumbnail(np.full((3, 3), np.nan), (1.0, 1.0)) == 0).all()

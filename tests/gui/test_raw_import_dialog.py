"""The import of raw numbers by real widgets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from atsm_viewer.app.raw_import import RawDescription
from atsm_viewer.ui.dialogs.raw_import_dialog import RawImportDialog


def test_the_size_is_compared_while_one_types(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    path.write_bytes(b"HEAD" + np.zeros((3, 4, 5), ">i2").tobytes())
    dialog = RawImportDialog(path)
    qtbot.addWidget(dialog)
    assert not dialog.ok.isEnabled()
    assert "too short" in dialog.note.text()
    for spin, value in zip(dialog.sizes, (5, 4, 3, 1), strict=True):
        spin.setValue(value)
    dialog.number_type.setCurrentText("int16")
    assert dialog.ok.isEnabled()
    assert "4 bytes longer" in dialog.note.text()
    dialog.offset.setValue(4)
    assert "fits" in dialog.note.text()
    dialog.order.setCurrentIndex(1)
    dialog.spacings[2].setValue(2.5)
    dialog.unit.setCurrentIndex(1)
    assert dialog.description() == RawDescription(
        (1, 3, 4, 5), "int16", True, 4, (2.5, 1.0, 1.0), "PT", "BQML"
    )
    dialog.modality.setCurrentIndex(1)
    assert dialog.description().unit == ""
    assert not dialog.unit.isEnabled()


def test_an_earlier_description_is_where_one_starts(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    path.write_bytes(bytes(120))
    before = RawDescription((1, 3, 4, 5), "uint16", True, 0, (3.0, 2.0, 1.5), "PT", "KBQML")
    dialog = RawImportDialog(path, before)
    qtbot.addWidget(dialog)
    assert dialog.description() == before
    assert dialog.ok.isEnabled()

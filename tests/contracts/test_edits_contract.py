"""Every registered edit goes into the journal and comes out with the same effect."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import (
    EDITS,
    AddNotices,
    AddRoi,
    AddScan,
    Batch,
    DismissNotice,
    Edit,
    MoveRoi,
    Paint,
    RecolourRoi,
    RemoveRoi,
    RenameRoi,
    RenameScan,
    RenameSubject,
    SetEntered,
    SetMask,
    SetProtocol,
    SetRoiLocked,
    SetRoiRole,
    SetRoiVisible,
    SetScanImages,
    SetTracer,
)
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.protocol import Protocol
from atsm_viewer.domain.roi import Method, Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.io.digest import pixel_digest
from atsm_viewer.io.journal.values import pack_edit, pack_state, unpack_edit, unpack_state

GRID = Geometry.axis_aligned((5, 6, 7), (1.0, 0.5, 0.5))
NOTICE = Notice("W-X", Severity.WARNING, "doubtful in /home/somebody/scan", "look", "scan", float("nan"))
KEPT = Notice("W-Y", Severity.INFO, "kept")
SOURCE = ImageSource("nifti", (Path("/data/pet ä.nii.gz"),), description="PET")


def _volume() -> Volume:
    values = np.arange(5 * 6 * 7, dtype=np.float32).reshape(1, 5, 6, 7)
    return Volume(GRID, values, "BQML", Modality.PET)


def _mask() -> Mask:
    return Mask.from_dense(np.random.default_rng(3).random(GRID.shape_kji) < 0.3)


def _state() -> SessionState:
    return SessionState(
        (Subject("s", "M1"),),
        (Administration("a", "s", Sourced("ATSM", Provenance.TYPED)),),
        (Scan("scan", "1 h", GRID, None, None, (Slot("s", "a"),)),),
        (
            Roi("r1", "Tumour", Role.TUMOUR, "scan", "s", mask=_mask(), method=Method("x", (("a", "1"),))),
            Roi("r2", "Muscle", Role.MUSCLE, "scan", "s"),
        ),
        notices=(KEPT,),
    )


def _patch(adds: bool) -> Patch:
    return Patch(Box((1, 1, 1), (4, 5, 6)), np.random.default_rng(5).random((3, 4, 5)) < 0.5, adds=adds)


LEFT = Slot("s2", "a2", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
WHEN = datetime(2026, 1, 2, 3, 4, 5, 678)
NEW_SCAN = Scan(
    "scan-2", "24 h", GRID, _volume(), None, (Slot("s", "a"), LEFT), pet_source=SOURCE,
)  # fmt: skip
EXAMPLES: tuple[Edit, ...] = (
    AddRoi(Roi("r3", "Neu „ä“", Role.BLOOD, "scan", "s", "#00ff00", _mask(), edited_voxels=3), 1),
    RemoveRoi("r1"),
    RenameRoi("r1", "治療"),
    RecolourRoi("r1", "#012AbC"),
    SetRoiRole("r1", Role.LIVER),
    SetRoiVisible("r1", False),
    SetRoiLocked("r1", True),
    MoveRoi("r1", 1),
    Paint("r1", _patch(True), "2026-01-02T03:04:05+00:00"),
    Paint("r1", _patch(False)),
    SetMask("r2", _mask(), Method("threshold", (("rel_max", "0.41"),)), "2026"),
    SetMask("r1", Mask.empty(), Method()),
    SetEntered("a", "administration_time", Sourced(WHEN, Provenance.TYPED, "/x/y")),
    SetEntered("a", "weight_kg", Sourced(0.0223, Provenance.STUDY_TABLE, "row 4")),
    SetEntered("a", "radiopharmaceutical_index", Sourced(1, Provenance.ASSUMED)),
    SetEntered("a", "is_animal", Sourced(True, Provenance.INFERRED)),
    SetTracer("a", Sourced("FDG", Provenance.TYPED)),
    SetTracer("a", None),
    SetProtocol(Protocol(headline="tm_max", fwhm_mm=1.5)),
    AddNotices((NOTICE,)),
    DismissNotice(KEPT),
    AddScan(NEW_SCAN, (Subject("s2", "M2"),), (Administration("a2", "s2"),)),
    RenameScan("scan", "4 h"),
    RenameSubject("s", "M7"),
    SetScanImages("scan", _volume(), SOURCE),
    Batch((RenameRoi("r1", "A"), Batch((Paint("r2", _patch(True)),)), SetTracer("a", None))),
)  # fmt: skip


def _plain(value: Any) -> Any:
    """Everything a value holds, as something that can be compared; images stand for their sources."""
    if isinstance(value, Mask):
        return value.sha256()
    if value is None or isinstance(value, Volume):
        return None
    if isinstance(value, ImageSource):
        return (value.kind, value.paths, value.description)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return repr(value)


def test_there_is_an_example_of_every_edit() -> None:
    """A new edit needs an example here: that is how it gets recorded."""
    assert {type(e) for e in EXAMPLES} == set(EDITS)


@pytest.mark.parametrize("edit", EXAMPLES, ids=lambda e: type(e).__name__)
def test_an_edit_comes_back_with_the_same_effect(edit: Edit) -> None:
    blob = bytearray(b"something before")
    text = json.dumps(pack_edit(edit, blob), allow_nan=False)
    back = unpack_edit(json.loads(text), bytes(blob))
    before = _state()
    after = edit.apply(before)
    assert after is not before
    assert _plain(back.apply(before)) == _plain(after)


@pytest.mark.parametrize("edit", EXAMPLES, ids=lambda e: type(e).__name__)
def test_an_edit_is_known_by_its_name_and_not_by_where_its_class_lives(edit: Edit) -> None:
    data = pack_edit(edit, bytearray())
    assert data["edit"] == type(edit).__name__
    assert "atsm_viewer" not in json.dumps(data)


@pytest.mark.parametrize("edit", EXAMPLES, ids=lambda e: type(e).__name__)
def test_the_session_after_an_edit_comes_back_whole(edit: Edit) -> None:
    state, blob = edit.apply(_state()), bytearray()
    text = json.dumps(pack_state(state, blob), allow_nan=False)
    assert _plain(unpack_state(json.loads(text), bytes(blob))) == _plain(state)


def test_images_are_told_by_their_digest() -> None:
    volume = _volume()
    data = pack_edit(SetScanImages("scan", volume, SOURCE), bytearray())
    assert data["pet_source"]["pixel_digest"] == pixel_digest(volume)
    assert data["pet"] is None

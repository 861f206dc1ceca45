"""EDITS: frozen values that say what changes, each with one pure ``apply(state) -> state``.

May import: the rest of ``domain``. An edit is data (it goes into the crash journal as it is) and
has no undo: undo keeps the previous state.
To add one: a frozen dataclass with ``apply`` in the file of its family, and its name in ``EDITS``.
Guarded by: ``tests/unit/domain/test_edits.py``, ``tests/contracts``.
"""

from __future__ import annotations

from atsm_viewer.domain.edits.base import Edit
from atsm_viewer.domain.edits.batch import Batch
from atsm_viewer.domain.edits.roi_edits import (
    AddRoi,
    MoveRoi,
    RecolourRoi,
    RemoveRoi,
    RenameRoi,
    SetRoiLocked,
    SetRoiRole,
    SetRoiVisible,
)
from atsm_viewer.domain.edits.scan_edits import RenameScan, RenameSubject, SetScanImages
from atsm_viewer.domain.edits.session_edits import (
    AddNotices,
    AddScan,
    DismissNotice,
    SetEntered,
    SetProtocol,
    SetTracer,
)
from atsm_viewer.domain.edits.voxel_edits import Paint, SetMask

EDITS: tuple[type[Edit], ...] = (
    AddRoi,
    RemoveRoi,
    RenameRoi,
    RecolourRoi,
    SetRoiRole,
    SetRoiVisible,
    SetRoiLocked,
    MoveRoi,
    Paint,
    SetMask,
    SetEntered,
    SetTracer,
    SetProtocol,
    AddNotices,
    DismissNotice,
    AddScan,
    RenameScan,
    RenameSubject,
    SetScanImages,
    Batch,
)

__all__ = [
    "EDITS",
    "AddNotices",
    "AddRoi",
    "AddScan",
    "Batch",
    "DismissNotice",
    "Edit",
    "MoveRoi",
    "Paint",
    "RecolourRoi",
    "RemoveRoi",
    "RenameRoi",
    "RenameScan",
    "RenameSubject",
    "SetEntered",
    "SetMask",
    "SetProtocol",
    "SetRoiLocked",
    "SetRoiRole",
    "SetRoiVisible",
    "SetScanImages",
    "SetTracer",
]

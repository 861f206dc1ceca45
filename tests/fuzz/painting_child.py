"""A process that paints, undoes, saves and keeps a journal until it is killed; started by the kill test.

It imports once and forks a fresh painter for every line ``SEED FOLDER`` on its input. A painter prints
``A n`` once everything up to its n-th action is on disk; ``E pid`` tells that it ended.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from atsm_viewer.app.autosave import Autosave
from atsm_viewer.app.document import Document
from atsm_viewer.app.session import Session
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import AddRoi, Batch, Paint, RemoveRoi, RenameRoi
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.io.journal.writer import JournalWriter
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project

SHAPE = (12, 16, 16)


def first_state() -> SessionState:
    """A mouse with two ROIs on a small grid."""
    grid = Geometry.axis_aligned(SHAPE, (1.0, 1.0, 1.0))
    return SessionState(
        (Subject("s", "M1"),),
        (Administration("a", "s"),),
        (Scan("scan", "24 h", grid, None, None, (Slot("s", "a"),)),),
        (Roi("r0", "Tumour", Role.TUMOUR, "scan", "s"), Roi("r1", "Muscle", Role.MUSCLE, "scan", "s")),
    )


def actions(seed: int, session: Session, save: Callable[[], None]) -> Iterator[int]:
    """Do one thing after the other, the same for the same seed; yields how many were done."""
    rng = np.random.default_rng(seed)
    for number in itertools.count(1):
        what = rng.random()
        rois = session.state.rois
        roi = rois[int(rng.integers(len(rois)))].id if rois else ""
        if what < 0.06:
            save()
        elif what < 0.16:
            session.undo()
        elif what < 0.23:
            session.redo()
        elif what < 0.30 and roi:
            for letter in "abc":
                session.apply(RenameRoi(roi, f"{letter}{number}"), "Rename", merge_key=f"name-{roi}")
        elif what < 0.34 or not roi:
            new = Roi(f"n{number}", f"New {number}", Role.OTHER, "scan", "s")
            stroke = Paint(new.id, _patch(rng))
            session.apply(Batch((AddRoi(new), stroke)), "New ROI")
        elif what < 0.36 and len(rois) > 2:
            session.apply(RemoveRoi(roi), "Delete ROI")
        else:
            session.apply(Paint(roi, _patch(rng), f"t{number}"), f"Paint {roi}")
        yield number


def _patch(rng: np.random.Generator) -> Patch:
    lo = [int(rng.integers(0, n - 4)) for n in SHAPE]
    box = Box((lo[0], lo[1], lo[2]), (lo[0] + 4, lo[1] + 4, lo[2] + 4))
    return Patch(box, rng.random((4, 4, 4)) < 0.5, adds=bool(rng.random() < 0.7))


def paint(seed: int, folder: Path) -> None:
    """Paint until killed."""
    session, document = Session(), Document()
    autosave = Autosave(
        session, document, folder / "journals", JournalWriter(folder / "journals", compact_edits=12)
    )
    session.replace(first_state(), saved=True)
    path = folder / "case.atsm"
    document.meta = replace(ProjectMeta.new(), project_id=f"00000000-{seed:08d}")

    def save() -> None:
        state = session.state
        document.meta = save_project(state, path, meta=document.meta)
        document.path = path
        session.mark_saved(state)

    pace = np.random.default_rng(seed + 1)
    for number in actions(seed, session, save):
        if pace.random() < 0.4:
            assert autosave.flush()
            os.write(1, f"A {number}\n".encode())


def main() -> None:
    """Fork a painter per line of input and wait for its end."""
    for line in sys.stdin:
        seed, folder = line.rstrip("\n").split(" ", 1)
        child = os.fork()
        if child == 0:
            try:
                paint(int(seed), Path(folder))
            finally:
                os._exit(1)
        os.write(1, f"P {child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, f"E {child}\n".encode())


if __name__ == "__main__":
    main()

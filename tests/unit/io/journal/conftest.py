"""A small session and edits to record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import Paint
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject


@pytest.fixture
def session(tmp_path: Path) -> SessionState:
    """One mouse, one scan, a tumour without voxels."""
    source = ImageSource(
        "dicom-series", (tmp_path / "PET" / "1.dcm",), series_uid="1.2", patient_label="DOE^J"
    )
    return SessionState(
        (Subject("s", "M1"),),
        (Administration("a", "s"),),
        (Scan("scan", "24 h", Geometry.axis_aligned((6, 7, 8), (1.0, 1.0, 1.0)), None, None,
              (Slot("s", "a"),), pet_source=source),),
        (Roi("r", "Tumour 1", Role.TUMOUR, "scan", "s"),),
    )  # fmt: skip


@pytest.fixture
def strokes() -> list[Paint]:
    """Ten strokes, each of which changes something."""
    made = []
    for n in range(10):
        lo = (n % 5, n % 4, n % 6)
        box = Box(lo, (lo[0] + 1, lo[1] + 2, lo[2] + 2))
        made.append(
            Paint("r", Patch(box, np.ones((1, 2, 2), dtype=bool), adds=True), f"2026-01-0{n % 9 + 1}")
        )
    return made

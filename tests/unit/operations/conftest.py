"""A ROI on a grid with PET and CT, ready for an operation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.operations import OperationContext


@pytest.fixture
def make() -> Callable[..., OperationContext]:
    def made(
        geometry: Geometry,
        dense: np.ndarray,
        pet: np.ndarray | None = None,
        hu: np.ndarray | None = None,
        others: dict[str, np.ndarray] | None = None,
        at=(0, 0, 0),
        **more: object,
    ) -> OperationContext:
        values = np.zeros(geometry.shape_kji, np.float32) if pet is None else pet.astype(np.float32)
        ct = None if hu is None else Volume(geometry, hu.astype(np.int16)[None], "HU", Modality.CT)
        image = Volume(geometry, values[None], "BQML", Modality.PET)
        scan = Scan("s", "1 h", geometry, image, ct, (Slot("m", "a"),))
        roi = Roi("r", "Tumour 1", Role.TUMOUR, "s", "m", mask=Mask.from_dense(dense))
        rois = [
            Roi(name, name, Role.OTHER, "s", "m", mask=Mask.from_dense(m))
            for name, m in (others or {}).items()
        ]
        state = SessionState(scans=(scan,), rois=(roi, *rois))
        x, y, z = (float(v) for v in geometry.index_to_lps(at))
        return OperationContext(state, scan, roi, cursor_lps=(x, y, z), **more)  # type: ignore[arg-type]

    return made

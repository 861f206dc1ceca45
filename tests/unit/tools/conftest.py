"""A small session with two ROIs, PET, CT and two animals in one bed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.domain.pointer import Button, Modifier, PointerEvent
from atsm_viewer.domain.rigid import RigidTransform
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.tools import ToolContext

SHAPE = (6, 12, 16)


@pytest.fixture
def geometry() -> Geometry:
    return Geometry.axis_aligned(SHAPE, (2.0, 1.0, 1.0), (-3.0, 4.0, 5.0))


@pytest.fixture
def session(geometry: Geometry) -> SessionState:
    ramp = np.broadcast_to(np.arange(16, dtype=np.float32), (2, *SHAPE)).copy()
    ramp[1] += 100.0
    pet = Volume(geometry, ramp, "BQML", Modality.PET, (FrameTime(), FrameTime(60.0, 60.0)))
    # The CT is finer, covers only a part, and lies 10 mm towards the right in its own space.
    ct_grid = Geometry.axis_aligned((24, 24, 16), (0.5, 0.5, 1.0), (-13.0, 4.0, 5.0))
    hu = np.broadcast_to(np.arange(24, dtype=np.int16)[:, None] * 10, (1, 24, 24, 16)).copy()
    ct = Volume(ct_grid, hu, "HU", Modality.CT)
    slots = (
        Slot("m1", "a1", (-4.0, 3.0, 4.0), (5.0, 30.0, 30.0)),
        Slot("m2", "a2", (30.0, 30.0, 30.0), (5.0, 3.0, 4.0)),
    )
    moved = RigidTransform(translation_mm=(10.0, 0.0, 0.0))
    scan = Scan("s1", "24 h", geometry, pet, ct, slots, ct_to_pet=moved)
    other = replace(scan, id="s2", label="2 h")
    dense = np.zeros(SHAPE, dtype=bool)
    dense[3, 4:8, 10:14] = True
    rois = (
        Roi("r1", "Tumour 1", Role.TUMOUR, "s1", "m1"),
        Roi("r2", "Muscle", Role.MUSCLE, "s1", "m2", mask=Mask.from_dense(dense)),
    )
    return SessionState(
        subjects=(Subject("m1", "Mouse 1"), Subject("m2", "Mouse 2")),
        administrations=(Administration("a1", "m1"), Administration("a2", "m2")),
        scans=(scan, other),
        rois=rois,
    )


@pytest.fixture
def context(session: SessionState) -> Callable[..., ToolContext]:
    def make(roi_id: str | None = "r1", **changes: object) -> ToolContext:
        state = changes.pop("state", session)
        assert isinstance(state, SessionState)
        roi = None if roi_id is None else state.roi(roi_id)
        base = ToolContext(state, roi, state.scan("s1"), 0, {"diameter_mm": 4.0, "shape": "disc"}, (), 0.5)
        return replace(base, **changes)  # type: ignore[arg-type]

    return make


@pytest.fixture
def press(geometry: Geometry) -> Callable[..., PointerEvent]:
    def make(
        k: float,
        j: float,
        i: float,
        button: Button = Button.LEFT,
        modifiers: Modifier = Modifier.NONE,
        orientation: Orientation = Orientation.AXIAL,
    ) -> PointerEvent:
        x, y, z = (float(v) for v in geometry.index_to_lps((k, j, i)))
        return PointerEvent((x, y, z), Plane.through(orientation, (x, y, z)), button, modifiers)

    return make

"""Sessions built from arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.protocol import Protocol
from atsm_viewer.domain.roi import Method, Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.volume import FrameTime, Modality, Volume


def typed(value: Any) -> Sourced[Any]:
    return Sourced(value, Provenance.TYPED)


def start_overrides(**changes: Any) -> SuvOverrides:
    """1 MBq, 20 g, injected one half-life of one hour before: factor = 20 / 0.5e6."""
    values: dict[str, Any] = {
        "weight_kg": typed(0.020),
        "is_animal": typed(True),
        "half_life_s": typed(3600.0),
        "injected_activity_bq": typed(1e6),
        "administration_time": typed(datetime(2024, 5, 6, 9)),
        "reference_time": typed(datetime(2024, 5, 6, 10)),
        "decay_rule": typed("START"),
        "units": typed("BQML"),
    }
    values.update(changes)
    return SuvOverrides(**{k: v for k, v in values.items() if v is not None})


FACTOR = 20.0 / 0.5e6


@dataclass
class Build:
    """Builds a session of one scan; masks are dense arrays, cropped masks, or index expressions."""

    values: Any
    rois: list[tuple[Any, ...]] = field(default_factory=list)
    spacing: tuple[float, float, float] = (2.0, 1.0, 1.0)
    overrides: SuvOverrides | None = None
    protocol: Protocol = field(default_factory=Protocol)
    slots: tuple[Slot, ...] = (Slot("s1", "adm1"),)
    unit: str = "BQML"
    facts: PetFacts | None = None
    tk: tuple[tuple[int, ...], ...] = ()

    def state(self) -> SessionState:
        array = np.asarray(self.values, dtype=np.float32)
        array = array if array.ndim == 4 else array[None]
        geometry = Geometry.axis_aligned(array.shape[1:], self.spacing, (-10.0, 5.0, 100.0))
        frames = tuple(FrameTime(60.0 * t, 60.0) for t in range(array.shape[0]))
        pet = Volume(geometry, array, self.unit, Modality.PET, frames)
        facts = self.facts or PetFacts.from_instances([InstanceFacts(units=self.unit or None)])
        scan = Scan("scan1", "1 h", geometry, pet, None, self.slots, pet_facts=facts, pet_instance_tk=self.tk)
        subjects = {s.subject_id: s.administration_id for s in self.slots} | {"s1": "adm1"}
        overrides = start_overrides() if self.overrides is None else self.overrides
        return SessionState(
            subjects=tuple(Subject(s, s.upper()) for s in subjects),
            administrations=tuple(Administration(a, s, entered=overrides) for s, a in subjects.items()),
            scans=(scan,),
            rois=tuple(self._roi(n, geometry, *given) for n, given in enumerate(self.rois)),
            protocol=self.protocol,
        )

    def _roi(
        self, n: int, geometry: Geometry, role: Role, where: Any, subject: str = "s1", method: str = "manual"
    ) -> Roi:
        if isinstance(where, Mask):
            mask = where
        else:
            dense = np.zeros(geometry.shape_kji, dtype=bool)
            dense[where] = True
            mask = Mask.from_dense(dense)
        return Roi(f"r{n}", f"{role.value} {n}", role, "scan1", subject, mask=mask, method=Method(method))


@pytest.fixture
def build() -> Callable[..., SessionState]:
    return lambda values, rois, **more: Build(values, list(rois), **more).state()


@pytest.fixture
def overrides() -> Callable[..., SuvOverrides]:
    return start_overrides


@pytest.fixture
def suv_factor() -> float:
    return FACTOR

"""Only units in which every slice has a factor are offered."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from atsm_viewer.app.pet_display import pet_scales
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.volume import FrameTime, Modality, Volume


def two_beds(tk) -> SessionState:
    geometry = Geometry.axis_aligned((4, 3, 3), (2.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    image = np.ones((1, 4, 3, 3), np.float32)
    pet = Volume(geometry, image, "BQML", Modality.PET, (FrameTime(0.0, 60.0),))
    early, late = (
        InstanceFacts(
            units="BQML",
            decay_correction="NONE",
            acquisition_date="20240506",
            acquisition_time=clock,
            actual_frame_duration_ms=60000.0,
        )
        for clock in ("100000", "110000")
    )
    facts = PetFacts.from_instances([early] * 2 + [late] * 2)
    entered = {
        "weight_kg": 0.02,
        "is_animal": True,
        "half_life_s": 3600.0,
        "injected_activity_bq": 1e6,
        "administration_time": datetime(2024, 5, 6, 9),
    }
    overrides = SuvOverrides(**{k: Sourced(v, Provenance.TYPED) for k, v in entered.items()})
    scan = Scan("scan1", "1 h", geometry, pet, None, (Slot("s1", "a1"),), pet_facts=facts, pet_instance_tk=tk)
    return SessionState(
        subjects=(Subject("s1", "S1"),),
        administrations=(Administration("a1", "s1", entered=overrides),),
        scans=(scan,),
    )


def test_suv_is_offered_where_each_slice_knows_its_instance() -> None:
    state = two_beds(((0, 1, 2, 3),))
    scales = pet_scales(state, state.scans[0])
    assert list(scales) == ["suv", "kbq_ml", "stored"]
    assert scales["suv"].factor_at(0, 3) == pytest.approx(2.0 * scales["suv"].factor_at(0, 0))


def test_suv_is_not_offered_where_nobody_knows_which_slice_is_which() -> None:
    state = two_beds(())
    assert list(pet_scales(state, state.scans[0])) == ["kbq_ml", "stored"]

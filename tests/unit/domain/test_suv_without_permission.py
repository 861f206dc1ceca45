"""What refuses SUV refuses %ID/mL too, unless it is only about the body."""

from __future__ import annotations

from datetime import datetime

import pytest

from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.assessment import assess
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides


def typed(value):
    return Sourced(value, Provenance.TYPED)


def assessed(corrected=("ATTN", "DECY"), other=None, **changes):
    values = {"units": "BQML", "decay_correction": "START", "corrected_image": corrected}
    facts = [InstanceFacts(**values)] + ([InstanceFacts(**(values | other))] if other else [])
    entered = {
        "is_animal": typed(False),
        "weight_kg": typed(70.0),
        "half_life_s": typed(3600.0),
        "injected_activity_bq": typed(1e8),
        "administration_time": typed(datetime(2024, 5, 6, 9)),
        "reference_time": typed(datetime(2024, 5, 6, 10)),
    } | changes
    overrides = SuvOverrides(**{k: v for k, v in entered.items() if v is not None})
    return assess(PetFacts.from_instances(facts), overrides)


def test_a_sound_series_has_both() -> None:
    found = assessed()
    assert found.available
    assert found.pct_id_per_ml == pytest.approx(100.0 / 0.5e8)


def test_without_attenuation_correction_there_is_no_share_of_the_dose() -> None:
    found = assessed(corrected=("DECY",))
    assert "E-NO-ATTN" in found.codes
    assert found.pct_id_per_ml is None


def test_a_mixed_series_has_no_share_of_the_dose() -> None:
    found = assessed(other={"units": "CNTS"})
    assert "E-MIXED-SERIES" in found.codes
    assert found.pct_id_per_ml is None


def test_a_missing_weight_leaves_the_share_of_the_dose() -> None:
    found = assessed(weight_kg=None)
    assert found.codes[0] == "E-WEIGHT"
    assert found.pct_id_per_ml == pytest.approx(100.0 / 0.5e8)


def test_values_stored_as_a_share_of_the_dose_are_refused_the_same_way() -> None:
    assert assessed(units=typed("%ID/mL")).pct_id_per_ml == 1.0
    assert assessed(units=typed("%ID/mL"), weight_kg=None).pct_id_per_ml == 1.0
    assert assessed(corrected=("DECY",), units=typed("%ID/mL")).pct_id_per_ml is None

"""Every input of the SUV stands in the table with where it came from."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.metrics.evaluate import evaluate

HEADER = {
    "Units": "BQML", "CorrectedImage": ["ATTN", "DECY"], "DecayCorrection": "START", "Manufacturer": "Mediso",
    "PatientWeight": 0.02, "PatientSex": "F", "PatientSpeciesDescription": "Mus musculus",
    "SeriesDate": "20240506", "SeriesTime": "100000", "AcquisitionDate": "20240506",
    "AcquisitionTime": "100100", "FrameReferenceTime": 0, "ActualFrameDuration": 600000,
    "RadiopharmaceuticalInformation": {
        "RadionuclideTotalDose": 1e6, "RadionuclideHalfLife": 45722.16, "Radiopharmaceutical": "Cu64-ATSM",
        "RadiopharmaceuticalStartDateTime": "20240506090000",
    },
}  # fmt: skip
SOURCES = [
    "weight_source", "injected_source", "injection_time_source", "half_life_source", "nuclide_source",
    "tracer_source", "decay_correction_source", "value_unit_source", "dose_reference_source",
]  # fmt: skip


@pytest.fixture
def state(build):
    facts = PetFacts.from_instances([InstanceFacts.from_mapping(HEADER)])
    return build(
        np.ones((6, 6, 6)), [(Role.TUMOUR, np.s_[1:3, 1:3, 1:3])], overrides=SuvOverrides(), facts=facts
    )


def row(state):
    return evaluate(state, app_version="1").rois.rows[0]


def test_header_values_name_their_tags(state) -> None:
    cells = row(state)
    assert [cells[name] for name in SOURCES] == [
        "header ((0010,1030))", "header ((0018,1074))", "header ((0018,1078))", "header ((0018,1075))",
        "inferred (text of the radiopharmaceutical)", "header ((0018,0031))", "header ((0054,1102))",
        "header ((0054,1001))", "header ((0008,0021/0031))",
    ]  # fmt: skip
    assert (cells["tracer"], cells["species"], cells["sex"]) == ("Cu64-ATSM", "Mus musculus", "F")


def test_every_candidate_of_the_reference_time_is_listed_with_its_effect(state) -> None:
    # S 10:00 is taken; A and B say 10:01: 2^(60 s / T½) - 1 = 0.091 %.
    assert row(state)["reference_candidates"] == (
        "S=2024-05-06T10:00:00 (+0.00 %);A=2024-05-06T10:01:00 (+0.09 %);B=2024-05-06T10:01:00 (+0.09 %)"
    )


@pytest.mark.parametrize("provenance", [Provenance.TYPED, Provenance.STUDY_TABLE, Provenance.SIDECAR])
def test_entered_values_carry_the_word_of_their_origin(state, provenance) -> None:
    def said(value):
        return Sourced(value, provenance, "doses.csv")

    entered = SuvOverrides(
        weight_kg=said(0.025), injected_activity_bq=said(2e6), nuclide=said("Cu-64"),
        decay_rule=said("START"), administration_time=said(datetime(2024, 5, 6, 8)), units=said("KBQML"),
        reference_time=said(datetime(2024, 5, 6, 10)), species=said("rat"), half_life_s=said(45000.0),
    )  # fmt: skip
    administration = replace(state.administrations[0], entered=entered, tracer=said("64Cu-ATSM"))
    cells = row(replace(state, administrations=(administration,)))
    assert {cells[name] for name in SOURCES} == {f"{provenance.value} (doses.csv)"}
    assert (cells["tracer"], cells["value_unit"], cells["species"]) == ("64Cu-ATSM", "KBQML", "rat")


def test_a_unit_that_gives_no_suv_still_says_where_it_was_read(build) -> None:
    facts = PetFacts.from_instances([InstanceFacts(units="PROPCPS")])
    cells = row(
        build(
            np.ones((6, 6, 6)), [(Role.TUMOUR, np.s_[1:3, 1:3, 1:3])], facts=facts, overrides=SuvOverrides()
        )
    )
    assert cells["value_unit_source"] == "header ((0054,1001))"
    assert "E-UNITS" in cells["suv_codes"]
    assert cells["suv_path"] is None

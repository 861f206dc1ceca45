"""The dose card: what it says, what it offers, and what entering and withdrawing do."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from atsm_viewer.app.dose_card import DoseCard, FieldView, dose_card
from atsm_viewer.app.dose_editing import enter_text, enter_values, withdraw
from atsm_viewer.app.missing_facts import missing_facts, missing_words
from atsm_viewer.app.session import Session
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.volume import Modality, Volume

DRUG = {
    "RadionuclideTotalDose": 7.4e6, "RadionuclideHalfLife": 45722.16, "Radiopharmaceutical": "64Cu-ATSM",
    "RadiopharmaceuticalStartDateTime": "20260101100000",
}  # fmt: skip
HEADER: dict[str, Any] = {
    "Units": "BQML", "CorrectedImage": ["ATTN", "DECY"], "DecayCorrection": "START", "Manufacturer": "Mediso",
    "PatientWeight": 0.0223, "SeriesDate": "20260102", "SeriesTime": "100000", "AcquisitionDate": "20260102",
    "AcquisitionTime": "100000", "RadiopharmaceuticalInformation": DRUG,
}  # fmt: skip


def session_of(header: dict[str, Any] = HEADER, fill: float = 437e3, mm: float = 1.0) -> Session:
    shape = (30, 30, 30)
    grid = Geometry.axis_aligned(shape, (mm, mm, mm))
    image = np.zeros((1, *shape), dtype=np.float32)
    image[0, 10:14, 10:14, 10:14] = fill
    facts = PetFacts.from_instances([InstanceFacts.from_mapping(header) if header else InstanceFacts()])
    pet = Volume(grid, image, str(header.get("Units", "")), Modality.PET)
    scan = Scan("scan", "24 h", grid, pet, None, (Slot("s", "a"),), pet_facts=facts)
    return Session(SessionState((Subject("s", "M1"),), (Administration("a", "s"),), (scan,)))


def header(**changes: Any) -> dict[str, Any]:
    drug = DRUG | changes.pop("drug", {})
    merged = (
        HEADER
        | changes
        | {"RadiopharmaceuticalInformation": {k: v for k, v in drug.items() if v is not None}}
    )
    return {k: v for k, v in merged.items() if v is not None}


def card_of(session: Session) -> DoseCard:
    return dose_card(session.state, "scan", "", 0, (12.0, 12.0, 12.0))


def field(session: Session, field_id: str) -> FieldView:
    return next(v for v in card_of(session).fields if v.field.id == field_id)


def factor(session: Session) -> float:
    from atsm_viewer.domain.suv.of_scan import assess_scan

    found = assess_scan(session.state.scans[0], session.state.administrations[0])
    assert found is not None
    assert isinstance(found.factor_bw, float)
    return found.factor_bw


def choose(session: Session, view: FieldView, words: str) -> None:
    (choice,) = [c for c in view.choices if words in c.label]
    assert enter_values(session, "a", choice.values)


# Decay over 24 h: 2^(-86400/45722.16) = 0.26986794…
LEFT = 2.0 ** (-86400 / 45722.16)


def test_the_card_tells_hours_decay_factor_and_the_worked_sum_of_the_crosshair() -> None:
    card = card_of(session_of())
    assert (card.hours_text, card.available) == ("24.00 h p.i.", True)
    suv = 437e3 * 22.3 / (7.4e6 * LEFT)
    assert card.sum_text == f"437 kBq/mL × 22.3 g ÷ (7.4 MBq × 2^(−24.00 h / 12.70 h)) = {suv:.4g} g/mL"
    assert card.sum_caption == "At the crosshair"
    assert f"{LEFT:.4g}" in card.decay_text
    ratio = 64 * 1e-3 * 437e3 / (7.4e6 * LEFT)
    assert card.balance_text.startswith(f"{ratio:.3g} of the dose")


def test_every_field_says_where_its_value_came_from() -> None:
    session = session_of()
    assert field(session, "weight_kg").source_detail == "header ((0010,1030))"
    assert field(session, "nuclide").source == "inferred"
    assert field(session, "assay_activity_bq").source == ""
    assert {"height_m", "sex"} & {v.field.id for v in card_of(session).fields} == set()
    human = session_of(
        header(Manufacturer="GE", PatientWeight=70.0, PatientSize=1.75, PatientSex="F"), mm=4.0
    )
    assert {"height_m", "sex"} <= {v.field.id for v in card_of(human).fields}


def test_an_entered_value_is_marked_counts_at_once_and_goes_back_in_one_step() -> None:
    session = session_of()
    before, state = factor(session), session.state
    assert enter_text(session, "a", "weight_kg", "44,6", "g")
    view = field(session, "weight_kg")
    assert (view.entered, view.source, view.otherwise) == (True, "typed", "22.3 g, header ((0010,1030))")
    assert factor(session) == pytest.approx(2 * before, rel=1e-12)
    assert session.undo_labels[0] == "Enter weight"
    assert withdraw(session, "a", ["weight_kg"])
    assert factor(session) == before
    assert session.undo_labels[0] == "Withdraw weight"
    session.undo()
    session.undo()
    assert session.state is state


def test_what_cannot_be_read_changes_nothing() -> None:
    session = session_of()
    state = session.state
    for field_id, text, unit in (
        ("weight_kg", "22,300", "g"),
        ("weight_kg", "-3", "g"),
        ("nuclide", "Xx", ""),
    ):
        with pytest.raises(AtsmError):
            enter_text(session, "a", field_id, text, unit)
    assert session.state is state


def test_tracer_subject_and_species_are_entered_like_the_rest() -> None:
    session = session_of()
    for field_id, text in (("tracer", "64Cu-ATSM"), ("subject_id", "M07"), ("species", "rat")):
        assert enter_text(session, "a", field_id, text)
    assert session.state.subjects[0].label == "M07"
    assert field(session, "tracer").source == "typed"
    assert field(session, "species").value == "rat"


def test_the_net_dose_is_computed_from_the_syringe() -> None:
    session = session_of(header(drug={"RadiopharmaceuticalStartDateTime": "20260102100000"}))
    for field_id, text in (
        ("assay_activity_bq", "8.10 MBq"), ("assay_time", "2026-01-02 09:50"),
        ("residual_activity_bq", "0.42 MBq"), ("residual_time", "2026-01-02 10:04"),
    ):  # fmt: skip
        assert enter_text(session, "a", field_id, text)
    view = field(session, "injected_activity_bq")
    assert view.value == pytest.approx(7605125.643, abs=0.01)
    assert (view.source, view.entered) == ("computed", False)


# -- doubts --------------------------------------------------------------------------------


def test_a_mouse_of_22_kg_is_asked_about_and_never_divided() -> None:
    session = session_of(header(PatientWeight=22.3))
    view = field(session, "weight_kg")
    assert view.value == 22.3
    assert [n.code for n in view.problems] == ["W-WEIGHT-ANIMAL"]
    before = factor(session)
    choose(session, view, "22.3 g")
    assert factor(session) == pytest.approx(before / 1000)
    assert field(session, "weight_kg").problems == ()


def test_a_dose_too_small_for_bq_offers_every_unit_with_the_balance_of_each() -> None:
    session = session_of(header(drug={"RadionuclideTotalDose": 7.4}))
    view = field(session, "injected_activity_bq")
    ratio = 64 * 1e-3 * 437e3 / (7.4e6 * LEFT)
    labels = [c.label for c in view.choices]
    assert labels[0] == f"7.4 MBq: {ratio:.3g} of it in the image"
    assert labels[1] == f"7.4 kBq: {1000 * ratio:.3g} of it in the image"
    assert [label.split(":")[0] for label in labels[2:]] == ["7.4 Bq", "7.4 µCi", "7.4 mCi"]
    before = factor(session)
    choose(session, view, "7.4 µCi")
    assert factor(session) == pytest.approx(before * 7.4e6 / (7.4 * 3.7e4))


def test_a_contradiction_about_decay_offers_the_three_rules_with_their_effect() -> None:
    session = session_of(header(DecayCorrection="NONE", ActualFrameDuration=1200000))
    card, view = card_of(session), field(session, "decay_rule")
    assert not card.available
    assert [c.values["decay_rule"] for c in view.choices] == ["START", "ADMIN", "NONE"]
    assert f"{100 * (LEFT - 1):+.1f} %" in view.choices[1].detail
    choose(session, view, "ADMIN")
    assert factor(session) == pytest.approx(22.3 / 7.4e6)


def test_reference_times_are_offered_with_what_each_would_change() -> None:
    session = session_of(header(AcquisitionTime="103000"))
    view = field(session, "reference_time")
    assert [n.code for n in view.problems] == ["W-REFTIME-CONFLICT"]
    later = 100 * (2.0 ** (1800 / 45722.16) - 1)
    assert [c.label for c in view.choices] == ["10:00:00, SUV +0.00 %", f"10:30:00, SUV {later:+.2f} %"]
    before = factor(session)
    choose(session, view, "10:30:00")
    assert factor(session) == pytest.approx(before * 2.0 ** (1800 / 45722.16))


def test_a_clock_without_a_date_offers_days_with_their_hours() -> None:
    session = session_of(
        header(drug={"RadiopharmaceuticalStartDateTime": None, "RadiopharmaceuticalStartTime": "093000"})
    )
    card, view = card_of(session), field(session, "administration_time")
    assert card.verdict == "SUV not available: injection date missing."
    assert [c.label for c in view.choices] == [
        "2026-01-02 09:30 = 0.5 h p.i.", "2026-01-01 09:30 = 24.5 h p.i.", "2025-12-31 09:30 = 48.5 h p.i.",
    ]  # fmt: skip
    choose(session, view, "24.5 h")
    assert card_of(session).hours_text == "24.50 h p.i."
    session.undo()
    assert not card_of(session).available


def test_two_injections_are_offered_by_number() -> None:
    second = DRUG | {"RadionuclideTotalDose": 5e6}
    plain = header()
    plain["RadiopharmaceuticalInformation"] = [DRUG, second]
    session = session_of(plain)
    view = field(session, "radiopharmaceutical_index")
    assert [n.code for n in view.problems] == ["E-MULTI-RP"]
    choose(session, view, "2:")
    assert field(session, "injected_activity_bq").value == 5e6


def test_a_person_without_attenuation_correction_can_be_accepted_as_not_quantitative() -> None:
    session = session_of(header(Manufacturer="GE", PatientWeight=70.0, CorrectedImage=["DECY"]), mm=4.0)
    view = field(session, "accept_missing_attenuation")
    assert not card_of(session).available
    choose(session, view, "Accept")
    assert card_of(session).available
    assert [n.code for n in field(session, "accept_missing_attenuation").problems] == ["W-NAC"]


# -- missing facts -------------------------------------------------------------------------


def asked(session: Session) -> list[str]:
    return [f.field.id for f in missing_facts(session.state.scans[0], session.state.administrations[0])]


def test_an_image_that_says_nothing_is_asked_for_everything_at_once() -> None:
    session = session_of({}, mm=4.0)
    wanted = asked(session)
    assert set(wanted) == {
        "weight_kg", "nuclide", "administration_time", "injected_activity_bq", "units", "decay_rule",
        "reference_time", "accept_missing_attenuation",
    }  # fmt: skip
    enter_values(
        session, "a",
        {
            "weight_kg": 0.0223, "nuclide": "Cu-64", "administration_time": datetime(2026, 1, 1, 10),
            "injected_activity_bq": 7.4e6, "units": "BQML", "decay_rule": "START", "species": "mouse",
            "reference_time": datetime(2026, 1, 2, 10),
        },
        "Enter missing facts",
    )  # fmt: skip
    assert asked(session) == []
    assert factor(session) == pytest.approx(22.3 / (7.4e6 * LEFT), rel=1e-9)
    assert session.undo() == "Enter missing facts"
    assert asked(session) == wanted


def test_only_what_is_missing_is_asked_and_stand_ins_never_count() -> None:
    session = session_of(header(PatientWeight=None, drug={"RadionuclideTotalDose": None}))
    assert asked(session) == ["weight_kg", "injected_activity_bq"]
    assert card_of(session).verdict == "SUV not available: weight and injected activity missing."
    assert field(session, "weight_kg").value is None
    assert asked(session_of()) == []


def test_facts_that_only_a_unit_makes_needed_are_not_asked_for_suv_values() -> None:
    session = session_of({})
    enter_values(session, "a", {"units": "SUV", "species": "mouse"})
    assert asked(session) == []
    assert factor(session) == 1.0


def test_every_fact_has_a_reason_in_words() -> None:
    session = session_of({})
    facts = missing_facts(session.state.scans[0], session.state.administrations[0])
    assert all(f.reason.endswith((".", "?")) for f in facts)
    assert missing_words(facts[:2]) == "weight and nuclide"
    assert missing_words(()) == ""


def test_a_scan_of_two_animals_has_a_card_for_each() -> None:
    session = session_of()
    state = session.state
    scan = replace(state.scans[0], slots=(Slot("s", "a"), Slot("t", "b")))
    session.replace(
        replace(
            state, scans=(scan,), subjects=(*state.subjects, Subject("t", "M2")),
            administrations=(*state.administrations, Administration("b", "t")),
        ),
        saved=True,
    )  # fmt: skip
    enter_text(session, "b", "weight_kg", "30 g")
    first, second = dose_card(session.state, "scan", "s"), dose_card(session.state, "scan", "t")
    weights = [next(v.value for v in c.fields if v.field.id == "weight_kg") for c in (first, second)]
    assert weights == [0.0223, pytest.approx(0.030)]

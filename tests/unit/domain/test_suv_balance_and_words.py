import pytest

from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.suv import code_texts
from atsm_viewer.domain.suv.assessment import assess
from atsm_viewer.domain.suv.balance import activity_balance, body_suv_balance
from atsm_viewer.domain.suv.explain import explain, worked_sum
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.image_facts import ImageFacts

BASE = {
    "CorrectedImage": ["NORM", "DTIM", "ATTN", "SCAT", "DECY", "RAN"],
    "Units": "BQML",
    "DecayCorrection": "START",
    "PatientWeight": 70.0,
    "Manufacturer": "SIEMENS",
    "SeriesDate": "20240315",
    "SeriesTime": "110000",
    "AcquisitionDate": "20240315",
    "AcquisitionTime": "110000",
    "ActualFrameDuration": 300000,
}
INJECTION = {
    "RadionuclideTotalDose": 370e6,
    "RadionuclideHalfLife": 6586.2,
    "RadiopharmaceuticalStartDateTime": "20240315100000",
}
SUV = 70000.0 / (370e6 * 2 ** (-3600 / 6586.2))  # g divided by the activity one hour after injection


def header(injection: dict | None = None, **changes: object) -> InstanceFacts:
    values = {**BASE, "RadiopharmaceuticalInformation": {**INJECTION, **(injection or {})}, **changes}
    return InstanceFacts.from_mapping({k: v for k, v in values.items() if v is not None})


def series(*headers: InstanceFacts) -> PetFacts:
    return PetFacts.from_instances(headers)


DECAYED = 370e6 * 2 ** (-3600 / 6586.2)


@pytest.mark.parametrize("ratio", [0.01, 0.6, 1.0, 1.29])
def test_ordinary_balances_are_silent(ratio: float) -> None:
    assert not activity_balance(ratio * 1e6, 1e6, is_animal=True).is_suspect


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        (1e3, "1000"),
        (1e-3, "1000"),
        (1e6, "1 000 000"),
        (37.0, "37:"),
        (3.7e4, "37 000:"),
        (1 / 3.7e4, "37 000:"),
        (8.0, "3 half-lives"),
    ],
)
def test_the_nearest_usual_slip_explains_an_impossible_balance(slip: float, words: str) -> None:
    balance = activity_balance(0.85 * slip * 1e6, 1e6, is_animal=True)
    assert balance.is_suspect
    assert words in balance.explanation


def test_a_lost_day_of_copper_64_is_recognised() -> None:
    slip = 2 ** (86400 / 45722.16)
    assert "lost day" in activity_balance(0.8 * slip, 1.0, is_animal=True, half_life_s=45722.16).explanation


def test_mean_suv_of_a_body_is_about_one() -> None:
    assert not body_suv_balance(0.9).is_suspect
    assert body_suv_balance(900.0).is_suspect
    assert "1000" in body_suv_balance(900.0).explanation


def test_the_balance_of_the_image_is_part_of_the_assessment() -> None:
    good = ImageFacts(voxel_volume_ml=0.1, value_sum=0.8 * DECAYED / 0.1)
    bad = ImageFacts(voxel_volume_ml=0.1, value_sum=800 * DECAYED / 0.1)
    fine = assess(series(header()), image=good)
    assert fine.balance is not None
    assert fine.balance.ratio == pytest.approx(0.8)
    assert fine.codes == ()
    wrong = assess(series(header()), image=bad)
    assert wrong.codes == ("W-ACTIVITY-BALANCE",)
    assert wrong.available


def test_the_balance_sums_over_instances_with_their_own_factors() -> None:
    philips = {"Manufacturer": "Philips", "Units": "CNTS"}
    facts = series(
        header(**philips, **{"PHILIPS:7053,09": 2.0}), header(**philips, **{"PHILIPS:7053,09": 3.0})
    )
    image = ImageFacts(voxel_volume_ml=0.5, value_sum=(0.2 * DECAYED, 0.1 * DECAYED))
    balance = assess(facts, image=image).balance
    assert balance is not None
    assert balance.ratio == pytest.approx(0.5 * (0.2 * 2 + 0.1 * 3))


def test_stored_suv_is_checked_by_its_mean_over_the_body() -> None:
    result = assess(series(header(Units="GML")), image=ImageFacts(mean_body_value=100.0))
    assert result.codes == ("W-ACTIVITY-BALANCE",)


def test_every_code_has_words_and_every_error_a_remedy() -> None:
    for code, (text, remedy) in code_texts.TEXTS.items():
        assert code[:2] in ("E-", "W-", "I-")
        assert text.endswith((".", "?")), code
        if code.startswith("E-"):
            assert remedy, code


def test_the_explanation_tells_every_step_with_its_source() -> None:
    steps = explain(assess(series(header())))
    text = "\n".join(steps)
    for piece in (
        "BQML",
        "(0010,1030)",
        "70 kg",
        "6586.2 s (F-18)",
        "60.00 min",
        "370 MBq",
        "R2:SeriesDateTime",
    ):
        assert piece in text


def test_the_explanation_of_a_refusal_says_what_to_do() -> None:
    text = "\n".join(explain(assess(series(header(PatientWeight=None)))))
    assert "not available" in text
    assert "Enter the weight" in text


def test_the_worked_sum_shows_the_numbers_and_the_right_answer() -> None:
    mouse = header(
        {"RadionuclideTotalDose": 7.4e6, "RadionuclideHalfLife": 45722.16,
         "RadiopharmaceuticalStartDateTime": "20240314110000"},
        PatientWeight=0.0223, Manufacturer="Mediso",
    )  # fmt: skip
    expected = 123400 * 22.3 / (7.4e6 * 2 ** (-24 / 12.7006))
    line = worked_sum(assess(series(mouse)), 123400.0)
    assert line.startswith("123.4 kBq/mL × 22.3 g ÷ (7.4 MBq × 2^(−24.00 h / 12.70 h)) = ")
    assert float(line.split(" = ")[1].split()[0]) == pytest.approx(expected, rel=1e-3)


def test_the_worked_sum_without_a_weight_says_why() -> None:
    assert "weight" in worked_sum(assess(series(header(PatientWeight=None))), 1000.0)


def test_corrected_to_the_injection_the_sum_has_no_decay() -> None:
    line = worked_sum(assess(series(header(DecayCorrection="ADMIN"))), 37000.0)
    assert line == "37 kBq/mL × 70 kg ÷ 370 MBq = 7 g/mL"


def test_information_is_no_warning() -> None:
    rubidium = {"RadionuclideHalfLife": 12009.6}
    result = assess(series(header(rubidium)))
    infos = {n.code for n in result.notices if n.severity is Severity.INFO}
    assert "I-PROMPT-GAMMAS" in infos
    assert result.codes == ()

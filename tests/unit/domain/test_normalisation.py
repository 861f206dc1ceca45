import pytest

from atsm_viewer.domain import normalisation as n

CASES = [  # kg, m, sex, Morgan 120, James 128, Janmahasatian, ideal, surface; published check values
    (75, 1.85, "M", 62.77757487, 61.46274653, 60.91533589, 82.98, 1.9813758427),
    (75, 1.85, "F", 55.92567568, 55.92567568, 49.21437997, 75.53, 1.9813758427),
    (150, 1.60, "F", 30.421875, 30.421875, 60.25512553, 52.78, 2.3943745967),
]


@pytest.mark.parametrize(("kg", "m", "sex", "morgan", "james", "janma", "ideal", "surface"), CASES)
def test_normalisers_match_the_published_check_values(
    kg: float, m: float, sex: str, morgan: float, james: float, janma: float, ideal: float, surface: float
) -> None:
    assert n.lbm_morgan(kg, m, sex) == pytest.approx(morgan, abs=1e-8)
    assert n.lbm_james(kg, m, sex) == pytest.approx(james, abs=1e-8)
    assert n.lbm_janmahasatian(kg, m, sex) == pytest.approx(janma, abs=1e-8)
    assert n.ideal_body_weight(kg, m, sex) == pytest.approx(ideal, abs=1e-8)
    assert n.body_surface_m2(kg, m) == pytest.approx(surface, abs=1e-9)


def test_other_sex_is_the_mean_of_both_formulas() -> None:
    kind = n.kind_of_suv_type("LBMJANMA")
    assert kind is not None
    mean = 0.5 * (kind.normaliser(75, 1.85, "M") + kind.normaliser(75, 1.85, "F"))
    assert kind.normaliser(75, 1.85, "O") == pytest.approx(mean)
    assert mean == pytest.approx(500 * (60.91533589 + 49.21437997))


def test_surface_is_in_square_centimetres() -> None:
    kind = n.kind_of_suv_type("BSA")
    assert kind is not None
    assert kind.unit == "cm2/ml"
    assert kind.normaliser(75, 1.85, "") == pytest.approx(19813.758427)


def test_body_weight_is_not_one_of_the_other_kinds() -> None:
    assert n.kind_of_suv_type("BW") is None

import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.suv.micropet import micropet_to_bq_ml


@pytest.mark.parametrize(("calibration", "unit"), [(1800.0, "nCi/cc"), (66600.0, "Bq/cc"), (1.8, "µCi/cc")])
def test_raw_values_become_becquerel_whatever_unit_the_calibration_has(calibration: float, unit: str) -> None:
    assert 1523.0 * micropet_to_bq_ml(0.00025, calibration, unit, 0.174) == pytest.approx(145735.34482758623)


def test_unknown_units_and_impossible_fractions_are_refused() -> None:
    with pytest.raises(AtsmError, match="counts"):
        micropet_to_bq_ml(1.0, 1.0, "counts", 1.0)
    with pytest.raises(AtsmError, match="branching"):
        micropet_to_bq_ml(1.0, 1.0, "Bq/cc", 0.0)

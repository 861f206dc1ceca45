import pytest

from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.assessment import assess
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.image_facts import ImageFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides

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


def typed(value):
    return Sourced(value, Provenance.TYPED)


PHILIPS = {"Manufacturer": "Philips Medical Systems", "Units": "CNTS"}


def test_becquerel_per_ml_is_divided_by_the_decayed_activity_per_gram() -> None:
    result = assess(series(header()))
    assert result.factor_bw == pytest.approx(SUV, rel=1e-12)
    assert result.to_bq_ml == 1.0
    assert result.pct_id_per_ml == pytest.approx(100.0 * SUV / 70000.0)
    assert result.codes == ()


@pytest.mark.parametrize(("unit", "factor"), [("KBQML", 1e3), ("KBQCC", 1e3), ("BQCC", 1.0), ("MBQML", 1e6)])
def test_units_of_converters_are_accepted_with_a_warning(unit: str, factor: float) -> None:
    result = assess(series(header(Units=unit)))
    assert result.factor_bw == pytest.approx(factor * SUV)
    assert result.codes == ("W-UNITS-NONSTANDARD",)
    assert result.path == f"{unit}/START/R2:SeriesDateTime/RSDT"


@pytest.mark.parametrize(
    "unit",
    ["PROPCNTS", "PROPCPS", "PCNT", "NONE", "1CM", "STDDEV", "MLMINML", "CPS", "NCI/CC", "%ID/G", None],
)
def test_units_that_allow_no_suv_are_refused(unit: str | None) -> None:
    result = assess(series(header(Units=unit)))
    assert (result.error, result.available, result.factor_bw) == ("E-UNITS", False, None)
    assert result.to_bq_ml is None


@pytest.mark.parametrize(
    ("unit", "factor"), [("nCi/cc", 37.0), ("µCi/cc", 3.7e4), ("kBq/cc", 1e3), ("kBq/mL", 1e3), ("BQML", 1.0)]
)
def test_an_entered_unit_replaces_the_one_of_the_header(unit: str, factor: float) -> None:
    result = assess(series(header(Units=None)), SuvOverrides(units=typed(unit)))
    assert result.factor_bw == pytest.approx(factor * SUV)
    assert result.to_bq_ml == factor


def test_percent_of_injected_activity_needs_only_the_weight() -> None:
    bare = header({"RadionuclideTotalDose": None}, Units=None)
    per_ml = assess(series(bare), SuvOverrides(units=typed("%ID/mL")))
    assert per_ml.factor_bw == pytest.approx(700.0)  # SUVbw = %ID/g x W[g] / 100
    assert per_ml.codes == ()
    per_g = assess(series(bare), SuvOverrides(units=typed("%ID/g"), density_g_ml=typed(0.4)))
    assert per_g.factor_bw == pytest.approx(280.0)


def test_stored_suv_needs_neither_weight_nor_dose() -> None:
    result = assess(series(header({"RadionuclideTotalDose": None}, Units="GML", PatientWeight=None)))
    assert (result.factor_bw, result.path, result.codes) == (1.0, "GML/BW", ())
    assert result.kind_stored == "SUVbw"
    assert result.to_bq_ml is None


def test_becquerel_from_stored_suv_is_marked_as_derived() -> None:
    result = assess(series(header(Units="GML", SUVType="BW")))
    assert result.to_bq_ml == pytest.approx(1.0 / SUV)
    assert result.to_bq_ml_is_derived


@pytest.mark.parametrize(
    ("suv_type", "normaliser_kg"),
    [
        ("LBM", 1.10 * 80 - 120 * (80 / 180) ** 2),
        ("LBMJAMES128", 1.10 * 80 - 128 * (80 / 180) ** 2),
        ("LBMJANMA", 9270 * 80 / (6680 + 216 * 80 / 1.8**2)),
        ("IBW", 48.0 + 1.06 * (180 - 152)),
    ],
)
def test_other_kinds_of_stored_suv_are_brought_to_body_weight(suv_type: str, normaliser_kg: float) -> None:
    result = assess(
        series(header(Units="GML", SUVType=suv_type, PatientWeight=80, PatientSize=1.8, PatientSex="M"))
    )
    assert result.factor_bw == pytest.approx(80 / normaliser_kg)
    assert result.path == f"GML/{suv_type}"
    assert result.kind_stored != "SUVbw"


def test_surface_suv_is_brought_to_body_weight_and_needs_no_sex() -> None:
    result = assess(series(header(Units="CM2ML", PatientSize=1.75)))
    surface = 0.007184 * 70**0.425 * 175**0.725
    assert result.factor_bw == pytest.approx(70000.0 / (surface * 1e4))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Units": "CM2ML", "SUVType": "BW", "PatientSize": 1.75}, "E-SUVTYPE"),
        ({"Units": "GML", "SUVType": "BSA"}, "E-SUVTYPE"),
        ({"Units": "GML", "SUVType": "IBW", "PatientSize": 1.75}, "E-SEX"),
        ({"Units": "GML", "SUVType": "IBW", "PatientSex": "M"}, "E-HEIGHT"),
        (
            {"Units": "GML", "SUVType": "LBM", "PatientSex": "M", "PatientSize": 1.7, "PatientWeight": 0},
            "E-WEIGHT",
        ),
        (
            {
                "Units": "GML",
                "SUVType": "LBMJAMES128",
                "PatientSex": "F",
                "PatientSize": 1.2,
                "PatientWeight": 150,
            },
            "E-LBM-NONPOSITIVE",
        ),
        (
            {
                "Units": "GML",
                "SUVType": "LBM",
                "PatientSex": "F",
                "PatientSize": 0.1,
                "Manufacturer": "Mediso",
            },
            "E-ANIMAL-KIND",
        ),
    ],
)
def test_stored_suv_that_cannot_be_converted_says_why(changes: dict, code: str) -> None:
    assert assess(series(header(**changes))).error == code


def test_philips_counts_use_the_activity_factor_of_every_file() -> None:
    one = header(**PHILIPS, **{"PHILIPS:7053,09": " 2.0 "})
    two = header(**PHILIPS, **{"PHILIPS:7053,09": "3.0"})
    result = assess(series(one, two, one))
    assert result.factor_bw == pytest.approx((2 * SUV, 3 * SUV, 2 * SUV))
    assert result.to_bq_ml == (2.0, 3.0, 2.0)


def test_philips_suv_factor_is_used_without_activity_factor() -> None:
    result = assess(series(header(**PHILIPS, **{"PHILIPS:7053,00": "0.0005", "PHILIPS:7053,09": "0"})))
    assert (result.factor_bw, result.path, result.codes) == (0.0005, "CNTS/SUVSF", ())


def test_philips_factors_are_ignored_when_the_values_are_becquerel_already() -> None:
    result = assess(
        series(header(**{**PHILIPS, "Units": "BQML", "PHILIPS:7053,00": "9", "PHILIPS:7053,09": "7"}))
    )
    assert result.factor_bw == pytest.approx(SUV)


def test_philips_factors_that_disagree_by_more_than_one_per_cent_are_reported() -> None:
    good = assess(series(header(**PHILIPS, **{"PHILIPS:7053,09": 2.0, "PHILIPS:7053,00": 2.0 * SUV * 1.009})))
    bad = assess(series(header(**PHILIPS, **{"PHILIPS:7053,09": 2.0, "PHILIPS:7053,00": 2.0 * SUV * 1.011})))
    assert "W-PHILIPS-FACTORS" not in good.codes
    assert "W-PHILIPS-FACTORS" in bad.codes
    assert bad.factor_bw == pytest.approx(2.0 * SUV)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Units": "CNTS"}, "E-CNTS"),
        (PHILIPS, "E-CNTS-NOFACTOR"),
        ({**PHILIPS, "PHILIPS:7053,00": 0, "PHILIPS:7053,09": 0}, "E-CNTS-NOFACTOR"),
        (
            {**PHILIPS, "PHILIPS:7053,00": 0.1, "DecayCorrection": "NONE", "CorrectedImage": ["ATTN"]},
            "E-CNTS-NONE",
        ),
    ],
)
def test_counts_without_a_valid_factor_are_refused(changes: dict, code: str) -> None:
    assert assess(series(header(**changes))).error == code


def test_an_entered_calibration_makes_counts_usable_but_never_proportional_counts() -> None:
    calibration = SuvOverrides(calibration_factor=typed(50.0))
    counts = assess(series(header(Units="CNTS")), calibration)
    assert counts.factor_bw == pytest.approx(50.0 * SUV)
    never = assess(series(header(Units="PROPCNTS")), calibration)
    assert never.error == "E-UNITS"
    assert "W-OVERRIDE-IGNORED" in never.codes
    known = assess(series(header()), calibration)
    assert known.factor_bw == pytest.approx(SUV)
    assert known.codes == ("W-OVERRIDE-IGNORED",)


def test_counts_per_second_need_an_explicit_yes_and_the_voxel_volume() -> None:
    image = ImageFacts(voxel_volume_ml=0.064)
    yes = SuvOverrides(use_dose_calibration=typed(True))
    scaled = header(Units="CPS", DoseCalibrationFactor=1.6)
    done = header(Units="CPS", CorrectedImage=["ATTN", "DECY", "DCAL"])
    assert assess(series(scaled), image=image).error == "E-UNITS"
    assert assess(series(scaled), yes).error == "E-UNITS"
    assert assess(series(header(Units="CPS")), yes, image=image).error == "E-UNITS"
    assert assess(series(scaled), yes, image=image).to_bq_ml == pytest.approx(25.0)
    assert assess(series(done), yes, image=image).to_bq_ml == pytest.approx(1 / 0.064)


def test_canon_suv_times_hundred_needs_confirmation_and_never_touches_becquerel() -> None:
    canon = {"Manufacturer": "CANON_MEC", "CANON:7065,2D": "SUVbw(X100)"}
    yes = SuvOverrides(accept_canon_suv_x100=typed(True))
    assert assess(series(header(**canon, Units="NONE"))).error == "E-UNITS"
    assert assess(series(header(**canon, Units="NONE")), yes).factor_bw == pytest.approx(0.01)
    assert assess(series(header(**canon)), yes).factor_bw == pytest.approx(SUV)


def test_branching_is_corrected_only_when_both_fractions_are_entered() -> None:
    both = SuvOverrides(branching_used=typed(0.184), branching_true=typed(0.1749))
    assert assess(series(header()), both).factor_bw == pytest.approx(SUV * 1.0520297312750142)
    assert assess(series(header()), SuvOverrides(branching_used=typed(0.184))).factor_bw == pytest.approx(SUV)


def test_units_of_a_value_mapping_are_understood() -> None:
    assert assess(series(header(Units="{SUVbw}g/ml"))).factor_bw == 1.0
    assert assess(series(header(Units="Bq/ml"))).factor_bw == pytest.approx(SUV)

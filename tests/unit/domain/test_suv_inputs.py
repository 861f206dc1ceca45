from datetime import datetime

import pytest

from atsm_viewer.domain.errors import AtsmError
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


COPPER = {"CodingSchemeDesignator": "SRT", "CodeValue": "C-127A2", "CodeMeaning": "^64^Copper"}


@pytest.mark.parametrize(
    ("dose", "changes", "bq", "codes"),
    [
        (370e6, {}, 370e6, ()),
        (1e5, {}, 1e5, ()),
        (90e3, {}, 90e3, ("W-DOSE-LOW",)),
        (1e4, {}, 1e4, ("W-DOSE-LOW",)),
        (9999.0, {}, 9999e6, ("W-DOSE-MBQ",)),
        (370, {}, 370e6, ("W-DOSE-MBQ",)),
        (370, {"SOPClass": "ENHANCED"}, 370e6, ()),
        (99999.0, {"SOPClass": "ENHANCED"}, 99999e6, ()),
        (370e6, {"SOPClass": "ENHANCED"}, 370e6, ("W-DOSE-ENHANCED-BQ",)),
        (370, {"Modality": "NM"}, 370e6, ()),
        (370e6, {"Modality": "NM"}, 370e6, ("W-DOSE-NM-BQ",)),
    ],
)
def test_the_unit_of_the_dose_follows_the_kind_of_file(
    dose: float, changes: dict, bq: float, codes: tuple
) -> None:
    result = assess(series(header({"RadionuclideTotalDose": dose}, **changes)))
    assert result.dose_bq is not None
    assert result.dose_bq.value == pytest.approx(bq)
    assert result.codes == codes


@pytest.mark.parametrize(("dose", "code"), [(None, "E-DOSE-MISSING"), (0, "E-DOSE"), (-5e6, "E-DOSE")])
def test_a_dose_that_is_missing_or_not_positive_is_refused(dose: float | None, code: str) -> None:
    result = assess(series(header({"RadionuclideTotalDose": dose})))
    assert result.error == code
    assert result.to_bq_ml == 1.0
    assert result.pct_id_per_ml is None


def test_ge_private_activity_is_brought_to_the_injection_and_marked() -> None:
    ge = header(
        {"RadionuclideTotalDose": None},
        Manufacturer="GE MEDICAL SYSTEMS",
        **{
            "GE:0009,38": 400.0,
            "GE:0009,39": "20240315095000.00",
            "GE:0009,3C": 5.0,
            "GE:0009,3D": "20240315100500.00",
        },
    )
    result = assess(series(ge))
    assert result.codes == ("W-DOSE-GE-PRIVATE",)
    assert result.dose_bq is not None
    assert result.dose_bq.value == pytest.approx(400e6 * 2 ** (-600 / 6586.2) - 5e6 * 2 ** (300 / 6586.2))
    assert result.dose_bq.provenance is Provenance.PRIVATE


def test_assay_and_residual_replace_the_dose_of_the_header() -> None:
    entered = SuvOverrides(
        assay_activity_bq=typed(8.10e6),
        assay_time=typed(datetime(2024, 3, 15, 9, 50)),
        residual_activity_bq=typed(0.42e6),
        residual_time=typed(datetime(2024, 3, 15, 10, 4)),
        nuclide=typed("Cu-64"),
    )
    result = assess(series(header()), entered)
    assert result.dose_bq is not None
    assert result.dose_bq.value == pytest.approx(7605125.642981707, rel=1e-12)
    assert result.decayed_dose_bq == pytest.approx(7605125.642981707 * 2 ** (-3600 / 45722.16))


def test_a_residual_alone_is_subtracted_and_a_large_one_is_reported() -> None:
    small = assess(series(header()), SuvOverrides(residual_activity_bq=typed(7e6)))
    assert small.dose_bq is not None
    assert small.dose_bq.value == pytest.approx(363e6)
    assert small.dose_bq.provenance is Provenance.TYPED
    large = assess(series(header()), SuvOverrides(tail_activity_bq=typed(70e6)))
    assert large.codes == ("W-RESIDUE-HIGH",)
    assert assess(series(header()), SuvOverrides(tail_activity_bq=typed(400e6))).error == "E-DOSE"


@pytest.mark.parametrize(
    ("weight", "maker", "kg", "codes"),
    [
        (0.0223, "Mediso", 0.0223, ()),
        (22.3, "Mediso", 22.3, ("W-WEIGHT-ANIMAL",)),
        (4.9, "Mediso", 4.9, ()),
        (1000.0, "Mediso", 1.0, ("W-WEIGHT-GRAMS",)),
        (70000, "SIEMENS", 70.0, ("W-WEIGHT-GRAMS",)),
        (0.5, "SIEMENS", 0.5, ("W-WEIGHT-IMPLAUSIBLE",)),
        (401, "SIEMENS", 401.0, ("W-WEIGHT-IMPLAUSIBLE",)),
        (400, "SIEMENS", 400.0, ()),
    ],
)
def test_weights_are_checked_and_never_divided_silently(
    weight: float, maker: str, kg: float, codes: tuple
) -> None:
    result = assess(series(header(PatientWeight=weight, Manufacturer=maker)))
    assert result.weight_kg is not None
    assert result.weight_kg.value == pytest.approx(kg)
    assert result.codes == codes


@pytest.mark.parametrize("weight", [None, 0, -3, "", "nan"])
def test_without_a_weight_concentration_and_percent_remain(weight: object) -> None:
    result = assess(series(header(PatientWeight=weight)))
    assert result.error == "E-WEIGHT"
    assert result.to_bq_ml == 1.0
    assert result.pct_id_per_ml == pytest.approx(100.0 * SUV / 70000.0)


@pytest.mark.parametrize(
    ("changes", "animal"),
    [
        ({"Manufacturer": "Mediso"}, True),
        ({"Manufacturer": "Bruker BioSpin"}, True),
        ({"ManufacturerModelName": "Inveon"}, True),
        ({"ManufacturerModelName": "nanoScan PET/CT"}, True),
        ({"Manufacturer": "CPS", "ManufacturerModelName": "Focus 220"}, True),
        ({"PatientSpeciesDescription": "Mus musculus"}, True),
        ({"PatientSpeciesDescription": "non-human primate"}, True),
        ({"PatientSpeciesDescription": "Homo sapiens", "Manufacturer": "Mediso"}, False),
        ({"ManufacturerModelName": "Biograph mCT"}, False),
        ({"ManufacturerModelName": "Ingenuity TF PET/CT"}, False),
        ({}, False),
    ],
)
def test_animals_are_recognised_by_species_maker_or_model(changes: dict, animal: bool) -> None:
    assert assess(series(header(**changes))).is_animal is animal


def test_a_small_field_of_view_with_small_voxels_is_an_animal_scanner() -> None:
    assert assess(series(header()), image=ImageFacts(fov_mm=100, voxel_mm=0.4)).is_animal
    assert not assess(series(header()), image=ImageFacts(fov_mm=100, voxel_mm=1.3)).is_animal
    assert not assess(series(header()), image=ImageFacts(fov_mm=250, voxel_mm=0.4)).is_animal
    person = SuvOverrides(is_animal=typed(False))
    assert not assess(series(header()), person, image=ImageFacts(fov_mm=100, voxel_mm=0.4)).is_animal


def test_kinds_for_people_are_switched_off_for_animals_with_the_reason() -> None:
    result = assess(series(header(Manufacturer="Mediso", PatientSize=1.7, PatientSex="M")))
    for name in ("lbm_james", "lbm_janma", "bsa", "ibw"):
        assert result.kind(name).factor is None
        assert "animals" in result.kind(name).reason


def test_height_in_centimetres_is_converted_with_a_warning() -> None:
    result = assess(series(header(PatientSize=175, PatientSex="M")))
    assert result.codes == ("W-HEIGHT-CM",)
    metres = assess(series(header(PatientSize=1.75, PatientSex="M")))
    assert result.kind("lbm_james").factor == metres.kind("lbm_james").factor


def test_james_is_doubted_for_very_heavy_people() -> None:
    result = assess(series(header(PatientWeight=150, PatientSize=1.6, PatientSex="F")))
    assert result.kind("lbm_james").codes == ("W-LBM-JAMES-BMI",)
    assert result.kind("lbm_janma").codes == ()
    assert result.codes == ()


@pytest.mark.parametrize("value", [None, 0])
def test_a_missing_half_life_comes_from_the_code_and_says_so(value: float | None) -> None:
    result = assess(series(header({"RadionuclideHalfLife": value, "RadionuclideCodeSequence": [COPPER]})))
    assert result.half_life_s is not None
    assert result.half_life_s.value == 45722.16
    assert result.half_life_s.provenance is Provenance.INFERRED
    assert result.codes == ()


def test_a_missing_half_life_comes_from_text_but_never_from_the_series_description() -> None:
    named = {"RadionuclideHalfLife": None, "Radiopharmaceutical": "62Cu-ATSM"}
    found = assess(series(header(named)))
    assert found.half_life_s is not None
    assert found.half_life_s.value == 580.2
    refused = assess(series(header({"RadionuclideHalfLife": None}, SeriesDescription="64Cu-ATSM 24 h")))
    assert refused.error == "E-HALFLIFE"
    assert "Cu-64" in refused.reason


@pytest.mark.parametrize(
    ("half_life", "codes"),
    [
        (46080.0, ()),
        (45722.16 * 1.019, ()),
        (45722.16 * 1.021, ("W-HALFLIFE",)),
        (6586.2, ("W-NUCLIDE-CONTRADICTION",)),
        (12.7, ("W-HALFLIFE-UNIT",)),
        (762.04, ("W-HALFLIFE-UNIT",)),
    ],
)
def test_the_half_life_is_compared_with_the_declared_nuclide(half_life: float, codes: tuple) -> None:
    now = {"RadiopharmaceuticalStartDateTime": "20240315105900"}
    result = assess(
        series(header({**now, "RadionuclideHalfLife": half_life, "RadionuclideCodeSequence": [COPPER]}))
    )
    assert result.codes == codes
    assert result.half_life_s is not None
    assert result.half_life_s.value == half_life


def test_a_half_life_in_minutes_is_recognised_without_a_declared_nuclide() -> None:
    now = {"RadiopharmaceuticalStartDateTime": "20240315105900"}
    assert assess(series(header({**now, "RadionuclideHalfLife": 109.77}))).codes == ("W-HALFLIFE-UNIT",)
    assert assess(series(header({**now, "RadionuclideHalfLife": 122.24}))).codes == ()
    at_once = {"RadiopharmaceuticalStartDateTime": "20240315110000", "RadionuclideHalfLife": 10}
    assert assess(series(header(at_once))).codes == ()  # without decay the half-life does not matter


def test_a_code_that_contradicts_the_text_is_reported() -> None:
    germanium = {"CodingSchemeDesignator": "SRT", "CodeValue": "C-131A1", "CodeMeaning": "^68^Gallium"}
    result = assess(series(header({"RadionuclideHalfLife": 4057.7, "RadionuclideCodeSequence": germanium})))
    assert set(result.codes) == {"W-NUCLIDE-CONTRADICTION"}
    assert result.half_life_s is not None
    assert result.half_life_s.value == 4057.7


def test_an_entered_nuclide_brings_the_half_life_of_the_table() -> None:
    result = assess(series(header()), SuvOverrides(nuclide=typed("64Cu")))
    assert result.half_life_s == Sourced(45722.16, Provenance.TYPED, "table, Cu-64")
    unknown = assess(series(header()), SuvOverrides(nuclide=typed("Xx-99")))
    assert unknown.error == "E-HALFLIFE"


def test_several_injections_are_never_resolved_by_taking_the_first() -> None:
    two = [INJECTION, {**INJECTION, "RadiopharmaceuticalStartDateTime": "20240315103000"}]
    facts = InstanceFacts.from_mapping({**BASE, "RadiopharmaceuticalInformation": two})
    assert assess(series(facts)).error == "E-MULTI-RP"
    second = assess(series(facts), SuvOverrides(radiopharmaceutical_index=typed(1)))
    assert second.uptake_s == 1800
    agents = [{**item, "RadiopharmaceuticalAgentNumber": i + 1} for i, item in enumerate(two)]
    frame = {**BASE, "RadiopharmaceuticalInformation": agents, "RadiopharmaceuticalAgentNumber": 1}
    assert assess(series(InstanceFacts.from_mapping(frame))).uptake_s == 3600
    same = InstanceFacts.from_mapping({**BASE, "RadiopharmaceuticalInformation": [INJECTION, INJECTION]})
    assert assess(series(same)).factor_bw == pytest.approx(SUV)
    every = SuvOverrides(
        injected_activity_bq=typed(370e6),
        nuclide=typed("F-18"),
        administration_time=typed(datetime(2024, 3, 15, 10)),
    )
    assert assess(series(facts), every).factor_bw == pytest.approx(SUV)


def test_an_empty_injection_list_asks_for_everything() -> None:
    facts = InstanceFacts.from_mapping(BASE)
    assert set(assess(series(facts)).codes) == {"E-DOSE-MISSING", "E-HALFLIFE", "E-ADMIN-TIME"}


# Entered values on images that already hold SUV ---------------------------------------------------


@pytest.mark.parametrize(
    "stored",
    [
        {"Units": "GML", "SUVType": "BW"},
        {"Units": "CNTS", "Manufacturer": "Philips", "PHILIPS:7053,00": 1.0},
    ],
)
def test_entered_values_change_stored_suv_by_the_ratio(stored: dict) -> None:
    facts = series(header(**stored))
    weight = assess(facts, SuvOverrides(weight_kg=typed(35.0)))
    assert weight.factor_bw == pytest.approx(0.5)
    dose = assess(facts, SuvOverrides(injected_activity_bq=typed(185e6)))
    assert dose.factor_bw == pytest.approx(2.0)
    time = assess(facts, SuvOverrides(administration_time=typed(datetime(2024, 3, 15, 9))))
    assert time.factor_bw == pytest.approx(2 ** (3600 / 6586.2))
    assert (weight.codes, dose.codes, time.codes) == ((), (), ())


def test_entered_values_that_cannot_act_on_stored_suv_are_named() -> None:
    facts = series(header({"RadionuclideTotalDose": None}, Units="GML", PatientWeight=None))
    both = SuvOverrides(weight_kg=typed(35.0), injected_activity_bq=typed(185e6))
    result = assess(facts, both)
    assert result.factor_bw == 1.0
    assert result.codes == ("W-OVERRIDE-IGNORED",)
    assert len([n for n in result.notices if n.code == "W-OVERRIDE-IGNORED"]) == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"half_life_s": 0.0},
        {"weight_kg": float("nan")},
        {"decay_rule": "SOMETIME"},
        {"density_g_ml": -1.0},
        {"sex": "X"},
    ],
)
def test_impossible_entered_values_are_refused_in_words(bad: dict) -> None:
    with pytest.raises(AtsmError, match="entered"):
        SuvOverrides(**{name: typed(value) for name, value in bad.items()})

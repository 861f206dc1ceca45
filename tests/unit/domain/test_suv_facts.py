import json
import time

import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.suv.assessment import assess
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.vendor import Vendor, vendor_of

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


def test_equal_headers_are_stored_once_and_the_order_of_instances_is_kept() -> None:
    a, b = header(), header(AcquisitionTime="110300")
    facts = series(a, b, a, a)
    assert facts.distinct == (a, b)
    assert facts.index == (0, 1, 0, 0)
    assert len(facts) == 4


def test_facts_survive_json_unchanged() -> None:
    copper = {"CodingSchemeDesignator": "SRT", "CodeValue": "C-127A2", "CodeMeaning": "^64^Copper"}
    full = header(
        {"RadionuclideCodeSequence": [copper], "RadiopharmaceuticalAgentNumber": 1},
        **{"PHILIPS:7053,00": "0.0005", "GE:0009,0D": b"20240315110000.00 ", "SOPClass": "ENHANCED"},
    )
    facts = series(full, header(), full)
    again = PetFacts.from_dict(json.loads(json.dumps(facts.to_dict())))
    assert again == facts
    assert again.distinct[0].ge_scan_datetime == "20240315110000.00"
    assert again.distinct[0].is_enhanced


def test_zeros_are_statements_and_survive_saving() -> None:
    zero = header(FrameReferenceTime=0, PatientWeight=0)
    again = InstanceFacts.from_dict(json.loads(json.dumps(zero.to_dict())))
    assert again == zero
    assert again.frame_reference_time_ms == 0.0


def test_damaged_saved_facts_are_refused() -> None:
    saved = series(header()).to_dict()
    with pytest.raises(AtsmError, match="no header"):
        PetFacts.from_dict({**saved, "index": [1]})
    with pytest.raises(AtsmError, match="colour"):
        InstanceFacts.from_dict({"colour": 1})


@pytest.mark.parametrize(
    ("raw", "value"),
    [("0.000551 ", 0.000551), (b" 1.5\0", 1.5), ("", None), ("n/a", None), ("inf", None), ([2.0], 2.0)],
)
def test_numbers_are_read_from_padded_text_and_bytes(raw: object, value: float | None) -> None:
    assert InstanceFacts.from_mapping({"PHILIPS:7053,00": raw}).philips_suv_scale_factor == value


def test_a_single_corrected_image_value_is_a_list_of_one() -> None:
    assert InstanceFacts.from_mapping({"CorrectedImage": "ATTN"}).corrected_image == ("ATTN",)
    assert InstanceFacts.from_mapping({"CorrectedImage": "ATTN\\DECY"}).corrected_image == ("ATTN", "DECY")


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("SIEMENS", Vendor.SIEMENS),
        ("CPS", Vendor.SIEMENS),
        ("CTI PET Systems", Vendor.SIEMENS),
        ("GE MEDICAL SYSTEMS", Vendor.GE),
        ("GE", Vendor.GE),
        ("GEMS", Vendor.GE),
        ("Generic", Vendor.OTHER),
        ("Imager GENERATION 2", Vendor.OTHER),
        ("Philips Medical Systems", Vendor.PHILIPS),
        (None, Vendor.OTHER),
    ],
)
def test_makers_are_recognised_as_words(name: str | None, vendor: Vendor) -> None:
    assert vendor_of(name) is vendor


@pytest.mark.parametrize(
    "damage",
    [
        {},
        {"Units": "BQML"},
        {"SeriesTime": "99", "AcquisitionTime": "xx", "SeriesDate": "00000000"},
        {"PatientWeight": "heavy", "PatientSize": "tall", "PatientSex": 7},
        {"RadiopharmaceuticalInformation": "none"},
        {"RadiopharmaceuticalInformation": [{"RadionuclideHalfLife": -1, "RadionuclideTotalDose": 1e300}]},
        {"FrameReferenceTime": 1e15, "DecayFactor": 1e300, "ActualFrameDuration": -5},
        {"FrameReferenceTime": 1e300, "SeriesTime": "150000"},
        {
            "FrameReferenceTime": -1e15,
            "SeriesTime": "150000",
            "DecayFactor": 1e308,
            "ActualFrameDuration": 1e290,
        },
        {"TimezoneOffsetFromUTC": "+9999"},
        {"PatientSize": 1e300, "PatientSex": "M"},
        {"PatientSize": 1e-300, "PatientSex": "F"},
        {"SeriesDate": "00010101", "AcquisitionDate": "99991231"},
        {"CorrectedImage": 5, "DecayCorrection": 3},
    ],
)
def test_damaged_headers_are_told_by_codes_and_never_raise(damage: dict) -> None:
    values = {**BASE, "RadiopharmaceuticalInformation": INJECTION, **damage} if damage else {}
    result = assess(series(InstanceFacts.from_mapping(values)))
    assert result.available == (result.error is None)
    if not damage:
        assert result.error == "E-UNITS"


def test_many_different_instances_are_assessed_quickly() -> None:
    many = [
        header(AcquisitionTime=f"11{i // 60:02d}{i % 60:02d}", FrameReferenceTime=i * 1000.0)
        for i in range(300)
    ]
    facts = series(*many)
    assert len(facts.distinct) == 300
    best = min(_timed(facts) for _ in range(5))
    assert best < 0.05


def _timed(facts: PetFacts) -> float:
    start = time.perf_counter()
    assess(facts)
    return time.perf_counter() - start

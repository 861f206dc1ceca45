import math

import pytest

from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.assessment import assess
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
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


def rule(name: str) -> SuvOverrides:
    return SuvOverrides(decay_rule=Sourced(name, Provenance.TYPED))


NO_DECY = ["ATTN", "NORM"]


def test_admin_uses_the_injected_activity_and_no_clock_at_all() -> None:
    bare = header(
        {"RadiopharmaceuticalStartDateTime": None, "RadionuclideHalfLife": None},
        DecayCorrection="ADMIN",
        SeriesTime=None,
        AcquisitionTime=None,
    )
    result = assess(series(bare))
    assert result.factor_bw == pytest.approx(70000.0 / 370e6)
    assert (result.path, result.codes, result.decayed_dose_bq) == ("BQML/ADMIN", (), 370e6)


def test_none_gives_one_factor_per_image_with_decay_inside_the_frame() -> None:
    lam = 0.6931471805599453 / 580.2
    frame = {"DecayCorrection": "NONE", "CorrectedImage": NO_DECY, "SeriesTime": "101000"}
    first = header({"RadionuclideHalfLife": 580.2}, **frame, AcquisitionTime="101000")
    later = header({"RadionuclideHalfLife": 580.2}, **frame, AcquisitionTime="101500")
    result = assess(series(first, later, first))
    expected = [
        70000 / 370e6 * math.exp(lam * t) * lam * 300 / (1 - math.exp(-lam * 300)) for t in (600, 900, 600)
    ]
    assert result.factor_bw == pytest.approx(tuple(expected), rel=1e-12)
    assert result.path == "BQML/NONE"
    assert isinstance(result.uptake_s, tuple)
    assert len(result.uptake_s) == 3


@pytest.mark.parametrize("gone", ["ActualFrameDuration", "AcquisitionTime"])
def test_none_without_frame_times_is_refused(gone: str) -> None:
    result = assess(series(header(DecayCorrection="NONE", CorrectedImage=NO_DECY, **{gone: None})))
    assert result.error == "E-NONE-TIMING"


def test_none_with_a_decay_factor_is_suspect() -> None:
    result = assess(series(header(DecayCorrection="NONE", CorrectedImage=NO_DECY, DecayFactor=1.2)))
    assert result.codes == ("W-NONE-HAS-DECAYFACTOR",)


@pytest.mark.parametrize(
    ("listed", "declared", "codes"),
    [
        (True, "NONE", ("E-DECY-NONE",)),
        (True, None, ("W-DC-MISSING",)),
        (False, None, ("E-DC-MISSING",)),
        (False, "START", ("W-DECY-ABSENT",)),
        (False, "ADMIN", ("W-DECY-ABSENT",)),
        (False, "NONE", ()),
        (True, "SOMETIME", ("W-DC-MISSING",)),
    ],
)
def test_the_list_of_corrections_is_weighed_against_the_decay_correction(
    listed: bool, declared: str | None, codes: tuple[str, ...]
) -> None:
    corrections = ["ATTN", "DECY"] if listed else ["ATTN"]
    result = assess(series(header(CorrectedImage=corrections, DecayCorrection=declared)))
    assert result.codes == codes


def test_declared_correction_with_factors_of_one_everywhere_is_asked_about() -> None:
    beds = [header(CorrectedImage=["ATTN"], DecayFactor=1.0, AcquisitionTime=t) for t in ("110000", "110300")]
    result = assess(series(*beds))
    assert result.codes == ("E-DECY-ABSENT", "W-DECY-ABSENT")
    assert assess(series(*beds), rule("START")).factor_bw == pytest.approx(SUV)


@pytest.mark.parametrize("name", ["START", "ADMIN"])
def test_an_entered_rule_settles_a_contradiction(name: str) -> None:
    result = assess(series(header(DecayCorrection="NONE")), rule(name))
    expected = SUV if name == "START" else 70000.0 / 370e6
    assert result.factor_bw == pytest.approx(expected)
    assert result.codes == ()


def test_admin_whose_factors_point_to_the_scan_start_is_suspect() -> None:
    lam = 0.6931471805599453 / 6586.2
    average = math.log(lam * 300 / (1 - math.exp(-lam * 300))) / lam
    to_scan = header(DecayCorrection="ADMIN", DecayFactor=math.exp(lam * average))
    to_injection = header(DecayCorrection="ADMIN", DecayFactor=math.exp(lam * (average + 3600)))
    assert assess(series(to_scan)).codes == ("W-ADMIN-LOOKS-LIKE-START",)
    assert assess(series(to_injection)).codes == ()


def test_people_without_attenuation_correction_are_refused_and_animals_warned() -> None:
    assert assess(series(header(CorrectedImage=["DECY"]))).codes == ("E-NO-ATTN",)
    mouse = header(CorrectedImage=["DECY"], Manufacturer="Mediso", PatientWeight=0.02)
    assert assess(series(mouse)).codes == ("W-NO-ATTN",)
    accept = SuvOverrides(accept_missing_attenuation=Sourced(True, Provenance.TYPED))
    accepted = assess(series(header(CorrectedImage=["DECY"])), accept)
    assert accepted.codes == ("W-NAC",)
    assert accepted.factor_bw == pytest.approx(SUV)
    assert "not quantitative" in accepted.notices[0].text


def test_enhanced_images_state_decay_and_attenuation_correction_in_their_own_words() -> None:
    enhanced = {
        "SOPClass": "1.2.840.10008.5.1.4.1.1.130",
        "CorrectedImage": None,
        "DecayCorrection": None,
        "AttenuationCorrected": "YES",
        "DecayCorrected": "YES",
        "DecayCorrectionDateTime": "20240315110000",
        "SeriesTime": "150000",
    }
    start = assess(series(header({"RadionuclideTotalDose": 370}, **enhanced)))
    assert start.factor_bw == pytest.approx(SUV)
    assert start.path == "BQML/START/R1:DecayCorrectionDateTime/RSDT"
    assert start.codes == ()
    none = {**enhanced, "DecayCorrected": "NO", "FrameReferenceDateTime": "20240315110000"}
    per_frame = assess(series(header({"RadionuclideTotalDose": 370}, **none)))
    assert per_frame.path == "BQML/NONE"
    assert per_frame.factor_bw == pytest.approx(SUV)


def test_instances_that_contradict_each_other_are_not_one_series() -> None:
    result = assess(series(header(), header(PatientWeight=71.0), header(Units="KBQML")))
    assert result.error == "E-MIXED-SERIES"
    text = result.notices[0].text
    assert "PatientWeight (0010,1030)" in text
    assert "Units (0054,1001)" in text
    assert "DecayCorrection" not in text


@pytest.mark.parametrize(
    ("other", "tag"),
    [
        (header({"RadionuclideTotalDose": 371e6}), "RadionuclideTotalDose"),
        (header({"RadionuclideHalfLife": 6588.0}), "RadionuclideHalfLife"),
        (header(DecayCorrection="ADMIN"), "DecayCorrection"),
        (header(CorrectedImage=["ATTN", "DECY"]), "CorrectedImage"),
        (header(SUVType="BW"), "SUVType"),
    ],
)
def test_every_tag_that_must_be_equal_is_compared(other: InstanceFacts, tag: str) -> None:
    result = assess(series(header(), other))
    assert result.error == "E-MIXED-SERIES"
    assert tag in result.notices[0].text


def test_an_entered_weight_settles_differing_weights() -> None:
    weight = SuvOverrides(weight_kg=Sourced(70.0, Provenance.TYPED))
    result = assess(series(header(), header(PatientWeight=71.0)), weight)
    assert result.factor_bw == pytest.approx(SUV)


def test_the_order_of_corrections_makes_no_mixed_series() -> None:
    result = assess(series(header(CorrectedImage=["ATTN", "DECY"]), header(CorrectedImage=["DECY", "ATTN"])))
    assert result.available

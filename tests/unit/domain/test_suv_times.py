import math
from datetime import datetime

import pytest

from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.assessment import SuvAssessment, assess
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


HALF_LIFE = 6586.2
LAMBDA = math.log(2) / HALF_LIFE
AVERAGE = math.log(LAMBDA * 300 / (1 - math.exp(-LAMBDA * 300))) / LAMBDA
REWRITTEN = {"SeriesTime": "150000"}


def typed(value):
    return Sourced(value, Provenance.TYPED)


def rule_of(result: SuvAssessment) -> str:
    return result.path.split("/")[2].split(":")[0]


def scan_at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2024, 3, 15, hour, minute, second)


# Reference time -----------------------------------------------------------------------------------


def test_a_series_time_a_second_after_the_acquisition_is_rounding_but_more_is_a_rewrite() -> None:
    assert rule_of(assess(series(header(SeriesTime="110001")))) == "R2"
    late = assess(series(header(SeriesTime="110002", FrameReferenceTime=AVERAGE * 1000)))
    assert rule_of(late) == "R3"
    assert late.codes == ("W-SERIESTIME-REWRITTEN",)
    assert late.factor_bw == pytest.approx(SUV)


def test_counting_back_from_the_frames_uses_the_moment_of_mean_activity() -> None:
    beds = [
        header(**REWRITTEN, AcquisitionTime=f"11{3 * i:02d}00", FrameReferenceTime=(AVERAGE + 180 * i) * 1000)
        for i in range(5)
    ]
    result = assess(series(*beds))
    assert result.factor_bw == pytest.approx(SUV)
    assert result.codes == ("W-SERIESTIME-REWRITTEN",)


def test_frame_reference_times_of_ge_are_offsets_of_the_start() -> None:
    ge = header(
        **REWRITTEN, Manufacturer="GE MEDICAL SYSTEMS", AcquisitionTime="111500", FrameReferenceTime=900000
    )
    assert assess(series(ge)).factor_bw == pytest.approx(SUV)
    generic = header(**REWRITTEN, Manufacturer="GENERIC", AcquisitionTime="111500", FrameReferenceTime=900000)
    assert assess(series(generic)).factor_bw == pytest.approx(SUV * 2 ** (AVERAGE / HALF_LIFE))


def test_frames_that_do_not_agree_when_counted_back_are_reported() -> None:
    beds = [header(**REWRITTEN, FrameReferenceTime=(AVERAGE + s) * 1000) for s in (0, 0, 5)]
    assert assess(series(*beds)).codes == ("W-SERIESTIME-REWRITTEN", "W-BACKCOMP-SPREAD")


def test_zero_reference_times_prove_nothing_and_leave_the_start_of_the_first_bed() -> None:
    beds = [
        header(**REWRITTEN, FrameReferenceTime=0, AcquisitionTime=t) for t in ("110600", "110000", "110300")
    ]
    result = assess(series(*beds))
    assert result.reference_time is not None
    assert result.reference_time.value == scan_at(11)
    assert result.codes[:2] == ("W-SERIESTIME-REWRITTEN", "W-FRT-ZERO")


def test_several_beds_with_zero_reference_times_and_a_sound_series_time_are_silent() -> None:
    beds = [header(FrameReferenceTime=0, AcquisitionTime=t) for t in ("110000", "110300", "110600")]
    result = assess(series(*beds))
    assert (rule_of(result), result.codes) == ("R2", ())


def test_decay_factors_win_over_zero_reference_times() -> None:
    factor = math.exp(LAMBDA * (600 + AVERAGE))
    bed = header(**REWRITTEN, FrameReferenceTime=0, AcquisitionTime="111000", DecayFactor=factor)
    result = assess(series(bed))
    assert result.path == "BQML/START/R3b:DecayFactor/RSDT"
    assert result.codes == ("W-SERIESTIME-REWRITTEN",)
    assert result.factor_bw == pytest.approx(SUV, rel=1e-9)


def test_decay_factors_that_contradict_counting_back_are_reported() -> None:
    bed = header(
        **REWRITTEN, FrameReferenceTime=AVERAGE * 1000, DecayFactor=math.exp(LAMBDA * (600 + AVERAGE))
    )
    result = assess(series(bed))
    assert result.codes == ("W-SERIESTIME-REWRITTEN", "W-REFTIME-D")
    notice = next(n for n in result.notices if n.code == "W-REFTIME-D")
    assert notice.change_pct == pytest.approx(100 * (2 ** (-600 / HALF_LIFE) - 1), rel=1e-6)


def test_without_any_frame_evidence_the_earliest_acquisition_is_left() -> None:
    result = assess(series(header(**REWRITTEN, AcquisitionTime="110300"), header(**REWRITTEN)))
    assert result.path == "BQML/START/R4:minAcquisition/RSDT"
    assert result.codes == ("W-SERIESTIME-REWRITTEN", "W-REFTIME-MINACQ")
    assert result.factor_bw == pytest.approx(SUV)


def test_a_missing_series_time_is_not_called_rewritten() -> None:
    result = assess(series(header(SeriesTime=None)))
    assert result.codes == ("W-REFTIME-MINACQ",)


def test_a_series_time_alone_is_taken_and_without_any_time_a_person_is_asked() -> None:
    assert rule_of(assess(series(header(AcquisitionTime=None)))) == "R2"
    nothing = header(AcquisitionTime=None, SeriesTime=None)
    assert assess(series(nothing)).error == "E-REFTIME"
    entered = assess(series(nothing), SuvOverrides(reference_time=typed(scan_at(11))))
    assert entered.factor_bw == pytest.approx(SUV)


def test_a_clock_without_a_date_is_not_a_time() -> None:
    assert assess(series(header(SeriesDate=None, AcquisitionDate=None))).error == "E-REFTIME"


def test_a_series_time_that_nothing_supports_gives_way_to_consistent_frames() -> None:
    early = header(SeriesTime="103000", FrameReferenceTime=AVERAGE * 1000)
    result = assess(series(early))
    assert result.codes == ("W-REFTIME-CONFLICT",)
    assert result.factor_bw == pytest.approx(SUV)
    change = next(n for n in result.notices).change_pct
    assert change == pytest.approx(100 * (2 ** (-1800 / HALF_LIFE) - 1))


def test_a_series_time_that_nothing_supports_stays_when_the_frames_disagree_with_each_other() -> None:
    beds = [header(SeriesTime="103000", FrameReferenceTime=(AVERAGE + s) * 1000) for s in (0, 9)]
    result = assess(series(*beds))
    assert result.codes == ("W-REFTIME-CONFLICT",)
    assert result.reference_time is not None
    assert result.reference_time.value == scan_at(10, 30)


def test_explicit_times_win_in_the_order_dicom_siemens_ge() -> None:
    every = {
        "DecayCorrectionDateTime": "20240315110000",
        "SIEMENS:0071,22": b"20240315111000.000000",
        "GE:0009,0D": "20240315112000.00",
    }
    found = []
    for name in ("DecayCorrectionDateTime", "SIEMENS:0071,22", "GE:0009,0D"):
        result = assess(series(header(**REWRITTEN, **every)))
        found.append(result.path.split("/")[2])
        del every[name]
    assert found == ["R1:DecayCorrectionDateTime", "R1:SIEMENS:0071,22", "R1:GE:0009,0D"]


def test_the_agreement_limit_is_half_a_per_cent_of_suv_for_every_half_life() -> None:
    for half_life in (580.2, 45722.16):
        lam = math.log(2) / half_life
        average = math.log(lam * 300 / (1 - math.exp(-lam * 300))) / lam
        limit = half_life * math.log2(1.005)
        for offset, codes in ((0.98 * limit, ()), (1.02 * limit, ("W-REFTIME-B",))):
            image = header({"RadionuclideHalfLife": half_life}, FrameReferenceTime=(average + offset) * 1000)
            assert assess(series(image)).codes == codes


def test_philips_factors_tell_the_time_of_the_console() -> None:
    ratio = SUV * 2 ** (600 / HALF_LIFE)  # as if the console had decayed ten minutes more
    philips = {"Manufacturer": "Philips", "PHILIPS:7053,00": 2.0 * ratio, "PHILIPS:7053,09": 2.0}
    result = assess(series(header(**philips)))
    assert result.codes == ("W-REFTIME-P",)
    times = {c.name: c.time for c in result.candidates}
    assert abs((times["P"] - scan_at(11, 10)).total_seconds()) < 1e-3
    assert times["S"] == times["A"] == scan_at(11)


# Administration time ------------------------------------------------------------------------------


def clock_only(time: str, **changes: object) -> InstanceFacts:
    return header({"RadiopharmaceuticalStartDateTime": None, "RadiopharmaceuticalStartTime": time}, **changes)


def test_uptakes_of_many_half_lives_are_correct_data() -> None:
    cu62 = header({"RadionuclideHalfLife": 580.2, "RadiopharmaceuticalStartDateTime": "20240315103000"})
    assert assess(series(cu62)).factor_bw == pytest.approx(70000 / (370e6 * 2 ** (-1800 / 580.2)))
    cu64 = header({"RadionuclideHalfLife": 45722.16, "RadiopharmaceuticalStartDateTime": "20240313110000"})
    result = assess(series(cu64))
    assert result.factor_bw == pytest.approx(70000 / (370e6 * 2 ** (-172800 / 45722.16)))
    assert result.codes == ()
    assert "I-UPTAKE-DAYS" in {n.code for n in result.notices}


@pytest.mark.parametrize("half_life", [45722.16, 282276.0, 360806.4, 53064.0, 58320.0, 63108.0, 41400.0])
def test_long_half_lives_are_never_dated_from_the_clock(half_life: float) -> None:
    injection = {
        "RadionuclideHalfLife": half_life,
        "RadiopharmaceuticalStartDateTime": None,
        "RadiopharmaceuticalStartTime": "100000",
    }
    assert assess(series(header(injection))).error == "E-ADMIN-DATE"


def test_ge_private_time_dates_an_injection_that_the_clock_cannot() -> None:
    injection = {
        "RadionuclideHalfLife": 45722.16,
        "RadiopharmaceuticalStartDateTime": None,
        "RadiopharmaceuticalStartTime": "100000",
    }
    ge = header(injection, Manufacturer="GE MEDICAL SYSTEMS", **{"GE:0009,3B": "20240314100000.00"})
    result = assess(series(ge))
    assert result.path.endswith("/GE:0009,3B")
    assert result.uptake_s == 25 * 3600


@pytest.mark.parametrize(
    ("clock", "codes", "uptake_h"),
    [
        ("100000", ("W-ADMIN-DATE-INFERRED",), 1),
        ("233000", ("W-ADMIN-DATE-INFERRED", "W-MIDNIGHT"), 11.5),
        ("113000", ("W-ADMIN-DATE-INFERRED", "W-UPTAKE-NEGATIVE"), -0.5),
    ],
)
def test_a_clock_gets_the_date_of_the_scan_or_the_day_before(
    clock: str, codes: tuple[str, ...], uptake_h: float
) -> None:
    result = assess(series(clock_only(clock)))
    assert result.codes == codes
    assert result.uptake_s == uptake_h * 3600


def test_new_year_and_leap_day_are_ordinary_days() -> None:
    new_year = clock_only("233000", SeriesDate="20240101", AcquisitionDate="20240101", SeriesTime="003000",
                          AcquisitionTime="003000")  # fmt: skip
    leap = clock_only("233000", SeriesDate="20240301", AcquisitionDate="20240301", SeriesTime="003000",
                      AcquisitionTime="003000")  # fmt: skip
    for facts, day in ((new_year, datetime(2023, 12, 31, 23, 30)), (leap, datetime(2024, 2, 29, 23, 30))):
        result = assess(series(facts))
        assert result.administration_time is not None
        assert result.administration_time.value == day
        assert result.factor_bw == pytest.approx(SUV)


def test_a_clock_many_half_lives_away_is_refused_but_an_entered_time_counts_with_a_warning() -> None:
    facts = series(clock_only("114000", SeriesTime="103000", AcquisitionTime="103000"))
    assert assess(facts).error == "E-ADMIN-TIME"
    entered = assess(facts, SuvOverrides(administration_time=typed(datetime(2024, 3, 14, 11, 40))))
    assert entered.codes == ("W-UPTAKE-LONG",)
    assert entered.available


def test_an_impossible_date_falls_back_to_its_clock() -> None:
    for injection in (
        {"RadiopharmaceuticalStartDateTime": "19000101100000"},
        {"RadiopharmaceuticalStartDateTime": "20240316093000", "RadiopharmaceuticalStartTime": "100000"},
    ):
        result = assess(series(header(injection)))
        assert result.codes == ("W-ADMIN-DATE-IMPLAUSIBLE",)
        assert result.factor_bw == pytest.approx(SUV)


def test_a_date_without_a_time_counts_as_no_time() -> None:
    assert assess(series(header({"RadiopharmaceuticalStartDateTime": "20240315"}))).error == "E-ADMIN-TIME"


def test_the_injection_may_follow_the_start_by_an_hour_and_not_more() -> None:
    just = assess(series(header({"RadiopharmaceuticalStartDateTime": "20240315120000"})))
    assert just.codes == ("W-UPTAKE-NEGATIVE",)
    assert just.factor_bw == pytest.approx(70000 / (370e6 * 2 ** (3600 / HALF_LIFE)))
    typo = SuvOverrides(administration_time=typed(datetime(2025, 3, 15, 10)))
    assert assess(series(header()), typo).error == "E-ADMIN-TIME"


def test_zone_suffixes_are_converted_when_the_zone_of_the_scan_is_stated() -> None:
    zoned = header({"RadiopharmaceuticalStartDateTime": "20240315150000+0000"}, TimezoneOffsetFromUTC="-0500")
    assert assess(series(zoned)).factor_bw == pytest.approx(SUV)


def test_a_foreign_zone_suffix_that_cannot_be_resolved_is_asked_about() -> None:
    utc = header({"RadiopharmaceuticalStartDateTime": "20240315150000+0000"})
    assert assess(series(utc)).codes == ("E-ADMIN-TIME", "W-TZ")
    with_clock = header(
        {"RadiopharmaceuticalStartDateTime": "20240315150000+0000", "RadiopharmaceuticalStartTime": "100000"}
    )
    result = assess(series(with_clock))
    assert result.codes == ("W-TZ", "W-ADMIN-DATE-IMPLAUSIBLE")
    assert result.factor_bw == pytest.approx(SUV)


def test_a_slow_infusion_is_reported() -> None:
    slow = header({"RadiopharmaceuticalStopDateTime": "20240315101200"})
    quick = header({"RadiopharmaceuticalStopDateTime": "20240315100100"})
    assert assess(series(slow)).codes == ("W-INFUSION-SLOW",)
    assert assess(series(quick)).codes == ()


def test_everything_missing_is_listed_at_once() -> None:
    empty = header(
        {"RadionuclideTotalDose": None, "RadiopharmaceuticalStartDateTime": None}, PatientWeight=None
    )
    assert assess(series(empty)).codes == ("E-WEIGHT", "E-DOSE-MISSING", "E-ADMIN-TIME")

from datetime import date, datetime, timedelta

import pytest

from atsm_viewer.domain.dicom_time import combine, parse_date, parse_datetime, parse_offset, parse_time


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11", timedelta(hours=11)),
        ("1105", timedelta(hours=11, minutes=5)),
        ("110509", timedelta(hours=11, minutes=5, seconds=9)),
        ("110509.5", timedelta(hours=11, minutes=5, seconds=9, milliseconds=500)),
        ("110509.000005", timedelta(hours=11, minutes=5, seconds=9, microseconds=5)),
        ("110509.050000 ", timedelta(hours=11, minutes=5, seconds=9, milliseconds=50)),
        ("11:05:09.25", timedelta(hours=11, minutes=5, seconds=9, milliseconds=250)),
        (b"110509\0", timedelta(hours=11, minutes=5, seconds=9)),
        ("235960", timedelta(hours=24)),
    ],
)
def test_times_of_day_are_read_in_every_legal_and_legacy_form(text: object, expected: timedelta) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", [None, "", "  ", "1", "24", "1060", "110561", "noon", "11-05"])
def test_unreadable_times_are_missing_times(text: object) -> None:
    assert parse_time(text) is None


def test_dates_are_read_with_and_without_dots() -> None:
    assert parse_date("20240229") == parse_date("2024.02.29") == date(2024, 2, 29)
    assert parse_date("20230229") is None
    assert parse_date("") is None


def test_a_date_time_without_a_time_is_missing() -> None:
    assert parse_datetime("20240315") is None
    assert parse_datetime("20240315+0900") is None


def test_a_zone_suffix_is_kept_and_only_used_when_the_zone_of_the_scan_is_known() -> None:
    moment = parse_datetime("20240315100000.25+0900")
    assert moment is not None
    assert moment.offset == timedelta(hours=9)
    assert moment.in_zone(None) == datetime(2024, 3, 15, 10, 0, 0, 250000)
    assert moment.in_zone(timedelta(0)) == datetime(2024, 3, 15, 1, 0, 0, 250000)
    assert moment.in_zone(timedelta(hours=-5)) == datetime(2024, 3, 14, 20, 0, 0, 250000)


def test_offsets_have_a_sign() -> None:
    assert parse_offset("-0330") == -timedelta(hours=3, minutes=30)
    assert parse_offset("0900") is None


def test_day_and_clock_are_only_combined_when_both_are_known() -> None:
    assert combine(date(2023, 12, 31), timedelta(hours=24)) == datetime(2024, 1, 1)
    assert combine(None, timedelta(hours=1)) is None
    assert combine(date(2024, 1, 1), None) is None

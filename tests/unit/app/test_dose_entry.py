"""Values as people write them are read exactly, or refused in words."""

from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atsm_viewer.app import dose_entry as entry
from atsm_viewer.app.dose_fields import DOSE_FIELDS, dose_field, field_of_column
from atsm_viewer.domain.errors import AtsmError


@pytest.mark.parametrize(
    ("text", "default", "bq"),
    [
        ("7.4 MBq", None, 7.4e6),
        ("7,4", "MBq", 7.4e6),
        ("7.4MBq", "kBq", 7.4e6),
        ("200 µCi", None, 7.4e6),
        ("200 uCi", None, 7.4e6),
        ("0.2 mCi", None, 7.4e6),
        ("7.4e6", "Bq", 7.4e6),
        ("7400 kBq", None, 7.4e6),
        ("7.4 mbq", None, 7.4e6),
        (".5 MBq", None, 5e5),
        ("0,450 MBq", None, 4.5e5),
        ("1.234 MBq", None, 1.234e6),
    ],
)
def test_activities_are_read_with_comma_or_point_and_any_unit(text, default, bq) -> None:
    assert entry.parse_activity(text, default) == pytest.approx(bq, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("7.4", "no unit"),
        ("7,400 kBq", "two ways"),
        ("1.234.567 Bq", "two ways"),
        ("-3 MBq", "positive"),
        ("0 MBq", "positive"),
        ("abc", "cannot be read"),
        ("", "cannot be read"),
        ("7.4 mBq", "not a unit"),
        ("1e999 MBq", "not a number"),
        ("7..4 MBq", "not a number"),
        ("7.4 kg", "not a unit"),
        ("nan MBq", "cannot be read"),
    ],
)
def test_what_cannot_be_read_or_means_two_things_is_refused_with_a_reason(text, word) -> None:
    with pytest.raises(AtsmError) as refused:
        entry.parse_activity(text)
    assert word in str(refused.value)


def test_a_residual_may_be_nothing_but_never_negative() -> None:
    assert dose_field("residual_activity_bq").parse("0 MBq", None) == 0.0
    with pytest.raises(AtsmError, match="positive"):
        dose_field("residual_activity_bq").parse("-1 MBq", None)


def test_weights_heights_and_half_lives_reach_their_base_units() -> None:
    assert entry.parse_mass("22.3g") == pytest.approx(0.0223)
    assert entry.parse_mass("70 KG") == 70.0
    assert entry.parse_length("175cm") == pytest.approx(1.75)
    assert entry.parse_duration("12.7006 h") == pytest.approx(45722.16)
    assert entry.parse_duration("109.77min") == pytest.approx(6586.2)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02 09:20",
        "2026-01-02T09:20",
        "2026-1-2 9:20:00",
        " 2026-01-02  09:20:00.000 ",
        "2026-01-02t09:20",
    ],
)
def test_times_are_read_with_blank_or_t_with_and_without_seconds(text) -> None:
    assert entry.parse_moment(text) == datetime(2026, 1, 2, 9, 20)


def test_fractions_of_seconds_are_padded_on_the_right() -> None:
    assert entry.parse_moment("2026-01-02 09:20:07.5") == datetime(2026, 1, 2, 9, 20, 7, 500000)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("09:20", "date is missing"),
        ("2026-01-02", "time of day is missing"),
        ("2026-02-30 09:20", "no such day"),
        ("2026-01-02 25:00", "no such day"),
        ("2026-01-02 09:20Z", "time zone"),
        ("02.01.2026 09:20", "not a date"),
        ("2026-01-02 09:20+01:00", "time zone"),
        ("0001-01-02 09:20", "year"),
        ("yesterday", "not a date"),
    ],
)
def test_a_time_that_is_not_whole_says_what_is_wrong(text, word) -> None:
    with pytest.raises(AtsmError, match=word):
        entry.parse_moment(text)


def test_names_are_read_in_their_usual_spellings() -> None:
    assert entry.parse_nuclide("64Cu") == entry.parse_nuclide("cu-64") == "Cu-64"
    assert entry.parse_sex(" female ") == "F"
    assert entry.parse_decay_rule("start") == "START"
    for parse, text in (
        (entry.parse_nuclide, "Xx-1"),
        (entry.parse_sex, "?"),
        (entry.parse_decay_rule, "MAYBE"),
    ):
        with pytest.raises(AtsmError):
            parse(text)


@given(st.floats(1e-3, 1e12), st.sampled_from(sorted(entry.ACTIVITY_UNITS)))
def test_what_a_field_shows_it_reads_back(value, unit) -> None:
    field = dose_field("injected_activity_bq")
    assert field.parse(field.show(value, unit), unit) == pytest.approx(value, rel=1e-6)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)))
def test_every_time_that_is_shown_is_read_back(moment) -> None:
    field = dose_field("administration_time")
    assert field.parse(field.show(moment), None) == moment


@given(st.text(max_size=30), st.sampled_from(DOSE_FIELDS))
def test_any_text_gives_a_value_or_an_error_in_words(text, field) -> None:
    with suppress(AtsmError):
        assert field.parse(text, None) is not None


@pytest.mark.parametrize(
    ("head", "field", "unit"),
    [
        ("weight_g", "weight_kg", "g"),
        ("Weight (g)", "weight_kg", "g"),
        ("weight", "weight_kg", None),
        ("dose [MBq]", "injected_activity_bq", "MBq"),
        ("dose_mbq", "injected_activity_bq", "MBq"),
        ("Injected at", "administration_time", None),
        ("residual_time", "residual_time", None),
        ("half_life_s", "half_life_s", "s"),
        ("subject_id", "subject_id", None),
        ("assay_uCi", "assay_activity_bq", "µCi"),
    ],
)
def test_column_heads_name_field_and_unit(head, field, unit) -> None:
    found = field_of_column(head)
    assert found is not None
    assert (found[0].id, found[1]) == (field, unit)


@pytest.mark.parametrize("head", ["colour", "weight_miles", "dose (g)", "time"])
def test_unknown_heads_are_unknown(head) -> None:
    assert field_of_column(head) is None

import pytest

from atsm_viewer.domain.radionuclide import (
    TABLE,
    nuclide_in_text,
    nuclide_named,
    nuclide_of_code,
    nuclide_with_half_life,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("64Cu-ATSM", "Cu-64"),
        ("[62Cu]ATSM", "Cu-62"),
        ("Cu-60 ATSM", "Cu-60"),
        ("^61^Copper", "Cu-61"),
        ("Copper-64", "Cu-64"),
        ("Fluorodeoxyglucose F^18^", "F-18"),
        ("^18^Fluorine", "F-18"),
        ("89 Zr trastuzumab", "Zr-89"),
    ],
)
def test_texts_name_their_nuclide(text: str, name: str) -> None:
    found = nuclide_in_text(text)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("text", ["", "ATSM", "CUBE 640", "164Cu", "64Cu or 62Cu", "Cu-640", "64 custard"])
def test_texts_without_exactly_one_nuclide_name_none(text: str) -> None:
    assert nuclide_in_text(text) is None


@pytest.mark.parametrize(
    ("scheme", "code", "name"),
    [
        ("SCT", "3932008", "Cu-64"),
        ("SRT", "C-127A2", "Cu-64"),
        ("SNM3", "C-127A5", "Cu-62"),
        ("99SDM", "C-111A1", "F-18"),
        ("DCM", "126700", "Cu-60"),
        ("DCM", "126701", "Cu-61"),
        ("DCM", "126702", "Cu-62"),
        ("SCT", "422855001", "Cu-64"),
        ("SRT", "C-131A1", "Ga-66"),
        ("DCM", "126600", "Sc-44"),
    ],
)
def test_codes_of_the_dicom_context_groups_are_known(scheme: str, code: str, name: str) -> None:
    found = nuclide_of_code(scheme, code)
    assert found is not None
    assert found.name == name


def test_codes_of_foreign_schemes_are_not_read() -> None:
    assert nuclide_of_code("LN", "C-127A2") is None
    assert nuclide_of_code("SRT", "C-99999") is None


@pytest.mark.parametrize(
    ("seconds", "name"),
    [
        (46080, "Cu-64"),
        (583.8, "Cu-62"),
        (6600, "F-18"),
        (4057.7, "Ga-68"),
        (4080, "Ga-68"),
        (14292, "Sc-44"),
    ],
)
def test_half_lives_met_in_files_are_recognised(seconds: float, name: str) -> None:
    found = nuclide_with_half_life(seconds)
    assert found is not None
    assert found.name == name


def test_half_lives_of_nothing_are_not_recognised() -> None:
    assert nuclide_with_half_life(10.0) is None
    assert nuclide_with_half_life(0.0) is None
    assert nuclide_with_half_life(20000.0) is None


def test_names_are_read_in_both_orders() -> None:
    assert nuclide_named("64Cu") == nuclide_named("Cu-64") == nuclide_named("cu64")
    assert nuclide_named("unobtainium") is None


def test_no_two_nuclides_share_a_code_or_a_name() -> None:
    codes = [code for nuclide in TABLE for code in nuclide.codes]
    assert len(codes) == len(set(codes))
    assert len({nuclide.name for nuclide in TABLE}) == len(TABLE)

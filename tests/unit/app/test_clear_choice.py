"""When a study opens without a question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from atsm_viewer.app.series_choice import clear_choice
from atsm_viewer.io.catalogue import Catalogue, ProposedPair, SeriesEntry


def entry(name: str, modality: str, frame: str = "1.2.3", suitable: bool = True) -> SeriesEntry:
    return SeriesEntry(
        id=name,
        kind="dicom-series",
        modality=modality,
        description=name,
        paths=(Path(name),),
        shape="4 × 4 × 4",
        units="BQML",
        suitable=suitable,
        reason="" if suitable else "a picture",
        frame_of_reference_uid=frame,
    )


PET, CT, PICTURE = entry("pet", "PT"), entry("ct", "CT"), entry("picture", "PT", suitable=False)


def test_one_pet_with_the_only_ct_of_its_space_needs_no_question() -> None:
    pair = ProposedPair(PET, CT, "share")
    assert clear_choice(Catalogue((PET, CT, PICTURE), ()), (pair,)) is pair
    alone = ProposedPair(PET, None, "no CT")
    assert clear_choice(Catalogue((PET,), ()), (alone,)) is alone


def test_anything_to_choose_from_is_asked() -> None:
    pair = ProposedPair(PET, CT, "share")
    second = entry("second", "CT")
    assert clear_choice(Catalogue((PET, CT, second), ()), (pair,)) is None
    other = ProposedPair(entry("late", "PT"), CT, "share")
    assert clear_choice(Catalogue((PET, CT), ()), (pair, other)) is None
    elsewhere = ProposedPair(PET, replace(CT, frame_of_reference_uid="9"), "one study")
    assert clear_choice(Catalogue((PET, elsewhere.ct or CT), ()), (elsewhere,)) is None
    unsaid = ProposedPair(replace(PET, modality=""), None, "no CT")
    assert clear_choice(Catalogue((unsaid.pet,), ()), (unsaid,)) is None
    assert clear_choice(Catalogue((), ()), ()) is None

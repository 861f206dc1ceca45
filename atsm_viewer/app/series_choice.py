"""Which images can be chosen as PET and CT, in words; the window only lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from atsm_viewer.io.catalogue import Catalogue, ProposedPair, RejectedFile, SeriesEntry

__all__ = [
    "Catalogue",
    "Choice",
    "ProposedPair",
    "RejectedFile",
    "SeriesEntry",
    "choice_of",
    "clear_choice",
    "ct_choices",
    "pair_of",
    "pet_choices",
]

_KINDS = {"dicom-series": "DICOM", "nifti": "NIfTI", "nrrd": "NRRD", "mha": "MetaImage"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One image as a row of a list.

    Parameters
    ----------
    entry
        The image.
    title
        Series description or file name.
    facts
        What tells it from its neighbours: date, size, number of files, units.
    """

    entry: SeriesEntry
    title: str
    facts: str


def choice_of(entry: SeriesEntry) -> Choice:
    """Return an image in words."""
    files = "1 file" if entry.n_files == 1 else f"{entry.n_files} files"
    facts = [
        entry.patient_label,
        _date(entry.study_date, entry.study_time),
        entry.shape and f"{entry.shape} voxels",
        f"{_KINDS.get(entry.kind, entry.kind)}, {files}",
        entry.units,
        "" if entry.is_original or entry.modality not in ("PT", "CT") else "derived",
        "not attenuation-corrected"
        if entry.kind == "dicom-series" and entry.modality == "PT" and not entry.is_attenuation_corrected
        else "",
        f"{len(entry.damaged)} files of it cannot be read" if entry.damaged else "",
    ]
    title = entry.description or entry.paths[0].name
    return Choice(entry, title, "  ·  ".join(f for f in facts if f))


def pet_choices(catalogue: Catalogue, pairs: Sequence[ProposedPair]) -> tuple[Choice, ...]:
    """Return what can be the PET: proposed ones first, then images whose modality says nothing."""
    proposed = [p.pet for p in pairs]
    return _listed(catalogue, proposed, "PT", "CT")


def ct_choices(catalogue: Catalogue, pairs: Sequence[ProposedPair]) -> tuple[Choice, ...]:
    """Return what can be the CT: CT images first, then images whose modality says nothing."""
    proposed = [p.ct for p in pairs if p.ct is not None]
    return _listed(catalogue, proposed, "CT", "PT")


def _listed(
    catalogue: Catalogue, proposed: Sequence[SeriesEntry], own: str, other: str
) -> tuple[Choice, ...]:
    suitable = [e for e in catalogue.series if e.suitable and e.modality != other]
    named = [e for e in suitable if e.modality == own]
    rest = [e for e in suitable if e.modality != own]
    by_id = {e.id: e for e in (*proposed, *named, *rest)}
    return tuple(choice_of(e) for e in by_id.values())


def pair_of(pet: SeriesEntry, ct: SeriesEntry | None, pairs: Sequence[ProposedPair]) -> ProposedPair:
    """Return the proposal of these two, or a pair that says that a person chose it."""
    for pair in pairs:
        if pair.pet.id == pet.id and (pair.ct.id if pair.ct else "") == (ct.id if ct else ""):
            return pair
    if ct is None:
        return ProposedPair(pet, None, "Chosen by hand: no CT.")
    shared = pet.frame_of_reference_uid and pet.frame_of_reference_uid == ct.frame_of_reference_uid
    words = "they share a frame of reference." if shared else "check that PET and CT are aligned."
    return ProposedPair(pet, ct, f"Chosen by hand: {words}")


def _date(date: str, time: str) -> str:
    if len(date) != 8 or not date.isdigit():
        return date
    clock = f" {time[:2]}:{time[2:4]}" if len(time) >= 4 and time[:4].isdigit() else ""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}{clock}"


def clear_choice(catalogue: Catalogue, pairs: Sequence[ProposedPair]) -> ProposedPair | None:
    """Return the pair that a person would take without looking, or None when there is a choice.

    That is one PET with the only CT of its frame of reference, or one PET alone; nothing may be
    damaged, and a file that does not say what it is always asks.
    """
    suitable = [entry for entry in catalogue.series if entry.suitable]
    if len(pairs) != 1 or any(entry.damaged for entry in suitable):
        return None
    pet, ct = pairs[0].pet, pairs[0].ct
    others = [entry for entry in suitable if entry is not pet and entry is not ct]
    if others or pet.modality != "PT":
        return None
    if ct is None:
        return pairs[0]
    same_space = pet.frame_of_reference_uid and pet.frame_of_reference_uid == ct.frame_of_reference_uid
    return pairs[0] if same_space else None

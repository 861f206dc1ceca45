"""Which PET and which CT belong together."""

from __future__ import annotations

from atsm_viewer.io.catalogue_entries import Catalogue, ProposedPair, SeriesEntry


def propose_pairs(catalogue: Catalogue) -> tuple[ProposedPair, ...]:
    """Propose a CT for every PET, the best PET first.

    A CT fits by the same frame of reference, else the same study, else overlap of a volume file's
    name and folder; among several the one that covers the PET best, then the one with most slices.
    Original, attenuation-corrected PETs come first, then those with more images.
    """
    suitable = [entry for entry in catalogue.series if entry.suitable]
    pets = [entry for entry in suitable if entry.modality == "PT"]
    cts = [entry for entry in suitable if entry.modality == "CT"]
    if not pets:  # a volume file whose name says nothing may be the PET
        pets = [entry for entry in suitable if not entry.modality]
    return tuple(_pair(pet, cts) for pet in sorted(pets, key=_pet_rank))


def _pet_rank(pet: SeriesEntry) -> tuple[bool, bool, bool, int, str]:
    derived = not pet.is_original
    uncorrected = pet.kind == "dicom-series" and not pet.is_attenuation_corrected
    return (uncorrected, derived, pet.n_files == 1 and pet.shape.startswith("1 ×"), -pet.n_files, pet.id)


def _pair(pet: SeriesEntry, cts: list[SeriesEntry]) -> ProposedPair:
    best: tuple[int, float, int] | None = None
    chosen: SeriesEntry | None = None
    words = ""
    for ct in cts:
        level, reason = _match(pet, ct)
        if level == 0:
            continue
        score = (level, _overlap(pet, ct), ct.n_files)
        if best is None or score > best:
            best, chosen, words = score, ct, reason
    if chosen is None:
        return ProposedPair(pet, None, "No CT of the same study was found." if cts else "No CT was found.")
    return ProposedPair(pet, chosen, words)


def _match(pet: SeriesEntry, ct: SeriesEntry) -> tuple[int, str]:
    if pet.frame_of_reference_uid and pet.frame_of_reference_uid == ct.frame_of_reference_uid:
        return 3, "PET and CT share a frame of reference."
    if pet.study_uid and pet.study_uid == ct.study_uid:
        return 2, "PET and CT are of one study but name different frames of reference; check the alignment."
    if pet.kind != "dicom-series" and ct.kind != "dicom-series" and pet.paths[0].parent == ct.paths[0].parent:
        return 1, "PET and CT lie in one folder, by their file names; check the alignment."
    return 0, ""


def _overlap(pet: SeriesEntry, ct: SeriesEntry) -> float:
    """Share of the PET's extent along the slice normal that the CT covers, in tenths."""
    if pet.z_range_mm is None or ct.z_range_mm is None:
        return 0.0
    low, high = max(pet.z_range_mm[0], ct.z_range_mm[0]), min(pet.z_range_mm[1], ct.z_range_mm[1])
    length = pet.z_range_mm[1] - pet.z_range_mm[0]
    return round(max(0.0, high - low) / length, 1) if length > 0 else 0.0

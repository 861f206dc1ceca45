"""From image files to a session state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from atsm_viewer.app.jobs import CancelToken, ProgressFn
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.ids import new_id
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.io.catalogue import Catalogue, ProposedPair, no_images_error, propose_pairs, scan_paths
from atsm_viewer.io.digest import pixel_digest
from atsm_viewer.io.read_series import LoadedImage, read_series

_SAYS_NOTHING = PetFacts.from_instances([InstanceFacts()])


def _nothing(fraction: float, words: str) -> None:
    return None


def catalogue_of(
    paths: Sequence[Path], progress: ProgressFn = _nothing, cancel: CancelToken | None = None
) -> tuple[Catalogue, tuple[ProposedPair, ...]]:
    """Return what lies in files and folders, and the PET/CT pairs that belong together.

    Raises
    ------
    AtsmError
        When a path does not exist or no image that can be opened is found.
    """
    for path in paths:
        if not path.exists():
            raise AtsmError(f"“{path}” does not exist.", "Check the path; nothing was changed.")
    token = cancel or CancelToken()
    catalogue = scan_paths(paths, progress=progress, cancelled=lambda: token.is_cancelled)
    token.check()
    if not any(entry.suitable for entry in catalogue.series):
        raise no_images_error(paths, catalogue)
    return catalogue, propose_pairs(catalogue)


def rejected_notice(catalogue: Catalogue) -> tuple[Notice, ...]:
    """Return one notice about the files that were left out, or none."""
    if not catalogue.rejected:
        return ()
    first = catalogue.rejected[0]
    more = f", and {len(catalogue.rejected) - 1} more" if len(catalogue.rejected) > 1 else ""
    return (
        Notice(
            "files_left_out",
            Severity.INFO,
            f"Left out: {first.path.name} ({first.reason}){more}.",
        ),
    )


def load_pair(
    pair: ProposedPair,
    progress: ProgressFn = _nothing,
    cancel: CancelToken | None = None,
    notices: tuple[Notice, ...] = (),
) -> SessionState:
    """Read a PET with its CT into a fresh session of one subject and one scan.

    Raises
    ------
    AtsmError
        When the PET cannot be read. A CT that cannot be read becomes a notice: the PET is still
        good for measuring.
    """
    token = cancel or CancelToken()

    def cancelled() -> bool:
        return token.is_cancelled

    def part(start: float, share: float) -> ProgressFn:
        return lambda fraction, words: progress(start + share * fraction, words)

    with_ct = pair.ct is not None
    pet = read_series(pair.pet, progress=part(0.0, 0.45 if with_ct else 0.9), cancelled=cancelled)
    token.check()
    collected = [*notices, *pet.notices]
    ct: LoadedImage | None = None
    if pair.ct is not None:
        try:
            ct = read_series(pair.ct, progress=part(0.45, 0.45), cancelled=cancelled)
            collected.extend(ct.notices)
        except AtsmError as error:
            token.check()
            collected.append(
                Notice("ct_unreadable", Severity.WARNING, error.user_message, "The PET is shown alone.")
            )
    progress(0.92, "Checking the pixels")
    pet = replace(pet, source=replace(pet.source, pixel_digest=pixel_digest(pet.volume)))
    token.check()
    if ct is not None:
        ct = replace(ct, source=replace(ct.source, pixel_digest=pixel_digest(ct.volume)))
    token.check()
    return fresh_state(pet, ct, tuple(collected))


def fresh_state(pet: LoadedImage, ct: LoadedImage | None, notices: tuple[Notice, ...]) -> SessionState:
    """Return a session of one subject and one scan."""
    subject = Subject(id=new_id("subject"), label=_pseudonym(pet))
    administration = Administration(id=new_id("administration"), subject_id=subject.id)
    scan = Scan(
        id=new_id("scan"),
        label=pet.source.description or "PET",
        pet_geometry=pet.volume.geometry,
        pet=pet.volume,
        ct=ct.volume if ct else None,
        slots=(Slot(subject.id, administration.id),),
        # Files that say nothing get an empty header, so that the dose card can ask for every fact.
        pet_facts=pet.facts if pet.facts is not None else _SAYS_NOTHING,
        pet_instance_tk=pet.instance_tk,
        pet_source=pet.source,
        ct_source=ct.source if ct else None,
    )
    return SessionState(
        subjects=(subject,),
        administrations=(administration,),
        scans=(scan,),
        notices=tuple(replace(n, scan_id=n.scan_id or scan.id) for n in notices),
    )


def _pseudonym(pet: LoadedImage) -> str:
    """A label that says nothing about the person; simulated samples keep their own."""
    label = pet.source.patient_label
    return label if label.startswith("SAMPLE-") else "SUBJ-0001"

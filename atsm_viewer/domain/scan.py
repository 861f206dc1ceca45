"""One PET acquisition with its CT: one time point."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.geometry import Geometry, Vec3
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.rigid import IDENTITY, RigidTransform
from atsm_viewer.domain.suv.facts import PetFacts
from atsm_viewer.domain.volume import Volume


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a subject lies in a scan: one per animal in a multi-animal bed.

    Parameters
    ----------
    subject_id, administration_id
        Who lies here and what they got.
    lo_lps, hi_lps
        Opposite corners of the box, LPS mm; None for the whole field of view.
    """

    subject_id: str
    administration_id: str
    lo_lps: Vec3 | None = None
    hi_lps: Vec3 | None = None


@dataclass(frozen=True, eq=False)
class Scan:
    """One PET acquisition with its CT.

    Parameters
    ----------
    id
        Stable identifier.
    label
        Time point label, for example ``24 h``.
    pet_geometry
        Grid of the PET; kept even when the image itself cannot be found.
    pet, ct
        The images; None where absent.
    ct_to_pet
        Takes CT positions into the space of the PET.
    pet_facts
        What the header says about units, dose and time; None for files that say nothing.
    pet_instance_tk
        For each frame t and slice k of the PET the number of its instance in ``pet_facts``
        (rows t, columns k); empty when there is one factor for all.
    pet_source, ct_source
        Where the images came from.
    slots
        Who lies where; at least one.
    """

    id: str
    label: str
    pet_geometry: Geometry
    pet: Volume | None
    ct: Volume | None
    slots: tuple[Slot, ...]
    ct_to_pet: RigidTransform = IDENTITY
    pet_facts: PetFacts | None = None
    pet_instance_tk: tuple[tuple[int, ...], ...] = ()
    pet_source: ImageSource | None = None
    ct_source: ImageSource | None = None

    @property
    def first_slot(self) -> Slot:
        """The only slot of an ordinary scan."""
        return self.slots[0]

    def slot_of(self, subject_id: str) -> Slot | None:
        """The slot in which a subject lies, or None."""
        return next((s for s in self.slots if s.subject_id == subject_id), None)

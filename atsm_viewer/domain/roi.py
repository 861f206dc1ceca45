"""Named regions drawn by a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from atsm_viewer.domain.mask import Mask


class Role(Enum):
    """What a ROI stands for in the ratios."""

    TUMOUR = "tumour"
    MUSCLE = "muscle"
    BLOOD = "blood"
    BRAIN = "brain"
    LIVER = "liver"
    OTHER = "other"


# Okabe-Ito colours: told apart by colour-blind readers too.
ROLE_COLOURS: dict[Role, str] = {
    Role.TUMOUR: "#D55E00",
    Role.MUSCLE: "#009E73",
    Role.BLOOD: "#CC79A7",
    Role.BRAIN: "#F0E442",
    Role.LIVER: "#E69F00",
    Role.OTHER: "#56B4E9",
}


@dataclass(frozen=True, slots=True)
class Method:
    """How the voxels of a ROI came about, for the methods section.

    Parameters
    ----------
    name
        ``manual``, ``imported`` or the name of an operation.
    params
        Name and value pairs, as text.
    """

    name: str = "manual"
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Roi:
    """A named region on the PET grid of one scan.

    Parameters
    ----------
    id
        Stable identifier.
    name
        What the person calls it.
    role
        What it stands for in the ratios.
    colour
        ``#RRGGBB``.
    scan_id, subject_id
        Whose image and which animal or patient it belongs to.
    mask
        Its voxels on the PET grid of that scan.
    method
        How the voxels came about.
    visible, locked
        Shown; protected against editing.
    edited_voxels
        How many voxel changes a person made since the method produced it.
    tracking_uid
        DICOM UID that identifies the region in exported objects.
    created_utc, modified_utc
        ISO 8601 times; empty when unknown.
    """

    id: str
    name: str
    role: Role
    scan_id: str
    subject_id: str
    colour: str = ""
    mask: Mask = field(default_factory=Mask.empty)
    method: Method = Method()
    visible: bool = True
    locked: bool = False
    edited_voxels: int = 0
    tracking_uid: str = ""
    created_utc: str = ""
    modified_utc: str = ""

    @property
    def shown_colour(self) -> str:
        """The chosen colour, or the colour of the role."""
        return self.colour or ROLE_COLOURS[self.role]

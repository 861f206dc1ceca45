"""What reading an image gives."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice
from atsm_viewer.domain.suv.facts import PetFacts
from atsm_viewer.domain.volume import Volume


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """An image with where it came from and what its header says.

    Parameters
    ----------
    volume
        Values and grid.
    source
        Identity of the files.
    facts
        What the headers of a PET say; None for CT and for files that say nothing.
    instance_tk
        For each frame t and slice k the number of its instance in ``facts``; empty without facts.
    notices
        What is doubtful.
    """

    volume: Volume
    source: ImageSource
    facts: PetFacts | None = None
    instance_tk: tuple[tuple[int, ...], ...] = ()
    notices: tuple[Notice, ...] = ()

"""What every reader of a volume format offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from atsm_viewer.domain.volume import Modality
from atsm_viewer.io.loaded_image import LoadedImage


@dataclass(frozen=True, slots=True)
class Summary:
    """What the header of a volume file says, without its voxels.

    Parameters
    ----------
    shape
        Size [t, k, j, i], or [k, j, i]; as in the file where it is no volume.
    modality
        ``PT``, ``CT``, ``SEG`` for a mask, or empty where the file does not say.
    units
        Unit of the values in DICOM terms; empty when unknown.
    reason
        Why it cannot be opened; empty when it can.
    study_date, study_time
        YYYYMMDD and HHMMSS; empty when unknown.
    """

    shape: tuple[int, ...]
    modality: str = ""
    units: str = ""
    reason: str = ""
    study_date: str = ""
    study_time: str = ""

    @property
    def size_words(self) -> str:
        """The size as shown: slices first, the number of frames in front where there are several."""
        shape = self.shape[1:] if len(self.shape) == 4 and self.shape[0] == 1 else self.shape
        return " × ".join(str(n) for n in shape)


@dataclass(frozen=True, slots=True)
class Reader:
    """One format.

    Parameters
    ----------
    kind
        Short name as stored in projects.
    title
        Name for people.
    endings
        File endings in lower case; a file must have one of them.
    accepts
        Whether the content is of this format; asked in the order of the table.
    summarise
        Reads the header.
    read
        Reads the image; takes what the person says it holds, or None.
    """

    kind: str
    title: str
    endings: tuple[str, ...]
    accepts: Callable[[Path], bool]
    summarise: Callable[[Path], Summary]
    read: Callable[[Path, Modality | None], LoadedImage]

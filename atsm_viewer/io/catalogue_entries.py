"""What a scan of files and folders found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from atsm_viewer.io.dicom.header import InstanceHeader

Progress = Callable[[float, str], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that is not opened, and why.

    Parameters
    ----------
    path
        The file.
    reason
        One sentence that a person can act on.
    series_uid
        The DICOM series it says it belongs to; empty when unknown.
    """

    path: Path
    reason: str
    series_uid: str = ""


@dataclass(frozen=True, slots=True)
class SeriesEntry:
    """One image (a DICOM series or a volume file) that was found.

    Parameters
    ----------
    id
        Unique and stable within the same files: series UID (with a suffix where one series holds
        several stacks) or file path.
    kind
        ``dicom-series`` or the kind of a volume file (``io.readers.READERS``), for example ``nifti``.
    modality
        DICOM modality; for volume files what the file name says, or empty.
    description
        Series description or file name.
    patient_label
        Patient ID as written; empty for volume files.
    study_uid, series_uid, frame_of_reference_uid
        DICOM identifiers; empty for volume files.
    study_date, study_time
        As written (YYYYMMDD, HHMMSS…); empty when unknown.
    n_files
        Number of files.
    paths
        The files.
    shape
        Size in words, for example ``47 × 27 × 30``.
    units
        Units (0054,1001) as written; empty when unknown.
    suitable
        Whether it can be opened as an image for measuring.
    reason
        Why not; empty when suitable.
    is_original, is_attenuation_corrected
        ImageType value 1 is ORIGINAL; CorrectedImage holds ATTN.
    z_range_mm
        Extent along the slice normal, for the comparison of two series of the same orientation.
    damaged
        Files that say they belong to this series but cannot be read.
    headers
        The kept headers of a DICOM series.
    """

    id: str
    kind: str
    modality: str
    description: str
    paths: tuple[Path, ...]
    patient_label: str = ""
    study_uid: str = ""
    series_uid: str = ""
    frame_of_reference_uid: str = ""
    study_date: str = ""
    study_time: str = ""
    n_files: int = 1
    shape: str = ""
    units: str = ""
    suitable: bool = True
    reason: str = ""
    is_original: bool = True
    is_attenuation_corrected: bool = False
    z_range_mm: tuple[float, float] | None = None
    damaged: tuple[RejectedFile, ...] = ()
    headers: tuple[InstanceHeader, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that a scan of files and folders found.

    Parameters
    ----------
    series
        Images, suitable ones first.
    rejected
        Files that are not opened, each with its reason.
    """

    series: tuple[SeriesEntry, ...]
    rejected: tuple[RejectedFile, ...]


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """A PET and the CT that seems to belong to it.

    Parameters
    ----------
    pet, ct
        The images; no CT when none fits.
    reason
        Why these two, in words.
    """

    pet: SeriesEntry
    ct: SeriesEntry | None
    reason: str

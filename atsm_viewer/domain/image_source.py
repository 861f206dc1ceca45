"""Which files an image came from, and how to know it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ImageSource:
    """The identity of a loaded image.

    Parameters
    ----------
    kind
        ``dicom-series`` or the kind of a volume file (``io.readers.READERS``), for example ``nifti``.
    paths
        The files, in slice order for DICOM. In memory only: never written as absolute paths.
    series_uid, study_uid, frame_of_reference_uid
        DICOM identifiers; empty for other kinds.
    description
        Series description or file name.
    patient_label
        Patient ID as in the header, for the pseudonym proposal; not written into a project
        unless the person asks.
    n_instances
        Number of DICOM instances, or 1.
    sop_digest
        SHA-256 (hex) of the sorted SOP Instance UIDs joined by LF; empty for other kinds.
    pixel_digest
        SHA-256 (hex) of the little-endian float32 rescaled values in [t,k,j,i] order; empty
        until it is computed.
    study_date
        ISO date of the study; empty when unknown.
    """

    kind: str
    paths: tuple[Path, ...]
    series_uid: str = ""
    study_uid: str = ""
    frame_of_reference_uid: str = ""
    description: str = ""
    patient_label: str = ""
    n_instances: int = 1
    sop_digest: str = ""
    pixel_digest: str = ""
    study_date: str = ""

"""VOLUME FILES: NIfTI, NRRD and MetaImage, one row of ``READERS`` per format.

What lives here: which file endings belong to which kind (``READERS``) and the reading of volumes and
label images through SimpleITK (``itk_volume``).
May import: domain, ``io.conventions``, numpy, SimpleITK.
To add a format that SimpleITK reads: one line in ``READERS``.
Guarded by: ``tests/unit/io/test_volume_files.py``.
"""

from __future__ import annotations

from pathlib import Path

READERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("nifti", (".nii", ".nii.gz", ".hdr")),
    ("nrrd", (".nrrd", ".nhdr")),
    ("mha", (".mha", ".mhd")),
)


def kind_of(path: Path) -> str:
    """Return the kind of volume file by its ending, or an empty string."""
    name = path.name.lower()
    return next((kind for kind, endings in READERS if name.endswith(endings)), "")

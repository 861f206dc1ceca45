"""VOLUME FILES: every format but DICOM, one row of ``READERS`` per format.

What lives here: which endings and contents belong to which format (``READERS``), one file per
format, what they share (``flat_data``, ``frame_facts``, ``unplaced``), and which data file belongs
to which header (``companions``).
May import: domain, ``io.conventions``, ``io.loaded_image``, ``io.dicom.memory``, numpy, SimpleITK.
To add a format: one file with *accepts*, *summarise* and *read*, and one row in ``READERS``.
Guarded by: ``tests/unit/io/readers``, ``tests/unit/io/test_volume_files.py``,
``tests/golden/test_format_matrix.py``, ``tests/fuzz/test_volume_file_mutations.py``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.readers.analyze import is_analyze, read_analyze, summarise_analyze
from atsm_viewer.io.readers.ecat import is_ecat, read_ecat, summarise_ecat
from atsm_viewer.io.readers.interfile import is_interfile, read_interfile, summarise_interfile
from atsm_viewer.io.readers.inveon import is_inveon, read_inveon, summarise_inveon
from atsm_viewer.io.readers.itk_image import read_itk_image, summarise_itk
from atsm_viewer.io.readers.raw_volume import ENDING, is_raw_description, read_raw, summarise_raw
from atsm_viewer.io.readers.reader import Reader, Summary

__all__ = ["READERS", "Reader", "Summary", "kind_of", "mask_kind_of", "reader_of_kind"]


def _by_name(path: Path) -> bool:
    return True


def _itk(kind: str, title: str, *endings: str) -> Reader:
    return Reader(kind, title, endings, _by_name, summarise_itk, partial(read_itk_image, kind))


# Four formats use the ending .hdr; the first whose content fits takes the file.
READERS: tuple[Reader, ...] = (
    Reader("inveon", "Siemens Inveon, Concorde microPET", (".img.hdr", ".hdr"), is_inveon,
           summarise_inveon, read_inveon),
    Reader("interfile", "Interfile 3.3", (".h33", ".hv", ".i33", ".hdr"), is_interfile,
           summarise_interfile, read_interfile),
    Reader("analyze", "Analyze 7.5", (".hdr",), is_analyze, summarise_analyze, read_analyze),
    Reader("ecat", "ECAT 7", (".v", ".v.gz"), is_ecat, summarise_ecat, read_ecat),
    Reader("raw", "raw numbers with a description", (ENDING,), is_raw_description, summarise_raw, read_raw),
    _itk("nifti", "NIfTI, with a BIDS sidecar", ".nii", ".nii.gz", ".hdr"),
    _itk("nrrd", "NRRD", ".nrrd", ".nhdr"),
    _itk("mha", "MetaImage", ".mha", ".mhd"),
)  # fmt: skip

_MASK_KINDS = ("nifti", "nrrd", "mha")


def kind_of(path: Path) -> str:
    """Return the kind of volume file by ending and content, or an empty string."""
    name = path.name.lower()
    return next((r.kind for r in READERS if name.endswith(r.endings) and r.accepts(path)), "")


def mask_kind_of(path: Path) -> str:
    """Return the kind of a file that may hold a mask, or an empty string."""
    kind = kind_of(path)
    return kind if kind in _MASK_KINDS else ""


def reader_of_kind(kind: str) -> Reader:
    """Return the reader of a kind.

    Raises
    ------
    AtsmError
        When no reader has that name.
    """
    for reader in READERS:
        if reader.kind == kind:
            return reader
    raise AtsmError(f"Images of the kind “{kind}” cannot be read by this version.")

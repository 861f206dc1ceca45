"""Which header a data file or sidecar belongs to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.readers import analyze, interfile, inveon, raw_volume
from atsm_viewer.io.readers.flat_data import head_of

_DATA_ENDINGS = (".img", ".i33", ".v", ".raw", ".zraw", ".s", ".gz", ".json", ".bin", ".dat", ".ima")


def header_of(path: Path) -> Path | None:
    """Return the header to which a file belongs; None for a file that stands for itself.

    Data files (``.img``, ``.i33``, ``.raw`` …) lead to the header beside them, sidecars to their
    NIfTI. Only headers that really name the file count: DICOM uses the ending ``.img`` too.
    """
    if not path.name.lower().endswith(_DATA_ENDINGS):
        return None
    if path.suffix.lower() == ".json":
        return None if raw_volume.is_raw_description(path) else _first(path, (".nii.gz", ".nii"), _always)
    beside = path.with_name(f"{path.name}.hdr")
    if beside.is_file() and inveon.is_inveon(beside):
        return beside
    return (
        _first(path, (".hdr",), lambda h: analyze.is_analyze(h) or _is_nifti_pair(h))
        or _first(path, (".h33", ".hv", ".hdr", ".i33"), lambda h: _interfile_names(h, path))
        or _first(path, (".mhd", ".nhdr"), lambda h: path.name.encode() in head_of(h, 65536))
        or _first(path, (raw_volume.ENDING,), lambda h: _description_names(h, path))
    )


def _first(path: Path, endings: tuple[str, ...], fits: Callable[[Path], bool]) -> Path | None:
    stem = Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem  # also name.raw.gz
    for ending in endings:
        for name in dict.fromkeys((stem + ending, stem + ending.upper())):
            header = path.with_name(name)
            if header != path and header.is_file() and fits(header):
                return header
    return None


def _always(header: Path) -> bool:
    return True


def _is_nifti_pair(header: Path) -> bool:
    return head_of(header, 348)[344:347] == b"ni1"


def _interfile_names(header: Path, data: Path) -> bool:
    if not interfile.is_interfile(header):
        return False
    try:
        return interfile.data_file_of(header) == data
    except AtsmError:
        return False


def _description_names(description: Path, data: Path) -> bool:
    try:
        return raw_volume.read_description(description)[0] == data
    except AtsmError:
        return False

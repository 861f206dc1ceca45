"""Analyze 7.5 pairs (``.hdr`` of 348 bytes and ``.img``): unscaled and unoriented by definition."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.readers.flat_data import checked_shape, checked_spacing, head_of, read_numbers
from atsm_viewer.io.readers.reader import Summary
from atsm_viewer.io.readers.unplaced import centred_geometry, unplaced_notice

_SIZE = 348
_TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8"}


def is_analyze(path: Path) -> bool:
    """Whether a file is an Analyze header and not the header of a NIfTI pair."""
    head = head_of(path, _SIZE)
    return len(head) == _SIZE and _order(head) != "" and head[344:347] not in (b"ni1", b"n+1")


def summarise_analyze(path: Path) -> Summary:
    """Read the header only.

    Raises
    ------
    AtsmError
        When it states no usable size.
    """
    return Summary(_header(path)[0])


def read_analyze(path: Path, given: Modality | None = None) -> LoadedImage:
    """Read an image; its values have no unit and its sides are not known.

    Raises
    ------
    AtsmError
        When header or data cannot be read or do not fit together.
    """
    shape, spacing, dtype, offset = _header(path)
    stored = read_numbers(data_file_of(path), dtype, shape, offset)
    modality = given or Modality.PET
    with np.errstate(over="ignore", invalid="ignore"):
        values = stored.astype(np.float32)
    notices = [unplaced_notice(path)]
    if given is None:
        text = f"“{path.name}” does not say what made the image; it was taken for a PET."
        notices.append(Notice("modality_assumed", Severity.WARNING, text))
    if modality is Modality.PET:
        text = f"“{path.name}” is an Analyze file, which keeps neither scale nor unit: no SUV."
        remedy = "State the unit or a calibration factor in the dose card, or use another format."
        notices.append(Notice("unscaled", Severity.WARNING, text, remedy))
    geometry = centred_geometry((shape[1], shape[2], shape[3]), spacing)
    frames = (FrameTime(),) * shape[0]
    if shape[0] > 1:
        text = f"“{path.name}” holds {shape[0]} frames but no frame times."
        notices.append(Notice("frame_times", Severity.WARNING, text))
    unit = "HU" if modality is Modality.CT else ""
    source = ImageSource("analyze", (path,), description=path.name)
    return LoadedImage(Volume(geometry, values, unit, modality, frames), source, notices=tuple(notices))


def data_file_of(path: Path) -> Path:
    """Return the data file of a header: the same name with ``.img``."""
    return path.with_suffix(".IMG" if path.suffix.isupper() else ".img")


def _order(head: bytes) -> str:
    """Return the byte order in which the first number is the size of the header, or nothing."""
    return next((order for order in "<>" if struct.unpack_from(f"{order}i", head)[0] == _SIZE), "")


def _header(path: Path) -> tuple[tuple[int, ...], tuple[float, float, float], str, int]:
    head = head_of(path, _SIZE)
    order = _order(head) if len(head) == _SIZE else ""
    if not order:
        raise AtsmError(f"“{path.name}” is no Analyze header.")
    n_axes, x, y, z, t = struct.unpack_from(f"{order}5h", head, 40)
    code = struct.unpack_from(f"{order}h", head, 70)[0]
    dx, dy, dz = struct.unpack_from(f"{order}3f", head, 80)
    start = struct.unpack_from(f"{order}f", head, 108)[0]
    if n_axes not in (3, 4):
        raise AtsmError(f"“{path.name}” has {n_axes} dimensions; 3 or 4 are supported.")
    if code not in _TYPES:
        raise AtsmError(f"“{path.name}” states data type {code}, which is not supported.")
    shape = checked_shape((max(t, 1) if n_axes == 4 else 1, z, y, x), path)
    k, j, i = checked_spacing((abs(dz), abs(dy), abs(dx)), path)
    offset = int(start) if 0 <= start < 2**31 else 0
    return shape, (k, j, i), order + _TYPES[code], offset

"""Raw numbers with a description that a person gave, kept beside them as ``name.raw.json``.

The description is a file so that a project finds the image again like any other.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.sourced import Provenance
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.readers.flat_data import (
    checked_shape,
    checked_spacing,
    head_of,
    header_text,
    read_numbers,
)
from atsm_viewer.io.readers.frame_facts import FrameHeader, facts_of_frames, instances_by_slice
from atsm_viewer.io.readers.reader import Summary
from atsm_viewer.io.readers.unplaced import centred_geometry, unplaced_notice

ENDING = ".raw.json"
_FORMAT = "raw volume 1"
NUMBER_TYPES = {
    "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
    "float32": "f4", "float64": "f8",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RawDescription:
    """How the numbers of a raw file make an image.

    Parameters
    ----------
    shape_tkji
        Frames, slices, rows, columns; columns lie next to each other in the file.
    number_type
        One of ``NUMBER_TYPES``.
    big_endian
        Byte order.
    offset
        Bytes before the first number.
    spacing_kji_mm
        Voxel spacing in mm.
    modality
        ``PT`` or ``CT``.
    unit
        Unit of the values, for example ``BQML``; empty when unknown.
    """

    shape_tkji: tuple[int, int, int, int]
    number_type: str = "float32"
    big_endian: bool = False
    offset: int = 0
    spacing_kji_mm: tuple[float, float, float] = (1.0, 1.0, 1.0)
    modality: str = "PT"
    unit: str = ""

    @property
    def n_bytes(self) -> int:
        """Bytes that the file must hold, with the offset."""
        size = np.dtype(NUMBER_TYPES[self.number_type]).itemsize
        t, k, j, i = self.shape_tkji
        return self.offset + t * k * j * i * size

    @property
    def dtype(self) -> str:
        """NumPy type with byte order."""
        return (">" if self.big_endian else "<") + NUMBER_TYPES[self.number_type]


def check_size(description: RawDescription, file_bytes: int) -> str:
    """Return in words how description and file size differ; empty when they fit."""
    needed = description.n_bytes
    if needed == file_bytes:
        return ""
    if needed > file_bytes:
        return f"The file is {needed - file_bytes:,} bytes too short for this description."
    return f"The file is {file_bytes - needed:,} bytes longer than this description."


def description_path(data: Path) -> Path:
    """Return where the description of a raw file lies."""
    return data.with_name(f"{data.name.removesuffix('.raw')}{ENDING}")


def write_description(data: Path, description: RawDescription) -> Path:
    """Write the description beside the data and return its path.

    Raises
    ------
    AtsmError
        When it cannot be written, or another file has that name.
    """
    path = description_path(data)
    if path.exists() and not is_raw_description(path):
        raise AtsmError(f"“{path.name}” exists and is something else.", "Rename it and try again.")
    text = json.dumps({"format": _FORMAT, "data": data.name, **asdict(description)}, indent=1)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AtsmError(
            f"The description “{path.name}” cannot be written beside the raw file.",
            "Copy the raw file into a folder of your own and import it there.",
            detail=str(error),
        ) from error
    return path


def is_raw_description(path: Path) -> bool:
    """Whether a file is a description of a raw file."""
    return _FORMAT.encode() in head_of(path, 256)


def read_description(path: Path) -> tuple[Path, RawDescription]:
    """Return the data file and its description.

    Raises
    ------
    AtsmError
        When the description is damaged or not usable.
    """
    try:
        said = json.loads(header_text(path))
        data = said["data"]
        known = {f.name: said[f.name] for f in fields(RawDescription)}
        known["shape_tkji"] = checked_shape(known["shape_tkji"], path)
        known["spacing_kji_mm"] = checked_spacing(known["spacing_kji_mm"], path)
        found = RawDescription(**known)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise AtsmError(f"The description “{path.name}” is damaged.", detail=str(error)) from error
    valid = (
        isinstance(data, str) and Path(data).name == data and data not in ("", ".", "..")
        and len(found.shape_tkji) == 4 and len(found.spacing_kji_mm) == 3
        and isinstance(found.number_type, str) and found.number_type in NUMBER_TYPES
        and isinstance(found.big_endian, bool) and isinstance(found.unit, str)
        and type(found.offset) is int and found.offset >= 0
        and found.modality in ("PT", "CT")
    )  # fmt: skip
    if not valid:
        raise AtsmError(f"The description “{path.name}” is damaged.")
    return path.with_name(data), found


def summarise_raw(path: Path) -> Summary:
    """Read the description only."""
    _data, said = read_description(path)
    return Summary(said.shape_tkji, said.modality, said.unit)


def read_raw(path: Path, given: Modality | None = None) -> LoadedImage:
    """Read a raw image by its description.

    Raises
    ------
    AtsmError
        When description or data cannot be read, or the data are shorter than described.
    """
    data, said = read_description(path)
    stored: np.ndarray[Any, Any] = read_numbers(data, said.dtype, said.shape_tkji, said.offset)
    modality = given or Modality(said.modality)
    with np.errstate(over="ignore", invalid="ignore"):
        values = stored.astype(np.float32)
    notices = [unplaced_notice(data)]
    over = check_size(said, data.stat().st_size)
    if over:
        notices.append(
            Notice("raw_size", Severity.WARNING, f"“{data.name}”: {over}", "Check size and offset.")
        )
    n_frames, n_slices = said.shape_tkji[:2]
    geometry = centred_geometry(said.shape_tkji[1:], said.spacing_kji_mm)
    unit = "HU" if modality is Modality.CT else said.unit
    volume = Volume(geometry, values, unit, modality, (FrameTime(),) * n_frames)
    source = ImageSource("raw", (path,), description=data.name)
    if modality is Modality.CT:
        return LoadedImage(volume, source, notices=tuple(notices))
    if not said.unit:
        text = f"“{data.name}” was imported without a unit: SUV is not available."
        notices.append(Notice("unit_unknown", Severity.WARNING, text, "State the unit in the dose card."))
    frames = [FrameHeader(FrameTime())] * n_frames
    facts = facts_of_frames(
        {"Modality": "PT", "Units": said.unit or None}, None, frames, Provenance.TYPED, path.name
    )
    return LoadedImage(volume, source, facts, instances_by_slice(n_frames, n_slices), tuple(notices))

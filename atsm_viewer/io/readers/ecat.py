"""ECAT 7 images (``.v``, ``.v.gz``): big-endian, blocks of 512 bytes.

Layout: main header in block 1, directory of matrices from block 2, each matrix with its own
subheader block. The directory is walked here, with limits: a damaged one may point in a circle.
Sizes are in cm; times are seconds since 1970 (UTC) and milliseconds within the scan.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.sourced import Provenance
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.readers.flat_data import (
    check_end,
    checked_shape,
    checked_spacing,
    open_data,
    read_exactly,
    refuse_short,
)
from atsm_viewer.io.readers.frame_facts import (
    FrameHeader,
    date_text,
    datetime_text,
    facts_of_frames,
    from_first_frame,
    instances_by_slice,
    time_text,
)
from atsm_viewer.io.readers.reader import Summary
from atsm_viewer.io.readers.unplaced import centred_geometry, unplaced_notice

_BLOCK = 512
_MAX_MATRICES = 10_000
_IMAGE_FILE_TYPES = {2, 4, 6, 7}  # image and volume, 8 and 16 bit
_TYPES = {5: ">f4", 6: ">i2", 7: ">i4"}
_UNITS = {"BQ/CC": 1.0, "BQ/ML": 1.0, "KBQ/CC": 1e3, "KBQ/ML": 1e3, "NCI/CC": 37.0, "NCI/ML": 37.0}
# corrections_applied, from the lowest bit: normalisation, attenuation measured or calculated,
# three smoothings, scatter 2-D or 3-D, arc, decay.
_CORRECTIONS = ((0, "NORM"), (1, "ATTN"), (2, "ATTN"), (6, "SCAT"), (7, "SCAT"), (9, "DECY"))
# patient_orientation: how k, j, i grow against superior, posterior and left.
_SIGNS = {0: (1, -1, 1), 1: (-1, -1, -1), 2: (1, 1, -1), 3: (-1, 1, 1)}


@dataclass(frozen=True, slots=True)
class _Main:
    file_type: int
    scan_start: int
    isotope: str
    half_life_s: float
    compound: str
    calibration: float
    weight_kg: float
    orientation: int
    dose_start: int
    dosage: float
    data_units: str


@dataclass(frozen=True, slots=True)
class _Matrix:
    block: int
    dtype: str
    shape: tuple[int, ...]
    spacing: tuple[float, ...]
    scale: float
    frame: FrameHeader
    corrections: int


def is_ecat(path: Path) -> bool:
    """Whether a file starts as ECAT 7 does."""
    try:
        with open_data(path) as file:
            return read_exactly(file, path, 0, 7) == b"MATRIX7"
    except AtsmError:
        return False


def summarise_ecat(path: Path) -> Summary:
    """Read the headers only.

    Raises
    ------
    AtsmError
        When they cannot be read or the matrices do not make one image.
    """
    with open_data(path) as file:
        main = _main(file, path)
        reason = "" if main.file_type in _IMAGE_FILE_TYPES else f"ECAT file type {main.file_type} is no image"
        if reason:
            return Summary((0,), "PT", reason=reason)
        matrices = _matrices(file, path)
    start = _utc(main.scan_start)
    return Summary(
        shape=(len(matrices), *matrices[0].shape),
        modality="PT",
        units="BQML" if _factor(main) else "",
        study_date=date_text(start) if start else "",
        study_time=time_text(start) if start else "",
    )


def read_ecat(path: Path, given: Modality | None = None) -> LoadedImage:
    """Read all frames of an ECAT 7 image.

    Raises
    ------
    AtsmError
        When the file is no image, is damaged, or its frames differ in size.
    """
    with open_data(path) as file:
        main = _main(file, path)
        if main.file_type not in _IMAGE_FILE_TYPES:
            raise AtsmError(f"“{path.name}” is ECAT file type {main.file_type}, not an image.")
        matrices = _matrices(file, path)
        shape = matrices[0].shape
        count = math.prod(shape)
        refuse_short(path, sum(count * np.dtype(m.dtype).itemsize for m in matrices))
        values = np.empty((len(matrices), *shape), np.float32)
        factor = _factor(main) or 1.0
        for t, matrix in enumerate(matrices):
            size = count * np.dtype(matrix.dtype).itemsize
            stored = np.frombuffer(read_exactly(file, path, matrix.block * _BLOCK, size), matrix.dtype)
            scale = matrix.scale * (main.calibration or 1.0) * factor
            with np.errstate(over="ignore", invalid="ignore"):
                values[t] = (stored.reshape(shape) * np.float64(scale)).astype(np.float32)
        check_end(file, path)
    known = bool(_factor(main))
    notices = _notices(main, matrices, known, path)
    frames = [m.frame for m in matrices]
    spacing = matrices[0].spacing
    geometry = centred_geometry(
        (shape[0], shape[1], shape[2]),
        (spacing[0], spacing[1], spacing[2]),
        _SIGNS.get(main.orientation, (-1, 1, 1)),
    )
    start = _utc(main.scan_start)
    modality = given or Modality.PET
    volume = Volume(geometry, values, "BQML" if known else "", modality, from_first_frame(frames))
    source = ImageSource(
        "ecat", (path,), description=path.name, study_date=start.date().isoformat() if start else ""
    )
    facts = facts_of_frames(_common(main, matrices[0], known), start, frames, Provenance.HEADER, path.name)
    return LoadedImage(volume, source, facts, instances_by_slice(len(frames), shape[0]), tuple(notices))


def _main(file: BinaryIO, path: Path) -> _Main:
    data = read_exactly(file, path, 0, _BLOCK)

    def at(offset: int, kind: str) -> Any:
        value = struct.unpack_from(f">{kind}", data, offset)[0]
        return 0.0 if kind == "f" and not math.isfinite(value) else value

    def text(offset: int, length: int) -> str:
        return data[offset : offset + length].split(b"\0")[0].decode("latin-1").strip()

    return _Main(
        file_type=at(50, "H"),
        scan_start=at(62, "I"),
        isotope=text(66, 8),
        half_life_s=at(74, "f"),
        compound=text(78, 32),
        calibration=at(144, "f"),
        weight_kg=at(224, "f"),
        orientation=at(330, "H"),
        dose_start=at(454, "I"),
        dosage=at(458, "f"),
        data_units=text(466, 32),
    )


def _matrices(file: BinaryIO, path: Path) -> list[_Matrix]:
    """Walk the directory; return the matrices in order of time, all of one size.

    A directory block holds 32 rows of four numbers: (free rows, next block, previous block, used
    rows), then (identifier, first block, last block, status) of each matrix. The lowest nine bits
    of the identifier are the frame, then come planes, gates and beds.
    """
    rows: list[tuple[int, int, int]] = []
    block, seen = 2, set[int]()
    while block not in seen:
        seen.add(block)
        words = struct.unpack(">128i", read_exactly(file, path, (block - 1) * _BLOCK, _BLOCK))
        used = words[3]
        if not 0 <= used <= 31 or len(rows) + used > _MAX_MATRICES:
            raise AtsmError(f"The directory of “{path.name}” is damaged.")
        for n in range(1, used + 1):
            identifier, first, last, status = words[4 * n : 4 * n + 4]
            if status == 1 or (status == 2 and first > 0):
                rows.append((identifier, first, last))
        block = words[1]
        if block <= 2:
            break
    else:
        raise AtsmError(f"The directory of “{path.name}” points in a circle.")
    if not rows:
        raise AtsmError(f"“{path.name}” holds no frame.")
    if len({(i >> 24 & 0x3F, i >> 12 & 0xF) for i, _first, _last in rows}) > 1:
        raise AtsmError(
            f"“{path.name}” holds several bed positions or gates, which is not supported in ECAT files.",
            "Export the image as DICOM, or join the beds first.",
        )
    matrices = [_matrix(file, path, *row) for row in rows]
    if len({(m.shape, m.spacing) for m in matrices}) > 1:
        raise AtsmError(f"The frames of “{path.name}” differ in size or voxel spacing.")
    return sorted(matrices, key=lambda m: m.frame.time.start_s)


def _matrix(file: BinaryIO, path: Path, identifier: int, first: int, last: int) -> _Matrix:
    if first < 2 or last < first:
        raise AtsmError(f"The directory of “{path.name}” is damaged at matrix {identifier:#x}.")
    data = read_exactly(file, path, (first - 1) * _BLOCK, _BLOCK)
    data_type, _n_axes, x, y, z = struct.unpack_from(">5H", data, 0)
    scale = struct.unpack_from(">f", data, 26)[0]
    dx, dy, dz = struct.unpack_from(">3f", data, 34)
    duration, start = struct.unpack_from(">2I", data, 46)
    decay, corrections = struct.unpack_from(">fI", data, 80)
    if data_type not in _TYPES:
        raise AtsmError(f"“{path.name}” states data type {data_type}, which is not known.")
    if not math.isfinite(scale) or scale == 0:
        raise AtsmError(f"“{path.name}” states a scale factor of {scale:g}, which is not usable.")
    shape = checked_shape((z, y, x), path)
    needed = math.prod(shape) * np.dtype(_TYPES[data_type]).itemsize
    if (last - first) * _BLOCK < needed:
        raise AtsmError(
            f"“{path.name}” is damaged: a frame of {needed:,} bytes lies in {(last - first) * _BLOCK:,}."
        )
    corrected = bool(corrections >> 9 & 1) and math.isfinite(decay) and decay >= 1.0
    frame = FrameHeader(FrameTime(start / 1000.0, duration / 1000.0), decay if corrected else None)
    spacing = checked_spacing((dz * 10.0, dy * 10.0, dx * 10.0), path)
    return _Matrix(first, _TYPES[data_type], shape, spacing, scale, frame, corrections)


def _factor(main: _Main) -> float:
    """Return Bq/ml per unit of the values; 0 where the unit is not stated."""
    return _UNITS.get(main.data_units.upper().replace(" ", ""), 0.0)


def _utc(seconds: int) -> datetime | None:
    return (
        datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(seconds=seconds)
        if seconds
        else None
    )


def _common(main: _Main, matrix: _Matrix, known: bool) -> dict[str, Any]:
    listed = tuple(dict.fromkeys(name for bit, name in _CORRECTIONS if matrix.corrections >> bit & 1))
    given = _utc(main.dose_start)
    # Without any correction flag the file does not say whether decay was corrected.
    decay = None if not matrix.corrections else ("START" if "DECY" in listed else "NONE")
    return {
        "Modality": "PT",
        "Units": "BQML" if known else None,
        "CorrectedImage": listed,
        "DecayCorrection": decay,
        "PatientWeight": main.weight_kg if main.weight_kg > 0 else None,
        "RadiopharmaceuticalInformationSequence": {
            "RadionuclideHalfLife": main.half_life_s if main.half_life_s > 0 else None,
            "RadionuclideCodeSequence": {"meaning": main.isotope},
            "Radiopharmaceutical": main.compound or None,
            "RadiopharmaceuticalStartDateTime": datetime_text(given) if given else None,
        },
    }


def _notices(main: _Main, matrices: list[_Matrix], known: bool, path: Path) -> list[Notice]:
    notices = [unplaced_notice(path)]
    if not known:
        said = f"“{main.data_units}”" if main.data_units else "nothing"
        text = f"“{path.name}” says {said} about the unit of its values: SUV is not available."
        notices.append(Notice("unit_unknown", Severity.WARNING, text, "State the unit in the dose card."))
    if main.dosage > 0:
        text = f"“{path.name}” states a dosage of {main.dosage:g} without a unit; it was not used."
        notices.append(Notice("dose_unit", Severity.WARNING, text, "Type the injected activity."))
    if main.scan_start:
        text = f"“{path.name}” holds its times as seconds since 1970; they are shown in UTC."
        notices.append(Notice("times_utc", Severity.INFO, text))
    if len({m.corrections for m in matrices}) > 1:
        text = f"The frames of “{path.name}” list different corrections; those of the first were taken."
        notices.append(Notice("corrections_differ", Severity.WARNING, text))
    return notices

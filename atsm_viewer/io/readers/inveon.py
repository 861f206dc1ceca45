"""Siemens Inveon and Concorde microPET: ``name.img`` with the text header ``name.img.hdr``.

Keys and enumerations: the comments that the scanners write into their own headers; activity =
value · scale_factor · calibration_factor / isotope_branching_fraction. Times are local clock texts.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.sourced import Provenance
from atsm_viewer.domain.suv.header_values import number
from atsm_viewer.domain.suv.micropet import micropet_to_bq_ml
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.readers.flat_data import (
    checked_shape,
    checked_spacing,
    head_of,
    header_text,
    read_numbers,
)
from atsm_viewer.io.readers.frame_facts import (
    FrameHeader,
    checked_frame,
    date_text,
    datetime_text,
    facts_of_frames,
    from_first_frame,
    instances_by_slice,
    time_text,
)
from atsm_viewer.io.readers.inveon_header import InveonHeader, parse_inveon
from atsm_viewer.io.readers.reader import Summary
from atsm_viewer.io.readers.unplaced import centred_geometry, unplaced_notice

_TYPES = {1: "i1", 2: "<i2", 3: "<i4", 4: "<f4", 5: ">f4", 6: ">i2", 7: ">i4"}
_MODALITIES = {0: "PT", 1: "CT"}
_CALIBRATION = {1: "nCi/cc", 2: "Bq/cc"}
_DOSE_BQ = {1: 3.7e7, 2: 1e6}
_WEIGHT_KG = {1: 1e-3, 2: 0.028349523125, 3: 1.0, 4: 0.45359237}
_WEIGHT_WORDS = {1: "g", 2: "oz", 3: "kg", 4: "lb"}
# No animal or person is given 100 GBq of a positron emitter: the number must be in Bq.
_LARGEST_MBQ = 1e5
_CORRECTIONS = (
    ("decay_correction_applied", "DECY"),
    ("attenuation_applied", "ATTN"),
    ("scatter_correction", "SCAT"),
    ("normalization_applied", "NORM"),
    ("deadtime_correction_applied", "DTIM"),
)


def is_inveon(path: Path) -> bool:
    """Whether a file is an Inveon or Concorde header."""
    text = head_of(path, 65536).decode("latin-1")
    if "\0" in text:
        return False
    keys = {line.split(None, 1)[0] for line in text.splitlines() if line.strip() and line[0] != "#"}
    return {"file_type", "data_type", "x_dimension"} <= keys


def summarise_inveon(path: Path) -> Summary:
    """Read the header only.

    Raises
    ------
    AtsmError
        When it cannot be read or states no usable size.
    """
    header = parse_inveon(header_text(path), path)
    scan = header.time("scan_time")
    modality = _MODALITIES.get(header.whole("modality") or 0, "OT")
    reason = ""
    if header.whole("file_type") not in (None, 5, 17, 18):
        reason = f"it holds file type {header.main['file_type']}, not an image"
    elif modality == "OT":
        reason = f"it holds modality {header.main['modality']}, neither PET nor CT"
    return Summary(
        shape=_shape(header, path),
        modality=modality,
        units="HU" if modality == "CT" else ("BQML" if _calibration(header) else ""),
        reason=reason,
        study_date=date_text(scan) if scan else "",
        study_time=time_text(scan) if scan else "",
    )


def read_inveon(path: Path, given: Modality | None = None) -> LoadedImage:
    """Read an image with its header.

    Parameters
    ----------
    path
        The header, ``name.img.hdr``.
    given
        What the person says it holds; the header counts otherwise.

    Raises
    ------
    AtsmError
        When header or data cannot be read or do not fit together.
    """
    header = parse_inveon(header_text(path), path)
    shape = _shape(header, path)
    spacing = _spacing(header, path)
    modality = given or (Modality.CT if header.whole("modality") == 1 else Modality.PET)
    stored = _stored(header, path, shape)
    notices = [unplaced_notice(path)]
    if modality is Modality.CT:
        values, unit = _scaled(stored, [_factor(f.get("scale_factor")) for f in header.frames]), "HU"
    else:
        calibrated = _calibration(header)
        values = _scaled(stored, [_to_bq_ml(header, f, calibrated, path) for f in header.frames])
        unit = "BQML" if calibrated else ""
        if not calibrated:
            notices.append(_uncalibrated(header, path))
    frames = [_frame(header, block, path) for block in header.frames]
    volume = Volume(
        centred_geometry((shape[1], shape[2], shape[3]), spacing),
        values,
        unit,
        modality,
        from_first_frame(frames),
    )
    scan = header.time("scan_time")
    source = ImageSource(
        "inveon", (path,), description=path.name, study_date=scan.date().isoformat() if scan else ""
    )
    if modality is not Modality.PET:
        return LoadedImage(volume, source, notices=tuple(notices))
    common = _common(header, unit, path, notices)
    facts = facts_of_frames(common, scan, frames, Provenance.HEADER, path.name)
    return LoadedImage(volume, source, facts, instances_by_slice(shape[0], shape[1]), tuple(notices))


def data_file_of(path: Path) -> Path:
    """Return the data file of a header: its name without ``.hdr``."""
    return path.with_name(path.name[: -len(".hdr")])


def _shape(header: InveonHeader, path: Path) -> tuple[int, ...]:
    kji = (header.number("z_dimension"), header.number("y_dimension"), header.number("x_dimension"))
    n_frames = header.whole("total_frames") or len(header.frames)
    if n_frames != len(header.frames):
        raise AtsmError(
            f"“{path.name}” announces {n_frames} frames but describes {len(header.frames)}.",
            "The header may be only partly copied.",
        )
    return checked_shape((n_frames, *kji), path)


def _spacing(header: InveonHeader, path: Path) -> tuple[float, float, float]:
    """Return k, j, i in mm: pixel_size_* are mm; pixel_size and axial_plane_size are cm."""
    plane = header.number("pixel_size")
    centimetres = None if plane is None else plane * 10.0
    x, y = header.number("pixel_size_x") or centimetres, header.number("pixel_size_y") or centimetres
    z, axial, pitch = (header.number(n) for n in ("pixel_size_z", "axial_plane_size", "axial_crystal_pitch"))
    if not z:
        # Planes of a microPET lie half a crystal pitch apart.
        z = axial * 10.0 if axial else (pitch * 5.0 if pitch else None)
    k, j, i = checked_spacing((z, y, x), path)
    return k, j, i


def _stored(header: InveonHeader, path: Path, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    dtype = _TYPES.get(header.whole("data_type") or 0)
    if dtype is None:
        raise AtsmError(
            f"“{path.name}” states data type {header.main.get('data_type', '?')}, which is not known."
        )
    data, frame_bytes = data_file_of(path), int(np.prod(shape[1:])) * np.dtype(dtype).itemsize
    offsets = [_offset(block, n * frame_bytes) for n, block in enumerate(header.frames)]
    if offsets == [n * frame_bytes for n in range(shape[0])]:
        return read_numbers(data, dtype, shape)
    return np.stack([read_numbers(data, dtype, shape[1:], offset) for offset in offsets])


def _offset(block: dict[str, str], in_order: int) -> int:
    """Return where a frame starts; ``data_file_pointer`` holds the high and the low 32 bits."""
    parts = [number(p) for p in block.get("data_file_pointer", "").split()]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        return in_order
    high, low = int(parts[0]), int(parts[1])
    return (high << 32) + (low & 0xFFFFFFFF)


def _scaled(stored: np.ndarray[Any, Any], factors: list[float]) -> np.ndarray[Any, Any]:
    if all(f == 1.0 for f in factors) and stored.dtype == np.dtype("<i2"):
        return stored.astype(np.int16)
    values = np.empty(stored.shape, np.float32)
    for t, factor in enumerate(factors):
        np.multiply(stored[t], factor, out=values[t], casting="unsafe", dtype=np.float64)
    return values


def _factor(text: str | None) -> float:
    value = number(text)
    return 1.0 if value is None or value == 0 else value


def _calibration(header: InveonHeader) -> str:
    """Return the unit of calibrated values; empty when the image is not calibrated.

    Converters that know no ``calibration_units`` write none at all, with the factor 1.
    """
    return _CALIBRATION.get(header.whole("calibration_units") or 0, "")


def _to_bq_ml(header: InveonHeader, block: dict[str, str], calibrated: str, path: Path) -> float:
    scale = _factor(block.get("scale_factor"))
    calibration = _factor(header.main.get("calibration_factor"))
    branching = header.number("isotope_branching_fraction")
    if not calibrated:
        return scale * calibration
    try:
        return micropet_to_bq_ml(scale, calibration, calibrated, 1.0 if branching is None else branching)
    except AtsmError as error:
        raise AtsmError(f"“{path.name}”: {error.user_message}", error.hint, error.detail) from error


def _uncalibrated(header: InveonHeader, path: Path) -> Notice:
    factor = header.main.get("calibration_factor", "none")
    return Notice(
        "uncalibrated",
        Severity.WARNING,
        f"“{path.name}” states no calibration unit (calibration factor {factor}): its values are counts "
        "in an unknown unit. T/M ratios are right; SUV is not available.",
        "Type the unit or a calibration factor in the dose card.",
    )


def _frame(header: InveonHeader, block: dict[str, str], path: Path) -> FrameHeader:
    corrected = header.whole("decay_correction_applied")
    return checked_frame(
        path,
        number(block.get("frame_start")),
        number(block.get("frame_duration")),
        number(block.get("decay_correction")) if corrected else None,
    )


def _common(header: InveonHeader, unit: str, path: Path, notices: list[Notice]) -> dict[str, Any]:
    model = header.main.get("model", "")
    decay = header.whole("decay_correction_applied")
    compound = header.main.get("injected_compound", "")
    item: dict[str, Any] = {
        "RadionuclideTotalDose": _dose(header, path, notices),
        "RadionuclideHalfLife": header.number("isotope_half_life") or None,
        "RadionuclidePositronFraction": header.number("isotope_branching_fraction"),
        "RadionuclideCodeSequence": {"meaning": header.main.get("isotope", "")},
        "Radiopharmaceutical": compound or None,
        "RadiopharmaceuticalStartDateTime": _moment(header.time("injection_time")),
    }
    ratio = header.number("injection_decay_correction")
    if ratio is not None and ratio > 0 and abs(ratio - 1.0) > 1e-3:
        text = f"“{path.name}” states an injection decay correction of {ratio:g}; it was not applied."
        remedy = "Check that the dose is that at the injection time."
        notices.append(Notice("injection_decay_correction", Severity.WARNING, text, remedy))
    return {
        "Modality": "PT",
        "Units": unit or None,
        "CorrectedImage": [name for key, name in _CORRECTIONS if header.whole(key)],
        "DecayCorrection": None if decay is None else ("START" if decay else "NONE"),
        "ManufacturerModelName": f"microPET/Inveon {model}" if model else None,
        "PatientWeight": _weight(header, path, notices),
        "PatientSpeciesDescription": header.main.get("subject_genus") or None,
        "RadiopharmaceuticalInformationSequence": item,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else datetime_text(moment)


def _dose(header: InveonHeader, path: Path, notices: list[Notice]) -> float | None:
    dose = header.number("dose")
    if not dose or dose < 0:
        return None
    unit = header.whole("dose_units") or 0
    if unit == 2 and dose > _LARGEST_MBQ:
        text = f"“{path.name}” states a dose of {dose:g} MBq, which cannot be; it was taken as Bq."
        notices.append(Notice("dose_unit", Severity.WARNING, text, "Check the injected activity."))
        return dose
    if unit not in _DOSE_BQ:
        text = f"“{path.name}” states a dose of {dose:g} without a unit; it was not used."
        notices.append(Notice("dose_unit", Severity.WARNING, text, "Type the injected activity."))
        return None
    return dose * _DOSE_BQ[unit]


def _weight(header: InveonHeader, path: Path, notices: list[Notice]) -> float | None:
    weight = header.number("subject_weight")
    if not weight or weight < 0:
        return None
    unit = header.whole("subject_weight_units") or 0
    if unit not in _WEIGHT_KG:
        text = f"“{path.name}” states a weight of {weight:g} without a unit; it was not used."
        notices.append(Notice("weight_unit", Severity.WARNING, text, "Type the weight."))
        return None
    return weight * _WEIGHT_KG[unit]

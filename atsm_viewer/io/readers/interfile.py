"""Interfile 3.3: a text header of ``key := value`` lines beside a data file.

Keys: Todd-Pokropek, Cradduck, Deconinck, Nucl Med Commun 13 (1992) 673. Slice separation may be
in pixels there; PET dialects write ``scaling factor (mm/pixel) [3]`` instead.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.sourced import Provenance
from atsm_viewer.domain.suv.header_values import number
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
    facts_of_frames,
    from_first_frame,
    instances_by_slice,
    plausible,
)
from atsm_viewer.io.readers.reader import Summary
from atsm_viewer.io.readers.unplaced import centred_geometry, unplaced_notice

_UNITS = {
    "BQ/ML": 1.0,
    "BQ/CC": 1.0,
    "BQML": 1.0,
    "KBQ/ML": 1e3,
    "KBQ/CC": 1e3,
    "NCI/ML": 37.0,
    "NCI/CC": 37.0,
}
_MODALITIES = {"PT": "PT", "PET": "PT", "CT": "CT"}


def is_interfile(path: Path) -> bool:
    """Whether a file starts as an Interfile header does."""
    return re.match(rb"\s*(;[^\n]*\n\s*)*!?\s*INTERFILE\s*:=", head_of(path, 4096), re.IGNORECASE) is not None


def summarise_interfile(path: Path) -> Summary:
    """Read the header only.

    Raises
    ------
    AtsmError
        When it cannot be read or states no usable size.
    """
    keys = parse_interfile(header_text(path))
    date, time = (re.sub(r"\D", "", keys.get(f"study {part}", "")) for part in ("date", "time"))
    return Summary(_shape(keys, path), _modality(keys), _unit(keys)[0], "", date, time)


def read_interfile(path: Path, given: Modality | None = None) -> LoadedImage:
    """Read an image with its header.

    Raises
    ------
    AtsmError
        When header or data cannot be read or do not fit together.
    """
    keys = parse_interfile(header_text(path))
    shape = _shape(keys, path)
    scale, offset_value = _scaling(keys, path)
    data = data_file_of(path, keys)
    stored = read_numbers(data, _dtype(keys, path), shape, _offset(keys))
    unit, to_bq = _unit(keys)
    name = _modality(keys)
    modality = given or (Modality.CT if name == "CT" else Modality.PET)
    if modality is Modality.CT:
        unit, to_bq = "HU", 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        values = ((stored * np.float64(scale) + offset_value) * to_bq).astype(np.float32)
    frames = _frames(keys, shape[0], path)
    notices = [unplaced_notice(path)]
    if modality is Modality.PET and not unit:
        text = f"“{path.name}” does not say in which unit its values are: SUV is not available."
        notices.append(Notice("unit_unknown", Severity.WARNING, text, "State the unit in the dose card."))
    if modality is Modality.PET and not name and given is None:
        text = f"“{path.name}” does not say what made the image; it was taken for a PET."
        notices.append(Notice("modality_assumed", Severity.WARNING, text))
    volume = Volume(
        centred_geometry((shape[1], shape[2], shape[3]), _spacing(keys, path)),
        values,
        unit,
        modality,
        from_first_frame(frames),
    )
    start = _start(keys)
    iso = start.date().isoformat() if start else ""
    source = ImageSource("interfile", (path,), description=path.name, study_date=iso)
    if modality is not Modality.PET:
        return LoadedImage(volume, source, notices=tuple(notices))
    facts = facts_of_frames(_common(keys, unit, path, notices), start, frames, Provenance.HEADER, path.name)
    return LoadedImage(volume, source, facts, instances_by_slice(shape[0], shape[1]), tuple(notices))


def parse_interfile(text: str) -> dict[str, str]:
    """Return keys in lower case, without ``!`` and with single spaces, and their values.

    ``;`` starts a comment. Of a key that comes several times the first value counts.
    """
    keys: dict[str, str] = {}
    for line in text.splitlines():
        if ":=" not in line or line.lstrip().startswith(";"):
            continue
        key, _, value = line.partition(":=")
        name = re.sub(r"\s*\[\s*(\d+)\s*\]", r" [\1]", " ".join(key.replace("!", " ").split()).lower())
        keys.setdefault(name, value.strip())
    return keys


def data_file_of(path: Path, keys: dict[str, str] | None = None) -> Path:
    """Return the data file that a header names, always beside the header.

    Raises
    ------
    AtsmError
        When none is named, or one in another folder.
    """
    named = (keys or parse_interfile(header_text(path))).get("name of data file", "")
    if not named:
        raise AtsmError(f"“{path.name}” does not name its data file.")
    if re.search(r"[\\/\0]", named) or named in (".", ".."):
        raise AtsmError(
            f"“{path.name}” names a data file in another folder, which is not opened.",
            "Put header and data into one folder and correct the name in the header.",
        )
    return path.with_name(named)


def _first(keys: dict[str, str], *names: str) -> float | None:
    return next((value for name in names if (value := number(keys.get(name))) is not None), None)


def _shape(keys: dict[str, str], path: Path) -> tuple[int, ...]:
    if keys.get("data compression", "none").lower() not in ("none", ""):
        raise AtsmError(f"The data of “{path.name}” are compressed, which is not supported in Interfile.")
    n_frames = _first(keys, "number of time frames", "number of frame groups") or 1
    total = _first(keys, "total number of images")
    slices = _first(keys, "matrix size [3]", "number of slices")
    if slices is None and total is not None:
        slices = total / n_frames
    shape = checked_shape(
        (n_frames, slices, _first(keys, "matrix size [2]"), _first(keys, "matrix size [1]")), path
    )
    if total is not None and "matrix size [3]" not in keys and total != shape[0] * shape[1]:
        raise AtsmError(f"“{path.name}” announces {total:g} images but {shape[0]} × {shape[1]} slices.")
    return shape


def _spacing(keys: dict[str, str], path: Path) -> tuple[float, float, float]:
    """Return k, j, i in mm; the slice separation counts in pixels unless its key says mm."""
    x, y = _first(keys, "scaling factor (mm/pixel) [1]"), _first(keys, "scaling factor (mm/pixel) [2]")
    z = _first(
        keys, "scaling factor (mm/pixel) [3]", "centre-centre slice separation (mm)", "slice thickness (mm)"
    )
    if z is None:
        pixels = _first(keys, "centre-centre slice separation (pixels)", "slice thickness (pixels)")
        z = None if pixels is None or x is None else pixels * x
    k, j, i = checked_spacing((z, y, x), path)
    return k, j, i


def _dtype(keys: dict[str, str], path: Path) -> str:
    words = keys.get("number format", "").lower()
    size = int(_first(keys, "number of bytes per pixel") or 0)
    big = keys.get("imagedata byte order", "bigendian").upper().replace(" ", "") != "LITTLEENDIAN"
    letter = {"signed integer": "i", "unsigned integer": "u"}.get(words, "")
    if words in ("short float", "float"):
        letter, size = "f", size or 4
    elif words == "long float":
        letter, size = "f", size or 8
    if (letter, size) not in {(c, n) for c in "iu" for n in (1, 2, 4)} | {("f", 4), ("f", 8)}:
        raise AtsmError(
            f"“{path.name}” states numbers of format “{words}” in {size} bytes, which is not supported."
        )
    return f"{'>' if big else '<'}{letter}{size}"


def _offset(keys: dict[str, str]) -> int:
    start = _first(keys, "data offset in bytes", "data offset in bytes [1]")
    if start is not None:
        return int(start)
    block = _first(keys, "data starting block")
    return int(block * 2048) if block else 0


def _scaling(keys: dict[str, str], path: Path) -> tuple[float, float]:
    scale = _first(
        keys, "nud/rescale slope", "rescale slope", "image scaling factor [1]", "image scaling factor"
    )
    if scale is None:  # a number in some dialects, the name of a unit in others
        scale = _first(keys, "quantification units")
    scale = 1.0 if scale is None else scale
    if scale == 0:
        raise AtsmError(f"“{path.name}” states a scale factor of 0.")
    return scale, _first(keys, "nud/rescale intercept", "rescale intercept") or 0.0


def _unit(keys: dict[str, str]) -> tuple[str, float]:
    """Return BQML and the factor to it; an empty unit and 1 where none is stated."""
    for key in ("quantification units", "image units", "data units"):
        name = keys.get(key, "").upper().replace(" ", "")
        if name in _UNITS:
            return "BQML", _UNITS[name]
    return "", 1.0


def _modality(keys: dict[str, str]) -> str:
    said = (keys.get("nud/imaging modality") or keys.get("imaging modality", "")).upper()
    return _MODALITIES.get(said, "PT" if "PET" in keys.get("pet data type", "").upper() else "")


def _start(keys: dict[str, str]) -> datetime | None:
    date, time = keys.get("study date", ""), keys.get("study time", "")
    try:
        return plausible(datetime.strptime(f"{date.replace('/', ':')} {time}", "%Y:%m:%d %H:%M:%S"))
    except ValueError:
        return None


def _frames(keys: dict[str, str], n_frames: int, path: Path) -> list[FrameHeader]:
    frames = []
    for n in range(1, n_frames + 1):
        start = _first(keys, f"image relative start time (sec) [{n}]", f"image start time (sec) [{n}]") or 0.0
        duration = _first(keys, f"image duration (sec) [{n}]")
        if duration is None and n_frames == 1:
            duration = _first(keys, "image duration (sec)", "study duration (sec)")
        frames.append(checked_frame(path, start, duration))
    return frames


def _common(keys: dict[str, str], unit: str, path: Path, notices: list[Notice]) -> dict[str, Any]:
    corrected = keys.get("decay corrected", "").upper()
    corrections = ["DECY"] if corrected.startswith("Y") else []
    if keys.get("method of attenuation correction", "none").lower() not in ("none", "unknown", ""):
        corrections.append("ATTN")
    if keys.get("scatter corrected", "").upper().startswith("Y"):
        corrections.append("SCAT")
    hours = _first(keys, "nud/isotope half life [hours]")
    seconds = _first(keys, "isotope gamma halflife", "radionuclide halflife (sec)", "isotope halflife (sec)")
    dose = _first(keys, "nud/activity")
    if dose is None and _first(keys, "dose") is not None:
        text = f"“{path.name}” states a dose of {keys['dose']} without a unit; it was not used."
        notices.append(Notice("dose_unit", Severity.WARNING, text, "Type the injected activity."))
    return {
        "Modality": "PT",
        "Units": unit or None,
        "CorrectedImage": corrections,
        "DecayCorrection": {"Y": "START", "N": "NONE"}.get(corrected[:1]),
        "PatientWeight": _first(keys, "nud/patient weight [kg]", "patient weight (kg)"),
        "RadiopharmaceuticalInformationSequence": {
            "RadionuclideTotalDose": dose,
            "RadionuclideHalfLife": seconds or (hours * 3600.0 if hours else None),
            "RadionuclideCodeSequence": {"meaning": keys.get("isotope", "") or keys.get("isotope name", "")},
            "RadiopharmaceuticalStartTime": keys.get("nud/activity start time", "").replace(":", "") or None,
        },
    }

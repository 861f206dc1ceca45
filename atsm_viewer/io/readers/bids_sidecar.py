"""The JSON sidecar of a PET in BIDS: frame times, unit, dose, tracer (PET-BIDS, BIDS 1.6 and later).

All times of a sidecar are seconds relative to ``TimeZero``, a clock time without a date.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.sourced import Provenance
from atsm_viewer.domain.suv.facts import PetFacts
from atsm_viewer.domain.suv.header_values import number
from atsm_viewer.domain.volume import FrameTime
from atsm_viewer.io.readers.flat_data import header_text
from atsm_viewer.io.readers.frame_facts import FrameHeader, datetime_text, facts_of_frames

_UNITS = {
    "BQ/ML": "BQML",
    "KBQ/ML": "KBQML",
    "MBQ/ML": "MBQ/ML",
    "BQ/CC": "BQML",
    "G/ML": "GML",
    "SUV": "GML",
}
_ACTIVITY_BQ = {"BQ": 1.0, "KBQ": 1e3, "MBQ": 1e6, "GBQ": 1e9, "UCI": 3.7e4, "MCI": 3.7e7, "CI": 3.7e10}
_MASS_KG = {"": 1.0, "KG": 1.0, "G": 1e-3}
# BIDS leaves out the date for privacy; only differences of times enter the SUV.
_NO_DATE = datetime(2000, 1, 1)
_PET_KEYS = {"InjectedRadioactivity", "TracerRadionuclide", "FrameTimesStart", "TimeZero", "TracerName"}


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a sidecar says.

    Parameters
    ----------
    unit
        Unit of the values in DICOM terms; empty when unknown.
    frames
        One per frame of the image.
    facts
        For the SUV rules, with the provenance *sidecar*.
    notices
        What is doubtful.
    """

    unit: str
    frames: tuple[FrameHeader, ...]
    facts: PetFacts
    notices: tuple[Notice, ...]


def sidecar_path(image: Path) -> Path:
    """Return where the sidecar of an image lies: the same name with ``.json``."""
    name = image.name
    for ending in (".nii.gz", ".nii"):
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
            break
    return image.with_name(name + ".json")


def read_sidecar(image: Path, n_frames: int) -> Sidecar | None:
    """Read the sidecar of an image; None when there is none or it says nothing about a PET.

    Raises
    ------
    AtsmError
        When it is damaged, or its frame times do not fit the image.
    """
    path = sidecar_path(image)
    if not path.is_file():
        return None
    try:
        said = json.loads(header_text(path))
    except (ValueError, RecursionError) as error:
        raise AtsmError(
            f"The sidecar “{path.name}” is not readable JSON.",
            "Correct it, or rename it to open the image without it.",
            detail=str(error),
        ) from error
    if not isinstance(said, dict) or not _PET_KEYS & set(said):
        return None
    return _interpret(said, path, n_frames)


def _interpret(said: Mapping[str, Any], path: Path, n_frames: int) -> Sidecar:
    notices: list[Notice] = []
    frames = _frames(said, path, n_frames)
    zero = _time_zero(said, path, notices)
    start = None if zero is None else zero + timedelta(seconds=_within(said, "ScanStart", path) or 0.0)
    corrected = said.get("ImageDecayCorrected")
    explicit = None
    if corrected is True and zero is not None:
        at = _within(said, "ImageDecayCorrectionTime", path)
        explicit = None if at is None else datetime_text(zero + timedelta(seconds=at))
    unit = _UNITS.get(_spelled(said.get("Units")), "")
    if not unit:
        stated = said.get("Units")
        text = f"“{path.name}” gives the unit {stated!r}, which is not known: SUV is not available."
        notices.append(Notice("unit_unknown", Severity.WARNING, text, "State the unit in the dose card."))
    corrections = ["DECY"] if corrected is True else []
    attenuation = said.get("AttenuationCorrection")
    if isinstance(attenuation, str) and attenuation.strip().lower() not in ("", "none", "n/a", "no"):
        corrections.append("ATTN")
    injected = _within(said, "InjectionStart", path)
    item = {
        "RadionuclideTotalDose": _dose(said, path, notices),
        "RadionuclideCodeSequence": {"meaning": _nuclide(said.get("TracerRadionuclide"))},
        "Radiopharmaceutical": _text(said.get("TracerName")),
        "RadiopharmaceuticalStartDateTime": None
        if injected is None or zero is None
        else datetime_text(zero + timedelta(seconds=injected)),
    }
    common = {
        "Modality": "PT",
        "Units": unit or None,
        "CorrectedImage": corrections,
        "DecayCorrection": {True: "START", False: "NONE"}.get(corrected)
        if isinstance(corrected, bool)
        else None,
        "DecayCorrectionDateTime": explicit,
        "Manufacturer": _text(said.get("Manufacturer")),
        "ManufacturerModelName": _text(said.get("ManufacturersModelName")),
        "PatientWeight": _weight(said, path, notices),
        "RadiopharmaceuticalInformationSequence": item,
    }
    # Frame times count from TimeZero, facts from the scan start.
    offset = 0.0 if start is None or zero is None else (start - zero).total_seconds()
    relative = [
        FrameHeader(FrameTime(f.time.start_s - offset, f.time.duration_s), f.decay_factor) for f in frames
    ]
    facts = facts_of_frames(common, start, relative, Provenance.SIDECAR, path.name)
    return Sidecar(unit, frames, facts, tuple(notices))


def _frames(said: Mapping[str, Any], path: Path, n_frames: int) -> tuple[FrameHeader, ...]:
    lists: dict[str, list[float]] = {}
    for key in ("FrameTimesStart", "FrameDuration", "DecayCorrectionFactor"):
        value = said.get(key)
        value = [value] if isinstance(value, int | float) and not isinstance(value, bool) else value
        if not isinstance(value, list) or not value:
            continue
        numbers = [number(v) for v in value]
        if len(numbers) != n_frames or any(v is None for v in numbers):
            raise AtsmError(
                f"“{path.name}”: {key} holds {len(numbers)} values for an image of {n_frames} frames.",
                "Correct the sidecar, or rename it to open the image without it.",
            )
        lists[key] = [v or 0.0 for v in numbers]
    zeros = [0.0] * n_frames
    starts, durations = lists.get("FrameTimesStart", zeros), lists.get("FrameDuration", zeros)
    factors = lists.get("DecayCorrectionFactor")
    if any(abs(v) > 1e8 for v in (*starts, *durations)) or any(d < 0 for d in durations):
        raise AtsmError(f"“{path.name}” states frame times that are not usable.")
    return tuple(
        FrameHeader(FrameTime(starts[t], durations[t]), None if factors is None else factors[t])
        for t in range(n_frames)
    )


def _time_zero(said: Mapping[str, Any], path: Path, notices: list[Notice]) -> datetime | None:
    clock = _text(said.get("TimeZero")) or ""
    for form in ("%H:%M:%S", "%H:%M:%S.%f"):
        try:
            moment = datetime.strptime(clock, form)
        except ValueError:
            continue
        text = f"“{path.name}” holds no date: its times are shown on {_NO_DATE:%Y-%m-%d}."
        notices.append(Notice("no_date", Severity.INFO, text))
        return datetime.combine(_NO_DATE.date(), moment.time())
    return None


def _within(said: Mapping[str, Any], key: str, path: Path) -> float | None:
    """Return seconds from TimeZero, refused beyond a year."""
    value = number(said.get(key))
    if value is not None and abs(value) > 3.2e7:
        raise AtsmError(f"“{path.name}” states {key} = {value:g} s, which is not usable.")
    return value


def _dose(said: Mapping[str, Any], path: Path, notices: list[Notice]) -> float | None:
    dose = number(said.get("InjectedRadioactivity"))
    if dose is None:
        return None
    unit = _spelled(said.get("InjectedRadioactivityUnits"))
    if unit not in _ACTIVITY_BQ:
        text = f"“{path.name}” states an injected activity of {dose:g} in an unknown unit; it was not used."
        notices.append(Notice("dose_unit", Severity.WARNING, text, "Type the injected activity."))
        return None
    return dose * _ACTIVITY_BQ[unit]


def _weight(said: Mapping[str, Any], path: Path, notices: list[Notice]) -> float | None:
    weight = number(said.get("BodyWeight"))
    unit = _spelled(said.get("BodyWeightUnit") or said.get("BodyWeightUnits"))
    if weight is not None and unit not in _MASS_KG:
        text = f"“{path.name}” states a weight of {weight:g} in an unknown unit; it was not used."
        notices.append(Notice("weight_unit", Severity.WARNING, text, "Type the weight."))
        return None
    return None if weight is None else weight * _MASS_KG[unit]


def _nuclide(value: object) -> str:
    """Return a spelling that the nuclide table knows: BIDS writes C11 where others write C-11."""
    text = _text(value) or ""
    letters = text.rstrip("0123456789")
    digits = text[len(letters) :]
    return f"{letters.rstrip('-')}-{digits}" if letters and digits else text


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _spelled(value: object) -> str:
    return (_text(value) or "").replace("µ", "u").replace("μ", "u").replace(" ", "").upper()

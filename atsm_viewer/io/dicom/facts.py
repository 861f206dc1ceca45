"""What the headers of a PET series say, for the SUV rules of the domain."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence as DicomSequence

from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.vendor import Vendor, vendor_of
from atsm_viewer.io.dicom.header import InstanceHeader
from atsm_viewer.io.dicom.pydicom_door import damage_in_words, read_dataset
from atsm_viewer.io.dicom.real_world import RealWorld
from atsm_viewer.io.dicom.tags import TAG_OF

RADIOPHARMACEUTICALS = "RadiopharmaceuticalInformationSequence"

_TEXT_NAMES = (
    "Units", "SUVType", "CorrectedImage", "DecayCorrection", "DecayCorrected", "AttenuationCorrected",
    "DecayFactor",
    "SeriesDate", "SeriesTime", "AcquisitionDate", "AcquisitionTime", "AcquisitionDateTime",
    "FrameReferenceTime", "ActualFrameDuration", "DecayCorrectionDateTime", "TimezoneOffsetFromUTC",
    "Manufacturer", "ManufacturerModelName", "Modality", "SOPClassUID", "RescaleType", "SeriesDescription",
    "PatientWeight", "PatientSize", "PatientSex", "PatientSpeciesDescription", "DoseCalibrationFactor",
)  # fmt: skip

# (name in the domain, creator, group, element in the block, maker whose stripped creator is forgiven)
_VENDOR_ELEMENTS: tuple[tuple[str, str, int, int, Vendor], ...] = (
    ("SIEMENS:0071,22", "SIEMENS MED PT", 0x0071, 0x22, Vendor.SIEMENS),
    *(
        (f"GE:0009,{element:02X}", "GEMS_PETD_01", 0x0009, element, Vendor.GE)
        for element in (0x0D, 0x36, 0x38, 0x39, 0x3B, 0x3C, 0x3D, 0x3F, 0x40)
    ),
    ("PHILIPS:7053,00", "Philips PET Private Group", 0x7053, 0x00, Vendor.PHILIPS),
    ("PHILIPS:7053,09", "Philips PET Private Group", 0x7053, 0x09, Vendor.PHILIPS),
)
_GE_NUMBERS = {0x38, 0x3C, 0x3F, 0x40}  # VR FL in the block GEMS_PETD_01


def facts_of(headers: Sequence[InstanceHeader], mappings: Sequence[RealWorld | None]) -> PetFacts:
    """Return the facts of single-frame files, in the order given.

    The Radiopharmaceutical Information Sequence is parsed once for each different content.

    Parameters
    ----------
    headers
        One per instance.
    mappings
        The real world mapping that replaced slope, intercept and Units, or None; one per instance.

    Raises
    ------
    AtsmError
        When a file cannot be read again.
    """
    parsed: dict[bytes, dict[str, Any]] = {}
    known: dict[tuple[object, ...], InstanceFacts] = {}
    instances: list[InstanceFacts] = []
    for header, mapping in zip(headers, mappings, strict=True):
        # Slices of one bed say the same in all that matters here; parse each different header once.
        matter = (
            pair for pair in header.values.items() if pair[0] in _FACT_TAGS or pair[0] not in _WANTED_TAGS
        )
        said = (mapping, *matter)
        if said in known:
            instances.append(known[said])
            continue
        key = header.raw(RADIOPHARMACEUTICALS)
        if key not in parsed:
            with damage_in_words(header.path):
                parsed[key] = _from_sequences(read_dataset(header.path, pixels=False))
        values: dict[str, Any] = {name: text for name in _TEXT_NAMES if (text := header.text(name))}
        values.update(parsed[key])
        values.update(vendor_values(header))
        if mapping is not None:
            values["Units"] = mapping.units
            values["SUVType"] = mapping.suv_type or None
        known[said] = InstanceFacts.from_mapping(values)
        instances.append(known[said])
    return PetFacts.from_instances(instances)


def _from_sequences(dataset: Dataset) -> dict[str, Any]:
    """Decode the sequences that the walk keeps only as bytes."""
    found: dict[str, Any] = {}
    for name in (RADIOPHARMACEUTICALS, "PatientSpeciesCodeSequence"):
        if dataset.get(name):
            found[name] = plain(dataset[name].value)
    return found


def plain(value: Any) -> Any:
    """Return a pydicom value as plain lists, mappings by keyword, texts and numbers."""
    if isinstance(value, DicomSequence):
        return [plain(item) for item in value]
    if isinstance(value, Dataset):
        return {e.keyword: plain(e.value) for e in value if e.keyword and e.value not in (None, "")}
    if isinstance(value, MultiValue | list):
        return [plain(part) for part in value]
    if isinstance(value, bytes | int | float):
        return value
    return str(value)


def vendor_values(header: InstanceHeader) -> dict[str, Any]:
    """Return the vendor elements of a header, found by the creator of their block.

    Where the creator was stripped, the customary block (10) is believed if the maker fits.
    """
    creators = {
        (tag >> 16, raw.decode("latin-1").strip(" \0").upper()): tag & 0xFF
        for tag, raw in header.values.items()
        if tag not in _WANTED_TAGS and 0x10 <= (tag & 0xFFFF) <= 0xFF
    }
    vendor = vendor_of(header.text("Manufacturer"))
    found: dict[str, Any] = {}
    for name, creator, group, element, owner in _VENDOR_ELEMENTS:
        block = creators.get((group, creator.upper()))
        if block is None:
            stripped = vendor is owner and not any(known == group for known, _name in creators)
            block = 0x10 if stripped else None
        raw = None if block is None else header.values.get(group << 16 | block << 8 | element)
        if raw:
            found[name] = _number(raw) if group == 0x0009 and element in _GE_NUMBERS else _text(raw)
    canon = header.values.get(0x7065102D)
    if canon:
        found["CANON:7065,2D"] = _text(canon)
    return found


_WANTED_TAGS = frozenset(TAG_OF.values())
_FACT_TAGS = frozenset(TAG_OF[name] for name in (*_TEXT_NAMES, RADIOPHARMACEUTICALS))


def _text(raw: bytes) -> str | None:
    text = raw.decode("latin-1").strip(" \0\r\n\t")
    return text if text and text.isprintable() else None


def _number(raw: bytes) -> float | None:
    text = _text(raw)
    try:
        value = float(text) if text else math.nan
    except ValueError:
        value = math.nan
    if math.isnan(value) and len(raw) in (4, 8):
        value = struct.unpack("<f" if len(raw) == 4 else "<d", raw)[0]
    return value if math.isfinite(value) else None

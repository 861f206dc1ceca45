"""What the header of a PET series says, as raw decoded values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.sourced import Provenance
from atsm_viewer.domain.suv.header_values import first_of, number, text, texts

_ENHANCED = {"1.2.840.10008.5.1.4.1.1.130", "ENHANCED"}
_NM = {"1.2.840.10008.5.1.4.1.1.20", "NM"}


@dataclass(frozen=True, slots=True)
class RadiopharmaceuticalFacts:
    """One item of the Radiopharmaceutical Information Sequence (0054,0016).

    Parameters
    ----------
    start_datetime, start_time
        (0018,1078) DT and (0018,1072) TM as written.
    stop_datetime, stop_time
        (0018,1079) DT and (0018,1073) TM as written.
    total_dose
        (0018,1074) as written: Bq in classic PET, MBq in Enhanced PET and NM.
    half_life_s, positron_fraction
        (0018,1075) and (0018,1076).
    nuclide_scheme, nuclide_code, nuclide_meaning
        (0054,0300).
    tracer_scheme, tracer_code, tracer_meaning
        (0054,0304).
    radiopharmaceutical
        (0018,0031) text.
    agent_number
        (0018,9729) of Enhanced PET.
    """

    start_datetime: str | None = None
    start_time: str | None = None
    stop_datetime: str | None = None
    stop_time: str | None = None
    total_dose: float | None = None
    half_life_s: float | None = None
    positron_fraction: float | None = None
    nuclide_scheme: str | None = None
    nuclide_code: str | None = None
    nuclide_meaning: str | None = None
    tracer_scheme: str | None = None
    tracer_code: str | None = None
    tracer_meaning: str | None = None
    radiopharmaceutical: str | None = None
    agent_number: int | None = None

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> RadiopharmaceuticalFacts:
        """Read an item keyed by DICOM keywords; codes are ``{scheme, value, meaning}`` or DICOM keywords."""
        nuclide = _code(values.get("RadionuclideCodeSequence"))
        tracer = _code(values.get("RadiopharmaceuticalCodeSequence"))
        agent = number(values.get("RadiopharmaceuticalAgentNumber"))
        return cls(
            start_datetime=text(values.get("RadiopharmaceuticalStartDateTime")),
            start_time=text(values.get("RadiopharmaceuticalStartTime")),
            stop_datetime=text(values.get("RadiopharmaceuticalStopDateTime")),
            stop_time=text(values.get("RadiopharmaceuticalStopTime")),
            total_dose=number(values.get("RadionuclideTotalDose")),
            half_life_s=number(values.get("RadionuclideHalfLife")),
            positron_fraction=number(values.get("RadionuclidePositronFraction")),
            nuclide_scheme=nuclide[0],
            nuclide_code=nuclide[1],
            nuclide_meaning=nuclide[2],
            tracer_scheme=tracer[0],
            tracer_code=tracer[1],
            tracer_meaning=tracer[2],
            radiopharmaceutical=text(values.get("Radiopharmaceutical")),
            agent_number=None if agent is None else int(agent),
        )


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """What one instance (or one frame of an Enhanced instance) says, as raw values or None.

    Dates and times stay text as written; numbers are plain floats; times in ms end in ``_ms``.
    The vendor elements are named by their meaning, whatever block they were read from.
    """

    units: str | None = None
    suv_type: str | None = None
    corrected_image: tuple[str, ...] = ()
    decay_correction: str | None = None
    decay_corrected: str | None = None
    decay_factor: float | None = None
    attenuation_corrected: str | None = None
    series_date: str | None = None
    series_time: str | None = None
    acquisition_date: str | None = None
    acquisition_time: str | None = None
    acquisition_datetime: str | None = None
    frame_reference_datetime: str | None = None
    frame_reference_time_ms: float | None = None
    actual_frame_duration_ms: float | None = None
    decay_correction_datetime: str | None = None
    timezone_offset: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    modality: str | None = None
    is_enhanced: bool = False
    is_nm: bool = False
    rescale_type: str | None = None
    series_description: str | None = None
    patient_weight_kg: float | None = None
    patient_size_m: float | None = None
    patient_sex: str | None = None
    patient_species: str | None = None
    dose_calibration_factor: float | None = None
    radiopharmaceuticals: tuple[RadiopharmaceuticalFacts, ...] = ()
    radiopharmaceutical_agent_number: int | None = None
    siemens_decay_correction_datetime: str | None = None
    ge_scan_datetime: str | None = None
    ge_admin_datetime: str | None = None
    ge_tracer_name: str | None = None
    ge_tracer_activity: float | None = None
    ge_measured_datetime: str | None = None
    ge_post_injection_activity: float | None = None
    ge_post_injection_datetime: str | None = None
    ge_half_life_s: float | None = None
    ge_positron_fraction: float | None = None
    philips_suv_scale_factor: float | None = None
    philips_activity_scale_factor: float | None = None
    canon_suv_text: str | None = None

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> InstanceFacts:
        """Read a header given as a mapping of DICOM keywords to decoded values.

        Private elements are keyed ``SIEMENS:0071,22``, ``GE:0009,0D``, ``PHILIPS:7053,00``,
        ``CANON:7065,2D`` (creator family, group, element without the block).
        """
        sop_class = text(first_of(values, "SOPClassUID", "SOPClass")) or ""
        agent = number(values.get("RadiopharmaceuticalAgentNumber"))
        frame_duration = first_of(values, "ActualFrameDuration", "FrameAcquisitionDuration")
        return cls(
            units=text(values.get("Units")),
            suv_type=text(values.get("SUVType")),
            corrected_image=texts(values.get("CorrectedImage")),
            decay_correction=text(values.get("DecayCorrection")),
            decay_corrected=text(values.get("DecayCorrected")),
            decay_factor=number(values.get("DecayFactor")),
            attenuation_corrected=text(values.get("AttenuationCorrected")),
            series_date=text(values.get("SeriesDate")),
            series_time=text(values.get("SeriesTime")),
            acquisition_date=text(values.get("AcquisitionDate")),
            acquisition_time=text(values.get("AcquisitionTime")),
            acquisition_datetime=text(first_of(values, "FrameAcquisitionDateTime", "AcquisitionDateTime")),
            frame_reference_datetime=text(values.get("FrameReferenceDateTime")),
            frame_reference_time_ms=number(values.get("FrameReferenceTime")),
            actual_frame_duration_ms=number(frame_duration),
            decay_correction_datetime=text(values.get("DecayCorrectionDateTime")),
            timezone_offset=text(values.get("TimezoneOffsetFromUTC")),
            manufacturer=text(values.get("Manufacturer")),
            model=text(first_of(values, "ManufacturerModelName", "ManufacturersModelName")),
            modality=text(values.get("Modality")),
            is_enhanced=sop_class in _ENHANCED,
            is_nm=sop_class in _NM or text(values.get("Modality")) == "NM",
            rescale_type=text(values.get("RescaleType")),
            series_description=text(values.get("SeriesDescription")),
            patient_weight_kg=number(values.get("PatientWeight")),
            patient_size_m=number(values.get("PatientSize")),
            patient_sex=text(values.get("PatientSex")),
            patient_species=_species(values),
            dose_calibration_factor=number(values.get("DoseCalibrationFactor")),
            radiopharmaceuticals=_items(
                first_of(values, "RadiopharmaceuticalInformationSequence", "RadiopharmaceuticalInformation")
            ),
            radiopharmaceutical_agent_number=None if agent is None else int(agent),
            siemens_decay_correction_datetime=text(values.get("SIEMENS:0071,22")),
            ge_scan_datetime=text(values.get("GE:0009,0D")),
            ge_admin_datetime=text(values.get("GE:0009,3B")),
            ge_tracer_name=text(values.get("GE:0009,36")),
            ge_tracer_activity=number(values.get("GE:0009,38")),
            ge_measured_datetime=text(values.get("GE:0009,39")),
            ge_post_injection_activity=number(values.get("GE:0009,3C")),
            ge_post_injection_datetime=text(values.get("GE:0009,3D")),
            ge_half_life_s=number(values.get("GE:0009,3F")),
            ge_positron_fraction=number(values.get("GE:0009,40")),
            philips_suv_scale_factor=number(values.get("PHILIPS:7053,00")),
            philips_activity_scale_factor=number(values.get("PHILIPS:7053,09")),
            canon_suv_text=text(values.get("CANON:7065,2D")),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping by field name; fields that say nothing are left out."""
        result: dict[str, Any] = _present(self)
        if self.corrected_image:
            result["corrected_image"] = list(self.corrected_image)
        if self.radiopharmaceuticals:
            result["radiopharmaceuticals"] = [_present(item) for item in self.radiopharmaceuticals]
        return result

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> InstanceFacts:
        """Read what ``to_dict`` wrote.

        Raises
        ------
        AtsmError
            When a name is not one of the fields.
        """
        known = _known(cls, values)
        known["corrected_image"] = tuple(known.get("corrected_image", ()))
        known["radiopharmaceuticals"] = tuple(
            RadiopharmaceuticalFacts(**_known(RadiopharmaceuticalFacts, item))
            for item in known.get("radiopharmaceuticals", ())
        )
        return cls(**known)


@dataclass(frozen=True, slots=True)
class PetFacts:
    """The facts of a series: the distinct headers and which instance has which.

    Parameters
    ----------
    distinct
        Every different header once.
    index
        For each instance the position of its header in ``distinct``.
    provenance, origin
        Where the facts were read if not in DICOM elements: a header or a sidecar, and its file name.
        None for DICOM: every value then names its element.
    """

    distinct: tuple[InstanceFacts, ...]
    index: tuple[int, ...]
    provenance: Provenance | None = None
    origin: str | None = None

    @classmethod
    def from_instances(cls, instances: Iterable[InstanceFacts]) -> PetFacts:
        """Store every different header once, keeping the order of the instances."""
        seen: dict[InstanceFacts, int] = {}
        index = tuple(seen.setdefault(facts, len(seen)) for facts in instances)
        return cls(tuple(seen), index)

    def __len__(self) -> int:
        return len(self.index)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        result = {"distinct": [facts.to_dict() for facts in self.distinct], "index": list(self.index)}
        read_in = {"provenance": self.provenance.value, "origin": self.origin} if self.provenance else {}
        return {**result, **read_in}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> PetFacts:
        """Read what ``to_dict`` wrote.

        Raises
        ------
        AtsmError
            When the index points outside the headers or a name is unknown.
        """
        distinct = tuple(InstanceFacts.from_dict(item) for item in values.get("distinct", ()))
        index = tuple(int(i) for i in values.get("index", ()))
        if any(not 0 <= i < len(distinct) for i in index):
            raise AtsmError("The PET header facts are damaged: an instance points to no header.")
        try:
            provenance = Provenance(values["provenance"]) if "provenance" in values else None
        except ValueError as error:
            raise AtsmError("The PET header facts name an unknown origin.", detail=str(error)) from error
        return cls(distinct, index, provenance, values.get("origin"))


def _present(facts: InstanceFacts | RadiopharmaceuticalFacts) -> dict[str, Any]:
    values = {f.name: getattr(facts, f.name) for f in fields(facts)}
    # Identity, not equality: a frame reference time of 0 equals False but says something.
    return {n: v for n, v in values.items() if v is not None and v is not False and v != ()}


def _known(cls: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(cls)}
    unknown = sorted(set(values) - names)
    if unknown:
        raise AtsmError(f"The PET header facts hold an unknown entry: {', '.join(unknown)}.")
    return dict(values)


def _items(value: object) -> tuple[RadiopharmaceuticalFacts, ...]:
    if value is None:
        return ()
    items = [value] if isinstance(value, Mapping) else value
    if not isinstance(items, Iterable):
        return ()
    return tuple(RadiopharmaceuticalFacts.from_mapping(i) for i in items if isinstance(i, Mapping))


def _code(value: object) -> tuple[str | None, str | None, str | None]:
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    if isinstance(value, str):
        return None, text(value), None
    if not isinstance(value, Mapping):
        return None, None, None
    return (
        text(first_of(value, "CodingSchemeDesignator", "scheme")),
        text(first_of(value, "CodeValue", "value")),
        text(first_of(value, "CodeMeaning", "meaning")),
    )


def _species(values: Mapping[str, Any]) -> str | None:
    described = text(values.get("PatientSpeciesDescription"))
    _scheme, code, meaning = _code(values.get("PatientSpeciesCodeSequence"))
    return described or meaning or code

"""Read Enhanced and Legacy Converted Enhanced PET and CT: many frames in one file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from atsm_viewer.domain.dicom_time import parse_datetime
from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.io.catalogue_entries import Cancelled, Progress, SeriesEntry
from atsm_viewer.io.dicom.decode import stored_pixels_of
from atsm_viewer.io.dicom.facts import plain, vendor_values
from atsm_viewer.io.dicom.memory import refuse_beyond_memory
from atsm_viewer.io.dicom.pydicom_door import damage_in_words, read_dataset
from atsm_viewer.io.dicom.read import damaged_notices, lossy_notices, source_of
from atsm_viewer.io.dicom.real_world import RealWorld, real_world_of
from atsm_viewer.io.dicom.stack import Plane, plan_stack
from atsm_viewer.io.dicom.stored_values import Scaling, rescale_float32
from atsm_viewer.io.loaded_image import LoadedImage

_DAY_ZERO = datetime(1970, 1, 1)


class _Frame:
    """One frame: its functional groups and the data set it lies in."""

    def __init__(self, name: str, dataset: Dataset, number: int, pixels: Any) -> None:
        self.name, self.dataset, self.pixels = name, dataset, pixels
        shared = dataset.get("SharedFunctionalGroupsSequence") or [Dataset()]
        own = dataset.get("PerFrameFunctionalGroupsSequence") or []
        self.groups = [own[number] if number < len(own) else Dataset(), shared[0]]

    def group(self, sequence: str) -> Dataset:
        """First item of a functional group, of this frame or shared; empty when absent."""
        for groups in self.groups:
            items = groups.get(sequence)
            if items:
                item: Dataset = items[0]
                return item
        return Dataset()

    def value(self, sequence: str, keyword: str) -> Any:
        """A value of a functional group, else of the unassigned groups or the main data set."""
        for place in (
            sequence,
            "UnassignedPerFrameConvertedAttributesSequence",
            "UnassignedSharedConvertedAttributesSequence",
        ):
            found = self.group(place).get(keyword)
            if found not in (None, ""):
                return found
        return self.dataset.get(keyword)

    def numbers(self, sequence: str, keyword: str, count: int) -> tuple[float, ...]:
        """Numbers of a functional group.

        Raises
        ------
        AtsmError
            When they are missing.
        """
        found = self.value(sequence, keyword)
        values = tuple(float(v) for v in found) if found is not None and not isinstance(found, str) else ()
        if len(values) != count:
            raise AtsmError(f"“{self.name}”: {keyword} is missing.")
        return values


def read_multiframe(
    entry: SeriesEntry,
    modality: Modality,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> LoadedImage:
    """Read a series of multi-frame files, every frame with its own slope and its own facts.

    Raises
    ------
    AtsmError
        When the frames do not make a volume or a file cannot be read.
    OperationCancelled
        When ``cancelled`` said so.
    """
    with damage_in_words(entry.paths[0]):
        return _read(entry, modality, progress, cancelled)


def _read(
    entry: SeriesEntry, modality: Modality, progress: Progress | None, cancelled: Cancelled | None
) -> LoadedImage:
    frames: list[_Frame] = []
    for number, header in enumerate(entry.headers):
        if cancelled is not None and cancelled():
            raise OperationCancelled
        refuse_beyond_memory(header.n_frames * header.frame_bytes * 3, header.path.name)
        dataset = read_dataset(header.path, pixels=True)
        pixels = stored_pixels_of(header.path, dataset, cancelled)
        frames += [_Frame(header.path.name, dataset, n, pixels[n]) for n in range(len(pixels))]
        if progress is not None:
            progress((number + 1) / (2 * len(entry.headers)), "Reading pixels")
    shape = frames[0].pixels.shape
    planes = [_plane(frame) for frame in frames]
    plan = plan_stack(
        planes,
        (int(shape[0]), int(shape[1])),
        entry.frame_of_reference_uid,
        lambda a, b: bool(np.array_equal(frames[a].pixels, frames[b].pixels)),
    )
    is_pet = modality is Modality.PET
    mappings = [_mapping(frame) for frame in frames]
    n_t, n_k = len(plan.order_tk), len(plan.order_tk[0])
    values = np.empty((n_t, n_k, *shape), dtype=np.float32)
    for t, row in enumerate(plan.order_tk):
        for k, n in enumerate(row):
            if cancelled is not None and cancelled():
                raise OperationCancelled
            rescale_float32(frames[n].pixels, _scaling(frames[n], mappings[n], is_pet), values[t, k])
    flat = [n for row in plan.order_tk for n in row]
    vendor = vendor_values(entry.headers[0])
    facts = PetFacts.from_instances(_facts(frames[n], mappings[n], vendor) for n in flat) if is_pet else None
    unit = "HU"
    if is_pet and facts is not None:
        unit = facts.distinct[0].units or ""
    if progress is not None:
        progress(1.0, "Reading pixels")
    return LoadedImage(
        volume=Volume(plan.geometry, values, unit, modality, plan.frames),
        source=source_of(entry, entry.headers),
        facts=facts,
        instance_tk=tuple(tuple(range(t * n_k, (t + 1) * n_k)) for t in range(n_t)) if is_pet else (),
        notices=(*plan.notices, *lossy_notices(entry.headers), *damaged_notices(entry)),
    )


def _plane(frame: _Frame) -> Plane:
    position = frame.numbers("PlanePositionSequence", "ImagePositionPatient", 3)
    orientation = frame.numbers("PlaneOrientationSequence", "ImageOrientationPatient", 6)
    spacing = frame.numbers("PixelMeasuresSequence", "PixelSpacing", 2)
    thickness = frame.value("PixelMeasuresSequence", "SliceThickness")
    acquired = parse_datetime(frame.value("FrameContentSequence", "FrameAcquisitionDateTime"))
    temporal = frame.value("FrameContentSequence", "TemporalPositionIndex")
    duration = frame.value("FrameContentSequence", "FrameAcquisitionDuration")
    if duration is None:
        duration = frame.value("FrameContentSequence", "ActualFrameDuration")
    reference = frame.value("FrameContentSequence", "FrameReferenceTime")
    return Plane(
        name=frame.name,
        position_lps=(position[0], position[1], position[2]),
        orientation=orientation,
        pixel_spacing=(spacing[0], spacing[1]),
        thickness_mm=None if thickness is None else float(thickness),
        acquired_s=None if acquired is None else (acquired.clock - _DAY_ZERO).total_seconds(),
        reference_ms=None if reference is None else float(reference),
        other_order=(0.0 if temporal is None else float(temporal),),
        duration_ms=None if duration is None else float(duration),
    )


def _mapping(frame: _Frame) -> RealWorld | None:
    for groups in (*frame.groups, frame.dataset):
        found = real_world_of(groups.get("RealWorldValueMappingSequence"))
        if found is not None:
            return found
    return None


def _scaling(frame: _Frame, mapping: RealWorld | None, is_pet: bool) -> Scaling:
    if mapping is not None:
        chosen = mapping.scaling
    else:
        slope = frame.value("PixelValueTransformationSequence", "RescaleSlope")
        intercept = frame.value("PixelValueTransformationSequence", "RescaleIntercept")
        chosen = Scaling(1.0 if slope is None else float(slope), float(intercept or 0.0))
    padding = None
    value = frame.dataset.get("PixelPaddingValue")
    if is_pet and isinstance(value, int):
        limit = frame.dataset.get("PixelPaddingRangeLimit", value)
        padding = (float(min(value, limit)), float(max(value, limit)))
    return Scaling(chosen.slope, chosen.intercept, padding, chosen.mapped).checked(frame.name)


_MAIN = (
    "SOPClassUID", "Modality", "Manufacturer", "ManufacturerModelName", "SeriesDate", "SeriesTime",
    "TimezoneOffsetFromUTC", "SeriesDescription", "PatientWeight", "PatientSize", "PatientSex",
    "PatientSpeciesDescription", "PatientSpeciesCodeSequence", "RadiopharmaceuticalInformationSequence",
    "Units", "SUVType", "CorrectedImage", "DecayCorrection", "DecayCorrected", "DecayCorrectionDateTime",
    "AttenuationCorrected", "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime",
    "DoseCalibrationFactor",
    "DecayFactor", "FrameReferenceTime", "ActualFrameDuration",
)  # fmt: skip
_PER_FRAME = (
    ("FrameContentSequence", "FrameAcquisitionDateTime"),
    ("FrameContentSequence", "FrameReferenceDateTime"),
    ("FrameContentSequence", "FrameAcquisitionDuration"),
    ("PETFrameCorrectionFactorsSequence", "DecayFactor"),
    ("RadiopharmaceuticalUsageSequence", "RadiopharmaceuticalAgentNumber"),
    ("PixelValueTransformationSequence", "RescaleType"),
    *(("", name) for name in _MAIN),
)


def _facts(frame: _Frame, mapping: RealWorld | None, vendor: dict[str, Any]) -> InstanceFacts:
    values: dict[str, Any] = dict(vendor)
    for sequence, keyword in _PER_FRAME:
        if keyword not in values:
            found = frame.value(sequence, keyword)
            if found not in (None, ""):
                values[keyword] = plain(found)
    if mapping is not None:
        values["Units"], values["SUVType"] = mapping.units, mapping.suv_type or None
    return InstanceFacts.from_mapping(values)

"""Writes the simulated images as DICOM series: classic PET Image Storage and CT Image Storage.

Attributes follow PS3.3 A.21 (PET Image IOD) and A.3 (CT Image IOD). Nothing in them depends on the
clock, the machine or the user, so two runs give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.io.sample.scenario import HALF_LIFE_S, INJECTED_AT, Scenario
from atsm_viewer.io.sample.uids import sample_uid

SIMULATED = "Simulated data, research use only; not a real subject"


def write_pet(
    scenario: Scenario, bq_per_ml_kji: npt.NDArray[np.float32], folder: Path, tick: Callable[[], None]
) -> npt.NDArray[np.float64]:
    """Write one PET file per slice, each with its own rescale slope, into an empty folder.

    Parameters
    ----------
    scenario
        Subject, times and grid.
    bq_per_ml_kji
        Array [k, j, i] of activity concentration (Bq/mL) at the start of the scan; not negative.
    folder
        An existing folder.
    tick
        Called after each file.

    Returns
    -------
    Array [k, j, i] of what the files hold: stored integer times slope, Bq/mL.
    """
    image = _common(scenario, scenario.pet, "PT", "Simulated 64Cu-ATSM PET", 2)
    image.SOPClassUID = PositronEmissionTomographyImageStorage
    image.ImageType = ["ORIGINAL", "PRIMARY"]
    _pet_series(image, scenario)
    stored = np.empty(bq_per_ml_kji.shape, dtype=np.float64)
    n = scenario.pet.shape_kji[0]
    for k, plane in enumerate(bq_per_ml_kji):
        # The slope is what its decimal string says, and large enough that the maximum fits 15 bits.
        text = f"{max(float(plane.max()), 1.0) * (1 + 1e-9) / 32767.0:.9e}"
        slope = float(text)
        pixels = np.rint(plane.astype(np.float64) / slope).astype("<i2")
        stored[k] = pixels * slope
        image.RescaleIntercept, image.RescaleSlope = "0", text
        image.SmallestImagePixelValue, image.LargestImagePixelValue = int(pixels.min()), int(pixels.max())
        image.ImageIndex = k + 1
        _pet_times(image, scenario, bed=k * scenario.beds // n)
        _write_slice(image, scenario, scenario.pet, k, pixels, folder)
        tick()
    return stored


def write_ct(
    scenario: Scenario, hu_kji: npt.NDArray[np.int16], folder: Path, tick: Callable[[], None]
) -> None:
    """Write one CT file per slice; ``hu_kji`` is an array [k, j, i] of CT numbers in HU."""
    image = _common(scenario, scenario.ct, "CT", "Simulated CT", 1)
    image.SOPClassUID = CTImageStorage
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.PatientPosition = "HFS"
    image.KVP = "120" if scenario.kind == "patient" else "50"
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = "0", "1", "HU"
    image.WindowCenter, image.WindowWidth = ("40", "400") if scenario.kind == "patient" else ("200", "1200")
    # The CT is taken just before the PET, as scanners do.
    _set_time(image, "Series", scenario.scanned_at - timedelta(minutes=3))
    _set_time(image, "Acquisition", scenario.scanned_at - timedelta(minutes=3))
    _set_time(image, "Content", scenario.scanned_at - timedelta(minutes=3))
    for k, plane in enumerate(hu_kji):
        _write_slice(image, scenario, scenario.ct, k, plane.astype("<i2"), folder)
        tick()


def _common(scenario: Scenario, grid: Geometry, modality: str, description: str, series: int) -> Dataset:
    kind, is_animal = scenario.kind, scenario.size_m is None
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 100"
    image.PatientName, image.PatientID = f"SAMPLE^{kind.upper()}", f"SAMPLE-{kind.upper()}"
    image.PatientBirthDate, image.PatientSex = "", "F"
    image.PatientWeight = f"{scenario.weight_kg:g}"
    if scenario.size_m is not None:
        image.PatientSize = f"{scenario.size_m:g}"
    if is_animal:
        _animal(image)
    image.StudyInstanceUID = sample_uid(kind, "study")
    image.SeriesInstanceUID = sample_uid(kind, modality)
    image.FrameOfReferenceUID = grid.frame_of_reference_uid
    image.PositionReferenceIndicator = ""
    _set_time(image, "Study", scenario.scanned_at - timedelta(minutes=5))
    image.StudyID, image.AccessionNumber, image.ReferringPhysicianName = "1", "", ""
    image.StudyDescription = f"Simulated {kind} 64Cu-ATSM PET/CT"
    image.SeriesDescription, image.SeriesNumber, image.Modality = description, series, modality
    image.ImageComments = SIMULATED
    image.Manufacturer = "ATSM Viewer"
    image.ManufacturerModelName = "Simulated preclinical PET" if is_animal else "Simulated clinical PET"
    image.SoftwareVersions = "sample"
    image.BodyPartExamined = "WHOLEBODY"
    image.AcquisitionNumber = 1
    dk, dj, di = grid.spacing_kji_mm
    image.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    image.PixelSpacing, image.SliceThickness = [f"{dj:.10g}", f"{di:.10g}"], f"{dk:.10g}"
    image.Rows, image.Columns = grid.shape_kji[1], grid.shape_kji[2]
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 1
    image.BurnedInAnnotation = "NO"
    image.LossyImageCompression = "00"
    return image


def _animal(image: Dataset) -> None:
    image.PatientSexNeutered = "UNALTERED"
    image.PatientSpeciesDescription = "Mus musculus"
    image.PatientSpeciesCodeSequence = Sequence([_code("447612001", "Mus musculus")])
    image.PatientBreedDescription = "Simulated"
    image.PatientBreedCodeSequence = Sequence([])
    image.BreedRegistrationSequence = Sequence([])
    image.ResponsiblePerson, image.ResponsibleOrganization = "", ""
    # L, P and S mean left, dorsal and cranial for a quadruped (PS3.3 C.7.6.2.1.1).
    image.AnatomicalOrientationType = "QUADRUPED"


def _pet_series(image: Dataset, scenario: Scenario) -> None:
    _set_time(image, "Series", scenario.scanned_at)
    image.Units, image.CountsSource, image.DecayCorrection = "BQML", "EMISSION", "START"
    image.SeriesType = ["STATIC" if scenario.beds == 1 else "WHOLE BODY", "IMAGE"]
    image.NumberOfSlices = scenario.pet.shape_kji[0]
    image.CorrectedImage = ["DECY", "ATTN", "SCAT", "DTIM", "RAN", "NORM"]
    image.RandomsCorrectionMethod = "DLYD"
    image.AttenuationCorrectionMethod = "simulated"
    image.ScatterCorrectionMethod = "simulated"
    image.ReconstructionMethod = "simulated, no reconstruction"
    image.CollimatorType = "NONE"
    image.ActualFrameDuration = 1000 * scenario.bed_duration_s
    # These sequences stand in for PatientPosition, which must then be absent (PS3.3 C.7.3.1).
    image.PatientOrientationCodeSequence = Sequence([_code("102538003", "recumbent")])
    supine = Sequence([_code("40199007", "supine")])
    image.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = supine
    image.PatientGantryRelationshipCodeSequence = Sequence([_code("102540008", "headfirst")])
    tracer = Dataset()
    tracer.Radiopharmaceutical = "64Cu-ATSM"
    tracer.RadiopharmaceuticalStartDateTime = INJECTED_AT.strftime("%Y%m%d%H%M%S.000000")
    tracer.RadiopharmaceuticalStartTime = INJECTED_AT.strftime("%H%M%S.000000")
    tracer.RadionuclideTotalDose = f"{scenario.injected_bq:.10g}"
    tracer.RadionuclideHalfLife = f"{HALF_LIFE_S:.10g}"
    tracer.RadionuclidePositronFraction = "0.1749"
    tracer.RadionuclideCodeSequence = Sequence([_code("3932008", "^64^Copper")])
    tracer.RadiopharmaceuticalCodeSequence = Sequence([_code("422855001", "ATSM Cu^64^")])
    image.RadiopharmaceuticalInformationSequence = Sequence([tracer])


def _pet_times(image: Dataset, scenario: Scenario, bed: int) -> None:
    """Set what differs between bed positions.

    The frame reference time is when the mean count rate occurred, ln(x / (1 - e^-x)) / lambda after the
    start of the bed with x = lambda T; the decay factor undoes the decay up to then.
    """
    offset_s = bed * scenario.bed_duration_s
    rate = math.log(2.0) / HALF_LIFE_S
    x = rate * scenario.bed_duration_s
    mean_s = math.log(x / -math.expm1(-x)) / rate
    _set_time(image, "Acquisition", scenario.scanned_at + timedelta(seconds=offset_s))
    _set_time(image, "Content", scenario.scanned_at + timedelta(seconds=offset_s))
    image.FrameReferenceTime = f"{1000.0 * (offset_s + mean_s):.6f}"
    image.DecayFactor = f"{math.exp(rate * (offset_s + mean_s)):.10g}"


def _write_slice(
    image: Dataset, scenario: Scenario, grid: Geometry, k: int, pixels: npt.NDArray[np.int16], folder: Path
) -> None:
    image.SOPInstanceUID = sample_uid(scenario.kind, str(image.Modality), k)
    image.InstanceNumber = k + 1
    position = [float(v) for v in grid.index_to_lps((k, 0, 0))]
    image.ImagePositionPatient = [f"{v:.10g}" for v in np.round(position, 6) + 0.0]
    image.SliceLocation = f"{round(position[2], 6):.10g}"
    image.PixelData = np.ascontiguousarray(pixels).tobytes()
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID, meta.ImplementationVersionName = (
        UID(sample_uid("implementation")),
        "ATSM_VIEWER",
    )
    image.file_meta = meta
    image.save_as(folder / f"{image.Modality}_{k + 1:04d}.dcm", enforce_file_format=True)


def _set_time(image: Dataset, what: str, at: datetime) -> None:
    setattr(image, f"{what}Date", at.strftime("%Y%m%d"))
    setattr(image, f"{what}Time", at.strftime("%H%M%S.000000"))


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item

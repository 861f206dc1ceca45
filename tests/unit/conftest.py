"""A small PET/CT study as DICOM files, written with pydicom, of which every number is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

PET_CLASS = "1.2.840.10008.5.1.4.1.1.128"
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
SHAPE = (6, 10, 12)
STEP_MM = (3.0, 2.0, 2.0)
HALF_LIFE_S = 45722.16
DOSE_BQ = 7.4e6
WEIGHT_KG = 0.0223
HOURS = 3.0

Edit = Callable[[Dataset, int], None]


@dataclass(frozen=True)
class Study:
    """Where the files lie and what is in them.

    ``values`` is the PET in Bq/mL, array [k, j, i] on a grid with ``STEP_MM`` whose first voxel lies
    at the origin; ``factor`` takes it to SUVbw, by the definition.
    """

    root: Path
    pet: Path
    ct: Path
    values: np.ndarray
    factor: float


def _write(path: Path, ds: Dataset, stored: np.ndarray) -> None:
    ds.Rows, ds.Columns = stored.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, int(stored.dtype.kind == "i")
    ds.PixelData = stored.tobytes()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPInstanceUID = generate_uid()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.preamble = bytes(128)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)


def _common(study_uid: str, series_uid: str, frame_uid: str, modality: str) -> Dataset:
    ds = Dataset()
    ds.SOPClassUID = PET_CLASS if modality == "PT" else CT_CLASS
    ds.Modality, ds.Manufacturer, ds.ImageType = modality, "Mediso", ["ORIGINAL", "PRIMARY"]
    ds.PatientName, ds.PatientID, ds.PatientWeight = "DOE^JANE", "PAT-4711-ID", str(WEIGHT_KG)
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study_uid, series_uid, frame_uid
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = "20250102"
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = "120000"
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    return ds


def _drug() -> Dataset:
    drug, nuclide = Dataset(), Dataset()
    drug.RadionuclideTotalDose, drug.RadionuclideHalfLife = str(DOSE_BQ), str(HALF_LIFE_S)
    drug.RadiopharmaceuticalStartDateTime = "20250102090000"
    nuclide.CodeValue, nuclide.CodingSchemeDesignator, nuclide.CodeMeaning = "C-127A2", "SRT", "^64^Copper"
    drug.RadionuclideCodeSequence = DicomSequence([nuclide])
    return drug


def make_study(root: Path, *, seed: int = 1, edit: Edit | None = None, ct: bool = True) -> Study:
    """Write a study; ``edit(dataset, k)`` may change every PET header before it is written."""
    rng = np.random.default_rng(seed)
    stored = rng.integers(100, 60000, SHAPE).astype("<u2")
    slopes = 0.25 + 0.125 * np.arange(SHAPE[0])
    study_uid, pet_uid, ct_uid, frame_uid = (generate_uid() for _ in range(4))
    for k in range(SHAPE[0]):
        ds = _common(study_uid, pet_uid, frame_uid, "PT")
        ds.SeriesDescription = "PET WB"
        ds.Units, ds.DecayCorrection, ds.CorrectedImage = "BQML", "START", ["DECY", "ATTN"]
        ds.FrameReferenceTime, ds.ActualFrameDuration = "0", "600000"
        ds.RadiopharmaceuticalInformationSequence = DicomSequence([_drug()])
        ds.ImagePositionPatient = [0.0, 0.0, STEP_MM[0] * k]
        ds.PixelSpacing, ds.SliceThickness = [STEP_MM[1], STEP_MM[2]], STEP_MM[0]
        ds.RescaleSlope, ds.RescaleIntercept = str(slopes[k]), "0"
        if edit is not None:
            edit(ds, k)
        _write(root / "pet" / f"{SHAPE[0] - k:03d}.dcm", ds, stored[k])
    if ct:
        hu = rng.integers(-1000, 1000, (9, 20, 24)).astype("<i2")
        for k in range(9):
            ds = _common(study_uid, ct_uid, frame_uid, "CT")
            ds.SeriesDescription = "CT"
            ds.ImagePositionPatient, ds.PixelSpacing, ds.SliceThickness = [0.0, 0.0, 2.0 * k], [1.0, 1.0], 2.0
            ds.RescaleSlope, ds.RescaleIntercept = "1", "0"
            _write(root / "ct" / f"{k:03d}.dcm", ds, hu[k])
    decayed = DOSE_BQ * 2 ** (-HOURS * 3600 / HALF_LIFE_S)
    values = stored.astype(np.float64) * slopes[:, None, None]
    return Study(root, root / "pet", root / "ct", values, WEIGHT_KG * 1000 / decayed)


@pytest.fixture
def write_study() -> Callable[..., Study]:
    """The function that writes a study into a folder."""
    return make_study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A small study with PET and CT."""
    return make_study(tmp_path / "study")


@pytest.fixture
def write_mask() -> Callable[..., Path]:
    """The function that writes a mask array [k, j, i] as NIfTI, by default on the grid of the PET."""
    import SimpleITK as sitk

    def write(
        path: Path, inside: Any, step_mm: tuple[float, float, float] = STEP_MM, origin: Any = (0.0, 0.0, 0.0)
    ) -> Path:
        image = sitk.GetImageFromArray(np.asarray(inside).astype(np.uint8))
        image.SetSpacing((step_mm[2], step_mm[1], step_mm[0]))
        image.SetOrigin(tuple(origin))
        sitk.WriteImage(image, str(path))
        return path

    return write

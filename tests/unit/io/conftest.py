"""Synthetic DICOM series, written with pydicom, of which everything is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

PET = "1.2.840.10008.5.1.4.1.1.128"
CT = "1.2.840.10008.5.1.4.1.1.2"


class SliceWriter:
    """Writes single-frame slices; keyword arguments replace or, with None, remove attributes."""

    def __init__(self, folder: Path, modality: str = "PT", shape: tuple[int, int] = (5, 7)) -> None:
        self.folder, self.modality, self.shape = folder, modality, shape
        self.series_uid, self.study_uid, self.frame_uid = (generate_uid() for _ in range(3))
        self.count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def pixels(self, seed: int, dtype: str = "<u2") -> np.ndarray:
        return np.random.default_rng(seed).integers(0, 3000, self.shape).astype(dtype)

    def write(
        self,
        position: tuple[float, float, float],
        stored: np.ndarray | None = None,
        *,
        slope: Any = "1.0",
        intercept: Any = "0.0",
        name: str | None = None,
        syntax: str = ExplicitVRLittleEndian,
        edit: Callable[[Dataset], None] | None = None,
        **attributes: Any,
    ) -> Path:
        self.count += 1
        stored = self.pixels(self.count) if stored is None else stored
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = syntax
        path = self.folder / (name or f"{1000 - self.count:04d}.dcm")
        ds = Dataset()
        ds.file_meta, ds.preamble = meta, b"\0" * 128
        ds.SOPClassUID = PET if self.modality == "PT" else CT
        ds.SOPInstanceUID = generate_uid()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
        ds.Modality = self.modality
        ds.Manufacturer = "Maker"
        ds.ImageType = ["ORIGINAL", "PRIMARY"]
        ds.PatientID = "P1"
        ds.StudyInstanceUID, ds.SeriesInstanceUID = self.study_uid, self.series_uid
        ds.FrameOfReferenceUID = self.frame_uid
        ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = "20250102"
        ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = "101500"
        ds.InstanceNumber = 1
        ds.ImagePositionPatient = [f"{v:.6f}" for v in position]
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing = ["3.0", "2.0"]
        ds.SliceThickness = "9.0"
        ds.Rows, ds.Columns = stored.shape
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated = ds.BitsStored = stored.dtype.itemsize * 8
        ds.HighBit = ds.BitsStored - 1
        ds.PixelRepresentation = int(stored.dtype.kind == "i")
        if slope is not None:
            ds.RescaleSlope = slope
        if intercept is not None:
            ds.RescaleIntercept = intercept
        if self.modality == "PT":
            ds.Units, ds.DecayCorrection = "BQML", "START"
            ds.CorrectedImage = ["DECY", "ATTN"]
            ds.PatientWeight = "70"
            ds.FrameReferenceTime, ds.ActualFrameDuration = "0.0", "60000"
            drug = Dataset()
            drug.RadionuclideTotalDose, drug.RadionuclideHalfLife = "4.0e8", "45721.4"
            drug.RadiopharmaceuticalStartDateTime = "20250102091500"
            nuclide = Dataset()
            nuclide.CodeValue, nuclide.CodingSchemeDesignator, nuclide.CodeMeaning = "3932008", "SCT", "Cu-64"
            drug.RadionuclideCodeSequence = DicomSequence([nuclide])
            ds.RadiopharmaceuticalInformationSequence = DicomSequence([drug])
        ds.PixelData = stored.tobytes()
        for key, value in attributes.items():
            if value is None:
                del ds[key]
            else:
                setattr(ds, key, value)
        if edit is not None:
            edit(ds)
        ds.save_as(path, enforce_file_format=True)
        return path

    def stack(self, n: int = 4, step: float = 4.0, **attributes: Any) -> list[np.ndarray]:
        """Write n slices along z, in a jumbled order of file names, and return their stored pixels."""
        stored = [self.pixels(100 + k) for k in range(n)]
        for k in np.random.default_rng(1).permutation(n):
            self.write((-10.0, -20.0, 30.0 + step * k), stored[k], **attributes)
        return stored


@pytest.fixture
def pet_writer(tmp_path: Path) -> SliceWriter:
    return SliceWriter(tmp_path / "pet")


@pytest.fixture
def ct_writer(tmp_path: Path) -> SliceWriter:
    return SliceWriter(tmp_path / "ct", "CT")

"""How fast series are read, as ratios against peers and a physical limit in the same run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.read_series import read_series

N_SLICES = 120
N_RUNS = 7


def write_series(folder: Path, modality: str, size: int) -> None:
    folder.mkdir()
    rng = np.random.default_rng(0)
    series, study = generate_uid(), generate_uid()
    for k in range(N_SLICES):
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.preamble = bytes(128)
        ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.128" if modality == "PT" else "1.2.840.10008.5.1.4.1.1.2"
        ds.SOPInstanceUID = generate_uid()
        ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        ds.Modality, ds.ImageType = modality, ["ORIGINAL", "PRIMARY"]
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, study
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 2.0 * k], [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing, ds.InstanceNumber = [1, 1], k + 1
        ds.Rows = ds.Columns = size
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated = ds.BitsStored = 16
        ds.HighBit, ds.PixelRepresentation = 15, int(modality == "CT")
        ds.RescaleSlope, ds.RescaleIntercept = (
            ("1", "-1024") if modality == "CT" else (f"{0.3 + k / 1000:.4f}", "0")
        )
        if modality == "PT":
            ds.Units, ds.DecayCorrection, ds.PatientWeight = "BQML", "START", "70"
            ds.AcquisitionDate, ds.AcquisitionTime = "20250102", "101500"
            drug = Dataset()
            drug.RadionuclideTotalDose, drug.RadionuclideHalfLife = "4e8", "45721.4"
            ds.RadiopharmaceuticalInformationSequence = DicomSequence([drug])
        ds.PixelData = rng.integers(0, 3000, (size, size)).astype("<u2").tobytes()
        ds.save_as(folder / f"{k:04d}.dcm", enforce_file_format=True)


def ours(folder: Path) -> np.ndarray:
    (entry,) = scan_paths([folder]).series
    return read_series(entry).volume.values_tkji[0]


def with_pydicom(folder: Path) -> np.ndarray:
    slices = [pydicom.dcmread(path) for path in folder.iterdir()]
    slices.sort(key=lambda ds: float(ds.ImagePositionPatient[2]))
    kind = np.int16 if slices[0].Modality == "CT" else np.float32
    planes = [ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for ds in slices]
    return np.stack(planes).astype(kind)


def with_simpleitk(folder: Path) -> np.ndarray:
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    reader.SetOutputPixelType(sitk.sitkFloat32)
    return sitk.GetArrayFromImage(reader.Execute())


def raw_bytes(folder: Path) -> np.ndarray:
    """The limit: the bytes of all files into one array."""
    sizes = [(entry.path, entry.stat().st_size) for entry in os.scandir(folder)]
    buffer = np.empty(sum(size for _path, size in sizes), dtype=np.uint8)
    at = 0
    for path, size in sizes:
        with open(path, "rb", buffering=0) as stream:
            stream.readinto(buffer[at : at + size].data)
        at += size
    return buffer


def seconds(work: Callable[[Path], np.ndarray], folder: Path) -> float:
    start = time.perf_counter()
    work(folder)
    return time.perf_counter() - start


@pytest.mark.benchmark
@pytest.mark.parametrize(("modality", "size"), [("CT", 512), ("PT", 400)])
def test_reading_a_series_is_several_times_faster_than_with_peers(
    tmp_path: Path, modality: str, size: int
) -> None:
    folder = tmp_path / "series"
    write_series(folder, modality, size)
    mine = ours(folder)
    assert np.array_equal(mine, with_pydicom(folder))
    assert np.allclose(mine, with_simpleitk(folder))
    peers = {"ours": ours, "pydicom": with_pydicom, "SimpleITK": with_simpleitk, "raw bytes": raw_bytes}
    times: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(N_RUNS):
        for name, work in peers.items():  # in turn, so that a busy machine hits all alike
            times[name].append(seconds(work, folder))
    median = {name: float(np.median(values)) for name, values in times.items()}
    for name, values in times.items():
        ms, p95, ratio = 1000 * median[name], 1000 * np.quantile(values, 0.95), median[name] / median["ours"]
        print(f"{modality} {name:10s} median {ms:7.1f} ms  p95 {p95:7.1f} ms  {ratio:5.1f} x ours")
    assert median["pydicom"] > 3 * median["ours"]
    assert median["SimpleITK"] > 2 * median["ours"]


@pytest.mark.benchmark
def test_indexing_two_thousand_files_is_many_times_faster_than_with_pydicom(tmp_path: Path) -> None:
    folder = tmp_path / "series"
    write_series(folder, "PT", 8)
    files = sorted(folder.iterdir())
    for copy in range(1, 17):
        for path in files:
            os.link(path, folder / f"{copy:02d}_{path.name}")
    n = len(list(folder.iterdir()))
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(3):
        start = time.perf_counter()
        catalogue = scan_paths([folder])
        mine.append(time.perf_counter() - start)
        start = time.perf_counter()
        for path in folder.iterdir():
            pydicom.dcmread(path, stop_before_pixels=True)
        theirs.append(time.perf_counter() - start)
    assert sum(entry.n_files for entry in catalogue.series) == n
    ratio = float(np.median(theirs) / np.median(mine))
    print(f"index of {n} files: ours {1000 * np.median(mine):.0f} ms, pydicom {ratio:.1f} x ours")
    assert ratio > 3

"""Enhanced and Legacy Converted Enhanced PET: every frame with its own slope, time and place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import ExplicitVRLittleEndian, RLELossless, generate_uid

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.read_series import LoadedImage, read_series

ENHANCED = "1.2.840.10008.5.1.4.1.1.130"
LEGACY = "1.2.840.10008.5.1.4.1.1.128.1"


def item(**values: Any) -> Dataset:
    ds = Dataset()
    for key, value in values.items():
        setattr(ds, key, value)
    return ds


def one(**values: Any) -> DicomSequence:
    return DicomSequence([item(**values)])


def frame(
    z: float, slope: float, *, clock: str = "101500", temporal: int = 1, duration_ms: float = 60000.0
) -> Dataset:
    return item(
        PlanePositionSequence=one(ImagePositionPatient=[-10.0, -20.0, z]),
        PixelValueTransformationSequence=one(RescaleSlope=str(slope), RescaleIntercept="0", RescaleType="US"),
        FrameContentSequence=one(
            FrameAcquisitionDateTime=f"20250102{clock}",
            FrameReferenceDateTime=f"20250102{clock}",
            FrameAcquisitionDuration=duration_ms,
            TemporalPositionIndex=temporal,
        ),
    )


def write(
    path: Path, stored: np.ndarray, frames: list[Dataset], sop_class: str = ENHANCED, **attributes: Any
) -> Path:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.preamble = bytes(128)
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, generate_uid()
    ds.file_meta.MediaStorageSOPClassUID = sop_class
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.Modality, ds.ImageType = "PT", ["ORIGINAL", "PRIMARY"]
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = (generate_uid() for _ in range(3))
    ds.SeriesDate, ds.SeriesTime = "20250102", "101500"
    ds.PatientWeight, ds.Units = "70", "BQML"
    ds.DecayCorrected, ds.DecayCorrectionDateTime = "YES", "20250102101400"
    ds.RadiopharmaceuticalInformationSequence = one(
        RadionuclideTotalDose="400",
        RadionuclideHalfLife="45721.4",
        RadiopharmaceuticalStartDateTime="20250102091500",
    )
    ds.SharedFunctionalGroupsSequence = one(
        PixelMeasuresSequence=one(PixelSpacing=["3.0", "2.0"], SliceThickness="4.0"),
        PlaneOrientationSequence=one(ImageOrientationPatient=[1, 0, 0, 0, 1, 0]),
    )
    ds.PerFrameFunctionalGroupsSequence = DicomSequence(frames)
    ds.NumberOfFrames, ds.Rows, ds.Columns = stored.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 0
    ds.PixelData = stored.astype("<u2").tobytes()
    for key, value in attributes.items():
        setattr(ds, key, value)
    if attributes.get("compressed"):
        ds.compress(RLELossless)
    ds.save_as(path, enforce_file_format=True)
    return path


def load(path: Path) -> LoadedImage:
    (entry,) = scan_paths([path]).series
    return read_series(entry)


STORED = np.random.default_rng(5).integers(0, 60000, (4, 5, 7))


@pytest.mark.parametrize("sop_class", [ENHANCED, LEGACY])
@pytest.mark.parametrize("compressed", [False, True])
def test_every_frame_uses_its_own_slope(tmp_path: Path, sop_class: str, compressed: bool) -> None:
    slopes, order = [1.0, 0.37, 1e-6, 250.5], [2, 0, 3, 1]  # frames lie in the file in a jumbled order
    frames = [frame(30.0 + 4.0 * order[n], slopes[n]) for n in range(4)]
    image = load(write(tmp_path / "m.dcm", STORED, frames, sop_class, compressed=compressed))
    for n in range(4):
        wanted = (STORED[n] * slopes[n]).astype(np.float32)
        assert np.array_equal(image.volume.values_tkji[0, order[n]], wanted)
    geometry = image.volume.geometry
    assert geometry.origin_lps == (-10.0, -20.0, 30.0)
    assert geometry.spacing_kji_mm == pytest.approx((4.0, 3.0, 2.0))
    assert image.volume.unit == "BQML"


def test_frames_in_time_are_ordered_and_keep_their_own_facts(tmp_path: Path) -> None:
    frames = [
        frame(z, 1.0 + t, clock=["101500", "101530"][t], temporal=t + 1, duration_ms=[30000.0, 60000.0][t])
        for t in (1, 0)
        for z in (0.0, 4.0)
    ]
    image = load(write(tmp_path / "m.dcm", STORED, frames))
    volume = image.volume
    assert volume.values_tkji.shape == (2, 2, 5, 7)
    assert np.array_equal(volume.values_tkji[0, 1], STORED[3].astype(np.float32))
    assert np.array_equal(volume.values_tkji[1, 0], (STORED[0] * 2.0).astype(np.float32))
    assert [(f.start_s, f.duration_s) for f in volume.frames] == [(0.0, 30.0), (30.0, 60.0)]
    assert image.facts is not None
    late = image.facts.distinct[image.facts.index[image.instance_tk[1][0]]]
    assert late.acquisition_datetime == "20250102101530"
    assert late.actual_frame_duration_ms == 60000.0
    assert late.is_enhanced
    assert late.decay_corrected == "YES"
    assert late.decay_correction_datetime == "20250102101400"
    assert late.radiopharmaceuticals[0].total_dose == 400.0


def test_a_missing_frame_is_refused(tmp_path: Path) -> None:
    frames = [frame(z, 1.0) for z in (0.0, 4.0, 12.0, 16.0)]
    with pytest.raises(AtsmError, match="missing"):
        load(write(tmp_path / "m.dcm", STORED, frames))


def test_frames_without_positions_are_refused_in_words(tmp_path: Path) -> None:
    frames = [frame(4.0 * n, 1.0) for n in range(4)]
    del frames[2].PlanePositionSequence
    with pytest.raises(AtsmError, match="ImagePositionPatient is missing"):
        load(write(tmp_path / "m.dcm", STORED, frames))


def test_a_real_world_mapping_of_a_frame_replaces_its_slope(tmp_path: Path) -> None:
    frames = [frame(4.0 * n, 5.0) for n in range(4)]
    for n in range(4):
        frames[n].RealWorldValueMappingSequence = one(
            MeasurementUnitsCodeSequence=one(
                CodeValue="Bq/ml", CodingSchemeDesignator="UCUM", CodeMeaning="Bq/ml"
            ),
            RealWorldValueSlope=0.5 + n,
            RealWorldValueIntercept=0.0,
        )
    image = load(write(tmp_path / "m.dcm", STORED, frames, Units="CNTS"))
    for n in range(4):
        assert np.array_equal(image.volume.values_tkji[0, n], (STORED[n] * (0.5 + n)).astype(np.float32))
    assert image.volume.unit == "BQML"


def test_a_truncated_multi_frame_file_is_rejected(tmp_path: Path) -> None:
    path = write(tmp_path / "m.dcm", STORED, [frame(4.0 * n, 1.0) for n in range(4)])
    path.write_bytes(path.read_bytes()[:-70])
    catalogue = scan_paths([path])
    assert not catalogue.series
    assert "truncated" in catalogue.rejected[0].reason


def test_a_lying_number_of_frames_does_not_exhaust_memory(tmp_path: Path) -> None:
    path = write(
        tmp_path / "m.dcm", STORED, [frame(4.0 * n, 1.0) for n in range(4)], NumberOfFrames=2_000_000_000
    )
    catalogue = scan_paths([path])
    assert not [entry for entry in catalogue.series if entry.suitable]
    assert "truncated" in catalogue.rejected[0].reason

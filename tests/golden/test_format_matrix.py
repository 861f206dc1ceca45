"""One PET series, written by other people's programs into every format, reads back as the same image."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid

from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.read_series import read_series

SPACING_KJI = (3.25, 2.5, 2.5)


@dataclass(frozen=True)
class Source:
    """The series as files (slices in ascending z) and, worked out by pydicom, what it holds."""

    files: tuple[Path, ...]
    values_kji: np.ndarray
    origin_lps: np.ndarray
    spacing_kji: np.ndarray

    @property
    def quantum(self) -> float:
        """Step of 16-bit integers with one scale factor for the whole image."""
        return float(self.values_kji.max()) / 32767.0


def write_synthetic(folder: Path) -> None:
    """Six slices of a hot ellipsoid on noise, every slice with its own fractional slope."""
    folder.mkdir()
    rng = np.random.default_rng(64)
    shape = (6, 24, 20)
    k, j, i = np.ogrid[:6, :24, :20]
    distance = ((k - 3) / 2.0) ** 2 + ((j - 9) / 4.0) ** 2 + ((i - 12) / 3.0) ** 2
    truth = 900.0 * np.exp(-distance) + rng.random(shape)
    series, study, frame = (generate_uid() for _ in range(3))
    for n in range(shape[0]):
        ds = Dataset()
        ds.file_meta, ds.preamble = FileMetaDataset(), b"\0" * 128
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = PositronEmissionTomographyImageStorage
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        ds.SeriesInstanceUID, ds.StudyInstanceUID, ds.FrameOfReferenceUID = series, study, frame
        ds.Modality, ds.ImageType, ds.Manufacturer = "PT", ["ORIGINAL", "PRIMARY"], "Maker"
        ds.PatientID = ds.PatientName = "P1"
        ds.PatientSex, ds.PatientBirthDate, ds.PatientWeight, ds.PatientPosition = "O", "", "70", "HFS"
        ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = "20250102"
        ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = "101500"
        ds.AccessionNumber = ds.ReferringPhysicianName = ds.StudyID = ds.PositionReferenceIndicator = ""
        ds.InstanceNumber, ds.SeriesNumber, ds.ImageIndex = n + 1, 1, n + 1
        ds.SeriesType, ds.NumberOfSlices = ["WHOLE BODY", "IMAGE"], shape[0]
        ds.Units, ds.DecayCorrection, ds.CountsSource = "BQML", "START", "EMISSION"
        ds.CorrectedImage, ds.CollimatorType = ["DECY", "ATTN"], "NONE"
        ds.FrameReferenceTime, ds.ActualFrameDuration, ds.DecayFactor = "0", "60000", "1"
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.ImagePositionPatient = [-24.0, -30.0, 100.0 + SPACING_KJI[0] * n]
        ds.PixelSpacing, ds.SliceThickness = [SPACING_KJI[1], SPACING_KJI[2]], SPACING_KJI[0]
        drug = Dataset()
        drug.RadionuclideTotalDose, drug.RadionuclideHalfLife = "4.0e8", "45722"
        drug.RadiopharmaceuticalStartTime, drug.RadiopharmaceuticalStartDateTime = "091500", "20250102091500"
        nuclide = Dataset()
        nuclide.CodeValue, nuclide.CodingSchemeDesignator, nuclide.CodeMeaning = (
            "3932008",
            "SCT",
            "^64^Copper",
        )
        drug.RadionuclideCodeSequence = [nuclide]
        ds.RadiopharmaceuticalInformationSequence = [drug]
        slope = f"{truth[n].max() / 32000.0:.8g}"
        stored = np.rint(truth[n] / float(slope)).astype("<i2")
        ds.Rows, ds.Columns = shape[1:]
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated = ds.BitsStored = 16
        ds.HighBit, ds.PixelRepresentation = 15, 1
        ds.RescaleSlope, ds.RescaleIntercept = slope, "0"
        ds.PixelData = stored.tobytes()
        ds.save_as(folder / f"{n:04d}.dcm", enforce_file_format=True)


def copy_real(shared: Path, folder: Path) -> None:
    """Eight slices of the real GE series with their own slopes, renamed to ascend in z."""
    folder.mkdir()
    files = sorted((shared / "data" / "sts_raw_ge" / "STS_001" / "FDG_PET" / "image").iterdir())[100:108]
    headers = [(float(pydicom.dcmread(f, stop_before_pixels=True).ImagePositionPatient[2]), f) for f in files]
    for n, (_z, file) in enumerate(sorted(headers)):
        shutil.copyfile(file, folder / f"{n:04d}.dcm")


@pytest.fixture(scope="module", params=["synthetic", "real"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp(request.param) / "PET"
    if request.param == "real":
        copy_real(request.getfixturevalue("shared_dir"), folder)
    else:
        write_synthetic(folder)
    files = tuple(sorted(folder.iterdir()))
    slices = [pydicom.dcmread(f) for f in files]
    values = np.stack([s.pixel_array * float(s.RescaleSlope) for s in slices])
    first, last = (np.array(s.ImagePositionPatient, float) for s in (slices[0], slices[-1]))
    step = np.linalg.norm(last - first) / (len(files) - 1)
    return Source(files, values, first, np.array([step, *map(float, slices[0].PixelSpacing)]))


def run(*command: str | Path, cwd: Path) -> None:
    program = str(command[0])
    if shutil.which(program) is None:
        pytest.skip(f"the program {program} is not installed")
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def read_back(folder: Path) -> LoadedImage:
    catalogue = scan_paths([folder])
    assert catalogue.rejected == ()
    (entry,) = catalogue.series
    return read_series(entry)


def assert_same_place(image: LoadedImage, source: Source, tolerance_mm: float = 1e-3) -> None:
    geometry = image.volume.geometry
    assert geometry.shape_kji == source.values_kji.shape
    corners = [np.zeros(3), np.array(source.values_kji.shape) - 1]
    for corner in corners:
        expected = source.origin_lps + (corner * source.spacing_kji)[::-1]
        assert geometry.index_to_lps(corner) == pytest.approx(expected, abs=tolerance_mm)


MEDCON = {"conc": "inveon", "ecat7": "ecat", "intf": "interfile", "anlz": "analyze", "nifti": "nifti"}


@pytest.mark.parametrize("code", list(MEDCON))
def test_what_medcon_writes(source: Source, tmp_path: Path, code: str) -> None:
    # One scale factor for 16-bit integers, so a step of the values is the tolerance.
    options = ("-stacks", "-qc", "-b16", "-c", code, "-noprefix", "-o", "name", "-w")
    run("medcon", "-f", *source.files, *options, cwd=tmp_path)
    image = read_back(tmp_path)
    volume = image.volume
    assert image.source.kind == MEDCON[code]
    expected, tolerance = source.values_kji, 1.01 * source.quantum
    if code == "anlz":  # the scale factor has no place in the format
        assert {"unscaled"} <= {n.code for n in image.notices}
        expected, tolerance = expected / source.quantum, 1.01
    assert np.abs(volume.values_tkji[0] - expected).max() <= tolerance
    assert volume.geometry.spacing_kji_mm == pytest.approx(source.spacing_kji, rel=2e-3)
    if code != "nifti":  # no position in these; what medcon says of position in NIfTI is not what DICOM said
        assert "sides_unverified" in {n.code for n in image.notices}
    if code in ("conc", "intf", "ecat7"):
        assert image.facts is not None
        header = image.facts.distinct[0]
        written = pydicom.dcmread(source.files[0], stop_before_pixels=True)
        drug = written.RadiopharmaceuticalInformationSequence[0]
        assert header.patient_weight_kg == pytest.approx(float(written.PatientWeight))
        assert header.radiopharmaceuticals[0].half_life_s == pytest.approx(
            float(drug.RadionuclideHalfLife), rel=1e-3
        )
        if code != "ecat7":  # its dosage has no unit
            assert header.radiopharmaceuticals[0].total_dose == pytest.approx(
                float(drug.RadionuclideTotalDose), rel=1e-4
            )


def dcmtk(program: str, *options: str) -> Callable[[Source, Path], None]:
    def write(source: Source, folder: Path) -> None:
        for file in source.files:
            run(program, *options, file, folder / file.name, cwd=folder)

    return write


def highdicom_legacy(source: Source, folder: Path) -> None:
    legacy = pytest.importorskip("highdicom.legacy", reason="highdicom is not installed")
    converted = legacy.LegacyConvertedEnhancedPETImage(
        [pydicom.dcmread(f) for f in source.files], generate_uid(), 2, generate_uid(), 1
    )
    converted.save_as(folder / "enhanced.dcm")


DICOM_WRITERS: dict[str, Callable[[Source, Path], None]] = {
    "explicit little endian": dcmtk("dcmconv", "+te"),
    "implicit little endian": dcmtk("dcmconv", "+ti"),
    "explicit big endian": dcmtk("dcmconv", "+tb"),
    "deflated": dcmtk("dcmconv", "+td"),
    "without preamble and meta header": dcmtk("dcmconv", "-F", "+ti"),
    "undefined lengths": dcmtk("dcmconv", "+te", "-e"),
    "RLE": dcmtk("dcmcrle"),
    "JPEG lossless": dcmtk("dcmcjpeg", "+e1"),
    "JPEG lossless, any predictor": dcmtk("dcmcjpeg", "+el"),
    "JPEG-LS": dcmtk("dcmcjpls", "+el"),
    "GDCM raw": dcmtk("gdcmconv", "--raw"),
    "GDCM JPEG": dcmtk("gdcmconv", "--jpeg"),
    "GDCM JPEG-LS": dcmtk("gdcmconv", "--jpegls"),
    "GDCM JPEG 2000": dcmtk("gdcmconv", "--j2k"),
    "GDCM RLE": dcmtk("gdcmconv", "--rle"),
    "Legacy Converted Enhanced PET": highdicom_legacy,
}


@pytest.mark.filterwarnings("ignore:The string .* is unlikely to represent:UserWarning")
@pytest.mark.parametrize("how", list(DICOM_WRITERS))
def test_dicom_written_by_other_programs_keeps_every_value_and_place(
    source: Source, tmp_path: Path, how: str
) -> None:
    DICOM_WRITERS[how](source, tmp_path)
    image = read_back(tmp_path)
    assert np.array_equal(image.volume.values_tkji[0], source.values_kji.astype(np.float32))
    assert image.volume.unit == "BQML"
    assert_same_place(image, source, 0.05)  # the real series jitters by some hundredths of a mm
    assert image.facts is not None
    drug = pydicom.dcmread(source.files[0], stop_before_pixels=True).RadiopharmaceuticalInformationSequence[0]
    found = image.facts.distinct[0].radiopharmaceuticals[0]
    assert found.total_dose == pytest.approx(float(drug.RadionuclideTotalDose))
    assert found.half_life_s == pytest.approx(float(drug.RadionuclideHalfLife))


@pytest.mark.parametrize("ending", ["nrrd", "nhdr", "mha", "mhd", "nii", "nii.gz", "hdr"])
def test_what_simpleitk_writes(source: Source, tmp_path: Path, ending: str) -> None:
    image = sitk.GetImageFromArray(source.values_kji.astype(np.float32))
    image.SetSpacing([float(s) for s in source.spacing_kji[::-1]])
    image.SetOrigin([float(v) for v in source.origin_lps])
    sitk.WriteImage(image, str(tmp_path / f"a_pet.{ending}"), ending != "hdr")
    found = read_back(tmp_path)
    assert np.array_equal(found.volume.values_tkji[0], source.values_kji.astype(np.float32))
    assert_same_place(found, source)


@pytest.mark.parametrize("ending", ["nii", "nii.gz", "img"])
def test_what_nibabel_writes(source: Source, tmp_path: Path, ending: str) -> None:
    affine = np.diag([-source.spacing_kji[2], -source.spacing_kji[1], source.spacing_kji[0], 1.0])
    affine[:3, 3] = source.origin_lps * [-1, -1, 1]
    kind = nibabel.Nifti1Pair if ending == "img" else nibabel.Nifti1Image
    nibabel.save(kind(source.values_kji.T.astype(np.float32), affine), tmp_path / f"a_pet.{ending}")
    found = read_back(tmp_path)
    assert np.array_equal(found.volume.values_tkji[0], source.values_kji.astype(np.float32))
    assert_same_place(found, source)


def test_nibabel_nifti_with_its_own_scaled_integers(source: Source, tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(source.values_kji.T, np.eye(4))
    image.set_data_dtype(np.int16)
    nibabel.save(image, tmp_path / "a_pet.nii.gz")
    found = read_back(tmp_path).volume.values_tkji[0]
    assert np.abs(found - source.values_kji).max() <= 1.01 * source.quantum

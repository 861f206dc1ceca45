"""The header sets of ``suv_vectors.json`` and of real scanners, written as DICOM files and read back.

The files are written with pydicom value by value, private blocks with their creators included, so
this guards what the plain header sets cannot: finding every fact in a file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

from atsm_viewer.cli.main import main

pytestmark = pytest.mark.shared_data

CLASSIC = "1.2.840.10008.5.1.4.1.1.128"
ENHANCED = "1.2.840.10008.5.1.4.1.1.130"
# key of the header sets: creator, group, element in the block, VR
PRIVATE = {
    "SIEMENS:0071,22": ("SIEMENS MED PT", 0x0071, 0x22, "DT"),
    "GE:0009,0D": ("GEMS_PETD_01", 0x0009, 0x0D, "DT"),
    "PHILIPS:7053,00": ("Philips PET Private Group", 0x7053, 0x00, "DS"),
    "PHILIPS:7053,09": ("Philips PET Private Group", 0x7053, 0x09, "DS"),
}
DRUG = "RadiopharmaceuticalInformation"
SHAPE = (3, 4)


def put(ds: Dataset, keyword: str, value: Any) -> None:
    """Set an element exactly as given; some of these headers are not valid DICOM, and that is the point."""
    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    vr = dictionary_VR(tag)
    ds.add(DataElement(tag, vr, in_vr(vr, value), validation_mode=config.IGNORE))


def in_vr(vr: str, value: Any) -> Any:
    if vr == "DS" and not isinstance(value, str):
        # 16 characters at most, as the standard demands
        return next(t for n in range(17, 0, -1) if len(t := f"{value:.{n}g}") <= 16)
    return str(int(value)) if vr == "IS" else value


def put_private(ds: Dataset, key: str, value: str, block: int) -> None:
    creator, group, element, vr = PRIVATE[key]
    if block != 0x10 and (group, 0x10) not in ds:
        # Somebody else's block comes first and holds something misleading at the same element.
        ds.add_new((group, 0x10), "LO", "SOMEBODY ELSE")
        ds.add_new((group, 0x10 << 8 | element), vr, "19990101000000" if vr == "DT" else "99")
    ds.add_new((group, block), "LO", creator)
    ds.add(DataElement((group, block << 8 | element), vr, value, validation_mode=config.IGNORE))


def write_instance(
    path: Path,
    header: Mapping[str, Any],
    number: int,
    series_uid: str,
    frame_uid: str,
    syntax: str,
    block: int,
) -> None:
    enhanced = header.get("SOPClass") == "ENHANCED"
    ds = Dataset()
    ds.SOPClassUID = ENHANCED if enhanced else CLASSIC
    ds.SOPInstanceUID = generate_uid()
    ds.SeriesInstanceUID, ds.StudyInstanceUID, ds.FrameOfReferenceUID = (
        series_uid,
        series_uid + ".1",
        frame_uid,
    )
    ds.Modality, ds.ImageType = "PT", ["ORIGINAL", "PRIMARY"]
    ds.InstanceNumber = number + 1
    for key, value in header.items():
        if key == DRUG:
            ds.RadiopharmaceuticalInformationSequence = DicomSequence([Dataset()])
            for name, part in value.items():
                put(ds.RadiopharmaceuticalInformationSequence[0], name, part)
        elif key in PRIVATE:
            put_private(ds, key, value, block)
        elif key != "SOPClass":
            put(ds, key, value)
    position = [0.0, 0.0, 5.0 * number]
    orientation = [1, 0, 0, 0, 1, 0]
    if enhanced:
        measures, plane, where, values = Dataset(), Dataset(), Dataset(), Dataset()
        measures.PixelSpacing, measures.SliceThickness = [4.0, 4.0], 5.0
        plane.ImageOrientationPatient = orientation
        where.ImagePositionPatient = position
        values.RescaleSlope, values.RescaleIntercept, values.RescaleType = "2", "0", "US"
        shared, frame = Dataset(), Dataset()
        shared.PixelMeasuresSequence = DicomSequence([measures])
        shared.PlaneOrientationSequence = DicomSequence([plane])
        frame.PlanePositionSequence = DicomSequence([where])
        frame.PixelValueTransformationSequence = DicomSequence([values])
        ds.SharedFunctionalGroupsSequence = DicomSequence([shared])
        ds.PerFrameFunctionalGroupsSequence = DicomSequence([frame])
        ds.NumberOfFrames = 1
    else:
        ds.ImagePositionPatient, ds.ImageOrientationPatient = position, orientation
        ds.PixelSpacing, ds.SliceThickness = [4.0, 4.0], 5.0
        ds.RescaleSlope, ds.RescaleIntercept = "2", "0"
    ds.Rows, ds.Columns = SHAPE
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 0
    stored = np.full(SHAPE, 10 * (number + 1), dtype=">u2" if syntax == ExplicitVRBigEndian else "<u2")
    ds["PixelData"] = DataElement(0x7FE00010, "OW", stored.tobytes())
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.preamble = bytes(128)
    ds.save_as(path, enforce_file_format=True)


def write_series(
    folder: Path,
    headers: Sequence[Mapping[str, Any]],
    syntax: str = ExplicitVRLittleEndian,
    block: int = 0x10,
) -> Path:
    """One slice per header, along z in the order given; the file names tell nothing."""
    folder.mkdir(parents=True)
    series_uid, frame_uid = generate_uid(), generate_uid()
    for number, header in enumerate(headers):
        path = folder / f"{(number * 7 + 3) % 11}-{number}.img"
        write_instance(path, header, number, series_uid[:60], frame_uid, syntax, block)
    return folder


@pytest.fixture
def info(capsys: pytest.CaptureFixture[str]) -> Callable[[Path], dict[str, Any]]:
    """Run ``info --json`` on a folder that holds one series."""

    def go(folder: Path) -> dict[str, Any]:
        capsys.readouterr()
        code = main(["info", str(folder), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        (series,) = json.loads(captured.out)["series"]
        return series

    return go


def vectors(shared_dir: Path) -> list[dict[str, Any]]:
    path = shared_dir / "spec" / "suv_vectors.json"
    if not path.is_file():
        pytest.skip("suv_vectors.json is not beside the project")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["suv"]
    return found


def as_list(value: object) -> list[float]:
    return value if isinstance(value, list) else [value]  # type: ignore[list-item]


def wrong_about(series: Mapping[str, Any], vector: Mapping[str, Any]) -> list[str]:
    suv, expected, n = series["suv"], vector["expected"], len(vector["instances"])
    wrong = []
    if series["shape_kji"] != [n, *SHAPE] or series["frames"] != 1:
        wrong.append(f"shape {series['shape_kji']}")
    if series["value_max"] != 20.0 * n:
        wrong.append(f"largest value {series['value_max']}")
    if "error" in expected:
        if suv["available"] or suv["factor_bw"] is not None or series["suv_bw_max"] is not None:
            wrong.append("has a factor")
        if expected["error"] not in suv["codes"]:
            wrong.append(f"codes {suv['codes']}")
        return wrong
    if not suv["available"]:
        return [*wrong, f"unavailable {suv['codes']}"]
    if suv["path"] != expected["path"]:
        wrong.append(f"path {suv['path']}")
    if suv["codes"] != expected["warnings"]:
        wrong.append(f"codes {suv['codes']}")
    factors = as_list(expected["suvbw_factor"])
    if as_list(suv["factor_bw"]) != pytest.approx(factors, rel=1e-9):
        wrong.append(f"factor {suv['factor_bw']}")
    per_slice = [20.0 * (k + 1) * (factors[k] if len(factors) > 1 else factors[0]) for k in range(n)]
    if series["suv_bw_max"] != pytest.approx(max(per_slice), rel=1e-6):
        wrong.append(f"largest SUV {series['suv_bw_max']}")
    if "uptake_s" in expected and as_list(suv["uptake_s"]) != pytest.approx(
        as_list(expected["uptake_s"]), rel=1e-9, abs=1e-6
    ):
        wrong.append(f"uptake {suv['uptake_s']}")
    for key, name in (
        ("reference_datetime", "reference_time"),
        ("administration_datetime", "administration_time"),
    ):
        said = suv[name] and datetime.fromisoformat(suv[name])
        if key in expected and said != datetime.fromisoformat(expected[key]):
            wrong.append(f"{name} {suv[name]}")
    return wrong


@pytest.mark.parametrize(
    ("syntax", "block"),
    [
        (ExplicitVRLittleEndian, 0x10),
        (ImplicitVRLittleEndian, 0x11),
        (ExplicitVRBigEndian, 0xF3),
    ],
    ids=["explicit", "implicit-second-block", "big-endian-late-block"],
)
def test_every_header_set_gives_its_answer_when_it_comes_from_files(
    shared_dir: Path, tmp_path: Path, info: Callable[[Path], dict[str, Any]], syntax: str, block: int
) -> None:
    found = {
        v["id"]: wrong_about(info(write_series(tmp_path / v["id"], v["instances"], syntax, block)), v)
        for v in vectors(shared_dir)
    }
    assert len(found) > 50
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


# Factors that the publishers of these headers give, to 1e-6; one of them is not among the vectors.
REAL = {
    "SIEMENS": ("SIEMENS", 0.00042748316187197236),
    "GE_MEDICAL_AND_BQML": ("GE MEDICAL SYSTEMS", 0.0005367387681819742),
    "PHILIPS_BQML": ("Philips Medical Systems", 0.0007463747013889488),
    "PHILIPS_CNTS_AND_BQML_SUV": ("Philips Medical Systems", 0.000551),
    "PHILIPS_CNTS_AND_SUV": ("Philips Medical Systems", 0.000728),
    "BQML_AC_DT_lessThan_S_DT_SIEMENS": ("SIEMENS", 0.0004069156854009332),
    "CPS_AND_BQML_AC_DT_-_S_DT": ("CPS", 0.00026503312764157046),
    "RADIOPHARM_DATETIME_UNDEFINED": ("SIEMENS", 0.0003721089202818729),
}


@pytest.mark.parametrize("name", sorted(REAL))
def test_headers_of_real_scanners_give_the_factor_that_their_publisher_states(
    shared_dir: Path, tmp_path: Path, info: Callable[[Path], dict[str, Any]], name: str
) -> None:
    maker, truth = REAL[name]
    path = shared_dir / "data" / "calculate_suv" / f"{name}-instances.json"
    headers = []
    for plain in json.loads(path.read_text(encoding="utf-8")):
        header: dict[str, Any] = {"Manufacturer": maker, DRUG: {}}
        for key, value in plain.items():
            if key == "PhilipsPETPrivateGroup":
                names = {"SUVScaleFactor": "00", "ActivityConcentrationScaleFactor": "09"}
                header.update({f"PHILIPS:7053,{names[k]}": v for k, v in value.items()})
            elif key.startswith("Radi"):
                header[DRUG][key] = value
            else:
                header[key] = value
        headers.append(header)
    series = info(write_series(tmp_path / "pet", headers))
    assert series["suv"]["available"] is True
    assert series["suv"]["factor_bw"] == pytest.approx(truth, abs=1e-6)
    assert series["suv_bw_max"] == pytest.approx(60.0 * truth, rel=5e-3)

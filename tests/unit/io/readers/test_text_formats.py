"""Interfile, Analyze, BIDS sidecars and described raw files, each written here byte by byte."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance
from atsm_viewer.domain.suv.of_scan import assess_scan
from atsm_viewer.domain.volume import Modality
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.read_series import read_series
from atsm_viewer.io.readers import kind_of
from atsm_viewer.io.readers.raw_volume import RawDescription, check_size, write_description

SHAPE = (3, 4, 5)


def load(path: Path, modality: Modality | None = None) -> LoadedImage:
    catalogue = scan_paths([path])
    if catalogue.rejected:
        raise AtsmError(catalogue.rejected[0].reason)
    return read_series(catalogue.series[0], modality=modality)


def interfile(folder: Path, stored: np.ndarray, **keys: str) -> Path:
    (folder / "p.i33").write_bytes(stored.tobytes())
    said = {
        "!name of data file": "p.i33",
        "!total number of images": "3",
        "!matrix size [1]": "5",
        "!matrix size [2]": "4",
        "!number format": "signed integer",
        "!number of bytes per pixel": "2",
        "imagedata byte order": "LITTLEENDIAN",
        "scaling factor (mm/pixel) [1]": "4",
        "scaling factor (mm/pixel) [2]": "4",
        "centre-centre slice separation (pixels)": "0.75",
        "!imaging modality": "PET",
        "image units": "kBq/ml",
    } | keys
    path = folder / "p.h33"
    path.write_text("!INTERFILE :=\n; words\n" + "".join(f"{k} := {v}\n" for k, v in said.items() if v))
    return path


def test_interfile_slice_separation_counts_in_pixels(tmp_path: Path) -> None:
    stored = np.arange(60, dtype="<i2").reshape(SHAPE)
    image = load(interfile(tmp_path, stored, **{"rescale slope": "0.5", "rescale intercept": "2"}))
    assert image.volume.geometry.spacing_kji_mm == pytest.approx((3.0, 4.0, 4.0))
    assert image.volume.values_tkji[0] == pytest.approx((stored * 0.5 + 2) * 1000.0)
    assert image.volume.unit == "BQML"
    own = interfile(tmp_path, stored, **{"scaling factor (mm/pixel) [3]": "2.5"})
    assert load(own).volume.geometry.spacing_kji_mm[0] == 2.5


@pytest.mark.parametrize(
    ("words", "size", "order", "dtype"),
    [
        ("signed integer", 2, "BIGENDIAN", ">i2"),
        ("signed integer", 2, "", ">i2"),  # big-endian where nothing is said
        ("unsigned integer", 1, "LITTLEENDIAN", "u1"),
        ("signed integer", 4, "LITTLEENDIAN", "<i4"),
        ("short float", 4, "LITTLEENDIAN", "<f4"),
        ("long float", 8, "BIGENDIAN", ">f8"),
    ],
)
def test_interfile_number_formats(tmp_path: Path, words: str, size: int, order: str, dtype: str) -> None:
    stored = np.arange(60).astype(dtype).reshape(SHAPE)
    keys = {"!number format": words, "!number of bytes per pixel": str(size), "imagedata byte order": order}
    assert np.array_equal(load(interfile(tmp_path, stored, **keys)).volume.values_tkji[0], stored * 1000.0)


def test_interfile_data_in_another_folder_are_not_opened(tmp_path: Path) -> None:
    header = interfile(tmp_path, np.zeros(SHAPE, "<i2"), **{"!name of data file": "../../etc/passwd"})
    with pytest.raises(AtsmError, match="another folder"):
        load(header)


def test_the_data_file_of_interfile_leads_to_its_header(tmp_path: Path) -> None:
    header = interfile(tmp_path, np.zeros(SHAPE, "<i2"))
    (entry,) = scan_paths([tmp_path / "p.i33"]).series
    assert entry.paths == (header,)
    assert len(scan_paths([tmp_path]).series) == 1


def analyze(folder: Path, stored: np.ndarray, order: str = "<") -> Path:
    head = bytearray(348)
    struct.pack_into(f"{order}i", head, 0, 348)
    struct.pack_into(f"{order}5h", head, 40, 4, 5, 4, 3, 1)
    struct.pack_into(f"{order}2h", head, 70, 4, 16)
    struct.pack_into(f"{order}3f", head, 80, 2.0, 3.0, 4.0)
    (folder / "a.hdr").write_bytes(head)
    (folder / "a.img").write_bytes(stored.astype(f"{order}i2").tobytes())
    return folder / "a.hdr"


@pytest.mark.parametrize("order", ["<", ">"])
def test_analyze_opens_unscaled_and_without_suv(tmp_path: Path, order: str) -> None:
    stored = np.arange(60).reshape(SHAPE)
    image = load(analyze(tmp_path, stored, order))
    assert np.array_equal(image.volume.values_tkji[0], stored)
    assert image.volume.geometry.spacing_kji_mm == (4.0, 3.0, 2.0)
    assert (image.volume.unit, image.facts) == ("", None)
    assert {"unscaled", "sides_unverified"} <= {n.code for n in image.notices}


def test_four_formats_with_one_ending_are_told_apart_by_content(tmp_path: Path) -> None:
    stored = np.arange(60, dtype="<i2").reshape(SHAPE)
    interfile(tmp_path, stored).rename(tmp_path / "i.hdr")
    analyze(tmp_path, stored)
    nibabel.save(nibabel.Nifti1Pair(stored, np.eye(4)), tmp_path / "n.img")
    (tmp_path / "m.hdr").write_text("file_type 5\ndata_type 2\nx_dimension 5\nend_of_header\n")
    kinds = {name: kind_of(tmp_path / f"{name}.hdr") for name in "ianm"}
    assert kinds == {"i": "interfile", "a": "analyze", "n": "nifti", "m": "inveon"}


BIDS: dict[str, Any] = {
    "TracerName": "Cu-ATSM",
    "TracerRadionuclide": "Cu64",
    "InjectedRadioactivity": 5.0,
    "InjectedRadioactivityUnits": "MBq",
    "InjectionStart": -7200,
    "TimeZero": "00:30:00",
    "ScanStart": 60,
    "FrameTimesStart": [60, 360],
    "FrameDuration": [300, 600],
    "Units": "kBq/mL",
    "ImageDecayCorrected": True,
    "ImageDecayCorrectionTime": 0,
    "BodyWeight": 0.02,
    "AttenuationCorrection": "CT-based",
    "ManufacturersModelName": "nanoScan",
    "Manufacturer": "Mediso",
}


def bids(folder: Path, n_frames: int = 2, **changes: object) -> Path:
    data = np.random.default_rng(1).random((*SHAPE, n_frames)).astype(np.float32)
    path = folder / "sub-01_pet.nii.gz"
    nibabel.save(nibabel.Nifti1Image(data, np.diag([-2.0, -2.0, 2.0, 1.0])), path)
    (folder / "sub-01_pet.json").write_text(json.dumps(BIDS | changes))
    return path


def test_a_bids_sidecar_gives_frame_times_and_the_whole_dose_card(tmp_path: Path) -> None:
    image = load(bids(tmp_path))
    volume = image.volume
    assert volume.unit == "KBQML"
    assert [(f.start_s, f.duration_s) for f in volume.frames] == [(0, 300), (300, 600)]
    assert image.facts is not None
    assert [f.acquisition_time for f in image.facts.distinct] == ["003100.000000", "003600.000000"]
    scan = Scan("s", "s", volume.geometry, volume, None, (Slot("m", "a"),), pet_facts=image.facts)
    found = assess_scan(scan, Administration("a", "m"))
    assert found is not None
    assert found.available, found.codes
    # Corrected to TimeZero, two hours after the injection on the evening before; kBq to Bq.
    decayed = 5e6 * 2.0 ** (-7200 / 45722.16)
    assert found.factor_bw == pytest.approx(1000.0 * 1000.0 * 0.02 / decayed, rel=1e-6)
    assert found.dose_bq is not None
    assert found.dose_bq.provenance is Provenance.SIDECAR
    assert found.dose_bq.detail == "sub-01_pet.json"
    assert scan_paths([tmp_path]).rejected == ()
    assert scan_paths([tmp_path / "sub-01_pet.json"]).series[0].kind == "nifti"


def test_a_sidecar_that_does_not_fit_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(AtsmError, match=r"sub-01_pet\.json.*FrameDuration holds 3"):
        load(bids(tmp_path, FrameDuration=[1, 2, 3]))
    (tmp_path / "sub-01_pet.json").write_text('{"TimeZero": ')
    with pytest.raises(AtsmError, match=r"sub-01_pet\.json.*JSON"):
        load(tmp_path / "sub-01_pet.nii.gz")


def test_units_that_a_sidecar_leaves_out_are_not_guessed(tmp_path: Path) -> None:
    image = load(bids(tmp_path, InjectedRadioactivityUnits="n/a", Units="arbitrary"))
    assert image.volume.unit == ""
    assert image.facts is not None
    assert image.facts.distinct[0].radiopharmaceuticals[0].total_dose is None
    assert {"dose_unit", "unit_unknown"} <= {n.code for n in image.notices}


def test_a_described_raw_file_opens_and_is_found_again(tmp_path: Path) -> None:
    stored = np.arange(120, dtype=">f4").reshape(2, *SHAPE)
    data = tmp_path / "x.raw"
    data.write_bytes(b"HEADER" + stored.tobytes())
    said = RawDescription((2, *SHAPE), "float32", True, 6, (4.0, 3.0, 2.0), "PT", "BQML")
    assert check_size(said, data.stat().st_size) == ""
    path = write_description(data, said)
    for opened in (path, data, tmp_path):
        image = load(opened)
        assert np.array_equal(image.volume.values_tkji, stored)
        assert image.volume.unit == "BQML"
        assert image.volume.geometry.spacing_kji_mm == (4.0, 3.0, 2.0)
    assert "12 bytes too short" in check_size(said, data.stat().st_size - 12)
    data.write_bytes(b"short")
    with pytest.raises(AtsmError, match=r"x\.raw.*too short"):
        load(path)


@pytest.mark.parametrize(
    "change", [{"data": "../x.raw"}, {"number_type": "object"}, {"offset": -1}, {"shape_tkji": [1, 2, 3]}]
)
def test_a_damaged_description_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    data = tmp_path / "x.raw"
    data.write_bytes(bytes(240))
    path = write_description(data, RawDescription((1, *SHAPE)))
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(AtsmError, match=r"x\.raw\.json.*damaged"):
        load(path)

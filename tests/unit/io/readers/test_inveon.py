"""Inveon and Concorde headers, written here line by line from their public key list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance
from atsm_viewer.domain.suv.assessment import SuvAssessment
from atsm_viewer.domain.suv.of_scan import assess_scan
from atsm_viewer.domain.volume import Modality
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.loaded_image import LoadedImage
from atsm_viewer.io.read_series import read_series

SHAPE = (3, 4, 5)  # k, j, i
MAIN = {
    "version": "001.910",
    "model": "5001",
    "modality": "0",
    "file_type": "5",
    "total_frames": "1",
    "data_type": "4",
    "x_dimension": "5",
    "y_dimension": "4",
    "z_dimension": "3",
    "pixel_size": "0.0776",
    "axial_plane_size": "0.0796",
    "isotope": "Cu-64",
    "isotope_half_life": "45720",
    "isotope_branching_fraction": "0.184",
    "calibration_units": "1",
    "calibration_factor": "5000.0",
    "decay_correction_applied": "1",
    "attenuation_applied": "1",
    "scan_time": "Thu Jan 02 12:00:00 2025",
    "injection_time": "Thu Jan 02 09:00:00 2025",
    "injected_compound": "Cu-ATSM",
    "dose": "0.2",
    "dose_units": "1",
    "subject_weight": "22.5",
    "subject_weight_units": "1",
}
FRAME = {"frame_start": "0", "frame_duration": "600", "scale_factor": "2.0", "decay_correction": "1.00456"}


def write(folder: Path, values: np.ndarray, frames: list[dict[str, str]] | None = None, **main: str) -> Path:
    blocks = [FRAME] if frames is None else frames
    keys = MAIN | {"total_frames": str(len(blocks))} | main
    lines = ["#", "# Header", *(f"#\n{k} {v}" for k, v in keys.items()), "end_of_header"]
    for n, block in enumerate(blocks):
        lines += [f"frame {n}", *(f"{k} {v}" for k, v in block.items()), "end_of_header"]
    (folder / "m.img").write_bytes(values.tobytes())
    header = folder / "m.img.hdr"
    header.write_text("\n".join(lines) + "\n")
    return header


def load(path: Path, modality: Modality | None = None) -> LoadedImage:
    catalogue = scan_paths([path])
    assert catalogue.rejected == ()
    (entry,) = catalogue.series
    return read_series(entry, modality=modality)


def assessed(image: LoadedImage) -> SuvAssessment:
    scan = Scan("s", "s", image.volume.geometry, image.volume, None, (Slot("m", "a"),), pet_facts=image.facts)
    found = assess_scan(scan, Administration("a", "m"))
    assert found is not None
    return found


def numbers(dtype: str, n_frames: int = 1) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 100, (n_frames, *SHAPE)).astype(dtype)


@pytest.mark.parametrize(
    ("code", "dtype"),
    [("1", "i1"), ("2", "<i2"), ("3", "<i4"), ("4", "<f4"), ("5", ">f4"), ("6", ">i2"), ("7", ">i4")],
)
def test_every_number_type_gives_becquerel_per_ml(tmp_path: Path, code: str, dtype: str) -> None:
    stored = numbers(dtype)
    image = load(write(tmp_path, stored, data_type=code))
    expected = stored.astype(float) * 2.0 * 5000.0 / 0.184 * 37.0  # nCi to Bq
    assert image.volume.values_tkji == pytest.approx(expected, rel=1e-6)
    assert image.volume.unit == "BQML"


def test_the_suv_follows_from_the_header_alone(tmp_path: Path) -> None:
    found = assessed(load(write(tmp_path, numbers("<f4"))))
    assert found.available, found.codes
    decayed = 0.2 * 3.7e7 * 2.0 ** (-3 * 3600 / 45720)  # injected three hours before the scan
    assert found.factor_bw == pytest.approx(22.5 / decayed, rel=1e-9)
    assert found.is_animal
    for value in (found.weight_kg, found.dose_bq, found.half_life_s, found.units, found.administration_time):
        assert value is not None
        assert (value.provenance, value.detail) == (Provenance.HEADER, "m.img.hdr")


def test_voxel_sizes_in_cm_and_in_mm_are_told_apart(tmp_path: Path) -> None:
    assert load(write(tmp_path, numbers("<f4"))).volume.geometry.spacing_kji_mm == pytest.approx(
        (0.796, 0.776, 0.776)
    )
    newer = {"pixel_size_x": "0.9", "pixel_size_y": "0.8", "pixel_size_z": "0.7"}
    geometry = load(write(tmp_path, numbers("<f4"), **newer)).volume.geometry
    assert geometry.spacing_kji_mm == pytest.approx((0.7, 0.8, 0.9))
    assert geometry.centre_lps == pytest.approx((0, 0, 0))
    older = {"axial_plane_size": "0", "axial_crystal_pitch": "0.24"}
    assert load(write(tmp_path, numbers("<f4"), **older)).volume.geometry.spacing_kji_mm[0] == pytest.approx(
        1.2
    )


def test_frames_have_their_own_scale_time_and_place_in_the_file(tmp_path: Path) -> None:
    stored = numbers("<i2", 2)
    size = stored[0].nbytes
    blocks = [
        FRAME | {"frame_start": "0", "scale_factor": "1.0", "data_file_pointer": f"0 {size}"},
        FRAME | {"frame_start": "600", "scale_factor": "3.0", "data_file_pointer": "0 0"},
    ]
    image = load(
        write(tmp_path, stored, blocks, data_type="2", calibration_units="2", isotope_branching_fraction="1")
    )
    assert image.volume.values_tkji[0] == pytest.approx(stored[1] * 5000.0)
    assert image.volume.values_tkji[1] == pytest.approx(stored[0] * 15000.0)
    assert [(f.start_s, f.duration_s) for f in image.volume.frames] == [(0, 600), (600, 600)]
    assert image.facts is not None
    assert [f.acquisition_time for f in image.facts.distinct] == ["120000.000000", "121000.000000"]


def test_an_uncalibrated_image_has_no_suv_and_says_why(tmp_path: Path) -> None:
    stored = numbers("<f4")
    image = load(write(tmp_path, stored, calibration_units="0", calibration_factor="1"))
    assert image.volume.unit == ""
    assert image.volume.values_tkji == pytest.approx(stored * 2.0)
    found = assessed(image)
    assert not found.available
    assert found.error == "E-UNITS"
    assert any(n.code == "uncalibrated" and "T/M" in n.text for n in image.notices)


@pytest.mark.parametrize(("flag", "rule"), [("1", "START"), ("0", "NONE")])
def test_the_decay_flag_decides_between_start_and_none(tmp_path: Path, flag: str, rule: str) -> None:
    found = assessed(load(write(tmp_path, numbers("<f4"), decay_correction_applied=flag)))
    assert found.decay_rule is not None
    assert found.decay_rule.value == rule
    if rule == "NONE":  # mean activity over ten minutes, three hours after injection
        lam = np.log(2) / 45720
        mean = np.exp(-lam * 10800) * (1 - np.exp(-lam * 600)) / (lam * 600)
        assert found.factor_bw == pytest.approx(22.5 / (0.2 * 3.7e7 * mean), rel=1e-6)


@pytest.mark.parametrize(
    ("keys", "dose_bq", "weight_kg"),
    [
        (
            {"dose": "7.4", "dose_units": "2", "subject_weight": "0.8", "subject_weight_units": "2"},
            7.4e6,
            0.02268,
        ),
        ({"dose": "4e8", "dose_units": "2", "subject_weight": "3", "subject_weight_units": "3"}, 4e8, 3.0),
        ({"dose_units": "0", "subject_weight_units": "0"}, None, None),
    ],
)
def test_units_of_dose_and_weight_are_read_and_never_guessed(
    tmp_path: Path, keys: dict[str, str], dose_bq: float | None, weight_kg: float | None
) -> None:
    image = load(write(tmp_path, numbers("<f4"), **keys))
    assert image.facts is not None
    header = image.facts.distinct[0]
    assert header.radiopharmaceuticals[0].total_dose == (dose_bq and pytest.approx(dose_bq))
    assert header.patient_weight_kg == (weight_kg and pytest.approx(weight_kg, rel=1e-4))
    if dose_bq != 7.4e6:
        assert "dose_unit" in {n.code for n in image.notices}


def test_a_ct_is_in_hounsfield_units(tmp_path: Path) -> None:
    stored = numbers("<i2") - np.int16(1000)
    image = load(write(tmp_path, stored, modality="1", data_type="2", scale_factor="1"), None)
    assert image.volume.modality is Modality.CT
    assert image.volume.unit == "HU"
    assert np.array_equal(image.volume.values_tkji, stored * 2.0)  # the scale factor of the frame


def test_the_data_file_leads_to_its_header_and_gives_one_image(tmp_path: Path) -> None:
    header = write(tmp_path, numbers("<f4"))
    (entry,) = scan_paths([tmp_path / "m.img"]).series
    assert entry.paths == (header,)
    assert len(scan_paths([tmp_path]).series) == 1
    assert scan_paths([tmp_path]).rejected == ()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"x_dimension": "60000", "y_dimension": "60000", "z_dimension": "60000"}, r"m\.img"),
        ({"x_dimension": "0"}, "size"),
        ({"data_type": "9"}, "data type"),
        ({"pixel_size": "0"}, "spacing"),
        ({"isotope_branching_fraction": "-1"}, "branching"),
        ({"total_frames": "3"}, "3 frames"),
    ],
)
def test_a_header_that_cannot_be_is_refused(tmp_path: Path, keys: dict[str, str], words: str) -> None:
    header = write(tmp_path, numbers("<f4"), **keys)
    with pytest.raises(AtsmError, match=words):
        read_series_of(header)


def test_missing_and_short_data_are_refused_by_name(tmp_path: Path) -> None:
    header = write(tmp_path, numbers("<f4"))
    (tmp_path / "m.img").write_bytes(b"\0" * 100)
    with pytest.raises(AtsmError, match=r"m\.img.*too short"):
        read_series_of(header)
    (tmp_path / "m.img").unlink()
    with pytest.raises(AtsmError, match=r"m\.img.*missing"):
        read_series_of(header)


def read_series_of(header: Path) -> LoadedImage:
    catalogue = scan_paths([header])
    if catalogue.rejected:
        raise AtsmError(catalogue.rejected[0].reason)
    return read_series(catalogue.series[0])


@pytest.mark.parametrize(
    ("frame", "main", "refused"),
    [
        ({"frame_start": "999999999999"}, {}, True),
        ({"frame_duration": "-5"}, {}, True),
        ({}, {"scan_time": "Fri Dec 31 23:59:59 9999"}, False),
    ],
)
def test_absurd_times_do_not_reach_the_arithmetic(
    tmp_path: Path, frame: dict[str, str], main: dict[str, str], refused: bool
) -> None:
    header = write(tmp_path, numbers("<f4"), [FRAME | frame], **main)
    if refused:
        with pytest.raises(AtsmError, match=r"m\.img\.hdr.*frame"):
            read_series_of(header)
    else:
        assert assessed(read_series_of(header)).error == "E-REFTIME"

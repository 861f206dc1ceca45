"""The command line on published images: expected numbers come from their publishers.

Masks that are published as contours are turned into voxels here, by a routine of its own, and
reach the program as a file, so reading, placing, SUV and statistics are tested in one go.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from skimage.measure import grid_points_in_poly

from atsm_viewer.cli.main import main

pytestmark = pytest.mark.shared_data

Run = Callable[..., dict[str, Any]]

# voxels, mL, min, mean, median, max, population SD inside the published masks
TRUTH = {
    "STS_001": (5095, 366.079, 0.1686, 2.5551, 2.4868, 7.9107, 1.3320),
    "STS_002": (555, 54.277, 0.6947, 7.3696, 5.3548, 21.6757, 5.6873),
    "STS_019": (239, 17.172, 2.9876, 8.4940, 8.1617, 16.3277, 2.9895),
    "STS_042": (356, 34.816, 0.4679, 3.1272, 2.9382, 6.9156, 1.3976),
}
REFERENCE_OBJECTS = ("0_0", "1_0", "2_0", "2_4", "3_1", "3_2", "4_1", "4_2", "5_0")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process; returns its JSON."""

    def go(*arguments: object, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert main([str(a) for a in arguments]) == code
        return json.loads(capsys.readouterr().out)

    return go


def inside_polygon(x: np.ndarray, y: np.ndarray, corners_x: np.ndarray, corners_y: np.ndarray) -> np.ndarray:
    """Even-odd rule: count the edges that a ray from each point towards +x crosses."""
    inside = np.zeros(np.broadcast(x, y).shape, dtype=bool)
    ends_x, ends_y = np.roll(corners_x, -1), np.roll(corners_y, -1)
    for x0, y0, x1, y1 in zip(corners_x, corners_y, ends_x, ends_y, strict=True):
        if y0 == y1:
            continue
        spans = (y0 > y) != (y1 > y)
        inside ^= spans & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    return inside


def contours_as_mask(structure_set: Path, images: Path, target: Path) -> Path:
    """Write the voxels whose centres lie inside the contours as a NIfTI file on the grid of the images."""
    slices = sorted(
        (pydicom.dcmread(p, stop_before_pixels=True) for p in images.iterdir()),
        key=lambda ds: float(ds.ImagePositionPatient[2]),
    )
    first = slices[0]
    x0, y0, z0 = (float(v) for v in first.ImagePositionPatient)
    row_mm, column_mm = (float(v) for v in first.PixelSpacing)
    heights = np.array([float(ds.ImagePositionPatient[2]) for ds in slices])
    mask = np.zeros((len(slices), first.Rows, first.Columns), dtype=np.uint8)
    x = x0 + column_mm * np.arange(first.Columns)[None, :]
    y = y0 + row_mm * np.arange(first.Rows)[:, None]
    (roi,) = pydicom.dcmread(structure_set).ROIContourSequence
    for contour in roi.ContourSequence:
        corners = np.array([float(v) for v in contour.ContourData]).reshape(-1, 3)
        k = int(np.argmin(np.abs(heights - corners[0, 2])))
        assert abs(heights[k] - corners[0, 2]) < 0.05
        mask[k] ^= inside_polygon(x, y, corners[:, 0], corners[:, 1])
    image = sitk.GetImageFromArray(mask)
    image.SetOrigin((x0, y0, z0))
    image.SetSpacing((column_mm, row_mm, float(heights[-1] - z0) / (len(slices) - 1)))
    sitk.WriteImage(image, str(target))
    return target


@pytest.fixture(scope="session")
def reference_objects(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    with zipfile.ZipFile(shared_dir / "data" / "ibsi_suv_dro_dev.zip") as archive:
        archive.extractall(folder)
    return folder / "DRO"


def published_mask(shared_dir: Path, case: str, tmp_path: Path) -> Path:
    folder = shared_dir / "data" / "ibsi_sts"
    published = folder / "nifti" / case / "PET_mask.nii.gz"
    if published.exists():
        return published
    pet = folder / case / "PET"
    return contours_as_mask(pet / "mask" / "RS.dcm", pet / "image", tmp_path / "mask.nii.gz")


@pytest.mark.parametrize("case", sorted(TRUTH))
def test_measure_gives_the_published_statistics_of_the_published_mask(
    shared_dir: Path, tmp_path: Path, run: Run, case: str
) -> None:
    mask = published_mask(shared_dir, case, tmp_path)
    answer = run("measure", shared_dir / "data" / "ibsi_sts" / case, "--mask", f"{mask}=tumour:GTV", "--json")
    (row,) = answer["rois"]
    n, volume_ml, low, mean, median, high, population_sd = TRUTH[case]
    if case == "STS_001":
        # Published as contours; centres that lie on an edge may fall to either side.
        assert row["n_voxels"] == pytest.approx(n, rel=1e-3)
    else:
        assert row["n_voxels"] == n
    assert row["volume_mm3"] / 1000 == pytest.approx(volume_ml, rel=1e-3)
    found = [row["suv_min"], row["suv_mean"], row["suv_median"], row["suv_max"]]
    assert found == pytest.approx([low, mean, median, high], rel=1e-3)
    # The table divides by n, the program by n - 1.
    assert row["suv_sd"] * ((n - 1) / n) ** 0.5 == pytest.approx(population_sd, rel=1e-3)
    assert (row["roi_name"], row["roi_role"], row["suv_path"]) == ("GTV", "tumour", "GML/BW")
    # Without muscle there is no ratio, and it says why.
    (ratio,) = answer["tm"]
    assert (ratio["tm_mean"], ratio["tm_max"], ratio["status"]) == (None, None, "no_muscle")


@pytest.mark.parametrize("case", ["STS_002", "STS_019", "STS_042"])
def test_nifti_images_without_a_unit_give_the_same_statistics_as_plain_values_and_no_suv(
    shared_dir: Path, run: Run, case: str
) -> None:
    folder = shared_dir / "data" / "ibsi_sts" / "nifti" / case
    answer = run(
        "measure", folder / "PET_image.nii.gz", "--mask", f"{folder / 'PET_mask.nii.gz'}=tumour", "--json"
    )
    (row,) = answer["rois"]
    n, _, low, mean, _, high, population_sd = TRUTH[case]
    assert row["n_voxels"] == n
    assert [row["value_min"], row["value_mean"], row["value_max"]] == pytest.approx(
        [low, mean, high], rel=1e-3
    )
    assert row["value_sd"] * ((n - 1) / n) ** 0.5 == pytest.approx(population_sd, rel=1e-3)
    assert (row["suv_mean"], row["suv_max"]) == (None, None)


def test_info_lists_the_pet_of_every_published_case_with_its_maximum(shared_dir: Path, run: Run) -> None:
    for case in sorted(TRUTH):
        series = run("info", shared_dir / "data" / "ibsi_sts" / case, "--json")["series"]
        assert {s["modality"] for s in series} == ({"PT"} if case == "STS_001" else {"PT", "CT"})
        (pet,) = [s for s in series if s["modality"] == "PT"]
        headers = [
            pydicom.dcmread(p) for p in (shared_dir / "data" / "ibsi_sts" / case / "PET" / "image").iterdir()
        ]
        largest = max(
            float(h.pixel_array.max()) * float(h.RescaleSlope) + float(h.RescaleIntercept) for h in headers
        )
        assert pet["shape_kji"] == [len(headers), headers[0].Rows, headers[0].Columns]
        assert pet["units"] == "GML"
        assert pet["suv"]["factor_bw"] == 1.0
        assert pet["suv"]["kind_stored"] == "SUVbw"
        assert pet["value_max"] == pytest.approx(largest, rel=1e-6)
        assert pet["suv_bw_max"] == pet["value_max"]


def test_the_installed_command_says_the_same_as_the_function(shared_dir: Path, run: Run) -> None:
    pet = shared_dir / "data" / "ibsi_sts" / "STS_019" / "PET" / "image"
    mask = shared_dir / "data" / "ibsi_sts" / "nifti" / "STS_019" / "PET_mask.nii.gz"
    arguments = ["measure", str(pet), "--mask", f"{mask}=tumour", "--json"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "atsm_viewer", *arguments],
        capture_output=True, check=False, cwd=root, env={**os.environ, "PYTHONPATH": str(root)},
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout.decode("utf-8")) == run(*arguments)


def test_the_raw_whole_body_pet_has_its_published_factor_and_maximum(shared_dir: Path, run: Run) -> None:
    (pet,) = run("info", shared_dir / "data" / "sts_raw_ge", "--json")["series"]
    assert (pet["modality"], pet["units"], pet["frames"]) == ("PT", "BQML", 1)
    assert pet["shape_kji"] == [267, 128, 128]
    assert pet["spacing_kji_mm"] == pytest.approx([3.27, 4.6875, 4.6875], abs=1e-6)
    assert pet["suv"]["available"] is True
    assert pet["suv"]["factor_bw"] == pytest.approx(2.4290298e-4, rel=1e-7)
    assert pet["value_max"] == pytest.approx(273860.360, rel=1e-7)
    assert pet["suv_bw_max"] == pytest.approx(66.5215, rel=1e-5)
    # The header gives a clock time of injection only; its date is a conclusion, and it is said.
    assert "W-ADMIN-DATE-INFERRED" in pet["suv"]["codes"]
    assert pet["suv"]["administration_time"].startswith(pet["suv"]["reference_time"][:10])


def test_the_published_crop_and_the_raw_image_measure_the_same_suv(
    shared_dir: Path, tmp_path: Path, run: Run
) -> None:
    raw = shared_dir / "data" / "sts_raw_ge" / "STS_001" / "FDG_PET" / "image"
    crop = shared_dir / "data" / "ibsi_sts" / "STS_001" / "PET" / "image"
    mask = published_mask(shared_dir, "STS_001", tmp_path)
    # The same voxels on the raw grid: columns from 59, rows from 45, slices by their positions.
    crop_z = sorted(float(pydicom.dcmread(p).ImagePositionPatient[2]) for p in crop.iterdir())
    raw_z = sorted(
        float(pydicom.dcmread(p, stop_before_pixels=True).ImagePositionPatient[2]) for p in raw.iterdir()
    )
    k0 = int(np.argmin(np.abs(np.array(raw_z) - crop_z[0])))
    small = sitk.GetArrayFromImage(sitk.ReadImage(str(mask)))
    full = np.zeros((267, 128, 128), dtype=np.uint8)
    full[k0 : k0 + small.shape[0], 45 : 45 + small.shape[1], 59 : 59 + small.shape[2]] = small
    first = pydicom.dcmread(next(iter(raw.iterdir())), stop_before_pixels=True)
    image = sitk.GetImageFromArray(full)
    image.SetSpacing((4.6875, 4.6875, (raw_z[-1] - raw_z[0]) / 266))
    image.SetOrigin((float(first.ImagePositionPatient[0]), float(first.ImagePositionPatient[1]), raw_z[0]))
    sitk.WriteImage(image, str(tmp_path / "raw_mask.nii.gz"))

    (of_crop,) = run("measure", crop, "--mask", f"{mask}=tumour", "--json")["rois"]
    (of_raw,) = run("measure", raw, "--mask", f"{tmp_path / 'raw_mask.nii.gz'}=tumour", "--json")["rois"]
    assert of_raw["n_voxels"] == of_crop["n_voxels"] > 5000
    for column in ("suv_min", "suv_mean", "suv_median", "suv_max", "suv_sd"):
        assert of_raw[column] == pytest.approx(of_crop[column], abs=8e-4), column
    for column in ("max_x_mm", "max_y_mm", "max_z_mm"):
        assert of_raw[column] == pytest.approx(of_crop[column], abs=0.1), column


@pytest.mark.parametrize("name", REFERENCE_OBJECTS)
def test_every_suv_reference_object_comes_out_at_its_published_suv(
    reference_objects: Path, tmp_path: Path, run: Run, name: str
) -> None:
    folder = reference_objects / f"DRO_{name}"
    (structure_set,) = (folder / "RS").iterdir()
    mask = contours_as_mask(structure_set, folder / "PT", tmp_path / "mask.nii.gz")
    answer = run("measure", folder / "PT", "--mask", f"{mask}=tumour", "--json")
    (row,) = answer["rois"]
    assert row["n_voxels"] > 10_000
    assert row["suv_min"] == pytest.approx(0.20, abs=0.005)
    assert row["suv_median"] == pytest.approx(1.00, abs=0.005)
    assert row["suv_max"] == pytest.approx(4.00, abs=0.005)


def test_the_list_of_reference_objects_is_complete(reference_objects: Path) -> None:
    assert sorted(p.name for p in reference_objects.glob("DRO_*_*")) == [
        f"DRO_{n}" for n in REFERENCE_OBJECTS
    ]


@pytest.mark.parametrize("name", REFERENCE_OBJECTS)
def test_the_voxel_masks_of_the_reference_objects_give_their_published_suv_too(
    reference_objects: Path, run: Run, name: str
) -> None:
    folder = reference_objects / f"DRO_{name}"
    mask = folder / "mask" / "DRO_mask.nii.gz"
    (row,) = run("measure", folder / "PT", "--mask", f"{mask}=tumour", "--json")["rois"]
    found = [row["suv_min"], row["suv_median"], row["suv_max"]]
    assert found == pytest.approx([0.20, 1.00, 4.00], abs=0.005)


def test_the_routine_that_fills_contours_here_agrees_with_another_library() -> None:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = 20 + 7 * np.sin(5 * angle)  # a star, so that rays cross it several times
    star_x, star_y = 31.3 + radius * np.cos(angle), 30.6 + radius * np.sin(angle)
    x, y = np.arange(64)[None, :], np.arange(64)[:, None]
    expected = grid_points_in_poly((64, 64), np.column_stack([star_y, star_x]))
    assert np.array_equal(inside_polygon(x, y, star_x, star_y), expected)


def test_two_single_slices_are_two_series_with_their_own_factor(shared_dir: Path, run: Run) -> None:
    folder = shared_dir / "data" / "acrin_flt"
    series = {s["series_uid"]: s for s in run("info", folder, "--json")["series"]}
    assert len(series) == 2
    for path in folder.glob("*.dcm"):
        ds = pydicom.dcmread(path)
        found = series[ds.SeriesInstanceUID]
        drug = ds.RadiopharmaceuticalInformationSequence[0]
        # Plain clock arithmetic on one day: series start minus the start of the radiopharmaceutical.
        seconds = [
            3600 * int(t[:2]) + 60 * int(t[2:4]) + float(t[4:])
            for t in (str(ds.SeriesTime), str(drug.RadiopharmaceuticalStartTime))
        ]
        decayed = float(drug.RadionuclideTotalDose) * 2 ** (
            -(seconds[0] - seconds[1]) / float(drug.RadionuclideHalfLife)
        )
        factor = 1000 * float(ds.PatientWeight) / decayed
        assert found["suv"]["factor_bw"] == pytest.approx(factor, rel=1e-9)
        largest = float(ds.pixel_array.max()) * float(ds.RescaleSlope)
        assert found["value_max"] == pytest.approx(largest, rel=1e-6)
        assert found["suv_bw_max"] == pytest.approx(largest * factor, rel=1e-6)
        assert "W-ADMIN-DATE-INFERRED" in found["suv"]["codes"]


def test_the_orientation_image_is_measured_at_the_places_where_its_mask_lies(
    shared_dir: Path, run: Run
) -> None:
    folder = shared_dir / "data" / "orientation"
    image, mask = folder / "image" / "orientation.nii.gz", folder / "mask" / "mask.nii.gz"
    answer = run("measure", image, "--mask", f"{mask}=tumour", "--json")
    (row,) = answer["rois"]
    inside = sitk.GetArrayFromImage(sitk.ReadImage(str(mask))) != 0
    values = sitk.GetArrayFromImage(sitk.ReadImage(str(image)))[inside].astype(float)
    assert row["n_voxels"] == values.size
    found = [row["value_min"], row["value_mean"], row["value_max"]]
    assert found == pytest.approx([values.min(), values.mean(), values.max()], rel=1e-9)
    assert row["suv_mean"] is None


def test_the_digital_phantom_is_measured_as_published(shared_dir: Path, run: Run) -> None:
    folder = shared_dir / "data" / "ibsi_digital" / "nifti"
    mask = folder / "mask" / "mask.nii.gz"
    (row,) = run(
        "measure", folder / "image" / "phantom.nii.gz", "--mask", f"{mask}=tumour", "--json"
    )["rois"]  # fmt: skip
    assert row["n_voxels"] == 74
    assert row["volume_mm3"] == pytest.approx(592)
    assert row["value_mean"] == pytest.approx(2.15, abs=0.005)
    assert (row["value_min"], row["value_max"]) == (1, 6)

"""Reading published images: expected numbers come from their publishers, not from this program."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.io.catalogue import propose_pairs, scan_paths
from atsm_viewer.io.conventions import nifti_affine
from atsm_viewer.io.masks import read_mask
from atsm_viewer.io.read_series import LoadedImage, read_series

pytestmark = pytest.mark.shared_data

# voxels, mL, min, mean, median, max, population SD inside the published masks
TRUTH = {
    "STS_002": (555, 54.277, 0.6947, 7.3696, 5.3548, 21.6757, 5.6873),
    "STS_019": (239, 17.172, 2.9876, 8.4940, 8.1617, 16.3277, 2.9895),
    "STS_042": (356, 34.816, 0.4679, 3.1272, 2.9382, 6.9156, 1.3976),
}


def load(path: Path) -> LoadedImage:
    (entry,) = [entry for entry in scan_paths([path]).series if entry.suitable]
    return read_series(entry)


@pytest.mark.parametrize("case", sorted(TRUTH))
@pytest.mark.parametrize("source", ["dicom", "nifti"])
def test_values_inside_the_published_mask_equal_the_published_statistics(
    shared_dir: Path, case: str, source: str
) -> None:
    folder = shared_dir / "data" / "ibsi_sts"
    nifti = folder / "nifti" / case
    image = load(folder / case / "PET" / "image" if source == "dicom" else nifti / "PET_image.nii.gz")
    found = read_mask(nifti / "PET_mask.nii.gz", image.volume.geometry)
    values = image.volume.values_tkji[0][found.mask.to_dense(image.volume.geometry.shape_kji)].astype(float)
    n, volume_ml, low, mean, median, high, sd = TRUTH[case]
    assert not found.resampled
    assert found.mask.n_voxels == n
    assert found.mask.n_voxels * image.volume.geometry.voxel_volume_ml == pytest.approx(volume_ml, rel=1e-3)
    measured = [values.min(), values.mean(), np.median(values), values.max(), values.std()]
    assert measured == pytest.approx([low, mean, median, high, sd], rel=1e-3)


@pytest.mark.parametrize("case", sorted(TRUTH))
@pytest.mark.parametrize("modality", ["PET", "CT"])
def test_dicom_and_nifti_of_one_image_agree_voxel_by_voxel(
    shared_dir: Path, case: str, modality: str
) -> None:
    folder = shared_dir / "data" / "ibsi_sts"
    dicom = load(folder / case / modality / "image").volume
    reference = nibabel.load(folder / "nifti" / case / f"{modality}_image.nii.gz")
    expected = np.asarray(reference.dataobj, dtype=np.float64)
    # Follow every voxel of ours through patient space into the reference, axes and signs included.
    ours = nifti_affine(dicom.geometry)
    k, j, i = np.meshgrid(*(np.arange(n) for n in dicom.geometry.shape_kji), indexing="ij")
    ijk = np.stack([i, j, k, np.ones_like(i)], axis=-1).reshape(-1, 4)
    index = ijk @ (np.linalg.inv(reference.affine) @ ours).T[:, :3]
    nearest = np.rint(index).astype(int)
    assert np.abs(index - nearest).max() < 0.02
    there = expected[tuple(nearest.T)].reshape(dicom.geometry.shape_kji)
    assert np.abs(dicom.values_tkji[0] - there).max() < 2e-3 * max(1.0, np.abs(there).max() / 20)


def test_raw_whole_body_pet_has_the_published_maximum_and_sum(shared_dir: Path) -> None:
    folder = shared_dir / "data" / "sts_raw_ge" / "STS_001" / "FDG_PET" / "image"
    image = load(folder)
    values = image.volume.values_tkji
    assert values.shape == (1, 267, 128, 128)
    assert float(values.max()) == pytest.approx(273860.360, rel=1e-7)
    assert float(values.sum(dtype=np.float64)) == pytest.approx(2.68885384e9, rel=1e-8)
    assert {notice.code for notice in image.notices} == {"slice_jitter"}
    slopes = {str(pydicom.dcmread(path, stop_before_pixels=True).RescaleSlope) for path in folder.iterdir()}
    assert len(slopes) > 200  # the data set is worth the test: almost every slice has its own


def test_the_published_crop_lies_where_its_header_says_in_the_raw_image(shared_dir: Path) -> None:
    raw = load(shared_dir / "data" / "sts_raw_ge" / "STS_001" / "FDG_PET" / "image").volume
    crop = load(shared_dir / "data" / "ibsi_sts" / "STS_001" / "PET" / "image").volume
    index = raw.geometry.lps_to_index(crop.geometry.index_to_lps([0, 0, 0]))
    assert index[1:] == pytest.approx([45, 59], abs=0.01)
    k, j, i = (int(v) for v in np.rint(index))
    shape = crop.geometry.shape_kji
    part = raw.values_tkji[0][k : k + shape[0], j : j + shape[1], i : i + shape[2]]
    assert np.abs(part * 2.4290298e-4 - crop.values_tkji[0]).max() < 8.5e-4


def test_reference_objects_hold_their_published_stored_statistics(shared_dir: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared_dir / "data" / "ibsi_suv_dro_dev.zip") as archive:
        archive.extractall(tmp_path)
    folders = sorted((tmp_path / "DRO").glob("DRO_*_*"))
    assert len(folders) == 9
    with open(tmp_path / "DRO" / "DRO_list.csv", encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.reader(stream))) > 9
    for folder in folders:
        image = load(folder / "PT")
        mask_file = tmp_path / "DRO" / "DRO_0_0" / "mask" / "DRO_mask.nii.gz"
        own = folder / "mask" / "DRO_mask.nii.gz"
        found = read_mask(own if own.exists() else mask_file, image.volume.geometry)
        inside = image.volume.values_tkji[0][found.mask.to_dense(image.volume.geometry.shape_kji)].astype(
            float
        )
        low, median, high = inside.min(), np.median(inside), inside.max()
        # SUVbw inside is 0.20, 1.00, 4.00; before the SUV any unit is proportional to it
        assert low / median == pytest.approx(0.20, abs=0.006), folder.name
        assert high / median == pytest.approx(4.00, abs=0.02), folder.name
        if image.volume.unit == "GML":
            assert [low, median, high] == pytest.approx([0.20, 1.00, 4.00], abs=0.005)
        assert image.facts is not None
        assert len(image.facts) == 20


def test_two_single_slices_of_different_scans_are_two_series(shared_dir: Path) -> None:
    entries = scan_paths([shared_dir / "data" / "acrin_flt"]).series
    assert len(entries) == 2
    for entry in entries:
        image = read_series(entry)
        ds = pydicom.dcmread(entry.paths[0])
        assert np.array_equal(
            image.volume.values_tkji[0, 0],
            (ds.pixel_array.astype(np.float64) * float(ds.RescaleSlope)).astype(np.float32),
        )
        assert image.volume.unit == "BQML"


def test_the_digital_phantom_has_its_published_statistics(shared_dir: Path) -> None:
    folder = shared_dir / "data" / "ibsi_digital" / "nifti"
    volume = load(folder / "image" / "phantom.nii.gz").volume
    found = read_mask(folder / "mask" / "mask.nii.gz", volume.geometry)
    values = volume.values_tkji[0][found.mask.to_dense(volume.geometry.shape_kji)]
    assert found.mask.n_voxels == 74
    assert found.mask.n_voxels * volume.geometry.voxel_volume_mm3 == pytest.approx(592)
    assert values.mean(dtype=float) == pytest.approx(2.148648649)
    assert (values.min(), np.median(values), values.max()) == (1, 1, 6)


def test_every_axis_flip_of_the_orientation_image_keeps_values_at_their_positions(
    shared_dir: Path, tmp_path: Path
) -> None:
    original = nibabel.load(shared_dir / "data" / "orientation" / "image" / "orientation.nii.gz")
    data = np.asarray(original.dataobj)
    reference = load(shared_dir / "data" / "orientation" / "image" / "orientation.nii.gz").volume
    mask_file = shared_dir / "data" / "orientation" / "mask" / "mask.nii.gz"
    n_mask = int(np.count_nonzero(np.asarray(nibabel.load(mask_file).dataobj)))
    rng = np.random.default_rng(0)
    probes = reference.geometry.index_to_lps(
        np.stack([rng.integers(0, n, 60) for n in reference.geometry.shape_kji], axis=-1)
    )
    for number in range(8):
        axes = [axis for axis in range(3) if number >> axis & 1]
        flip = np.eye(4)
        for axis in axes:
            flip[axis, axis], flip[axis, 3] = -1, data.shape[axis] - 1
        path = tmp_path / f"flip{number}.nii.gz"
        nibabel.save(nibabel.Nifti1Image(np.flip(data, axes) if axes else data, original.affine @ flip), path)
        volume = load(path).volume
        for probe in probes:
            assert volume.value_at(probe) == reference.value_at(probe)
        found = read_mask(mask_file, volume.geometry)
        assert not found.resampled
        assert found.mask.n_voxels == n_mask


@pytest.mark.parametrize(
    ("folder", "words"), [("sliceincrement/001", "28.11 mm"), ("sliceincrement/002", "missing")]
)
def test_ct_with_a_missing_slice_is_refused(shared_dir: Path, folder: str, words: str) -> None:
    with pytest.raises(AtsmError, match=words):
        load(shared_dir / "data" / "ct_broken" / folder)


def test_ct_of_a_tilted_gantry_keeps_every_slice_in_its_place_with_a_notice(shared_dir: Path) -> None:
    folder = shared_dir / "data" / "ct_broken" / "gantrytilting" / "001"
    image = load(folder)
    assert [notice.code for notice in image.notices] == ["tilted_stack"]
    for path in folder.iterdir():
        ds = pydicom.dcmread(path)
        k = round((float(ds.ImagePositionPatient[2]) + 61.951915) / 5)
        position = image.volume.geometry.index_to_lps([k, 0, 0])
        assert position == pytest.approx([float(v) for v in ds.ImagePositionPatient], abs=1e-3)
        expected = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
        assert np.array_equal(image.volume.values_tkji[0, k], expected)


def test_pet_and_ct_of_each_subject_are_proposed_together(shared_dir: Path) -> None:
    pairs = propose_pairs(scan_paths([shared_dir / "data" / "ibsi_sts" / case for case in TRUTH]))
    assert len(pairs) == 3
    for pair in pairs:
        assert pair.ct is not None
        assert pair.ct.patient_label == pair.pet.patient_label


def test_a_mask_drawn_on_the_ct_is_taken_at_the_centres_of_pet_voxels(shared_dir: Path) -> None:
    folder = shared_dir / "data" / "ibsi_sts"
    pet = load(folder / "STS_002" / "PET" / "image").volume
    path = folder / "nifti" / "STS_002" / "CT_mask.nii.gz"
    found = read_mask(path, pet.geometry)
    assert found.resampled
    reference = nibabel.load(path)
    data = np.asarray(reference.dataobj)
    expected = _membership(pet.geometry, data, reference.affine)
    assert np.array_equal(found.mask.to_dense(pet.geometry.shape_kji), expected)


def _membership(geometry: Geometry, data: np.ndarray, affine_ras: np.ndarray) -> np.ndarray:
    """Plain loop: is the centre of each voxel in the cell of a voxel of the mask?"""
    inverse = np.linalg.inv(affine_ras)
    result = np.zeros(geometry.shape_kji, dtype=bool)
    origin, steps = np.array(geometry.origin_lps), geometry.steps_kji_lps
    for k, j, i in np.ndindex(*geometry.shape_kji):
        x, y, z = origin + k * steps[0] + j * steps[1] + i * steps[2]
        index = np.floor((inverse @ [-x, -y, z, 1])[:3] + 0.5 + 1e-6).astype(int)
        if (index >= 0).all() and (index < data.shape).all():
            result[k, j, i] = data[tuple(index)] != 0
    return result

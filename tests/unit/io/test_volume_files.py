"""NIfTI, NRRD and MetaImage volumes and masks on any grid."""

from __future__ import annotations

from pathlib import Path

import nibabel
import nrrd
import numpy as np
import pytest
import SimpleITK as sitk

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.volume import Modality
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.conventions import (
    geometry_from_itk,
    geometry_from_nifti_affine,
    itk_from_geometry,
    nifti_affine,
)
from atsm_viewer.io.masks import MaskImport, read_mask
from atsm_viewer.io.read_series import LoadedImage, read_series

ROTATION = np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]])
OBLIQUE = np.eye(4)
OBLIQUE[:3, :3] = ROTATION * [1.8, 2.4, 3.1]
OBLIQUE[:3, 3] = (-30.0, 12.0, 70.0)


def load(path: Path, modality: Modality | None = None) -> LoadedImage:
    (entry,) = scan_paths([path]).series
    return read_series(entry, modality=modality)


def test_a_nifti_voxel_lies_where_its_affine_says(tmp_path: Path) -> None:
    data = np.random.default_rng(0).random((5, 6, 7)).astype(np.float32)  # i, j, k
    affine = np.diag([-2.0, 2.5, 3.0, 1.0])
    affine[:3, 3] = (40, -30, 20)
    path = tmp_path / "a_pet.nii.gz"
    nibabel.save(nibabel.Nifti1Image(data, affine), path)
    volume = load(path).volume
    for i, j, k in [(0, 0, 0), (4, 5, 6), (1, 3, 2)]:
        ras = affine @ [i, j, k, 1]
        assert volume.value_at([-ras[0], -ras[1], ras[2]]) == data[i, j, k]
    assert volume.geometry.shape_kji == (7, 6, 5)


def test_four_dimensional_nifti_becomes_frames_with_a_notice(tmp_path: Path) -> None:
    data = np.random.default_rng(0).random((5, 6, 7, 3)).astype(np.float32)
    path = tmp_path / "dynamic_pet.nii.gz"
    nibabel.save(nibabel.Nifti1Image(data, np.eye(4)), path)
    image = load(path)
    assert image.volume.values_tkji.shape == (3, 7, 6, 5)
    assert np.array_equal(image.volume.values_tkji[2], data[..., 2].T)
    assert "frame_times" in {notice.code for notice in image.notices}


@pytest.mark.parametrize("ending", ["nrrd", "mha", "nii"])
def test_all_formats_hold_the_same_image(tmp_path: Path, ending: str) -> None:
    values = np.random.default_rng(1).random((4, 5, 6)).astype(np.float32)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing((1.5, 2.0, 2.5))
    image.SetOrigin((10, -20, 30))
    path = tmp_path / f"pet.{ending}"
    sitk.WriteImage(image, str(path))
    volume = load(path).volume
    assert np.array_equal(volume.values_tkji[0], values)
    assert volume.geometry.spacing_kji_mm == pytest.approx((2.5, 2.0, 1.5))
    assert volume.geometry.origin_lps == pytest.approx((10, -20, 30))


def test_what_was_assumed_about_a_volume_file_is_said(tmp_path: Path) -> None:
    air = np.full((4, 4, 4), -1000, np.int16)
    for name, values in (("x.nrrd", air), ("y.nrrd", np.ones((4, 4, 4), np.float32))):
        sitk.WriteImage(sitk.GetImageFromArray(values), str(tmp_path / name))
    ct, pet = load(tmp_path / "x.nrrd"), load(tmp_path / "y.nrrd")
    assert (ct.volume.modality, ct.volume.unit, ct.volume.values_tkji.dtype) == (Modality.CT, "HU", np.int16)
    assert (pet.volume.modality, pet.volume.unit) == (Modality.PET, "")
    assert "modality_assumed" in {n.code for n in ct.notices} & {n.code for n in pet.notices}
    assert "unit_unknown" in {n.code for n in pet.notices}
    stated = load(tmp_path / "y.nrrd", Modality.CT)
    assert stated.volume.modality is Modality.CT
    assert not stated.notices


def test_a_colour_volume_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pet.nrrd"
    sitk.WriteImage(sitk.GetImageFromArray(np.ones((3, 4, 5, 3), np.uint8), isVector=True), str(path))
    with pytest.raises(AtsmError, match="components"):
        load(path)


def test_conversions_there_and_back_give_the_same_grid() -> None:
    geometry = geometry_from_nifti_affine((5, 6, 7), OBLIQUE)
    assert nifti_affine(geometry) == pytest.approx(OBLIQUE)
    assert geometry.index_to_lps([3, 2, 1]) == pytest.approx((OBLIQUE @ [1, 2, 3, 1])[:3] * [-1, -1, 1])
    origin, spacing, direction = itk_from_geometry(geometry)
    assert geometry_from_itk((5, 6, 7), origin, spacing, direction).same_grid(geometry)


def save_mask(path: Path, data_ijk: np.ndarray, affine: np.ndarray) -> Path:
    nibabel.save(nibabel.Nifti1Image(data_ijk, affine), path)
    return path


GRID = Geometry.axis_aligned((6, 8, 10), (3.0, 2.0, 2.0), (5.0, -4.0, 7.0))


def dense(found: MaskImport) -> np.ndarray:
    return found.mask.to_dense(GRID.shape_kji)


def test_a_mask_on_the_same_grid_is_exact_also_with_exchanged_axes(tmp_path: Path) -> None:
    inside = np.random.default_rng(3).random(GRID.shape_kji) > 0.7
    data, affine = inside.T.astype(np.uint8), nifti_affine(GRID)
    plain = read_mask(save_mask(tmp_path / "m.nii.gz", data, affine), GRID)
    assert np.array_equal(dense(plain), inside)
    assert not plain.resampled
    assert plain.notices == ()
    exchange = np.eye(4)[[2, 0, 1, 3]].T  # new axes (k, i, j)
    turned = read_mask(save_mask(tmp_path / "t.nii.gz", data.transpose(2, 0, 1), affine @ exchange), GRID)
    assert np.array_equal(dense(turned), inside)
    assert not turned.resampled


def test_a_mask_on_another_grid_is_taken_at_voxel_centres(tmp_path: Path) -> None:
    data = (np.random.default_rng(4).random((9, 9, 9)) > 0.5).astype(np.uint8)
    affine = OBLIQUE.copy()
    affine[:3, 3] = np.array([-14, -3, 14]) - affine[:3, :3] @ [4, 4, 4]
    found = read_mask(save_mask(tmp_path / "m.nii.gz", data, affine), GRID)
    expected = np.zeros(GRID.shape_kji, bool)
    inverse = np.linalg.inv(affine)
    for index in np.ndindex(*GRID.shape_kji):
        x, y, z = GRID.index_to_lps(index)
        at = np.floor((inverse @ [-x, -y, z, 1])[:3] + 0.5 + 1e-6).astype(int)
        expected[index] = bool((at >= 0).all() and (at < 9).all() and data[tuple(at)])
    assert expected.any()
    assert np.array_equal(dense(found), expected)
    assert found.resampled
    assert "mask_resampled" in {notice.code for notice in found.notices}


def test_voxels_outside_the_image_are_counted(tmp_path: Path) -> None:
    bigger = Geometry.axis_aligned((6, 8, 12), (3.0, 2.0, 2.0), (5.0 - 4.0, -4.0, 7.0))
    found = read_mask(
        save_mask(tmp_path / "m.nii.gz", np.ones((12, 8, 6), np.uint8), nifti_affine(bigger)), GRID
    )
    assert found.n_outside == 2 * 8 * 6
    assert found.mask.n_voxels == 10 * 8 * 6
    assert "mask_outside" in {notice.code for notice in found.notices}


def test_one_label_can_be_chosen_and_several_are_reported(tmp_path: Path) -> None:
    data = np.zeros((10, 8, 6), np.uint8)
    data[1, 1, 1], data[2, 2, 2], data[3, 3, 3] = 1, 2, 2
    path = save_mask(tmp_path / "m.nii.gz", data, nifti_affine(GRID))
    everything = read_mask(path, GRID)
    assert (everything.n_labels, everything.mask.n_voxels) == (2, 3)
    assert "mask_labels" in {notice.code for notice in everything.notices}
    assert read_mask(path, GRID, label=2).mask.n_voxels == 2
    with pytest.raises(AtsmError, match="no label 5"):
        read_mask(path, GRID, label=5)


def test_layers_of_a_segmentation_are_joined(tmp_path: Path) -> None:
    layers = np.zeros((2, 10, 8, 6), np.uint8)  # layer, i, j, k
    layers[0, 1, 1, 1] = layers[1, 2, 2, 2] = layers[1, 1, 1, 1] = 1
    path = tmp_path / "s.seg.nrrd"
    header = {
        "space": "left-posterior-superior",
        "kinds": ["list", "domain", "domain", "domain"],
        "space directions": [[np.nan] * 3, [2, 0, 0], [0, 2, 0], [0, 0, 3]],
        "space origin": [5, -4, 7],
    }
    nrrd.write(str(path), layers, header)
    found = read_mask(path, GRID)
    assert found.mask.n_voxels == 2
    assert found.n_labels == 2
    assert found.mask.contains((1, 1, 1))
    assert found.mask.contains((2, 2, 2))


@pytest.mark.parametrize(
    ("values", "words"),
    [(np.zeros((10, 8, 6), np.uint8), "empty"), (np.full((10, 8, 6), 0.4, np.float32), "whole numbers")],
)
def test_what_is_not_a_mask_is_refused(tmp_path: Path, values: np.ndarray, words: str) -> None:
    with pytest.raises(AtsmError, match=words):
        read_mask(save_mask(tmp_path / "m.nii.gz", values, nifti_affine(GRID)), GRID)


def test_a_mask_far_away_is_refused(tmp_path: Path) -> None:
    affine = nifti_affine(GRID)
    affine[0, 3] += 500
    with pytest.raises(AtsmError, match="holds no voxel of this image"):
        read_mask(save_mask(tmp_path / "m.nii.gz", np.ones((10, 8, 6), np.uint8), affine), GRID)


def test_a_damaged_mask_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.nii.gz"
    path.write_bytes(b"junk")
    with pytest.raises(AtsmError, match=r"m\.nii\.gz"):
        read_mask(path, GRID)
    (tmp_path / "m.txt").write_text("x")
    with pytest.raises(AtsmError, match="not a mask file"):
        read_mask(tmp_path / "m.txt", GRID)

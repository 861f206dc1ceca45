"""Grow, shrink, smooth, fill and interpolate against brute force, SimpleITK and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import SimpleITK as sitk

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.operations import operation

SHAPE = (8, 11, 12)
_C, _S = math.cos(0.5), math.sin(0.5)
GRIDS = {
    "isotropic": Geometry.axis_aligned(SHAPE, (1.0, 1.0, 1.0)),
    "anisotropic": Geometry.axis_aligned(SHAPE, (3.3, 0.9, 1.1), (5.0, -3.0, 2.0)),
    "oblique": Geometry.from_affine(SHAPE, (5, -3, 2), [[-2 * _S, 0, 2 * _C], [0, -1.2, 0], [_C, 0, _S]]),
    "flipped": Geometry.from_affine(SHAPE, (9, 8, 7), [[0, 0, -2.0], [0, -1.0, 0], [-1.5, 0, 0]]),
    "sheared": Geometry.from_affine(SHAPE, (0, 0, 0), [[0, 0.8, 2.0], [0, 1.0, 0], [1.0, 0, 0]]),
}
every_grid = pytest.mark.parametrize("grid", GRIDS)


def blob(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    dense = np.zeros(SHAPE, bool)
    dense[2:6, 3:8, 4:9] = rng.random((4, 5, 5)) < 0.6
    dense[0, 0, 0] = True  # the grid ends here
    return dense


def distances(geometry: Geometry, to: np.ndarray) -> np.ndarray:
    """Every centre to every centre."""
    every = geometry.index_to_lps(np.indices(SHAPE).reshape(3, -1).T)
    targets = geometry.index_to_lps(np.argwhere(to))
    apart = np.linalg.norm(every[:, None] - targets[None], axis=-1)
    return apart.min(axis=1).reshape(SHAPE)


@every_grid
@pytest.mark.parametrize("mm", [0.95, 1.0, 2.2, 4.0])
def test_growing_takes_exactly_the_voxels_within_the_distance(make, grid, mm):
    geometry, dense = GRIDS[grid], blob()
    grown = operation("grow").apply(make(geometry, dense), {"mm": mm}).mask
    assert np.array_equal(grown.to_dense(SHAPE), distances(geometry, dense) <= mm + 1e-6)


@every_grid
@pytest.mark.parametrize("mm", [0.95, 1.0, 2.2])
def test_shrinking_takes_away_exactly_the_voxels_near_the_outside(make, grid, mm):
    geometry = GRIDS[grid]
    dense = np.zeros(SHAPE, bool)
    dense[0:7, 1:10, 2:11] = True
    dense[3, 5, 6] = False
    shrunk = operation("shrink").apply(make(geometry, dense), {"mm": mm}).mask
    assert np.array_equal(shrunk.to_dense(SHAPE), dense & (distances(geometry, ~dense) > mm + 1e-6))


def test_growing_in_one_slice_leaves_the_other_slices_alone(make):
    geometry, dense = GRIDS["anisotropic"], blob()
    ctx = make(geometry, dense, at=(3, 0, 0))
    grown = operation("grow").apply(ctx, {"mm": 2.0, "extent": "this_axial"}).mask.to_dense(SHAPE)
    flat = np.zeros(SHAPE, bool)
    flat[3] = dense[3]
    expected = dense.copy()
    expected[3] = (distances(geometry, flat) <= 2.0 + 1e-6)[3]
    assert np.array_equal(grown, expected)


@pytest.mark.parametrize(("plane", "axis"), [("axial", 0), ("coronal", 1), ("sagittal", 2)])
def test_each_slice_of_a_plane_is_grown_by_itself(make, plane, axis):
    geometry, dense = GRIDS["anisotropic"], blob()
    grown = operation("grow").apply(make(geometry, dense), {"mm": 2.0, "extent": f"each_{plane}"}).mask
    expected = np.zeros(SHAPE, bool)
    for n in range(SHAPE[axis]):
        at = tuple(n if a == axis else slice(None) for a in range(3))
        flat = np.zeros(SHAPE, bool)
        flat[at] = dense[at]
        if flat.any():
            expected[at] = (distances(geometry, flat) <= 2.0 + 1e-6)[at]
    assert np.array_equal(grown.to_dense(SHAPE), expected)


def test_growing_spares_other_rois_unless_told_otherwise(make):
    dense, other = blob(), np.zeros(SHAPE, bool)
    other[4:6, 7:10, 8:11] = True
    ctx = make(GRIDS["isotropic"], dense, others={"other": other})
    spared = operation("grow").apply(ctx, {"mm": 2.0}).mask.to_dense(SHAPE)
    assert np.array_equal(spared & other, dense & other)
    assert (
        operation("grow").apply(ctx, {"mm": 2.0, "spare_others": False}).mask.to_dense(SHAPE) & other
    ).sum() > (dense & other).sum()


@pytest.mark.parametrize(
    "spacing", [(1.0, 1.0, 1.0), (2.0, 0.5, 0.5), (0.7, 0.7, 1.4), (3.0, 1.0, 1.0), (0.4, 0.4, 0.4)]
)
def test_one_voxel_grown_by_a_radius_is_a_sphere(make, spacing):
    radius = 8.0 * max(spacing)
    shape = tuple(2 * int(radius / s) + 5 for s in spacing)
    dense = np.zeros(shape, bool)
    dense[tuple(n // 2 for n in shape)] = True
    geometry = Geometry.axis_aligned(shape, spacing)
    mask = operation("grow").apply(make(geometry, dense), {"mm": radius}).mask
    assert mask.n_voxels * geometry.voxel_volume_mm3 == pytest.approx(4 / 3 * math.pi * radius**3, rel=0.03)


def test_a_box_shrinks_to_the_closed_form(make):
    shape, geometry = (20, 30, 40), Geometry.axis_aligned((20, 30, 40), (2.0, 1.0, 0.5))
    dense = np.zeros(shape, bool)
    dense[4:16, 5:25, 6:36] = True  # 24 x 20 x 15 mm
    mask = operation("shrink").apply(make(geometry, dense), {"mm": 2.0}).mask
    assert mask.block_kji.all()
    assert mask.box.shape_kji == (12 - 2 * 1, 20 - 2 * 2, 30 - 2 * 4)


def reachable(outside: np.ndarray, flat: bool) -> np.ndarray:
    """Flood from beyond the array across faces, voxel by voxel."""
    pad = np.pad(outside, [(0, 0) if flat else (1, 1), (1, 1), (1, 1)], constant_values=True)
    seen = np.zeros_like(pad)
    stack = [(0, 0, 0)]
    seen[0, 0, 0] = True
    while stack:
        k, j, i = stack.pop()
        for dk, dj, di in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)):
            n = (k + dk, j + dj, i + di)
            if all(0 <= a < s for a, s in zip(n, pad.shape, strict=True)) and pad[n] and not seen[n]:
                seen[n] = True
                stack.append(n)
    return seen[:, 1:-1, 1:-1] if flat else seen[1:-1, 1:-1, 1:-1]


@pytest.mark.parametrize("seed", range(5))
def test_what_a_flood_from_outside_cannot_reach_is_filled(make, seed):
    dense = np.random.default_rng(seed).random(SHAPE) < 0.72
    ctx = make(GRIDS["anisotropic"], dense)
    filled = operation("fill_holes").apply(ctx, {"extent": "3d"}).mask.to_dense(SHAPE)
    assert np.array_equal(filled, ~reachable(~dense, flat=False))
    assert filled.sum() > dense.sum()
    by_slice = operation("fill_holes").apply(ctx, {"extent": "each_axial"}).mask.to_dense(SHAPE)
    expected = np.stack([~reachable(~dense[k : k + 1], flat=True)[0] for k in range(SHAPE[0])])
    assert np.array_equal(by_slice, expected)
    itk = sitk.BinaryFillhole(sitk.GetImageFromArray(dense.astype(np.uint8)), False, 1)
    assert np.array_equal(filled, sitk.GetArrayFromImage(itk) > 0)


@pytest.mark.parametrize("method", ["median", "gauss"])
def test_smoothing_is_the_vote_of_all_neighbours_by_plain_loops(make, method):
    geometry, dense, size = GRIDS["anisotropic"], blob(2), 1.3
    got = operation("smooth").apply(make(geometry, dense), {"method": method, "size_mm": size}).mask
    every = np.indices(SHAPE).reshape(3, -1).T
    away = np.linalg.norm((every[:, None] - every[None]) @ geometry.steps_kji_lps, axis=-1)
    if method == "median":
        weight = (away <= size + 1e-6).astype(float)
    else:
        weight = np.where(away <= 3 * size + 1e-6, np.exp(-0.5 * (away / size) ** 2), 0)
    share = (weight @ dense.ravel()) / weight.sum(axis=1)
    expected = (share > 0.5 + 1e-9) | (dense.ravel() & (share > 0.5 - 1e-9))
    assert np.array_equal(got.to_dense(SHAPE).ravel(), expected)


def test_a_smoothed_ball_loses_what_its_curvature_says(make):
    """The half level of a blurred ball lies sd² / radius further in (mean curvature 2 / radius)."""
    k, j, i = np.ogrid[:30, :30, :30]
    dense = (k - 15) ** 2 + (j - 15) ** 2 + (i - 15) ** 2 <= 100
    ctx = make(Geometry.axis_aligned((30, 30, 30), (1, 1, 1)), dense)
    n = operation("smooth").apply(ctx, {"method": "gauss", "size_mm": 1.5}).mask.n_voxels
    assert n == pytest.approx(dense.sum() * (1 - 1.5**2 / 10 / 10) ** 3, rel=0.02)


def disc(shape, centre, radius):
    j, i = np.ogrid[: shape[1], : shape[2]]
    return (j - centre[0]) ** 2 + (i - centre[1]) ** 2 <= radius**2


def test_between_two_equal_discs_lies_a_cylinder(make):
    shape = (11, 40, 40)
    dense = np.zeros(shape, bool)
    dense[0] = dense[10] = disc(shape, (20, 20), 10)
    mask = operation("interpolate").apply(make(Geometry.axis_aligned(shape, (2, 1, 1)), dense)).mask
    assert np.array_equal(mask.to_dense(shape), np.broadcast_to(dense[0], shape))


def test_between_two_unequal_discs_lies_a_cone(make):
    shape = (11, 50, 50)
    dense = np.zeros(shape, bool)
    dense[0], dense[10] = disc(shape, (25, 25), 20), disc(shape, (25, 25), 6)
    got = (
        operation("interpolate")
        .apply(make(Geometry.axis_aligned(shape, (2, 1, 1)), dense))
        .mask.to_dense(shape)
    )
    for k in range(11):
        radius = 20 - 1.4 * k
        assert got[k].sum() == pytest.approx(math.pi * radius**2, rel=0.06)
    assert all(got[k + 1].sum() < got[k].sum() for k in range(10))


def test_a_leaning_cylinder_keeps_its_width_where_it_is_followed(make):
    shape = (9, 60, 60)
    dense = np.zeros(shape, bool)
    dense[0], dense[8] = disc(shape, (15, 15), 6), disc(shape, (39, 39), 6)
    ctx = make(Geometry.axis_aligned(shape, (1, 1, 1)), dense)
    got = operation("interpolate").apply(ctx).mask.to_dense(shape)
    for k in range(1, 8):
        assert np.array_equal(got[k], disc(shape, (15 + 3 * k, 15 + 3 * k), 6))
    plain = operation("interpolate").apply(ctx, {"follow": False})
    assert plain.mask.to_dense(shape)[4].sum() == 0
    assert any(n.code == "gap_left" for n in plain.notices)


@pytest.mark.parametrize(("plane", "axis"), [("axial", 0), ("coronal", 1), ("sagittal", 2)])
def test_one_slice_can_be_confirmed_by_itself(make, plane, axis):
    shape = (30, 30, 30)
    dense = np.zeros(shape, bool)
    drawn = np.moveaxis(dense, axis, 0)
    drawn[4] = drawn[12] = disc(shape, (15, 15), 7)
    at = [0, 0, 0]
    at[axis] = 9
    ctx = make(Geometry.axis_aligned(shape, (1, 1, 1)), dense, at=at)
    got = operation("interpolate").apply(ctx, {"plane": plane, "scope": "this"}).mask.to_dense(shape)
    slices = np.flatnonzero(np.moveaxis(got, axis, 0).any(axis=(1, 2)))
    assert slices.tolist() == [4, 9, 12]
    assert np.array_equal(np.moveaxis(got, axis, 0)[9], drawn[4])


def test_a_slice_that_is_drawn_or_outside_is_not_interpolated(make):
    shape = (8, 20, 20)
    dense = np.zeros(shape, bool)
    dense[1] = dense[5] = disc(shape, (10, 10), 5)
    for at in ((1, 0, 0), (7, 0, 0)):
        ctx = make(Geometry.axis_aligned(shape, (1, 1, 1)), dense, at=at)
        with pytest.raises(AtsmError, match="crosshair"):
            operation("interpolate").apply(ctx, {"scope": "this"})

"""Parts by a plain flood, set arithmetic on dense arrays, moves and copies."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.notices import Severity
from atsm_viewer.operations import operation

SHAPE = (7, 9, 10)
GRID = Geometry.axis_aligned(SHAPE, (2.0, 1.0, 0.5))


def flooded_parts(dense: np.ndarray, connectivity: int) -> list[np.ndarray]:
    rank = {6: 1, 18: 2, 26: 3}[connectivity]
    ways = [w for w in product((-1, 0, 1), repeat=3) if 0 < sum(map(abs, w)) <= rank]
    left, parts = dense.copy(), []
    while left.any():
        start = tuple(int(v) for v in np.argwhere(left)[0])
        part, stack = np.zeros_like(dense), [start]
        part[start], left[start] = True, False
        while stack:
            at = stack.pop()
            for way in ways:
                n = tuple(a + w for a, w in zip(at, way, strict=True))
                if all(0 <= a < s for a, s in zip(n, dense.shape, strict=True)) and left[n]:
                    left[n], part[n] = False, True
                    stack.append(n)
        parts.append(part)
    return parts


@pytest.mark.parametrize("connectivity", [6, 18, 26])
@pytest.mark.parametrize("seed", range(3))
def test_parts_are_those_of_a_voxel_by_voxel_flood(make, connectivity, seed):
    dense = np.random.default_rng(seed).random(SHAPE) < {6: 0.25, 18: 0.12, 26: 0.06}[connectivity]
    parts, ctx, given = (
        flooded_parts(dense, connectivity),
        make(GRID, dense),
        {"connectivity": str(connectivity)},
    )
    sizes = [int(p.sum()) for p in parts]
    largest = operation("keep_largest").apply(ctx, given)
    assert np.array_equal(largest.mask.to_dense(SHAPE), parts[int(np.argmax(sizes))])
    assert bool(largest.notices) == (sizes.count(max(sizes)) > 1)
    wanted = [p for p in parts if p.sum() >= 2]
    split = operation("split").apply(ctx, {**given, "below_mm3": 2.0})  # a voxel has 1 mm3
    assert sorted(n.mask.n_voxels for n in split.new) == sorted(int(p.sum()) for p in wanted)
    assert {n.mask.sha256() for n in split.new} == {type(ctx.roi.mask).from_dense(p).sha256() for p in wanted}
    islands = operation("remove_islands").apply(ctx, {**given, "below_mm3": 2.0}).mask.to_dense(SHAPE)
    assert np.array_equal(islands, np.any(wanted, axis=0))


def test_a_part_of_exactly_the_volume_stays(make):
    dense = np.zeros(SHAPE, bool)
    dense[1, 1, 1:4] = dense[5, 5, 5:7] = True
    grid = Geometry.axis_aligned(SHAPE, (0.1, 0.3, 0.7))
    exact = 3 * 0.1 * 0.3 * 0.7
    got = operation("remove_islands").apply(make(grid, dense), {"below_mm3": exact}).mask
    assert got.n_voxels == 3


def test_one_part_is_not_split_and_too_many_are_refused(make):
    dense = np.zeros(SHAPE, bool)
    dense[2:4] = True
    with pytest.raises(AtsmError, match="one part already"):
        operation("split").apply(make(GRID, dense), {})
    dots = np.zeros(SHAPE, bool)
    dots[::2, ::2, ::2] = True
    with pytest.raises(AtsmError, match="of no use"):
        operation("split").apply(make(GRID, dots), {})


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("union", np.logical_or),
        ("subtract", lambda a, b: a & ~b),
        ("intersect", np.logical_and),
        ("either", np.logical_xor),
    ],
)
def test_combining_is_arithmetic_of_dense_arrays(make, how, expected):
    rng = np.random.default_rng(5)
    one, two = rng.random(SHAPE) < 0.4, rng.random(SHAPE) < 0.4
    ctx = make(GRID, one, others={"two": two})
    got = operation("combine").apply(ctx, {"how": how}).mask.to_dense(SHAPE)
    assert np.array_equal(got, expected(one, two))


def test_combining_needs_another_roi_with_voxels(make):
    with pytest.raises(AtsmError, match="no other ROI"):
        operation("combine").apply(make(GRID, np.ones(SHAPE, bool), others={"two": np.zeros(SHAPE, bool)}))


def test_inverting_takes_the_filled_body_without_the_roi(make):
    shape = (10, 30, 40)
    j, i = np.ogrid[:30, :40]
    body = np.broadcast_to(((j - 15) / 11.0) ** 2 + ((i - 20) / 16.0) ** 2 <= 1, shape)
    hu = np.where(body, 40, -1000)
    hu[:, 12:16, 18:22] = -900  # air inside
    hu[:, 28:, :] = 0  # a couch apart
    dense = np.zeros(shape, bool)
    dense[4:6, 14:20, 10:20] = True
    grid = Geometry.axis_aligned(shape, (2, 1, 1))
    got = operation("invert").apply(make(grid, dense, hu=hu), {}).mask.to_dense(shape)
    assert np.array_equal(got, body & ~dense)
    pet = np.where(body, 5.0, 0.1)
    by_pet = operation("invert").apply(make(grid, dense, pet), {}).mask.to_dense(shape)
    assert np.array_equal(by_pet, body & ~dense)


@pytest.mark.parametrize("flipped", [False, True])
def test_moving_follows_the_patient_not_the_grid(make, flipped):
    s = -1.0 if flipped else 1.0
    grid = Geometry.from_affine(SHAPE, (0, 0, 0), [[0, 0, 2.0 * s], [0, 1.0 * s, 0], [0.5 * s, 0, 0]])
    dense = np.zeros(SHAPE, bool)
    dense[3:5, 3:5, 4:6] = True
    ctx = make(grid, dense)
    before = grid.index_to_lps(np.argwhere(dense))
    result = operation("move").apply(ctx, {"left_mm": 1.0, "back_mm": -2.0, "head_mm": 2.0})
    after = grid.index_to_lps(np.argwhere(result.mask.to_dense(SHAPE)))
    assert np.allclose(after.mean(axis=0) - before.mean(axis=0), (1.0, -2.0, 2.0))
    for towards, way in (
        ("left", (0.5, 0, 0)),
        ("back", (0, 1, 0)),
        ("head", (0, 0, 2)),
        ("feet", (0, 0, -2)),
    ):
        nudged = operation(f"nudge_{towards}").apply(ctx).mask
        moved = grid.index_to_lps(np.argwhere(nudged.to_dense(SHAPE))).mean(axis=0) - before.mean(axis=0)
        assert np.allclose(moved, way)
        assert nudged.n_voxels == dense.sum()


def test_a_move_of_less_than_half_a_voxel_or_out_of_the_image_is_refused(make):
    dense = np.zeros(SHAPE, bool)
    dense[0, 0, 0] = True
    ctx = make(GRID, dense)
    for values, words in (
        ({}, "are 0"),
        ({"head_mm": 0.9}, "half a voxel"),
        ({"head_mm": -2.0}, "outside the PET"),
    ):
        with pytest.raises(AtsmError, match=words):
            operation("move").apply(ctx, values)


def test_what_is_cut_off_at_the_edge_is_counted(make):
    dense = np.zeros(SHAPE, bool)
    dense[0:2, 3, 3] = True
    result = operation("nudge_feet").apply(make(GRID, dense))
    assert result.mask.n_voxels == 1
    assert result.notices[0].severity is Severity.WARNING
    assert result.notices[0].text.startswith("1 voxels")


@pytest.mark.parametrize(("direction", "expected"), [("up", [3, 4, 5]), ("down", [1, 2, 3])])
def test_a_slice_is_copied_to_the_next_ones(make, direction, expected):
    dense = np.zeros(SHAPE, bool)
    dense[3, 2:5, 3:7] = True
    ctx = make(GRID, dense, at=(3, 0, 0))
    got = (
        operation("copy_to_slice").apply(ctx, {"direction": direction, "n_slices": 2.0}).mask.to_dense(SHAPE)
    )
    assert np.flatnonzero(got.any(axis=(1, 2))).tolist() == expected
    assert all(np.array_equal(got[k], dense[3]) for k in expected)
    with pytest.raises(AtsmError, match="crosshair"):
        operation("copy_to_slice").apply(make(GRID, dense, at=(5, 0, 0)))


def test_a_copy_to_a_finer_scan_lies_at_the_same_place_and_says_that_nobody_checked(make):
    dense = np.zeros(SHAPE, bool)
    dense[2:5, 3:6, 2:8] = True
    ctx = make(GRID, dense)
    fine = Geometry.axis_aligned((28, 18, 20), (0.5, 0.5, 0.25), (-0.125, -0.25, -0.75))
    later = replace(ctx.scan, id="later", label="24 h", pet_geometry=fine, pet=None)
    ctx = replace(ctx, state=replace(ctx.state, scans=(ctx.scan, later)))
    result = operation("copy_to_scan").apply(ctx, {"scan": "later"})
    (new,) = result.new
    assert new.scan_id == "later"
    assert new.mask.n_voxels == 16 * dense.sum()  # 4 x 2 x 2 small voxels in each
    assert np.allclose(
        fine.index_to_lps(np.argwhere(new.mask.to_dense(fine.shape_kji))).mean(axis=0),
        GRID.index_to_lps(np.argwhere(dense)).mean(axis=0),
    )
    assert dict(result.params)["alignment"] == "not checked"
    assert [n.code for n in result.notices] == ["alignment_not_checked"]
    far = replace(later, pet_geometry=Geometry.axis_aligned((4, 4, 4), (1, 1, 1), (500, 0, 0)))
    away = replace(ctx, state=replace(ctx.state, scans=(ctx.scan, far)))
    with pytest.raises(AtsmError, match="outside the PET"):
        operation("copy_to_scan").apply(away, {"scan": "later"})

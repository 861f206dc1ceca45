"""Footprints against a plain loop over every voxel of the grid."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.tools.footprint import swept_footprint


def _rotation(degrees: float, axis: tuple[float, float, float]) -> np.ndarray:
    x, y, z = np.array(axis) / np.linalg.norm(axis)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) * c + s * cross + (1 - c) * np.outer((x, y, z), (x, y, z))


SHAPE = (7, 9, 8)
GRIDS = {
    "cubic": Geometry.axis_aligned(SHAPE, (1.0, 1.0, 1.0), (-4.0, 2.0, 7.0)),
    "anisotropic": Geometry.axis_aligned(SHAPE, (3.27, 0.8, 1.1), (-4.0, 2.0, 7.0)),
    "flipped": Geometry.from_affine(SHAPE, (20.0, 5.0, 9.0), [[0, 0, -2.0], [0, 1.5, 0], [-0.7, 0, 0]]),
    "sagittal stack": Geometry.from_affine(SHAPE, (1.0, 5.0, 9.0), [[1.9, 0, 0], [0, 0, -1.0], [0, 1.2, 0]]),
    "oblique": Geometry.from_affine(
        SHAPE, (3.0, -2.0, 8.0), np.diag([2.0, 1.0, 1.3]) @ _rotation(23.0, (1.0, 2.0, 0.5)).T[::-1]
    ),
    "sheared": Geometry.from_affine(SHAPE, (0.0, 0.0, 0.0), [[0, 0.6, 2.0], [0, 1.0, 0], [1.2, 0, 0]]),
}


def _oracle(geometry, a, b, radius, shape, plane, margin):
    """Voxels inside by the definition, moved inwards by ``margin`` mm (outwards when negative)."""
    a, b = np.array(a), np.array(b)
    normal = np.cross(plane.u_lps, plane.v_lps)
    steps = np.array([geometry.step_k_lps, geometry.step_j_lps, geometry.step_i_lps])
    along = [abs(float(s @ normal)) for s in steps]
    aligned = sum(d < 1e-6 for d in along) == 2
    if shape == "disc":
        a = a - normal * ((a - plane.point_lps) @ normal)
        b = b - normal * ((b - plane.point_lps) @ normal)
    inside = np.zeros(geometry.shape_kji, dtype=bool)
    for k, j, i in itertools.product(*(range(n) for n in geometry.shape_kji)):
        p = np.array(geometry.origin_lps) + k * steps[0] + j * steps[1] + i * steps[2]
        if shape == "disc":
            off = float((p - plane.point_lps) @ normal)
            half = max(along) / 2 if aligned else sum(along) / 2
            if abs(off) > half - margin:
                continue
            p = p - normal * off
        way = b - a
        length2 = float(way @ way)
        t = min(1.0, max(0.0, float((p - a) @ way) / length2)) if length2 > 0 else 0.0
        if math.dist(p, a + t * way) <= radius - margin:
            inside[k, j, i] = True
    return inside


def _under_path(geometry, a, b):
    """Voxels whose cells the path crosses, or touches within a millionth of a millimetre."""
    inside = np.zeros(geometry.shape_kji, dtype=bool)
    path = np.array(a) + np.linspace(0, 1, 3001)[:, None] * (np.array(b) - np.array(a))
    for nudge in itertools.product((-1e-6, 1e-6), repeat=3):
        index = np.floor(geometry.lps_to_index(path + nudge) + 0.5).astype(int)
        index = index[((index >= 0) & (index < geometry.shape_kji)).all(axis=1)]
        inside[tuple(index.T)] = True
    return inside


def _dense(geometry, box, block):
    out = np.zeros(geometry.shape_kji, dtype=bool)
    out[box.slices] = block
    return out


def _on_plane(plane, position):
    return tuple(np.array(position) - plane.normal_lps * float(plane.distance_mm(position)))


def _check(geometry, a_index, b_index, radius, shape, orientation):
    plane = Plane.through(orientation, geometry.index_to_lps(a_index))
    a = _on_plane(plane, geometry.index_to_lps(a_index))
    b = _on_plane(plane, geometry.index_to_lps(b_index))
    box, block = swept_footprint(geometry, a, b, radius, shape, plane)
    assert geometry.box.contains(box)
    assert block.shape == box.shape_kji
    got = _dense(geometry, box, block)
    must = _oracle(geometry, a, b, radius, shape, plane, 1e-5)
    may = _oracle(geometry, a, b, radius, shape, plane, -1e-5)
    path = _under_path(geometry, a, b)
    assert not (must & ~got).any(), "a voxel within the radius is missing"
    assert not (got & ~may & ~path).any(), "a voxel beyond the radius is set"


@pytest.mark.parametrize("orientation", list(Orientation))
@pytest.mark.parametrize("shape", ["disc", "ball"])
@pytest.mark.parametrize("grid", GRIDS)
def test_footprint_equals_the_plain_loop_on_every_grid_and_plane(grid, shape, orientation):
    geometry = GRIDS[grid]
    for radius in (0.05, 1.7, 4.2):
        _check(geometry, (3.1, 4.2, 4.3), (3.1, 4.2, 4.3), radius, shape, orientation)
        _check(geometry, (2.2, 2.3, 1.1), (4.9, 6.2, 5.7), radius, shape, orientation)


@pytest.mark.parametrize("shape", ["disc", "ball"])
@pytest.mark.parametrize("grid", GRIDS)
def test_footprint_at_the_rim_is_cut_off_and_never_wraps(grid, shape):
    geometry = GRIDS[grid]
    for corner in ((0, 0, 0), (6, 8, 7), (0, 8, 7), (-1.2, 5, 6), (6, 0, 8.4)):
        _check(geometry, corner, corner, 2.5, shape, Orientation.AXIAL)


_index = st.tuples(*(st.floats(-3, n + 2) for n in SHAPE))


@settings(max_examples=60, deadline=None)
@given(
    grid=st.sampled_from(sorted(GRIDS)),
    a=_index,
    b=_index,
    radius=st.floats(0.01, 6.0),
    shape=st.sampled_from(["disc", "ball"]),
    orientation=st.sampled_from(list(Orientation)),
)
def test_any_sweep_sets_every_centre_within_the_radius_and_no_other(grid, a, b, radius, shape, orientation):
    _check(GRIDS[grid], a, b, radius, shape, orientation)


@pytest.mark.parametrize("offset", [-0.5, -0.49999, -0.2, 0.0, 0.3, 0.49999, 0.5])
def test_a_disc_covers_exactly_one_slice_wherever_the_plane_lies_between_two(offset):
    geometry = GRIDS["anisotropic"]
    position = tuple(geometry.index_to_lps((4 + offset, 5, 6)))
    box, block = swept_footprint(
        geometry, position, position, 3.0, "disc", Plane.through(Orientation.AXIAL, position)
    )
    assert box.shape_kji[0] == 1
    assert block.any()
    assert box.lo_kji[0] == math.floor(4 + offset + 0.5)


def test_a_brush_smaller_than_a_voxel_covers_the_voxel_under_the_pointer():
    for name, geometry in GRIDS.items():
        for orientation, shape in itertools.product(Orientation, ("disc", "ball")):
            for index in ((4.3, 5.4, 6.45), (3.6, 2.7, 6.0)):
                position = tuple(float(v) for v in geometry.index_to_lps(index))
                plane = Plane.through(orientation, position)
                box, block = swept_footprint(geometry, position, position, 0.01, shape, plane)
                assert np.argwhere(_dense(geometry, box, block)).tolist() == [
                    list(geometry.nearest_index(position))
                ], (name, orientation, shape)


def test_a_thin_brush_moved_fast_leaves_an_unbroken_line():
    geometry = Geometry.axis_aligned((1, 60, 80), (1.0, 1.0, 1.0))
    plane = Plane.through(Orientation.AXIAL, (0, 0, 0))
    box, block = swept_footprint(geometry, (2.0, 3.0, 0.0), (70.0, 41.0, 0.0), 0.1, "disc", plane)
    columns = _dense(geometry, box, block)[0]
    assert columns[3, 2]
    assert columns[41, 70]
    set_at = np.argwhere(columns)
    by_column = set_at[np.argsort(set_at[:, 1])]
    assert np.unique(by_column[:, 1]).tolist() == list(range(2, 71))
    assert np.abs(np.diff(by_column[:, 0])).max() <= 1


@pytest.mark.parametrize("grid", GRIDS)
def test_a_brush_wholly_outside_covers_nothing(grid):
    geometry = GRIDS[grid]
    far = tuple(geometry.index_to_lps((40, 50, 60)))
    for shape in ("disc", "ball"):
        box, block = swept_footprint(geometry, far, far, 2.0, shape, Plane.through(Orientation.AXIAL, far))
        assert not block.any()
        assert box.is_empty or not block.any()


def test_a_disc_beside_the_stack_covers_nothing_even_where_its_radius_reaches_it():
    geometry = GRIDS["cubic"]
    above = tuple(geometry.index_to_lps((-0.7, 5, 6)))
    box, _ = swept_footprint(geometry, above, above, 50.0, "disc", Plane.through(Orientation.AXIAL, above))
    assert box.is_empty


def test_a_brush_centred_on_a_voxel_is_symmetric_at_exactly_its_radius():
    geometry = Geometry.axis_aligned((21, 21, 21), (0.1, 0.1, 0.1))
    centre = tuple(geometry.index_to_lps((10, 10, 10)))
    plane = Plane.through(Orientation.AXIAL, centre)
    box, block = swept_footprint(geometry, centre, centre, 0.3, "ball", plane)
    assert box.shape_kji == (7, 7, 7)
    for axis in range(3):
        assert np.array_equal(block, np.flip(block, axis))
    # 123 lattice points lie in a closed ball of radius 3 (sequence A000605).
    assert int(block.sum()) == 123


def test_direction_cosines_rounded_to_six_digits_still_count_as_aligned():
    steps = [[0.000001, 0, 2.0], [0, 1.0, 0.000001], [1.0, -0.000001, 0]]
    geometry = Geometry.from_affine((9, 60, 60), (0, 0, 0), steps)
    position = tuple(geometry.index_to_lps((4.3, 30, 30)))
    box, _ = swept_footprint(
        geometry, position, position, 20.0, "disc", Plane.through(Orientation.AXIAL, position)
    )
    assert (box.lo_kji[0], box.hi_kji[0]) == (4, 5)

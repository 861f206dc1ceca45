"""Grids in patient space, against closed forms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry

GRIDS = {
    "plain": Geometry.axis_aligned((4, 5, 6), (3.0, 2.0, 1.0), (10.0, -20.0, 30.0)),
    "flipped": Geometry((4, 5, 6), (1.0, 2.0, 3.0), (0.0, 0.0, -3.0), (0.0, -2.0, 0.0), (-1.0, 0.0, 0.0)),
    "sagittal": Geometry((4, 5, 6), (0.0, 0.0, 0.0), (2.5, 0.0, 0.0), (0.0, 0.0, -1.5), (0.0, 1.0, 0.0)),
    "oblique": Geometry.from_affine(
        (4, 5, 6), (1.0, 1.0, 1.0),
        np.diag([3.0, 2.0, 1.0]) @ np.array([[0.0, -0.6, 0.8], [0.0, 0.8, 0.6], [1.0, 0.0, 0.0]]),
    ),
    "sheared": Geometry((4, 5, 6), (0.0, 0.0, 0.0), (0.0, 1.0, 3.0), (0.0, 2.0, 0.0), (1.0, 0.0, 0.0)),
}  # fmt: skip


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS.keys())
def test_positions_are_origin_plus_steps_one_voxel_at_a_time(grid: Geometry) -> None:
    for k, j, i in itertools.product(range(4), range(5), range(6)):
        expected = [
            grid.origin_lps[a] + k * grid.step_k_lps[a] + j * grid.step_j_lps[a] + i * grid.step_i_lps[a]
            for a in range(3)
        ]
        assert grid.index_to_lps((k, j, i)) == pytest.approx(expected)
        assert grid.nearest_index(expected) == (k, j, i)


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS.keys())
def test_index_and_position_undo_each_other(grid: Geometry) -> None:
    index = np.random.default_rng(0).uniform(-3, 9, (50, 3))
    assert grid.lps_to_index(grid.index_to_lps(index)) == pytest.approx(index, abs=1e-9)


def test_the_volume_of_a_voxel_is_that_of_its_cell_even_when_sheared() -> None:
    assert GRIDS["plain"].voxel_volume_mm3 == pytest.approx(6.0)
    assert GRIDS["plain"].voxel_volume_ml == pytest.approx(0.006)
    # Shearing along a face keeps the volume although the k step is longer than 3 mm.
    assert GRIDS["sheared"].voxel_volume_mm3 == pytest.approx(6.0)
    assert GRIDS["sheared"].spacing_kji_mm[0] == pytest.approx(math.sqrt(10.0))


def test_only_what_is_perpendicular_counts_as_orthogonal() -> None:
    assert GRIDS["oblique"].is_orthogonal
    assert not GRIDS["oblique"].is_axis_aligned
    assert not GRIDS["sheared"].is_orthogonal
    assert GRIDS["flipped"].is_axis_aligned


def test_a_position_half_a_voxel_beyond_the_edge_is_outside() -> None:
    grid = GRIDS["plain"]
    assert grid.nearest_index((9.51, -20.0, 30.0)) == (0, 0, 0)
    assert grid.nearest_index((9.49, -20.0, 30.0)) is None
    assert grid.nearest_index((15.51, -20.0, 30.0)) is None


def test_the_middle_of_the_corners_is_the_centre() -> None:
    grid = GRIDS["oblique"]
    assert grid.corners_lps().mean(axis=0) == pytest.approx(grid.centre_lps)


def test_grids_agree_only_when_every_voxel_does() -> None:
    grid = GRIDS["plain"]
    assert grid.same_grid(Geometry.axis_aligned((4, 5, 6), (3.0, 2.0, 1.0), (10.0005, -20.0, 30.0)))
    assert not grid.same_grid(Geometry.axis_aligned((4, 5, 6), (3.001, 2.0, 1.0), (10.0, -20.0, 30.0)))
    assert not grid.same_grid(Geometry.axis_aligned((4, 5, 7), (3.0, 2.0, 1.0), (10.0, -20.0, 30.0)))


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [((0, 5, 5), (1.0, 1.0, 1.0)), ((5, 5, 5), (0.0, 1.0, 1.0)), ((5, 5, 5), (math.nan, 1.0, 1.0))],
)
def test_impossible_grids_are_refused(
    shape: tuple[int, int, int], spacing: tuple[float, float, float]
) -> None:
    with pytest.raises(AtsmError):
        Geometry.axis_aligned(shape, spacing)

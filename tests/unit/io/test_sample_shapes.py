"""Shapes of the sample studies against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.io.sample.anatomy import Anatomy, Tissue
from atsm_viewer.io.sample.mouse import TUMOUR as MOUSE_TUMOUR
from atsm_viewer.io.sample.patient import TUMOUR as PATIENT_TUMOUR
from atsm_viewer.io.sample.shapes import (
    Block,
    Both,
    Ellipsoid,
    Loft,
    Section,
    Shape,
    Slats,
    TaperedCapsule,
    Without,
    tube,
)

GRID = Geometry.axis_aligned((100, 100, 100), (0.2, 0.2, 0.2), (-9.9, -9.9, -9.9))


def volume_mm3(shape: Shape) -> float:
    anatomy = Anatomy()
    anatomy.declare(Tissue("it", 1.0, 0.0))
    anatomy.paint("it", shape)
    return float(np.count_nonzero(anatomy.rasterise(GRID))) * 0.2**3


def test_an_ellipsoid_has_the_volume_of_its_closed_form() -> None:
    shape = Ellipsoid((0.3, -0.4, 0.7), (5.0, 6.0, 8.0))
    assert shape.volume_mm3 == pytest.approx(4 / 3 * math.pi * 5 * 6 * 8)
    assert volume_mm3(shape) == pytest.approx(shape.volume_mm3, rel=0.003)


def test_a_capsule_is_a_cylinder_with_two_half_spheres() -> None:
    shape = TaperedCapsule((-4.0, -2.0, -3.0), (4.0, 2.0, 3.0), 3.0, 3.0)
    length = math.sqrt(8**2 + 4**2 + 6**2)
    assert volume_mm3(shape) == pytest.approx(math.pi * 9 * length + 4 / 3 * math.pi * 27, rel=0.005)


def test_a_tapered_capsule_is_a_cone_stump_between_its_end_half_spheres() -> None:
    shape = TaperedCapsule((0.0, 0.0, -5.0), (0.0, 0.0, 5.0), 4.0, 1.0)
    stump = math.pi * 10 / 3 * (16 + 4 + 1)
    ends = 2 / 3 * math.pi * (64 + 1)
    assert volume_mm3(shape) == pytest.approx(stump + ends, rel=0.01)


def test_a_loft_with_straight_walls_is_an_elliptic_cylinder() -> None:
    shape = Loft((Section(-6.0, 1.0, 0.0, 4.0, 5.0), Section(6.0, 1.0, 0.0, 4.0, 5.0)))
    assert volume_mm3(shape) == pytest.approx(math.pi * 4 * 5 * 12, rel=0.005)


def test_a_loft_that_narrows_is_a_cone_stump() -> None:
    shape = Loft((Section(-6.0, 0.0, 0.0, 6.0, 6.0), Section(6.0, 0.0, 0.0, 2.0, 2.0)))
    assert volume_mm3(shape) == pytest.approx(math.pi * 12 / 3 * (36 + 12 + 4), rel=0.01)


def test_slats_keep_their_share_of_a_solid() -> None:
    block = Block((-8.0, -8.0, -8.0), (8.0, 8.0, 8.0))
    whole = volume_mm3(block)
    assert whole == pytest.approx(16**3, rel=0.005)
    assert volume_mm3(Both(block, Slats(4.0, 1.0, 0.0, 0.05))) / whole == pytest.approx(0.25, abs=0.01)


def test_a_hole_takes_exactly_its_own_volume_away() -> None:
    ball, hole = Ellipsoid((0, 0, 0), (8, 8, 8)), Ellipsoid((1, 0, 0), (3, 3, 3))
    assert volume_mm3(Without(ball, hole)) == pytest.approx(volume_mm3(ball) - volume_mm3(hole), abs=1e-6)


@pytest.mark.parametrize(
    "shape",
    [
        Ellipsoid((2.0, 1.0, 0.0), (3.0, 2.0, 4.0)),
        TaperedCapsule((1.0, 0.0, 0.0), (5.0, 3.0, 2.0), 2.0, 1.0),
        Block((1.0, -2.0, -3.0), (4.0, 5.0, 6.0)),
        Without(Ellipsoid((3.0, 0.0, 0.0), (4.0, 4.0, 4.0)), Ellipsoid((5.0, 0.0, 0.0), (2.0, 2.0, 2.0))),
    ],
)
def test_the_mirror_image_swaps_left_and_right_and_nothing_else(shape: Shape) -> None:
    anatomy = Anatomy()
    anatomy.declare(Tissue("organ, left", 1.0, 0.0), Tissue("organ, right", 1.0, 0.0))
    anatomy.paint("organ, left", shape)
    left = anatomy.rasterise(GRID)
    anatomy.paints.clear()
    anatomy.paint("organ, right", shape.mirrored())
    right = anatomy.rasterise(GRID)
    assert left.any()
    # The grid is symmetric about x = 0, so mirroring is reversing the last axis.
    np.testing.assert_array_equal(right == 2, (left == 1)[:, :, ::-1])


def test_a_tube_joins_its_points_without_gaps() -> None:
    pieces = tube([(0, 0, -5), (3, 0, 0), (0, 3, 5)], [2, 1.5, 1])
    assert [(c.start, c.end) for c in pieces] == [((0, 0, -5), (3, 0, 0)), ((3, 0, 0), (0, 3, 5))]
    assert pieces[0].end_radius == pieces[1].start_radius == 1.5


def test_later_paint_covers_earlier_paint() -> None:
    anatomy = Anatomy()
    anatomy.declare(Tissue("rim", 1.5, 0.0), Tissue("core", 0.7, 0.0))
    anatomy.paint("rim", Ellipsoid((0, 0, 0), (5, 5, 5)))
    anatomy.paint("core", Ellipsoid((0, 0, 0), (2, 2, 2)))
    labels = anatomy.rasterise(GRID)
    assert labels[50, 50, 50] == 2
    assert labels[50, 50, 50 + 15] == 1
    assert labels[50, 50, 50 + 30] == 0


def test_voxels_lie_where_the_grid_says_also_when_it_is_shifted() -> None:
    anatomy = Anatomy()
    anatomy.declare(Tissue("spot", 1.0, 0.0))
    anatomy.paint("spot", Ellipsoid((11.0, -7.0, 42.0), (0.4, 0.4, 0.4)))
    grid = Geometry.axis_aligned((10, 12, 14), (3.0, 2.0, 1.0), (5.0, -15.0, 30.0))
    assert np.argwhere(anatomy.rasterise(grid)).tolist() == [[4, 4, 6]]


def test_a_grid_that_is_not_along_the_patient_axes_is_refused() -> None:
    flipped = Geometry.from_affine((4, 4, 4), (0, 0, 0), np.diag([1.0, -1.0, 1.0])[:, ::-1])
    with pytest.raises(AtsmError, match="along L, P and S"):
        Anatomy().rasterise(flipped)


def test_a_tissue_that_was_not_declared_is_named_in_the_error() -> None:
    with pytest.raises(AtsmError, match="spleen"):
        Anatomy().paint("spleen", Ellipsoid((0, 0, 0), (1, 1, 1)))


def test_the_tumours_have_the_sizes_that_are_promised() -> None:
    assert 200 < MOUSE_TUMOUR.volume_mm3 < 300
    assert all(30 <= 2 * r <= 40 for r in PATIENT_TUMOUR.radii)

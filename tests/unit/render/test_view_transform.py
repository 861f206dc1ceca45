from __future__ import annotations

import numpy as np
import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.render.view_transform import ViewTransform

OBLIQUE = Plane((3.0, -4.0, 5.0), (0.8, 0.6, 0.0), (0.0, 0.0, -1.0))
PLANES = [*(Plane.through(o, (10.0, 20.0, 30.0)) for o in Orientation), OBLIQUE]


@pytest.mark.parametrize("plane", PLANES)
def test_a_pixel_goes_to_the_patient_and_back(plane: Plane) -> None:
    view = ViewTransform(plane, (7.0, -2.5), 0.37, 301, 200)
    for x, y in [(0.0, 0.0), (150.25, 17.5), (301.0, 200.0), (-40.0, 999.0)]:
        assert view.to_pixel(view.to_lps(x, y)) == pytest.approx((x, y), abs=1e-9)


def test_the_centre_of_the_view_shows_its_centre_and_pixel_centres_lie_at_halves() -> None:
    view = ViewTransform(Plane.through(Orientation.AXIAL, (0, 0, 0)), (0.0, 0.0), 2.0, 3, 3)
    np.testing.assert_allclose(view.to_lps(1.5, 1.5), (0, 0, 0), atol=1e-12)
    np.testing.assert_allclose(view.to_lps(2.5, 1.5), (2, 0, 0), atol=1e-12)
    np.testing.assert_allclose(view.to_lps(1.5, 2.5), (0, 2, 0), atol=1e-12)


def test_up_on_a_coronal_view_is_towards_the_head() -> None:
    view = ViewTransform(Plane.through(Orientation.CORONAL, (0, 0, 0)), (0.0, 0.0), 1.0, 100, 100)
    assert view.to_lps(50, 10)[2] == pytest.approx(40.0)


def test_arrays_of_pixels_give_arrays_of_positions() -> None:
    view = ViewTransform(OBLIQUE, (1.0, 2.0), 0.5, 20, 10)
    x, y = np.meshgrid(np.arange(20) + 0.5, np.arange(10) + 0.5)
    positions = view.to_lps(x, y)
    assert positions.shape == (10, 20, 3)
    np.testing.assert_allclose(positions[4, 7], view.to_lps(7.5, 4.5))


@pytest.mark.parametrize("plane", PLANES)
def test_zooming_keeps_what_is_under_the_cursor(plane: Plane) -> None:
    view = ViewTransform(plane, (7.0, -2.5), 0.37, 301, 200)
    closer = view.zoomed(1.7, (40.0, 150.0))
    assert closer.mm_per_pixel == pytest.approx(0.37 / 1.7)
    np.testing.assert_allclose(closer.to_lps(40.0, 150.0), view.to_lps(40.0, 150.0), atol=1e-9)


def test_panning_moves_the_picture_with_the_mouse() -> None:
    view = ViewTransform(OBLIQUE, (7.0, -2.5), 0.37, 301, 200)
    np.testing.assert_allclose(view.panned(12, -5).to_lps(112, 45), view.to_lps(100, 50), atol=1e-9)


def test_resizing_keeps_the_middle_and_the_scale() -> None:
    view = ViewTransform(OBLIQUE, (7.0, -2.5), 0.37, 301, 200)
    wider = view.resized(640, 480)
    np.testing.assert_allclose(wider.to_lps(320, 240), view.to_lps(150.5, 100), atol=1e-9)
    assert wider.mm_per_pixel == view.mm_per_pixel


@pytest.mark.parametrize("plane", PLANES)
def test_scrolling_moves_only_along_the_normal(plane: Plane) -> None:
    view = ViewTransform(plane, (7.0, -2.5), 0.37, 301, 200)
    target = np.array([55.0, -3.0, 12.0])
    moved = view.with_plane_through(target)
    assert float(moved.plane.distance_mm(target)) == pytest.approx(0.0, abs=1e-9)
    shift = moved.to_lps(11.0, 22.0) - view.to_lps(11.0, 22.0)
    np.testing.assert_allclose(np.cross(shift, plane.normal_lps), 0.0, atol=1e-9)


@pytest.mark.parametrize("plane", PLANES)
def test_a_fitted_view_shows_the_corners_of_all_grids(plane: Plane) -> None:
    small = Geometry.axis_aligned((10, 20, 30), (2.0, 1.5, 1.0), (0.0, 5.0, -9.0))
    large = Geometry.axis_aligned((5, 5, 5), (30.0, 10.0, 10.0), (40.0, 0.0, 0.0))
    view = ViewTransform.fitted(plane, [small, large], 300, 200, margin=0.05)
    pixels = np.array([view.to_pixel(c) for g in (small, large) for c in g.corners_lps()])
    assert pixels.min() > 0
    assert pixels[:, 0].max() < 300
    assert pixels[:, 1].max() < 200
    used = (pixels.max(axis=0) - pixels.min(axis=0)) / (300, 200)
    assert used.max() == pytest.approx(1 / 1.1)


def test_impossible_views_are_refused() -> None:
    with pytest.raises(AtsmError, match="cannot be drawn"):
        ViewTransform(OBLIQUE, (0.0, 0.0), 0.0, 10, 10)
    with pytest.raises(AtsmError, match="cannot be drawn"):
        ViewTransform(OBLIQUE, (0.0, 0.0), 1.0, 0, 10)
    with pytest.raises(AtsmError, match="no image"):
        ViewTransform.fitted(OBLIQUE, [], 10, 10)
    with pytest.raises(AtsmError, match="zoom factor"):
        ViewTransform(OBLIQUE, (0.0, 0.0), 1.0, 10, 10).zoomed(0.0, (0.0, 0.0))

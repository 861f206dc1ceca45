from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.render.outline import outline_segments_uv
from atsm_viewer.render.view_transform import ViewTransform

SHAPE = (6, 7, 8)
GEOMETRY = Geometry.axis_aligned(SHAPE, (3.0, 2.0, 1.0), (10.0, 20.0, 30.0))
FLIPPED = Geometry.from_affine(SHAPE, (10.0, 20.0, 30.0), -np.diag([3.0, 2.0, 1.0])[:, ::-1])
SLANTED = Geometry.from_affine(SHAPE, (10.0, 20.0, 30.0), [[0.4, 0.9, 2.9], [0.3, 1.9, 0.0], [1.0, 0.0, 0.2]])
RING = np.zeros(SHAPE, np.bool_)
RING[1:5, 1:6, 1:7] = True
RING[1:5, 3, 3:5] = False


def _blob(seed: int) -> npt.NDArray[np.bool_]:
    return np.random.default_rng(seed).uniform(size=SHAPE) < 0.5


def _plain_edges(dense: npt.NDArray[np.bool_], k: int) -> set[tuple[float, float, float, float]]:
    """Unit edges (u0, v0, u1, v1) of an axial slice of GEOMETRY, mm in L and P, by asking each voxel."""
    edges = set()
    for j, i in itertools.product(range(SHAPE[1]), range(SHAPE[2])):
        if not dense[k, j, i]:
            continue
        x, y = 10.0 + i, 20.0 + 2.0 * j
        for dj, di, edge in (
            (-1, 0, (x - 0.5, y - 1, x + 0.5, y - 1)),
            (1, 0, (x - 0.5, y + 1, x + 0.5, y + 1)),
            (0, -1, (x - 0.5, y - 1, x - 0.5, y + 1)),
            (0, 1, (x + 0.5, y - 1, x + 0.5, y + 1)),
        ):
            other = (k, j + dj, i + di)
            inside = 0 <= j + dj < SHAPE[1] and 0 <= i + di < SHAPE[2] and dense[other]
            if not inside:
                edges.add(edge)
    return edges


def _split(segments: npt.NDArray[np.float64]) -> list[tuple[float, float, float, float]]:
    """Unit edges of the merged runs."""
    edges = []
    for (u0, v0), (u1, v1) in segments:
        n = round((u1 - u0) / 1.0 + (v1 - v0) / 2.0)
        assert n >= 1
        for a in range(n):
            du, dv = (u1 - u0) / n, (v1 - v0) / n
            edge = (u0 + a * du, v0 + a * dv, u0 + (a + 1) * du, v0 + (a + 1) * dv)
            edges.append(tuple(round(float(x), 6) for x in edge))
    return edges  # type: ignore[return-value]


@pytest.mark.parametrize("dense", [RING, *(_blob(n) for n in range(4))])
def test_the_outline_is_every_edge_between_inside_and_outside_once(dense: npt.NDArray[np.bool_]) -> None:
    for k in range(SHAPE[0]):
        plane = Plane((0.0, 0.0, 30.0 + 3.0 * k + 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
        edges = _split(outline_segments_uv(Mask.from_dense(dense), GEOMETRY, plane))
        assert len(edges) == len(set(edges))
        assert set(edges) == _plain_edges(dense, k)


def test_straight_borders_are_single_segments() -> None:
    block = np.zeros(SHAPE, np.bool_)
    block[2, 1:6, 2:7] = True
    plane = Plane.through(Orientation.AXIAL, (0.0, 0.0, 36.0))
    assert outline_segments_uv(Mask.from_dense(block), GEOMETRY, plane).shape == (4, 2, 2)
    ring = outline_segments_uv(Mask.from_dense(RING), GEOMETRY, plane)
    assert ring.shape == (8, 2, 2)


@pytest.mark.parametrize("geometry", [GEOMETRY, FLIPPED, SLANTED], ids=["aligned", "flipped", "slanted"])
@pytest.mark.parametrize(
    "plane_axes",
    [
        *((o.u_lps, o.v_lps) for o in Orientation),
        ((0.8, 0.0, 0.6), (0.0, 1.0, 0.0)),
        ((0.6, 0.8, 0.0), (0.0, 0.0, -1.0)),
    ],
)
def test_between_two_pixels_lies_a_segment_exactly_when_their_voxels_differ(
    geometry: Geometry, plane_axes: tuple[tuple[float, float, float], tuple[float, float, float]]
) -> None:
    centre = np.array(geometry.centre_lps) + np.array([0.13, 0.21, 0.37])
    plane = Plane(tuple(float(c) for c in centre), *plane_axes)  # type: ignore[arg-type]
    view = ViewTransform.fitted(plane, geometry, 47, 43).panned(0.217, 0.119)
    for dense, pending in ((RING, None), (_blob(1), None), (_blob(2), _patch())):
        shown = dense.copy()
        if pending is not None:
            shown[pending.box.slices] |= pending.block_kji
        segments = view.pixel_of_uv(outline_segments_uv(Mask.from_dense(dense), geometry, plane, pending))
        inside = np.zeros((43, 47), np.bool_)
        for r, c in itertools.product(range(43), range(47)):
            index = geometry.nearest_index(view.to_lps(c + 0.5, r + 0.5))
            inside[r, c] = index is not None and shown[index]
        assert 0.02 < inside.mean() < 0.9
        (xa, ya), (xb, yb) = segments[:, 0].T, segments[:, 1].T
        for r in range(43):
            crosses = (ya > r + 0.5) != (yb > r + 0.5)
            t = (r + 0.5 - ya[crosses]) / (yb[crosses] - ya[crosses])
            x = xa[crosses] + t * (xb[crosses] - xa[crosses])
            for c in range(46):
                between = np.count_nonzero((x > c + 0.5) & (x <= c + 1.5))
                assert between % 2 == (inside[r, c] != inside[r, c + 1])


def _patch() -> Patch:
    box = Box((1, 1, 1), (5, 6, 4))
    return Patch(box, np.random.default_rng(9).uniform(size=box.shape_kji) < 0.7)


def test_a_patch_is_outlined_like_a_mask() -> None:
    plane = Plane.through(Orientation.CORONAL, (0.0, 26.0, 0.0))
    patch = _patch()
    dense = np.zeros(SHAPE, np.bool_)
    dense[patch.box.slices] = patch.block_kji
    expected = outline_segments_uv(Mask.from_dense(dense), GEOMETRY, plane)
    got = outline_segments_uv(patch, GEOMETRY, plane)
    assert expected.size > 0
    np.testing.assert_allclose(got, expected)


def test_a_plane_that_misses_gives_no_segment() -> None:
    mask = Mask.from_dense(RING)
    for plane in (
        Plane.through(Orientation.AXIAL, (0.0, 0.0, 500.0)),
        Plane((0.0, 0.0, 500.0), (0.8, 0.0, 0.6), (0.0, 1.0, 0.0)),
    ):
        assert outline_segments_uv(mask, GEOMETRY, plane).shape == (0, 2, 2)
    axial = Plane.through(Orientation.AXIAL, GEOMETRY.centre_lps)
    assert outline_segments_uv(Mask.empty(), GEOMETRY, axial).shape == (0, 2, 2)

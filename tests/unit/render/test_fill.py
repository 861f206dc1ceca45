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
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.render import kernels
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.render.compose import Composer
from atsm_viewer.render.dirty_rect import rect_of_box
from atsm_viewer.render.layer import PetLayer
from atsm_viewer.render.roi_layer import RoiLayer
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.render.window import Window

ALIGNED = Geometry.axis_aligned((8, 9, 10), (3.0, 1.7, 1.3), (-5.0, -7.0, -9.0))
FLIPPED = Geometry.from_affine((8, 9, 10), (6.0, 7.0, 12.0), -np.diag([3.0, 1.7, 1.3])[:, ::-1])
SLANTED = Geometry.from_affine(
    (8, 9, 10), (-5.0, -7.0, -9.0), [[0.0, 0.9, 2.9], [0.3, 1.7, 0.0], [1.3, 0.0, 0.2]]
)
GRIDS = {"aligned": ALIGNED, "flipped": FLIPPED, "slanted": SLANTED}
POINT = (0.31, 0.42, 1.13)
PLANES = {
    **{o.value: Plane.through(o, POINT) for o in Orientation},
    "oblique": Plane(POINT, (0.8, 0.0, 0.6), (0.0, 1.0, 0.0)),
}


def _blob(seed: int, share: float = 0.5) -> Mask:
    dense = np.random.default_rng(seed).uniform(size=(8, 9, 10)) < share
    dense[0], dense[:, -1] = False, False
    return Mask.from_dense(dense)


def _patch(adds: bool) -> Patch:
    box = Box((2, 1, 4), (7, 8, 10))
    return Patch(box, np.random.default_rng(5).uniform(size=box.shape_kji) < 0.5, adds)


def _inside(view: ViewTransform, geometry: Geometry, dense: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    out = np.zeros((view.height_px, view.width_px), np.bool_)
    for r, c in itertools.product(range(view.height_px), range(view.width_px)):
        index = geometry.nearest_index(view.to_lps(c + 0.5, r + 0.5))
        out[r, c] = index is not None and dense[index]
    return out


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES.keys())
@pytest.mark.parametrize("geometry", GRIDS.values(), ids=GRIDS.keys())
def test_the_fill_covers_exactly_the_nearest_voxels_with_the_stroke_in_progress(
    geometry: Geometry, plane: Plane, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fast:
        assert kernels.warm_up()
    else:
        monkeypatch.setenv("ATSM_NO_NUMBA", "1")
    view = ViewTransform(plane, (0.21, 0.37), 0.431, 61, 53)
    for pending in (None, _patch(True), _patch(False)):
        mask = _blob(1, 0.3)
        dense = mask.to_dense((8, 9, 10))
        if pending is not None:
            part = dense[pending.box.slices]
            part[pending.block_kji] = pending.adds
        roi = RoiLayer(geometry, mask, (255, 0, 10), 1.0, pending)
        got = Composer().compose(view, None, None, [roi]) == 0xFFFF000A
        expected = _inside(view, geometry, dense)
        assert 0.05 < expected.mean() < 0.9
        np.testing.assert_array_equal(got, expected)


def test_the_fill_mixes_the_colour_with_its_opacity_and_later_rois_lie_on_top() -> None:
    view = ViewTransform.fitted(PLANES["axial"], ALIGNED, 30, 30)
    everything = Mask.from_dense(np.ones((8, 9, 10)))
    red = RoiLayer(ALIGNED, everything, (200, 0, 0), 0.25)
    blue = RoiLayer(ALIGNED, everything, (0, 0, 100), 0.5)
    r, g, b = 16 + (200 - 16) * 0.25, 18 * 0.75, 20 * 0.75
    picture = Composer().compose(view, None, None, [red])
    got = [int(picture[15, 15] >> s & 0xFF) for s in (16, 8, 0)]
    assert got == pytest.approx([r, g, b], abs=1)
    picture = Composer().compose(view, None, None, [red, blue])
    got = [int(picture[15, 15] >> s & 0xFF) for s in (16, 8, 0)]
    assert got == pytest.approx([r / 2, g / 2, 50 + b / 2], abs=1.5)


@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES.keys())
@pytest.mark.parametrize("geometry", GRIDS.values(), ids=GRIDS.keys())
def test_drawing_a_rectangle_equals_that_part_of_a_full_drawing(geometry: Geometry, plane: Plane) -> None:
    values = np.random.default_rng(3).uniform(0, 100, (1, 8, 9, 10)).astype(np.float32)
    pet = PetLayer(Volume(geometry, values, "", Modality.PET), 0, Window(50, 80), COLOUR_MAPS["viridis"])
    rois = [RoiLayer(geometry, _blob(n), (9 * n, 255, 0), 0.4, _patch(n == 2)) for n in (1, 2)]
    view = ViewTransform(plane, (0.21, 0.37), 0.431, 61, 53)
    full = Composer().compose(view, None, pet, rois)
    rng = np.random.default_rng(4)
    for composer in (Composer() for _ in range(20)):
        x0, x1 = sorted(int(v) for v in rng.integers(-5, 70, 2))
        y0, y1 = sorted(int(v) for v in rng.integers(-5, 60, 2))
        out = np.full((53, 61), 7, np.uint32)
        composer.compose(view, None, pet, rois, out, (x0, y0, x1, y1))
        expected = np.full((53, 61), 7, np.uint32)
        part = np.s_[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
        expected[part] = full[part]
        np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES.keys())
@pytest.mark.parametrize("geometry", GRIDS.values(), ids=GRIDS.keys())
def test_a_stroke_changes_no_pixel_outside_its_dirty_rectangle(geometry: Geometry, plane: Plane) -> None:
    view = ViewTransform(plane, (0.21, 0.37), 0.331, 91, 83)
    rng = np.random.default_rng(6)
    seen = 0
    for _ in range(60):
        lo = rng.integers(0, (7, 8, 9))
        hi = np.minimum(lo + rng.integers(1, 4, 3), (8, 9, 10))
        box = Box(tuple(int(v) for v in lo), tuple(int(v) for v in hi))  # type: ignore[arg-type]
        patch = Patch(box, np.ones(box.shape_kji, np.bool_))
        roi = RoiLayer(geometry, Mask.empty(), (255, 255, 255), 1.0, patch)
        changed = np.argwhere(Composer().compose(view, None, None, [roi]) == 0xFFFFFFFF)
        rect = rect_of_box(view, geometry, box)
        if changed.size:
            seen += 1
            assert rect is not None
            (y0, x0), (y1, x1) = changed.min(axis=0), changed.max(axis=0) + 1
            assert rect[0] <= x0
            assert rect[1] <= y0
            assert rect[2] >= x1
            assert rect[3] >= y1
            # A thin wedge of a slanted cell may hold no pixel centre, so it may reach further there.
            spare = 16 if geometry is SLANTED or plane is PLANES["oblique"] else 6
            assert rect[2] - rect[0] <= x1 - x0 + spare
            assert rect[3] - rect[1] <= y1 - y0 + spare
    assert seen > 5


def test_a_box_away_from_the_plane_or_the_view_has_no_rectangle() -> None:
    view = ViewTransform.fitted(PLANES["axial"], ALIGNED, 40, 40)
    assert rect_of_box(view, ALIGNED, Box((7, 0, 0), (8, 9, 10))) is None
    assert rect_of_box(view, ALIGNED, Box.empty()) is None
    at_plane = Box((3, 0, 0), (4, 9, 10))
    assert rect_of_box(view, ALIGNED, at_plane) is not None
    assert rect_of_box(view.panned(500, 0), ALIGNED, at_plane) is None

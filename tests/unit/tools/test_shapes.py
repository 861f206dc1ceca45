"""Shapes and contours against plain loops, closed forms and other libraries."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.domain.pointer import Button, PointerEvent
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.tools import Refusal, ToolContext, tool
from atsm_viewer.tools.bounded import flood
from atsm_viewer.tools.footprint import swept_footprint
from atsm_viewer.tools.plane_shapes import box_footprint, inside_polygon, polygon_footprint

_C, _S = math.cos(0.3), math.sin(0.3)
FIVE_GRIDS = {
    "cubic": Geometry.axis_aligned((40, 40, 40), (1.0, 1.0, 1.0), (-20.0, -20.0, -20.0)),
    "fine": Geometry.axis_aligned((60, 60, 60), (0.5, 0.5, 0.5), (-15.0, -15.0, -15.0)),
    "thick slices": Geometry.axis_aligned((14, 50, 50), (3.0, 0.8, 0.8), (-20.0, -20.0, -20.0)),
    "columns": Geometry.axis_aligned((50, 40, 20), (0.8, 1.0, 2.0), (-20.0, -20.0, -20.0)),
    "oblique": Geometry.from_affine(
        (44, 44, 44), (-14.0, -20.0, -26.0), [[-_S, 0, _C], [0, 1, 0], [_C, 0, _S]]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIVE_GRIDS)
def test_a_sphere_holds_its_volume_and_exactly_the_voxels_a_loop_finds(name):
    geometry = FIVE_GRIDS[name]
    at = tuple(float(v) for v in geometry.index_to_lps([n // 2 for n in geometry.shape_kji]))
    plane = Plane.through(Orientation.AXIAL, at)
    _, block = swept_footprint(geometry, at, at, 7.5, "ball", plane)
    centres = geometry.index_to_lps(np.argwhere(np.ones(geometry.shape_kji)))
    by_loop = sum(1 for p in centres if math.dist(p, at) <= 7.5 + 1e-6)
    assert block.sum() == by_loop
    volume = by_loop * geometry.voxel_volume_mm3
    # Voxels whose centre is inside: the error of the volume is of the order of the surface voxels.
    assert volume == pytest.approx(4 / 3 * math.pi * 7.5**3, rel=0.03)


@pytest.mark.parametrize("name", FIVE_GRIDS)
def test_a_box_of_whole_voxels_has_exactly_its_volume_wherever_it_stands(name):
    geometry = FIVE_GRIDS[name]
    if name == "oblique":
        pytest.skip("its edges do not run along those of the picture: no closed form")
    k, j, i = geometry.spacing_kji_mm
    half = (3 * i, 2 * j, 2 * k)
    for shift in ((0, 0, 0), (0.2, 0.4, 0.1), (0.5, 0.5, 0.5)):
        at = geometry.index_to_lps(np.array(geometry.shape_kji) // 2 + np.array(shift))
        point = tuple(float(v) for v in at)
        plane = Plane.through(Orientation.AXIAL, point)
        _, block = box_footprint(geometry, point, half, plane)
        assert block.sum() == 6 * 4 * 4


def _crosses(u, v, corners):
    """Even-odd rule for one point, edge by edge."""
    inside = False
    for n, (u0, v0) in enumerate(corners):
        u1, v1 = corners[(n + 1) % len(corners)]
        if (v0 <= v) != (v1 <= v) and u >= u0 + (v - v0) * (u1 - u0) / (v1 - v0):
            inside = not inside
    return inside


def test_points_in_a_polygon_agree_with_a_loop_also_for_crossing_edges():
    rng = np.random.default_rng(4)
    for corners in (rng.uniform(-5, 5, (n, 2)) for n in (3, 4, 7, 12, 30)):
        points = np.concatenate([rng.uniform(-6, 6, (300, 2)), np.round(rng.uniform(-6, 6, (100, 2)))])
        assert inside_polygon(points, corners).tolist() == [_crosses(u, v, corners) for u, v in points]


def test_two_polygons_that_share_an_edge_share_no_voxel_and_leave_none_out():
    geometry = FIVE_GRIDS["cubic"]
    plane = Plane.through(Orientation.AXIAL, (0.0, 0.0, 0.0))
    a, b, c, d, e, f = [(x, y, 0.0) for y in (-5.0, 5.0) for x in (-5.0, 0.0, 5.0)]
    total = np.zeros(geometry.shape_kji, dtype=int)
    for corners in ((a, b, e, d), (b, c, f, e)):
        box, block = polygon_footprint(geometry, corners, plane)
        total[box.slices] += block
    assert total.max() == 1
    assert total.sum() == 100


@pytest.fixture
def blob():
    """Two hot spots of different height on noise, 1 mm voxels."""
    geometry = FIVE_GRIDS["cubic"]
    at = geometry.index_to_lps(np.argwhere(np.ones(geometry.shape_kji))).reshape(40, 40, 40, 3)
    one = 10 * np.exp(-((at - [-4.0, 0, 0]) ** 2).sum(-1) / 18)
    two = 6 * np.exp(-((at - [8.0, 2, 3]) ** 2).sum(-1) / 8)
    noise = np.random.default_rng(1).normal(1, 0.05, one.shape)
    return geometry, (one + two + noise).astype(np.float32)


def _ctx(geometry, values, **options):
    scan = Scan("s", "1 h", geometry, Volume(geometry, values[None], "BQML", Modality.PET), None,
                (Slot("m", "a"),))  # fmt: skip
    roi = Roi("r", "Tumour", Role.TUMOUR, "s", "m")
    return ToolContext(SessionState(scans=(scan,), rois=(roi,)), roi, scan, 0, options, (), 1.0)


def _press(at, orientation=Orientation.AXIAL):
    return PointerEvent(at, Plane.through(orientation, at), Button.LEFT)


def _dense(patch, shape=(40, 40, 40)):
    out = np.zeros(shape, dtype=bool)
    out[patch.box.slices] = patch.block_kji
    return out


def _flooded(passing, seed):
    """Voxel by voxel, through faces."""
    seen, todo = np.zeros_like(passing), [seed]
    while todo:
        at = todo.pop()
        if min(at) < 0 or any(c >= n for c, n in zip(at, passing.shape, strict=True)):
            continue
        if passing[at] and not seen[at]:
            seen[at] = True
            k, j, i = at
            todo += [(k - 1, j, i), (k + 1, j, i), (k, j - 1, i), (k, j + 1, i), (k, j, i - 1), (k, j, i + 1)]
    return seen


@pytest.mark.parametrize("percent", [40.0, 41.0, 50.0, 70.0, 63.0])
def test_an_isocontour_equals_a_loop_and_simpleitk(blob, percent):
    geometry, values = blob
    ctx = _ctx(geometry, values, mode="percent", percent=percent, bound_mm=60.0)
    patch = tool("isocontour").footprint(_press((-3.0, 1.0, 0.0)), ctx)
    top = np.unravel_index(np.argmax(values), values.shape)
    threshold = percent / 100 * float(values[top])
    seed = tuple(int(v) for v in top)
    assert np.array_equal(_dense(patch), _flooded(values.astype(float) >= threshold, seed))
    image = SimpleITK.GetImageFromArray(values.astype(np.float64))
    lower = SimpleITK.ConnectedThreshold(image, [seed[::-1]], lower=threshold, upper=1e9)
    assert np.array_equal(_dense(patch), SimpleITK.GetArrayFromImage(lower).astype(bool))


def test_the_bound_keeps_the_contour_and_says_when_it_cuts_it(blob):
    geometry, values = blob
    wide = tool("isocontour").begin(_press((-4.0, 0.0, 0.0)), _ctx(geometry, values, bound_mm=15.0))
    assert "touches" not in wide.sketch.words
    tight = tool("isocontour").begin(_press((-4.0, 0.0, 0.0)), _ctx(geometry, values, bound_mm=2.0))
    assert "touches the bound" in tight.sketch.words
    away = geometry.index_to_lps(np.argwhere(_dense(tight.pending))) - [-4.0, 0.0, 0.0]
    assert np.linalg.norm(away, axis=1).max() <= 2.0 + 1e-6


def test_an_adaptive_contour_lies_between_background_and_top(blob):
    geometry, values = blob
    ctx = _ctx(geometry, values, mode="adaptive", percent=50.0, bound_mm=12.0)
    got = _dense(tool("isocontour").footprint(_press((-4.0, 0.0, 0.0)), ctx))
    threshold = 1.0 + 0.5 * (values.max() - 1.0)
    top = tuple(int(v) for v in np.unravel_index(values.argmax(), values.shape))
    near = _flooded(values >= threshold, top)
    assert abs(int(got.sum()) - int(near.sum())) <= 0.1 * near.sum()


def test_suv_and_muscle_contours_are_the_same_threshold_in_other_words(blob):
    geometry, values = blob
    at = _press((-4.0, 0.0, 0.0))
    suv = _ctx(geometry, values, mode="suv", suv=4.0, bound_mm=20.0)
    muscle = replace(_ctx(geometry, values, mode="muscle", muscle=2.0, bound_mm=20.0), muscle_mean=2.0)
    assert np.array_equal(
        _dense(tool("isocontour").footprint(at, suv)), _dense(tool("isocontour").footprint(at, muscle))
    )
    for ctx, words in ((replace(suv, suv_scale=None), "SUV"), (replace(muscle, muscle_mean=None), "muscle")):
        refusal = tool("isocontour").footprint(at, ctx)
        assert isinstance(refusal, Refusal)
        assert words in refusal.reason


@pytest.mark.parametrize("tool_id", ["isocontour", "grow"])
def test_a_drag_to_the_right_widens_and_back_gives_the_click_again(blob, tool_id):
    geometry, values = blob
    gesture = tool(tool_id).begin(_press((-4.0, 0.0, 0.0)), _ctx(geometry, values, bound_mm=15.0))
    click, shown = _dense(gesture.pending), _dense(gesture.pending)
    sizes = []
    for du in (5.0, -5.0, 0.0):
        step = gesture.extend(replace(_press((-4.0, 0.0, 0.0)), position_lps=(-4.0 + du, 0.0, 0.0)))
        shown[step.newly.box.slices] |= step.newly.block_kji
        if step.taken is not None:
            shown[step.taken.box.slices] &= ~step.taken.block_kji
        assert np.array_equal(shown, _dense(gesture.pending))
        sizes.append(int(shown.sum()))
    assert sizes[0] > click.sum() > sizes[1]
    assert np.array_equal(shown, click)


def test_the_gradient_edge_of_a_blurred_ball_is_the_ball():
    geometry = FIVE_GRIDS["cubic"]
    at = geometry.index_to_lps(np.argwhere(np.ones(geometry.shape_kji))).reshape(40, 40, 40, 3)
    away = np.linalg.norm(at, axis=-1)
    values = (1 + 9 / (1 + np.exp((away - 6.0) / 0.7))).astype(np.float32)  # steepest at 6 mm
    got = _dense(tool("watershed").footprint(_press((0.0, 0.0, 0.0)), _ctx(geometry, values, bound_mm=12.0)))
    assert got[away <= 5.0].all()
    assert not got[away >= 7.5].any()


def test_growing_takes_connected_voxels_within_the_tolerance(blob):
    geometry, values = blob
    ctx = _ctx(geometry, values, tolerance_in="percent", percent=30.0, bound_mm=60.0)
    got = _dense(tool("grow").footprint(_press((-4.0, 0.0, 0.0)), ctx))
    k, j, i = geometry.nearest_index((-4.0, 0.0, 0.0))
    mean = values[k - 1 : k + 2, j - 1 : j + 2, i - 1 : i + 2].astype(float).mean()
    assert np.array_equal(got, _flooded(np.abs(values.astype(float) - mean) <= 0.3 * mean, (k, j, i)))


def test_a_level_trace_fills_the_dense_ring_of_the_ct_slice():
    geometry = FIVE_GRIDS["cubic"]
    fine = Geometry.axis_aligned((40, 80, 80), (1.0, 0.5, 0.5), (-20.0, -20.0, -20.0))
    at = fine.index_to_lps(np.argwhere(np.ones(fine.shape_kji))).reshape(40, 80, 80, 3)
    away = np.linalg.norm(at[..., :2], axis=-1)
    hu = np.where((away <= 8) & (away >= 5), 300, 0).astype(np.int16)
    ctx = _ctx(geometry, np.ones(geometry.shape_kji, np.float32), bound_mm=15.0)
    assert "no CT" in tool("level_trace").footprint(_press((6.5, 0.0, 0.0)), ctx).reason
    ct = Volume(fine, hu[None], "HU", Modality.CT)
    ctx = replace(ctx, scan=replace(ctx.scan, ct=ct))
    got = _dense(tool("level_trace").footprint(_press((6.5, 0.0, 0.0)), ctx))
    assert np.argwhere(got)[:, 0].tolist() == [20] * int(got.sum())  # one slice
    assert got.sum() == pytest.approx(math.pi * 8**2, rel=0.05)


def test_a_flood_agrees_with_a_loop():
    rng = np.random.default_rng(9)
    passing = rng.random((9, 10, 11)) < 0.6
    seed = tuple(int(v) for v in np.argwhere(passing)[40])
    assert np.array_equal(flood(passing, seed), _flooded(passing, seed))


def test_a_square_brush_sweeps_what_many_small_steps_cover():
    geometry = FIVE_GRIDS["cubic"]
    plane = Plane.through(Orientation.AXIAL, (0.0, 0.0, 0.0))
    a, b = (-6.3, -4.0, 0.0), (5.2, 3.1, 0.0)
    box, block = swept_footprint(geometry, a, b, 2.2, "square", plane)
    swept = np.zeros(geometry.shape_kji, dtype=bool)
    swept[box.slices] = block
    centres = geometry.index_to_lps(np.argwhere(np.ones(geometry.shape_kji))).reshape(*geometry.shape_kji, 3)
    by_steps = np.zeros_like(swept)
    for t in np.linspace(0, 1, 4001):
        x, y, _ = (1 - t) * np.array(a) + t * np.array(b)
        by_steps[20] |= (abs(centres[20, ..., 0] - x) <= 2.2) & (abs(centres[20, ..., 1] - y) <= 2.2)
    assert (swept & ~by_steps).sum() <= 1  # a corner may fall between two steps
    assert not (by_steps & ~swept).any()

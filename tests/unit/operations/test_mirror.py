"""Mirroring across the fitted midline, on bodies whose midline is known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.roi import Role
from atsm_viewer.operations import operation
from atsm_viewer.operations.midplane import fit_midplane

SHAPE = (16, 40, 50)
GRID = Geometry.axis_aligned(SHAPE, (2.0, 1.0, 1.0), (-24.5, -19.5, -16.0))


def body(geometry: Geometry, shift=0.0, roll=0.0, tilt=0.0) -> np.ndarray:
    """An elliptic cylinder with a spine bump behind; turned around its middle."""
    at = geometry.index_to_lps(np.indices(geometry.shape_kji).reshape(3, -1).T) - geometry.centre_lps
    at[:, 0] -= shift
    a, b = math.radians(roll), math.radians(tilt)
    n = np.array([math.cos(a) * math.cos(b), math.sin(a) * math.cos(b), math.sin(b)])
    back = np.array([-math.sin(a), math.cos(a), 0.0])
    across, deep = at @ n, at @ back
    inside = ((across / 20) ** 2 + (deep / 14) ** 2 <= 1) | ((np.abs(across) < 4) & (deep > 0) & (deep < 17))
    return inside.reshape(geometry.shape_kji)


def ball(centre_lps, radius):
    at = GRID.index_to_lps(np.indices(SHAPE).reshape(3, -1).T)
    return (np.linalg.norm(at - np.asarray(centre_lps), axis=1) <= radius).reshape(SHAPE)


@pytest.mark.parametrize(("shift", "roll", "tilt"), [(0, 0, 0), (3.0, 0, 0), (0, 8.0, 0), (-2.0, -6.0, 4.0)])
def test_the_fitted_midline_is_the_true_one(shift, roll, tilt):
    plane = fit_midplane(body(GRID, shift, roll, tilt), Box.of_shape(SHAPE), GRID)
    assert plane.roll_deg == pytest.approx(roll, abs=0.8)
    assert plane.tilt_deg == pytest.approx(tilt, abs=0.8)
    middle = np.add(GRID.centre_lps, (shift, 0, 0))
    assert abs(np.dot(plane.normal_lps, middle) - plane.offset_mm) < 0.3


def test_a_symmetric_body_needs_no_turn_and_mirroring_twice_returns_the_roi(make):
    hu = np.where(body(GRID), 40, -1000)
    dense = ball((-12.0, 3.0, 0.0), 4.2)
    ctx = make(GRID, dense, hu=hu)
    once = operation("mirror").apply(ctx, {"snap_mm": 0.0})
    (new,) = once.new
    assert np.array_equal(new.mask.to_dense(SHAPE), dense[:, :, ::-1])
    again = replace(ctx, roi=replace(ctx.roi, mask=new.mask))
    (back,) = operation("mirror").apply(again, {"snap_mm": 0.0}).new
    assert back.mask.same_voxels(ctx.roi.mask)
    assert dict(once.params)["midline"] == "x = 0.0 mm, rolled 0.0°, tilted 0.0°"


def test_the_midline_can_be_moved(make):
    hu = np.where(body(GRID), 40, -1000)
    dense = ball((-12.0, 3.0, 0.0), 4.2)
    (new,) = operation("mirror").apply(make(GRID, dense, hu=hu), {"snap_mm": 0.0, "offset_mm": 2.0}).new
    centre = GRID.index_to_lps(np.argwhere(new.mask.to_dense(SHAPE))).mean(axis=0)
    assert centre[0] == pytest.approx(2 * 2.0 + 12.0, abs=0.3)


def test_without_a_ct_the_pet_tells_the_body(make):
    dense = ball((-12.0, 3.0, 0.0), 4.2)
    ctx = make(GRID, dense, np.where(body(GRID), 3.0, 0.05))
    (new,) = operation("mirror").apply(ctx).new
    assert np.array_equal(new.mask.to_dense(SHAPE), dense[:, :, ::-1])


def test_the_copy_is_moved_to_the_nearest_muscle(make):
    """Bone lies where the mirrored ball would be; the best place by trying every shift is found."""
    inside = body(GRID)
    hu = np.where(inside, 40, -1000)
    bone = ball((13.0, 1.0, 0.0), 3.0)
    hu[bone] = 900
    dense = ball((-12.0, 3.0, 0.0), 3.2)
    ctx = make(GRID, dense, hu=hu)
    result = operation("mirror").apply(ctx, {"snap_mm": 5.0})
    mask = result.new[0].mask
    muscle = (hu >= -29) & (hu <= 150)
    plain = Mask.from_dense(dense[:, :, ::-1])
    best, found = -1, []
    for k in range(-2, 3):
        for j in range(-5, 6):
            for i in range(-5, 6):
                far = math.sqrt((2 * k) ** 2 + j**2 + i**2)
                if far > 5.0 + 1e-6:
                    continue
                moved = np.add(np.argwhere(plain.to_dense(SHAPE)), (k, j, i))
                found.append((int(muscle[tuple(moved.T)].sum()), far))
                best = max(best, found[-1][0])
    nearest = min(far for hits, far in found if hits >= best - 0.02 * plain.n_voxels)
    assert float(dict(result.params)["snapped_by_mm"]) == pytest.approx(nearest, abs=0.006)
    assert mask.n_voxels == dense.sum()
    assert float(dict(result.params)["in_ct_range_percent"]) >= 98.0


def test_a_copy_that_is_not_muscle_is_told(make):
    hu = np.where(body(GRID), 400, -1000)
    result = operation("mirror").apply(make(GRID, ball((-12.0, 0.0, 0.0), 4.2), hu=hu), {"snap_mm": 3.0})
    (kept,) = [n for n in result.notices if n.severity is Severity.WARNING]
    assert kept.code == "mirror_not_muscle"
    assert kept.text.startswith("Only 0 %")


def test_only_muscle_leaves_the_rest_out_and_roles_can_be_chosen(make):
    hu = np.where(body(GRID), 40, -1000)
    hu[:, :20] = np.where(body(GRID)[:, :20], 400, -1000)
    dense = ball((-12.0, 0.0, 0.0), 4.2)
    ctx = make(GRID, dense, hu=hu)
    result = operation("mirror").apply(ctx, {"snap_mm": 0.0, "only_muscle": True})
    kept = result.new[0].mask.to_dense(SHAPE)
    assert not kept[:, :20].any()
    assert np.array_equal(kept[:, 20:], dense[:, 20:, ::-1])
    assert result.new[0].role is Role.MUSCLE
    assert operation("mirror").apply(ctx, {"snap_mm": 0.0, "role": "same"}).new[0].role is Role.TUMOUR


def test_a_roi_across_the_midline_is_told(make):
    hu = np.where(body(GRID), 40, -1000)
    result = operation("mirror").apply(make(GRID, ball((-2.0, 3.0, 0.0), 5.0), hu=hu), {"snap_mm": 0.0})
    assert [n.code for n in result.notices if n.severity is Severity.WARNING] == ["mirror_overlap"]

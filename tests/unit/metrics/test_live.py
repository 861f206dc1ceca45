"""Numbers under the brush equal a full evaluation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.roi import Role
from atsm_viewer.metrics.evaluate import evaluate
from atsm_viewer.metrics.live import begin_stroke, provisional_numbers, provisional_rows
from atsm_viewer.metrics.stroke_statistics import StrokeStatistics

SHAPE = (8, 9, 10)
STEP = st.tuples(
    st.booleans(),
    st.integers(-2, 8),
    st.integers(-2, 9),
    st.integers(-2, 10),
    st.integers(1, 4),
    st.integers(0, 2**16),
)


def _image(seed: int = 3) -> np.ndarray:
    image = np.random.default_rng(seed).normal(50.0, 20.0, SHAPE).astype(np.float32)
    image[2, 2, 2], image[4, 4, 4] = np.nan, np.inf
    image[5, 5, 5] = image[3, 3, 3] = 200.0
    return image


def _patch(adds: bool, k: int, j: int, i: int, side: int, seed: int) -> Patch:
    block = np.random.default_rng(seed).random((side,) * 3) > 0.3
    return Patch(Box((k, j, i), (k + side, j + side, i + side)), block, adds)


@settings(max_examples=120, deadline=None)
@given(steps=st.lists(STEP, min_size=1, max_size=14))
def test_any_sequence_of_painting_and_erasing_equals_a_recount(steps) -> None:
    image = _image()
    dense = np.zeros(SHAPE, bool)
    dense[3:5, 3:5, 3:5] = True
    stats = StrokeStatistics.begin(image, Mask.from_dense(dense))
    for step in steps:
        patch = _patch(*step)
        before = dense.copy()
        for at in np.argwhere(patch.block_kji) + np.array(patch.box.lo_kji):
            if all(0 <= a < n for a, n in zip(at, SHAPE, strict=True)):
                dense[tuple(at)] = patch.adds
        changed = stats.add(patch) if patch.adds else stats.remove(patch)
        assert changed == np.count_nonzero(before != dense)
        values = image[dense].astype(float)
        finite = values[np.isfinite(values)]
        assert stats.n == finite.size
        assert stats.n_nonfinite == values.size - finite.size
        assert stats.mask().same_voxels(Mask.from_dense(dense))
        if finite.size:
            assert (stats.minimum, stats.maximum) == (finite.min(), finite.max())
            assert stats.mean == pytest.approx(finite.mean(), rel=1e-10, abs=1e-10)
        else:
            assert stats.mean is stats.maximum is stats.minimum is None
        if finite.size > 1:
            assert stats.sd == pytest.approx(finite.std(ddof=1), rel=1e-8, abs=1e-6)
        else:
            assert stats.sd is None


def test_a_small_spread_on_a_large_level_keeps_its_digits() -> None:
    image = np.full((1, 100, 100), 1e8)
    image[0, ::2] += 1.0
    stats = StrokeStatistics.begin(image, Mask.empty())
    for j in range(100):
        stats.add(Patch(Box((0, j, 0), (1, j + 1, 100)), np.ones((1, 1, 100), bool)))
    assert stats.sd == pytest.approx(image.std(ddof=1), rel=1e-9)


@pytest.mark.parametrize("painted", ["r0", "r1", "r2", "r4"])
@pytest.mark.parametrize("adds", [True, False])
@pytest.mark.parametrize("pooling", ["voxels", "rois"])
def test_provisional_numbers_equal_the_evaluation_after_the_stroke(build, painted, adds, pooling) -> None:
    from atsm_viewer.domain.protocol import Protocol

    rois = [
        (Role.TUMOUR, np.s_[1:4, 1:4, 1:4]),
        (Role.MUSCLE, np.s_[5:7, 1:4, 1:4]),
        (Role.MUSCLE, np.s_[5:7, 5:8, 1:4]),
        (Role.TUMOUR, np.s_[1:4, 5:8, 5:8]),
        (Role.BLOOD, np.s_[0:2, 0:2, 8:10]),
    ]
    state = build(np.abs(_image()), rois, protocol=Protocol(muscle_pooling=pooling))
    # The patch reaches into the other muscle ROI, so that shared voxels are met too.
    patch = Patch(Box((4, 2, 0), (7, 7, 5)), np.random.default_rng(1).random((3, 5, 5)) > 0.4, adds)
    stats = begin_stroke(state, painted)
    _ = stats.add(patch) if adds else stats.remove(patch)
    fresh = provisional_numbers(state, painted, 0, stats)
    roi = state.roi(painted)
    after = evaluate(state.with_roi(replace(roi, mask=roi.mask.with_patch(patch))), app_version="")
    row = after.rois.row_where(roi_id=painted)
    assert set(fresh.rois) == {painted}
    for name, value in fresh.rois[painted].items():
        assert value == pytest.approx(row[name], rel=1e-10), name
    affected = {"r0": {"r0"}, "r1": {"r0", "r3"}, "r2": {"r0", "r3"}, "r4": set()}[painted]
    assert set(fresh.tm) == affected
    for tumour in affected:
        wanted = after.tm.row_where(roi_id=tumour)
        for name, value in fresh.tm[tumour].items():
            assert value == pytest.approx(wanted[name], rel=1e-10), name
    rows = provisional_rows(evaluate(state, app_version=""), state, painted, stats)
    assert set(rows) == {painted} | affected
    assert rows[painted]["suv_max"] == pytest.approx(row["suv_max"])
    assert all(rows[t]["tm_mean"] == pytest.approx(after.tm.row_where(roi_id=t)["tm_mean"]) for t in affected)


def test_erasing_everything_leaves_no_number(build) -> None:
    state = build(
        np.abs(_image()), [(Role.TUMOUR, np.s_[1:3, 4:6, 4:6]), (Role.MUSCLE, np.s_[5:7, 1:4, 1:4])]
    )
    for roi_id in ("r0", "r1"):
        stats = begin_stroke(state, roi_id)
        stats.remove(Patch(Box.of_shape(SHAPE), np.ones(SHAPE, bool), adds=False))
        fresh = provisional_numbers(state, roi_id, 0, stats)
        assert fresh.rois[roi_id]["suv_mean"] is fresh.rois[roi_id]["volume_mm3"] is None
        assert fresh.tm["r0"]["tm_mean"] is fresh.tm["r0"]["tm_max"] is None


def test_a_stroke_on_a_scan_without_image_is_refused_in_words(build) -> None:
    state = build(_image(), [(Role.TUMOUR, np.s_[1:3, 4:6, 4:6])])
    state = replace(state, scans=(replace(state.scans[0], pet=None),))
    with pytest.raises(AtsmError, match="not loaded"):
        begin_stroke(state, "r0")

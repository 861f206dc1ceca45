"""A cropped mask behaves as the dense array it stands for."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis import given
from hypothesis.extra.numpy import arrays

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch

SHAPE = (4, 5, 6)
dense = arrays(np.bool_, SHAPE, elements=st.booleans(), fill=st.just(False))


@st.composite
def patches(draw: st.DrawFn) -> Patch:
    lo = [draw(st.integers(0, n - 1)) for n in SHAPE]
    hi = [draw(st.integers(a + 1, n)) for a, n in zip(lo, SHAPE, strict=True)]
    box = Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))
    return Patch(box, draw(arrays(np.bool_, box.shape_kji)), draw(st.booleans()))


@given(dense)
def test_dense_to_mask_to_dense_is_the_same(array: np.ndarray) -> None:
    mask = Mask.from_dense(array)
    assert np.array_equal(mask.to_dense(SHAPE), array)
    assert mask.n_voxels == int(array.sum())
    inside = np.argwhere(array)
    if len(inside):
        assert mask.box == Box(tuple(inside.min(axis=0)), tuple(inside.max(axis=0) + 1))
    assert mask.is_empty == (not array.any())


@given(dense, dense)
def test_set_arithmetic_is_that_of_arrays(a: np.ndarray, b: np.ndarray) -> None:
    first, second = Mask.from_dense(a), Mask.from_dense(b)
    assert np.array_equal(first.union(second).to_dense(SHAPE), a | b)
    assert np.array_equal(first.intersect(second).to_dense(SHAPE), a & b)
    assert np.array_equal(first.minus(second).to_dense(SHAPE), a & ~b)
    assert first.same_voxels(second) == bool(np.array_equal(a, b))
    assert (first.sha256() == second.sha256()) == bool(np.array_equal(a, b))


@given(dense, st.lists(patches(), max_size=6))
def test_patches_write_what_they_say(array: np.ndarray, strokes: list[Patch]) -> None:
    mask, expected = Mask.from_dense(array), array.copy()
    for stroke in strokes:
        before = mask
        mask = mask.with_patch(stroke)
        part = expected[stroke.box.slices]
        changes = stroke.block_kji & (~part if stroke.adds else part)
        expected[stroke.box.slices] = part | stroke.block_kji if stroke.adds else part & ~stroke.block_kji
        assert (mask is before) == (not changes.any())
    assert np.array_equal(mask.to_dense(SHAPE), expected)


@given(dense, st.tuples(*(st.integers(-2, n + 1) for n in SHAPE)))
def test_membership_of_one_voxel_is_safe_outside_the_grid(
    array: np.ndarray, index: tuple[int, int, int]
) -> None:
    inside = all(0 <= a < n for a, n in zip(index, SHAPE, strict=True)) and bool(array[index])
    assert Mask.from_dense(array).contains(index) == inside

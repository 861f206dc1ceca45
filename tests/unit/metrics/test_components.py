"""Counting parts, against a labelling of every voxel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from atsm_viewer.metrics.components import count_components


@settings(max_examples=200, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 7)),
    density=st.floats(0.02, 0.9),
    seed=st.integers(0, 10**6),
)
def test_parts_equal_a_labelling_with_all_26_neighbours(shape, density, seed) -> None:
    block = np.random.default_rng(seed).random(shape) < density
    assert count_components(block) == ndimage.label(block, np.ones((3, 3, 3)))[1]


@pytest.mark.parametrize(
    ("second", "parts"), [((1, 1, 1), 1), ((0, 0, 2), 2), ((2, 0, 0), 2), ((0, 1, 0), 1)]
)
def test_voxels_that_share_a_corner_are_one_part(second, parts) -> None:
    block = np.zeros((4, 4, 4), bool)
    block[0, 0, 0] = block[second] = True
    assert count_components(block) == parts


def test_the_end_of_a_row_does_not_touch_the_start_of_the_next_but_one() -> None:
    block = np.zeros((2, 3, 5), bool)
    block[0, 0, 4] = block[0, 1, 0] = block[0, 2, 4] = block[1, 0, 0] = True
    assert count_components(block) == ndimage.label(block, np.ones((3, 3, 3)))[1] == 3


def test_an_empty_block_has_no_part() -> None:
    assert count_components(np.zeros((0, 0, 0), bool)) == 0
    assert count_components(np.zeros((2, 2, 2), bool)) == 0

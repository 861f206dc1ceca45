from __future__ import annotations

import pytest

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.tools import stepped_diameter

FINE = Geometry.axis_aligned((4, 4, 4), (0.8, 0.4, 0.5))
COARSE = Geometry.axis_aligned((4, 4, 4), (3.0, 4.0, 4.0))


def test_a_step_is_a_voxel_for_small_brushes_and_twelve_per_cent_for_large_ones():
    assert stepped_diameter(1.0, 1, FINE) == pytest.approx(1.4)
    assert stepped_diameter(10.0, 1, FINE) == pytest.approx(11.2)
    assert stepped_diameter(10.0, 2, FINE) == pytest.approx(12.544)
    assert stepped_diameter(10.0, 1, COARSE) == pytest.approx(13.0)


@pytest.mark.parametrize("diameter", [0.8, 1.0, 3.3, 3.4, 12.0, 60.0])
@pytest.mark.parametrize("steps", [1, 3, 7])
def test_steps_up_and_down_undo_each_other(diameter, steps):
    up = stepped_diameter(diameter, steps, FINE)
    assert stepped_diameter(up, -steps, FINE) == pytest.approx(diameter)


def test_a_brush_never_gets_smaller_than_a_voxel_nor_larger_than_the_limit():
    assert stepped_diameter(1.0, -50, FINE) == pytest.approx(0.4)
    assert stepped_diameter(0.1, -1, COARSE) == pytest.approx(3.0)
    assert stepped_diameter(150.0, 50, FINE) == 200.0


def test_no_step_changes_nothing():
    assert stepped_diameter(7.0, 0, FINE) == 7.0

"""The number type of the first slice must not become that of the series."""

from __future__ import annotations

from typing import Any

import numpy as np

from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.read_series import read_series


def test_a_whole_first_slope_does_not_truncate_fractional_later_ones(pet_writer: Any) -> None:
    slopes = ("1", "0.0137", "250.5", "3")
    stored = [pet_writer.pixels(n) for n in range(4)]
    for n, slope in enumerate(slopes):
        pet_writer.write((0.0, 0.0, 4.0 * n), stored[n], slope=slope)
    (entry,) = scan_paths([pet_writer.folder]).series
    values = read_series(entry).volume.values_tkji[0]
    for n, slope in enumerate(slopes):
        assert np.array_equal(values[n], (stored[n] * float(slope)).astype(np.float32))
    assert values.max() > 32767  # a 16-bit image could not hold it

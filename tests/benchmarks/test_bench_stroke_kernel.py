"""How much faster a brush movement is than a distance mask over the whole grid."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.domain.pointer import Button, PointerEvent
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.tools import BRUSH, Refusal, ToolContext
from atsm_viewer.tools.footprint import swept_footprint

GRID = Geometry.axis_aligned((128, 160, 160), (1.0, 1.0, 1.0))
A, B = (77.3, 80.0, 64.0), (83.2, 81.0, 64.0)  # a movement of 6 voxels
PLANE = Plane.through(Orientation.AXIAL, A)


def _naive(radius: float, shape: str) -> np.ndarray:
    """The textbook way: the distance of every voxel of the grid from the path."""
    k, j, i = np.meshgrid(*(np.arange(n, dtype=np.float64) for n in GRID.shape_kji), indexing="ij")
    offset = np.stack((i - A[0], j - A[1], k - A[2]), axis=-1)
    way = np.subtract(B, A)
    t = np.clip(offset @ way / (way @ way), 0.0, 1.0)
    near = np.linalg.norm(offset - t[..., None] * way, axis=-1) <= radius
    return near & (k == 64) if shape == "disc" else near


def _times(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median and 95th percentile, ms."""
    work()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1e3)
    return statistics.median(taken), sorted(taken)[int(0.95 * (len(taken) - 1))]


@pytest.mark.benchmark
@pytest.mark.parametrize(
    ("shape", "radius", "at_least"),
    [("disc", 10, 100), ("disc", 30, 100), ("ball", 10, 50), ("ball", 30, 10)],
)
def test_a_swept_footprint_is_much_faster_than_a_distance_mask_of_the_grid(shape, radius, at_least, capsys):
    box, block = swept_footprint(GRID, A, B, float(radius), shape, PLANE)
    ours = np.zeros(GRID.shape_kji, dtype=bool)
    ours[box.slices] = block
    assert np.array_equal(ours, _naive(radius, shape))
    slow, slow95 = _times(lambda: _naive(radius, shape), 3)
    fast, fast95 = _times(lambda: swept_footprint(GRID, A, B, float(radius), shape, PLANE), 100)
    with capsys.disabled():
        print(
            f"\n{shape} r={radius}: footprint {fast:.3f} ms (p95 {fast95:.3f}), "
            f"whole grid {slow:.0f} ms (p95 {slow95:.0f}), ratio {slow / fast:.0f}"
        )
    assert slow / fast >= at_least


@pytest.mark.benchmark
@pytest.mark.parametrize(("shape", "radius"), [("disc", 10), ("disc", 30), ("ball", 10), ("ball", 30)])
def test_a_movement_of_a_stroke_costs_little_more_than_its_footprint(shape, radius, capsys):
    scan = Scan("s", "1 h", GRID, None, None, (Slot("m", "a"),))
    roi = Roi("r", "Tumour", Role.TUMOUR, "s", "m")
    options = {"diameter_mm": 2.0 * radius, "shape": shape}
    ctx = ToolContext(SessionState(scans=(scan,), rois=(roi,)), roi, scan, 0, options)
    there = PointerEvent(A, PLANE, Button.LEFT)
    back = PointerEvent(B, PLANE, Button.LEFT)

    stroke = BRUSH.begin(there, ctx)
    assert not isinstance(stroke, Refusal)

    def move() -> None:
        stroke.extend(back)
        stroke.extend(there)

    kernel, _ = _times(lambda: swept_footprint(GRID, A, B, float(radius), shape, PLANE), 100)
    pair, pair95 = _times(move, 100)
    with capsys.disabled():
        print(
            f"\n{shape} r={radius}: movement {pair / 2:.3f} ms (p95 {pair95 / 2:.3f}), "
            f"footprint alone {kernel:.3f} ms, ratio {pair / 2 / kernel:.1f}"
        )
    assert pair / 2 / kernel < 10

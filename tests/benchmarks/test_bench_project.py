"""Saving a project is cheap enough for autosave."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project

SHAPE = (150, 256, 256)


def _best(run: Callable[[], object], times: int = 3) -> float:
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        spent.append(time.perf_counter() - start)
    return min(spent)


@pytest.mark.benchmark
def test_saving_twenty_rois_beats_compressing_the_full_masks(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rois = []
    for n in range(20):
        centre, radius = rng.integers(30, 120, 3), int(rng.integers(5, 25))
        k, j, i = np.ogrid[-radius : radius + 1, -radius : radius + 1, -radius : radius + 1]
        lo = tuple(int(c) - radius for c in centre)
        box = Box(lo, tuple(v + 2 * radius + 1 for v in lo))  # type: ignore[arg-type]
        rois.append(
            Roi(
                f"roi-{n}",
                f"ROI {n}",
                Role.TUMOUR,
                "scan",
                "s",
                mask=Mask.from_block(box, k * k + j * j + i * i <= radius**2),
            )
        )
    grid = Geometry.axis_aligned(SHAPE, (1.0, 1.0, 1.0))
    state = SessionState(
        (Subject("s", "M1"),), (Administration("a", "s"),),
        (Scan("scan", "1 h", grid, None, None, (Slot("s", "a"),)),), tuple(rois),
    )  # fmt: skip
    dense = {r.id: r.mask.block_in(grid.box) for r in rois}
    path = tmp_path / "p.atsm"
    meta = ProjectMeta.new()
    ours = _best(lambda: save_project(dataclasses.replace(state), path, meta=meta))
    theirs = _best(lambda: np.savez_compressed(tmp_path / "m.npz", **dense), times=1)
    loading = _best(lambda: load_project(path))
    print(
        f"\nsave {ours:.3f} s (with flush and read-back), savez_compressed {theirs:.3f} s, "
        f"ratio {ours / theirs:.3f}; load {loading:.3f} s; {path.stat().st_size / 1024:.0f} KiB"
    )
    assert ours < theirs

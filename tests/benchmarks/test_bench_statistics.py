"""How fast the numbers follow a stroke, against SimpleITK and against NumPy over the whole volume."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.metrics.evaluate import evaluate
from atsm_viewer.metrics.live import begin_stroke, provisional_numbers
from atsm_viewer.metrics.samples import gather

pytestmark = pytest.mark.benchmark
SHAPE = (200, 200, 200)
RADIUS = 29  # about 1e5 voxels


def _best_ms(run: Callable[[], object], repeats: int = 7) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1000.0 * min(times)


@pytest.fixture(scope="module")
def session() -> SessionState:
    rng = np.random.default_rng(0)
    image = rng.gamma(4.0, 1000.0, SHAPE).astype(np.float32)
    geometry = Geometry.axis_aligned(SHAPE, (2.0, 2.0, 2.0))
    k, j, i = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]

    def ball(centre: tuple[int, int, int], radius: int) -> Mask:
        away = (k - centre[0]) ** 2 + (j - centre[1]) ** 2 + (i - centre[2]) ** 2
        return Mask.from_dense(away <= radius**2)

    rois = (
        Roi("t", "T", Role.TUMOUR, "c", "s", mask=ball((60, 60, 60), RADIUS)),
        Roi("m", "M", Role.MUSCLE, "c", "s", mask=ball((140, 140, 140), 8)),
        *(Roi(f"o{n}", "O", Role.OTHER, "c", "s", mask=ball((140, 40 + 30 * n, 60), 10)) for n in range(4)),
    )
    pet = Volume(geometry, image[None], "BQML", Modality.PET)
    scan = Scan("c", "1 h", geometry, pet, None, (Slot("s", "a"),))
    return SessionState((Subject("s", "S"),), (Administration("a", "s"),), (scan,), rois)


def _after_stroke(state: SessionState, n: int) -> SessionState:
    roi = state.roi("t")
    block = Box((60, 60, 60 + RADIUS), (62, 62, 62 + RADIUS + n))
    mask = roi.mask.with_patch(Patch(block, np.ones(block.shape_kji, bool)))
    return state.with_roi(replace(roi, mask=mask))


def test_numbers_after_a_stroke_come_faster_than_from_simpleitk(session, record_property) -> None:
    import SimpleITK as sitk

    pet = session.scans[0].pet
    evaluate(session, app_version="")
    strokes = [_after_stroke(session, n) for n in range(1, 8)]
    fresh = [_after_stroke(session, n) for n in range(8, 15)]
    one, whole, gathered = iter(strokes), iter(fresh[:3]), iter([s.roi("t").mask for s in fresh[3:]])
    ours = _best_ms(lambda: evaluate(next(one), app_version="", with_peaks=False))
    with_peaks = _best_ms(lambda: evaluate(next(whole), app_version=""), repeats=3)
    dense = session.roi("t").mask.to_dense(SHAPE)
    values = pet.frame_kji(0)
    image, label = sitk.GetImageFromArray(values), sitk.GetImageFromArray(dense.astype(np.uint8))

    def itk() -> None:
        statistics = sitk.LabelIntensityStatisticsImageFilter()
        statistics.Execute(label, image)
        statistics.GetMean(1)

    def numpy_whole() -> None:
        inside = values[dense].astype(np.float64)
        inside.mean(), inside.std(ddof=1), inside.max(), np.percentile(inside, (10, 50, 90, 95))

    alone = _best_ms(lambda: gather(pet, 0, next(gathered)), 4)
    peers = {"SimpleITK": _best_ms(itk, 3), "NumPy, whole volume": _best_ms(numpy_whole, 3)}
    print(f"\n1e5 voxels after a stroke: evaluate {ours:.2f} ms, with peaks {with_peaks:.1f} ms")
    print(f"  gather alone {alone:.2f} ms")
    for name, ms in peers.items():
        print(f"  {name}: {ms:.1f} ms = {ms / ours:.1f} times evaluate, {ms / alone:.1f} times gather")
        record_property(name, ms / ours)
    assert ours < peers["SimpleITK"]
    # NumPy finds six numbers of one ROI here, evaluate fills two tables of six ROIs.
    assert alone < 3 * peers["NumPy, whole volume"]
    assert ours < 6 * peers["NumPy, whole volume"]


def test_a_moving_brush_costs_far_less_than_counting_again(session) -> None:
    pet = session.scans[0].pet
    stats = begin_stroke(session, "t")
    edge = 60 + RADIUS
    steps = iter(range(400))

    def move() -> None:
        n = next(steps)
        box = Box((55, 55, edge + n), (65, 65, edge + n + 10)) if edge + n + 10 < SHAPE[2] else Box.empty()
        stats.add(Patch(box, np.ones(box.shape_kji, bool)))
        provisional_numbers(session, "t", 0, stats)

    moving = _best_ms(move, 40)
    dense = session.roi("t").mask.to_dense(SHAPE)
    again = _best_ms(lambda: pet.frame_kji(0)[dense].astype(np.float64).std(), 3)
    print(f"\nmoving brush {moving:.3f} ms, counting again over the whole volume {again:.1f} ms")
    assert moving < again / 10

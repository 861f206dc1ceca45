"""How fast operations are, against SimpleITK and scikit-image over the whole volume in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.operations import OperationContext, operation

pytestmark = pytest.mark.benchmark
SHAPE = (200, 200, 200)
CENTRE = (100, 90, 80)


def _median_ms(run: Callable[[], object], repeats: int = 5) -> tuple[float, float]:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(1000.0 * (time.perf_counter() - start))
    return float(np.median(times)), float(np.percentile(times, 95))


def _ball(radius: float) -> np.ndarray:
    k, j, i = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    return (k - CENTRE[0]) ** 2 + (j - CENTRE[1]) ** 2 + (i - CENTRE[2]) ** 2 <= radius**2


@pytest.fixture(scope="module")
def pet() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.gamma(4.0, 0.2, SHAPE) + 9.0 * _ball(18)).astype(np.float32)


def _context(pet: np.ndarray, dense: np.ndarray) -> OperationContext:
    geometry = Geometry.axis_aligned(SHAPE, (2.0, 2.0, 2.0))
    volume = Volume(geometry, pet[None], "BQML", Modality.PET)
    scan = Scan("s", "1 h", geometry, volume, None, (Slot("m", "a"),))
    roi = Roi("r", "Tumour", Role.TUMOUR, "s", "m", mask=Mask.from_dense(dense))
    return OperationContext(SessionState(scans=(scan,), rois=(roi,)), scan, roi)


def _compare(what: str, ours: Callable[[], object], peers: dict[str, Callable[[], object]], record) -> float:
    """Run ours and the peers in turn, report, and return how many times the fastest peer takes."""
    ours()  # libraries are loaded at the first use
    median, p95 = _median_ms(ours)
    print(f"\n{what}: {median:.2f} ms (p95 {p95:.2f})")
    fastest = float("inf")
    for name, peer in peers.items():
        peer()
        theirs, late = _median_ms(peer, 3)
        print(f"  {name}: {theirs:.1f} ms (p95 {late:.1f}) = {theirs / median:.1f} times")
        record(f"{what} / {name}", theirs / median)
        fastest = min(fastest, theirs)
    return fastest / median


def test_growing_works_in_a_margin_box(pet, record_property) -> None:
    import SimpleITK as sitk
    from skimage.morphology import ball, dilation

    dense = _ball(18)
    ctx = _context(pet, dense)
    image = sitk.GetImageFromArray(dense.astype(np.uint8))
    image.SetSpacing((2.0, 2.0, 2.0))
    faster = _compare(
        "grow 10 mm", lambda: operation("grow").apply(ctx, {"mm": 10.0}),
        {
            "SimpleITK distance map": lambda: sitk.SignedMaurerDistanceMap(image, False, False, True) <= 10.0,
            "SimpleITK dilate": lambda: sitk.BinaryDilate(image, (5, 5, 5)),
            "scikit-image dilate, 48³ crop": lambda: dilation(dense[76:124, 66:114, 56:104], ball(5)),
        },
        record_property,
    )  # fmt: skip
    assert faster > 1.0


def test_percent_of_maximum_reads_the_roi_only(pet, record_property) -> None:
    import SimpleITK as sitk
    from skimage.segmentation import flood

    ctx = _context(pet, _ball(24))
    image = sitk.GetImageFromArray(pet)
    hot = np.unravel_index(int(np.argmax(np.where(_ball(18), pet, 0))), SHAPE)
    seed = tuple(int(v) for v in hot[::-1])
    level = 0.41 * float(pet[hot])
    faster = _compare(
        "41 % of maximum, connected",
        lambda: operation("percent_of_max").apply(ctx, {"percent": "41", "connected": True}),
        {
            "SimpleITK ConnectedThreshold": lambda: sitk.ConnectedThreshold(image, [seed], level, 1e9),
            "scikit-image flood": lambda: flood(pet >= level, hot),
        },
        record_property,
    )
    assert faster > 1.0


def test_interpolating_takes_distances_in_small_slices(pet, record_property) -> None:
    import SimpleITK as sitk
    from scipy.ndimage import distance_transform_edt

    dense = np.zeros(SHAPE, bool)
    dense[95], dense[105] = _ball(18)[95], _ball(14)[105]
    ctx = _context(pet, dense)

    def whole(distance: Callable[[np.ndarray], np.ndarray]) -> None:
        a, b = distance(dense[95]), distance(dense[105])
        for t in np.arange(1, 10) / 10:
            _ = (1 - t) * a + t * b >= 0

    def by_itk(flat: np.ndarray) -> np.ndarray:
        image = sitk.GetImageFromArray(flat.astype(np.uint8))
        return sitk.GetArrayFromImage(sitk.SignedMaurerDistanceMap(image, True, False, True))

    faster = _compare(
        "interpolate 9 slices", lambda: operation("interpolate").apply(ctx, {"follow": False}),
        {
            "SimpleITK, whole slices": lambda: whole(by_itk),
            "SciPy, whole slices": lambda: whole(
                lambda flat: distance_transform_edt(flat) - distance_transform_edt(~flat)
            ),
        },
        record_property,
    )  # fmt: skip
    assert faster > 1.0


def test_growing_from_seeds_floods_a_margin_box(pet, record_property) -> None:
    import SimpleITK as sitk
    from skimage.segmentation import watershed

    ctx = _context(pet, _ball(4))
    slope = np.sqrt(sum(g**2 for g in np.gradient(pet)))
    markers = _ball(4).astype(np.int32) + 2 * ~_ball(30)
    # The whole volume takes scikit-image half a minute.
    crop = tuple(slice(c - 48, c + 48) for c in CENTRE)
    image, marked = sitk.GetImageFromArray(slope.astype(np.float32)), sitk.GetImageFromArray(markers)
    faster = _compare(
        "grow from seeds, 44 mm", lambda: operation("seeds").apply(ctx, {"reach_mm": 44.0}),
        {
            "scikit-image watershed, 96³ crop": lambda: watershed(slope[crop], markers[crop]),
            "SimpleITK watershed": lambda: sitk.MorphologicalWatershedFromMarkers(image, marked, False),
        },
        record_property,
    )  # fmt: skip
    assert faster > 1.0

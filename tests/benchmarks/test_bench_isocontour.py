"""The one-click contour against the same contour by SimpleITK and scikit-image, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import SimpleITK
from skimage.segmentation import flood

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.tools import ToolContext, tool


def _median_ms(run: Callable[[], object], times: int) -> float:
    run()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        took.append(1e3 * (time.perf_counter() - start))
    return float(np.median(took))


def test_a_click_is_faster_than_a_flood_of_the_whole_volume(capsys) -> None:
    shape = (150, 200, 200)
    geometry = Geometry.axis_aligned(shape, (2.0, 2.0, 2.0))
    values = np.random.default_rng(3).normal(1.0, 0.1, shape).astype(np.float32)
    k, j, i = np.ogrid[: shape[0], : shape[1], : shape[2]]
    values += 9 * np.exp(-((k - 75.0) ** 2 + (j - 90.0) ** 2 + (i - 110.0) ** 2) / 30).astype(np.float32)
    scan = Scan("s", "1 h", geometry, Volume(geometry, values[None], "BQML", Modality.PET), None,
                (Slot("m", "a"),))  # fmt: skip
    roi = Roi("r", "Tumour", Role.TUMOUR, "s", "m")
    ctx = ToolContext(SessionState(scans=(scan,), rois=(roi,)), roi, scan, 0, {"bound_mm": 30.0}, (), 1.0)
    at = (220.0, 180.0, 150.0)
    event = PointerEvent(at, Plane.through(Orientation.AXIAL, at))
    ours = tool("isocontour")
    top = tuple(int(v) for v in np.unravel_index(values.argmax(), shape))
    threshold = float(values[top]) / 2.0
    image = SimpleITK.GetImageFromArray(values)
    theirs = SimpleITK.ConnectedThreshold(image, [top[::-1]], lower=threshold, upper=1e9)
    assert ours.footprint(event, ctx).n_voxels == int(SimpleITK.GetArrayFromImage(theirs).sum())
    mine = _median_ms(lambda: ours.footprint(event, ctx), 15)
    itk = _median_ms(lambda: SimpleITK.ConnectedThreshold(image, [top[::-1]], lower=threshold, upper=1e9), 7)
    skimage = _median_ms(lambda: flood(values >= threshold, top, connectivity=1), 3)
    with capsys.disabled():
        print(f"\nisocontour at click {mine:.2f} ms, SimpleITK {itk:.2f} ms, scikit-image {skimage:.1f} ms")
    assert mine < skimage

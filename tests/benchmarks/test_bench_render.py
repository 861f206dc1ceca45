"""Fused drawing against peers in the same run; only generous ratios are asserted, never times.

Workload: CT 300 × 256 × 256 int16, PET 300 × 200 × 200 float32, three views of 900 × 900 pixels,
all three changing, as in a crosshair drag; the images are synthetic noise, which is the worst case
for caches. The first drawing of each competitor is not counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pytest

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.render import kernels
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.render.compose import Composer
from atsm_viewer.render.fused_table import fused_table
from atsm_viewer.render.layer import CtLayer, PetLayer
from atsm_viewer.render.roi_layer import RoiLayer
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.render.window import Window

pytestmark = pytest.mark.benchmark

SIZE = 900
CT_GRID = Geometry.axis_aligned((300, 256, 256), (2.0, 1.6, 1.6))
PET_GRID = Geometry.axis_aligned((300, 200, 200), (2.0, 2.04, 2.04), (1.0, 1.0, 0.3))
Draw = Callable[[tuple[ViewTransform, ...]], object]


def _layers() -> tuple[CtLayer, PetLayer]:
    rng = np.random.default_rng(1)
    ct = rng.integers(-1000, 1000, (1, *CT_GRID.shape_kji), dtype=np.int16)
    pet = rng.random((1, *PET_GRID.shape_kji), dtype=np.float32)
    return (
        CtLayer(Volume(CT_GRID, ct, "HU", Modality.CT), Window(40, 400)),
        PetLayer(Volume(PET_GRID, pet, "BQML", Modality.PET), 0, Window(0.5, 1.0), COLOUR_MAPS["hot"], 0.6),
    )


def _drag() -> Iterator[tuple[ViewTransform, ...]]:
    step = 0
    while True:
        point = (100 + 1.31 * step, 120 + 1.73 * step, 200 + 1.17 * step)
        planes = (Plane.through(o, point) for o in Orientation)
        yield tuple(ViewTransform.fitted(p, CT_GRID, SIZE, SIZE) for p in planes)
        step += 1


def _times_ms(draw: Draw, n: int) -> npt.NDArray[np.float64]:
    drag, times = _drag(), []
    for _ in range(n + 1):
        views = next(drag)
        start = time.perf_counter()
        draw(views)
        times.append((time.perf_counter() - start) * 1e3)
    return np.array(times[1:])


def _report(name: str, times: npt.NDArray[np.float64], ours: npt.NDArray[np.float64]) -> float:
    ratio = float(np.median(times) / np.median(ours))
    print(
        f"\n{name:42s} median {np.median(times):8.2f} ms, p95 {np.percentile(times, 95):8.2f} ms,"
        f" {ratio:6.1f} × ours",
        end="",
    )
    return ratio


def _simpleitk(ct: CtLayer, pet: PetLayer) -> Draw:
    """Resample both images linearly to the pixels, then look up and blend in NumPy."""
    sitk = pytest.importorskip("SimpleITK")
    images = []
    for volume in (ct.volume, pet.volume):
        image = sitk.GetImageFromArray(volume.frame_kji())
        image.SetSpacing(tuple(reversed(volume.geometry.spacing_kji_mm)))
        image.SetOrigin(volume.geometry.origin_lps)
        images.append(image)
    table = fused_table(pet.colour_map, pet.opacity, True)

    def draw(views: tuple[ViewTransform, ...]) -> None:
        for view in views:
            plane = view.plane
            resample = sitk.ResampleImageFilter()
            resample.SetSize((view.width_px, view.height_px, 1))
            resample.SetOutputSpacing((view.mm_per_pixel, view.mm_per_pixel, 1.0))
            resample.SetOutputOrigin([float(x) for x in view.to_lps(0.5, 0.5)])
            axes = np.array([plane.u_lps, plane.v_lps, plane.normal_lps]).T
            resample.SetOutputDirection([float(x) for x in axes.ravel()])
            resample.SetInterpolator(sitk.sitkLinear)
            levels = []
            for image, window in zip(images, (ct.window, pet.window_in_stored_units), strict=True):
                values = sitk.GetArrayFromImage(resample.Execute(image))[0].astype(np.float32)
                scaled = (values - window.lo) * (254 / window.width) + 1.5
                levels.append(np.clip(scaled, 1, 255).astype(np.intp))
            np.take(table, levels[1] * 256 + levels[0])

    return draw


def _numpy_nearest(ct: CtLayer, pet: PetLayer) -> Draw:
    """Index the nearest voxels, look both colours up, blend as floats: no interpolation at all."""
    grey = np.repeat(np.arange(256, dtype=np.float32)[:, None], 3, axis=1)
    hot = pet.colour_map.rgb.astype(np.float32)
    share = (pet.colour_map.opacity * pet.opacity).astype(np.float32)[:, None]

    def level(view: ViewTransform, volume: Volume, window: Window) -> npt.NDArray[np.intp]:
        x, y = np.arange(view.width_px) + 0.5, np.arange(view.height_px) + 0.5
        along_x = volume.geometry.lps_to_index(view.to_lps(x, 0.0))
        along_y = volume.geometry.lps_to_index(view.to_lps(0.0, y))
        index = []
        for axis, n in enumerate(volume.geometry.shape_kji):
            moves_x = along_x[0, axis] != along_x[-1, axis]
            line = along_x[:, axis] if moves_x else along_y[:, axis]
            nearest = np.clip(np.floor(line + 0.5).astype(np.intp), 0, n - 1)
            index.append(nearest[None, :] if moves_x else nearest[:, None])
        values = volume.frame_kji()[index[0], index[1], index[2]].astype(np.float32)
        return np.clip((values - window.lo) * (255 / window.width), 0, 255).astype(np.intp)

    def draw(views: tuple[ViewTransform, ...]) -> None:
        for view in views:
            below = grey[level(view, ct.volume, ct.window)]
            entry = level(view, pet.volume, pet.window_in_stored_units)
            part = share[entry]
            (below * (1 - part) + hot[entry] * part).astype(np.uint8)

    return draw


def test_fused_views_are_several_times_faster_than_resampling_with_simpleitk() -> None:
    ct, pet = _layers()
    assert kernels.warm_up()
    composer = Composer()
    composer.prepare(ct.volume)
    composer.prepare(pet.volume)
    pictures = [np.empty((SIZE, SIZE), np.uint32) for _ in Orientation]

    def draw(views: tuple[ViewTransform, ...]) -> None:
        for view, picture in zip(views, pictures, strict=True):
            composer.compose(view, ct, pet, (), picture)

    ours = _times_ms(draw, 40)
    _report("three fused views, linear (ours)", ours, ours)
    to_simpleitk = _report("SimpleITK Resample, linear, NumPy blend", _times_ms(_simpleitk(ct, pet), 5), ours)
    to_numpy = _report("NumPy nearest index, float blend", _times_ms(_numpy_nearest(ct, pet), 5), ours)
    print()
    assert to_simpleitk >= 3.0
    assert to_numpy >= 2.0


def test_a_stroke_redraws_much_faster_than_a_whole_view() -> None:
    ct, pet = _layers()
    assert kernels.warm_up()
    composer = Composer()
    dense = np.zeros(PET_GRID.shape_kji, np.bool_)
    dense[90:130, 60:120, 60:120] = True
    roi = RoiLayer(PET_GRID, Mask.from_dense(dense), (255, 0, 0))
    view = next(_drag())[0]
    picture = composer.compose(view, ct, pet, [roi])
    stroke, whole = [], []
    for n in range(200):
        x, y = 300 + n, 350 + n % 40
        start = time.perf_counter()
        composer.compose(view, ct, pet, [roi], picture, (x, y, x + 120, y + 120))
        stroke.append((time.perf_counter() - start) * 1e3)
    drag = _drag()
    for _ in range(20):
        moved = next(drag)[0]
        start = time.perf_counter()
        composer.compose(moved, ct, pet, [roi], picture)
        whole.append((time.perf_counter() - start) * 1e3)
    ours = np.array(stroke)
    _report("stroke, 120 × 120 pixels", ours, ours)
    ratio = _report("whole view", np.array(whole[1:]), ours)
    print()
    assert ratio >= 4.0

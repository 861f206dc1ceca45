"""The composer against a plain loop: one position, one solve, eight voxels per pixel."""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt
import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.domain.rigid import RigidTransform
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.render import kernels
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.render.compose import Composer
from atsm_viewer.render.layer import CtLayer, PetLayer
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.render.window import Window

BACKGROUND = (0x10, 0x12, 0x14)
POINT = (1.3, 2.2, 3.1)


def _turn(angle: float, axis: int) -> npt.NDArray[np.float64]:
    c, s = math.cos(angle), math.sin(angle)
    a, b = (n for n in range(3) if n != axis)
    matrix = np.eye(3)
    matrix[a, a], matrix[a, b], matrix[b, a], matrix[b, b] = c, -s, s, c
    return matrix


def _grid(steps_kji: npt.ArrayLike, shape: tuple[int, int, int] = (7, 9, 11)) -> Geometry:
    """A grid centred near POINT."""
    steps = np.array(steps_kji, dtype=np.float64)
    origin = np.array([0.5, 1.5, 2.5]) - (np.array(shape) - 1) / 2 @ steps
    return Geometry.from_affine(shape, origin, steps)


AXIAL = np.array([[0, 0, 3.0], [0, 1.7, 0], [1.3, 0, 0]])
GRIDS = {
    "axial, anisotropic": AXIAL,
    "all axes flipped": -AXIAL,
    "coronal series": np.array([[0, 2.9, 0], [0, 0, -1.6], [1.4, 0, 0]]),
    "sagittal series": np.array([[2.7, 0, 0], [0, 0, -1.6], [0, 1.4, 0]]),
    "i along the body": np.array([[0, 2.1, 0], [1.5, 0, 0], [0, 0, -2.2]]),
    "oblique": AXIAL @ _turn(0.4, 0) @ _turn(-0.3, 2),
    "tilted gantry": np.array([[0, 0.9, 3.0], [0, 1.7, 0], [1.3, 0, 0]]),
}
PLANES = {
    **{o.value: Plane.through(o, POINT) for o in Orientation},
    "oblique": Plane(POINT, (0.8, 0.0, 0.6), (0.0, 1.0, 0.0)),
}


@pytest.fixture(params=["numpy", "numba"])
def _loops(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with each of the two implementations of the pixel loops."""
    if request.param == "numpy":
        monkeypatch.setenv("ATSM_NO_NUMBA", "1")
        assert not kernels.is_warm()
    else:
        monkeypatch.delenv("ATSM_NO_NUMBA", raising=False)
        assert kernels.warm_up()
        assert kernels.is_warm()


def _volume(geometry: Geometry, seed: int, dtype: type = np.float32, frames: int = 1) -> Volume:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0, 1000, (frames, *geometry.shape_kji)).astype(dtype)
    modality = Modality.CT if dtype is np.int16 else Modality.PET
    return Volume(geometry, values, "", modality, tuple(FrameTime(float(n)) for n in range(frames)))


def _sample(
    volume: Volume,
    frame: int,
    position: npt.NDArray[np.float64],
    interpolate: bool,
    k_scale: npt.NDArray[np.float64] | None,
) -> float | None:
    """Value at a position from first principles; None outside the voxels."""
    g = volume.geometry
    matrix = np.array([g.step_k_lps, g.step_j_lps, g.step_i_lps]).T
    index = np.linalg.solve(matrix, position - np.array(g.origin_lps))
    if any(not -0.5 <= p < n - 0.5 for p, n in zip(index, g.shape_kji, strict=True)):
        return None
    if not interpolate:
        k, j, i = (math.floor(p + 0.5) for p in index)
        factor = 1.0 if k_scale is None else float(k_scale[k])
        return float(volume.values_tkji[frame, k, j, i]) * factor
    total = 0.0
    for corner in itertools.product((0, 1), repeat=3):
        weight, voxel = 1.0, []
        for p, n, up in zip(index, g.shape_kji, corner, strict=True):
            low = math.floor(p)
            weight *= (p - low) if up else 1 - (p - low)
            voxel.append(min(max(low + up, 0), n - 1))
        factor = 1.0 if k_scale is None else float(k_scale[voxel[0]])
        total += weight * float(volume.values_tkji[frame, voxel[0], voxel[1], voxel[2]]) * factor
    return total


def _hot(t: float) -> tuple[float, float, float]:
    r, g, b = (min(max(3 * t - n, 0.0), 1.0) * 255 for n in range(3))
    return r, g, b


def _expected(view: ViewTransform, ct: CtLayer | None, pet: PetLayer | None) -> npt.NDArray[np.float64]:
    out = np.zeros((view.height_px, view.width_px, 3))
    for r, c in itertools.product(range(view.height_px), range(view.width_px)):
        u = view.centre_uv_mm[0] + (c + 0.5 - view.width_px / 2) * view.mm_per_pixel
        v = view.centre_uv_mm[1] + (r + 0.5 - view.height_px / 2) * view.mm_per_pixel
        plane = view.plane
        at = np.array(plane.point_lps) + u * np.array(plane.u_lps) + v * np.array(plane.v_lps)
        below = np.array(BACKGROUND, dtype=np.float64)
        if ct is not None:
            rotation, shift = np.array(ct.ct_to_pet.rotation), np.array(ct.ct_to_pet.translation_mm)
            value = _sample(ct.volume, 0, np.linalg.solve(rotation, at - shift), ct.interpolate, None)
            if value is not None:
                below[:] = 255 * min(max((value - ct.window.lo) / ct.window.width, 0), 1)
        if pet is not None:
            value = _sample(pet.volume, pet.frame, at, pet.interpolate, pet.k_scale)
            if value is not None:
                t = min(max((value - pet.window_in_stored_units.lo) / pet.window_in_stored_units.width, 0), 1)
                share = 1.0 if ct is None else pet.opacity * min(t / 0.2, 1.0)
                below += (np.array(_hot(t)) - below) * share
        out[r, c] = below
    return out


def _rgb(picture: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    assert np.all(picture >> 24 == 0xFF)
    return np.stack([(picture >> s) & 0xFF for s in (16, 8, 0)], axis=-1).astype(np.float64)


def _check(view: ViewTransform, ct: CtLayer | None, pet: PetLayer | None) -> None:
    got = _rgb(Composer().compose(view, ct, pet))
    # Half a window level is up to 1.5 steps of hot, and up to 2.5 on the opacity ramp.
    np.testing.assert_allclose(got, _expected(view, ct, pet), atol=5.0)


def _pet(volume: Volume, **changes: object) -> PetLayer:
    options: dict[str, object] = {"frame": 0, "opacity": 0.7, **changes}
    return PetLayer(volume, window_in_stored_units=Window(450, 800), colour_map=COLOUR_MAPS["hot"], **options)  # type: ignore[arg-type]


@pytest.mark.usefixtures("_loops")
@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES.keys())
@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS.keys())
def test_fused_pictures_equal_a_plain_loop_on_any_grid_and_plane(
    grid: npt.NDArray[np.float64], plane: Plane
) -> None:
    ct = CtLayer(_volume(_grid(AXIAL * 0.71, (9, 12, 13)), 1, np.int16), Window(400, 700))
    pet = _pet(_volume(_grid(grid), 2))
    view = ViewTransform(plane, (0.123, 0.217), 0.731, 37, 41)
    assert len(np.unique(_expected(view, ct, pet)[..., 0])) > 100
    _check(view, ct, pet)


@pytest.mark.usefixtures("_loops")
@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES.keys())
def test_voxels_are_shown_as_they_are_without_interpolation(plane: Plane) -> None:
    for grid in ("axial, anisotropic", "oblique"):
        ct = CtLayer(_volume(_grid(AXIAL * 0.71), 1, np.int16), Window(400, 700), interpolate=False)
        pet = _pet(_volume(_grid(GRIDS[grid]), 2), interpolate=False)
        _check(ViewTransform(plane, (0.123, 0.217), 0.731, 37, 41), ct, pet)


@pytest.mark.usefixtures("_loops")
@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES.keys())
def test_a_factor_per_slice_and_a_later_frame_are_used(plane: Plane) -> None:
    scale = np.linspace(0.3, 1.6, 7)
    for interpolate, prepare in itertools.product((True, False), (True, False)):
        pet = _pet(_volume(_grid(AXIAL), 3, frames=3), frame=2, k_scale=scale, interpolate=interpolate)
        view = ViewTransform(plane, (0.123, 0.217), 0.731, 37, 41)
        composer = Composer()
        if prepare:
            composer.prepare(pet.volume, 2)
        got = _rgb(composer.compose(view, None, pet))
        np.testing.assert_allclose(got, _expected(view, None, pet), atol=5.0)


@pytest.mark.usefixtures("_loops")
def test_the_ct_is_moved_by_its_registration() -> None:
    turn = _turn(0.2, 2)
    moved = RigidTransform(tuple(tuple(float(x) for x in row) for row in turn), (2.0, -1.0, 0.5))  # type: ignore[arg-type]
    shifted = RigidTransform(translation_mm=(2.3, -1.1, 0.7))
    for transform, plane in itertools.product((moved, shifted), PLANES.values()):
        ct = CtLayer(_volume(_grid(AXIAL * 0.8), 1, np.int16), Window(400, 700), ct_to_pet=transform)
        view = ViewTransform(plane, (0.123, 0.217), 0.731, 37, 41)
        _check(view, ct, _pet(_volume(_grid(AXIAL), 2)))


@pytest.mark.usefixtures("_loops")
def test_a_prepared_copy_changes_no_pixel() -> None:
    ct = CtLayer(_volume(_grid(AXIAL, (9, 40, 50)), 1, np.int16), Window(400, 700))
    pet = _pet(_volume(_grid(AXIAL * 1.2), 2))
    view = ViewTransform(PLANES["sagittal"], (0.123, 0.217), 0.731, 37, 41)
    plain = Composer().compose(view, ct, pet)
    prepared = Composer()
    prepared.prepare(ct.volume)
    prepared.prepare(pet.volume)
    np.testing.assert_array_equal(prepared.compose(view, ct, pet), plain)


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.float32, np.float64, np.uint8])
def test_numpy_and_numba_give_the_same_pixels(dtype: type, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    geometry = _grid(AXIAL, (30, 40, 50))
    top = 250 if dtype is np.uint8 else 1000
    values = rng.uniform(0, top, (1, *geometry.shape_kji)).astype(dtype)
    if np.issubdtype(dtype, np.floating):
        values[0, rng.uniform(size=geometry.shape_kji) < 0.01] = np.nan
    ct = CtLayer(Volume(geometry, values, "HU", Modality.CT), Window(400, 700))
    pet = _pet(_volume(_grid(GRIDS["axial, anisotropic"] * 1.1, (30, 40, 50)), 2))
    slanted = _pet(_volume(_grid(GRIDS["oblique"], (30, 40, 50)), 2))
    assert kernels.warm_up()
    for plane, layer in itertools.product(PLANES.values(), (pet, slanted)):
        view = ViewTransform(plane, (0.123, 0.217), 0.231, 420, 330)
        monkeypatch.delenv("ATSM_NO_NUMBA", raising=False)
        fast = Composer().compose(view, ct, layer)
        monkeypatch.setenv("ATSM_NO_NUMBA", "1")
        plain = Composer().compose(view, ct, layer)
        assert np.abs(_rgb(fast) - _rgb(plain)).max() <= 1.0


@pytest.mark.usefixtures("_loops")
def test_nan_shows_what_is_below_and_nothing_shows_the_background() -> None:
    geometry = _grid(AXIAL)
    ct_values = np.full((1, *geometry.shape_kji), 900, np.int16)
    ct = CtLayer(Volume(geometry, ct_values, "HU", Modality.CT), Window(500, 800))
    values = np.full((1, *geometry.shape_kji), np.nan, np.float32)
    pet = _pet(Volume(geometry, values, "BQML", Modality.PET))
    view = ViewTransform(PLANES["axial"], (0.0, 0.0), 1.0, 41, 41)
    assert Composer().compose(view, ct, pet)[20, 20] == 0xFFFFFFFF
    assert Composer().compose(view, None, pet)[20, 20] == 0xFF101214
    assert Composer().compose(view, ct, pet)[0, 0] == 0xFF101214
    far = ViewTransform.fitted(Plane.through(Orientation.AXIAL, (0, 0, 500)), geometry, 41, 41)
    assert np.all(Composer().compose(far, ct, pet) == 0xFF101214)
    assert np.all(Composer().compose(view, None, None) == 0xFF101214)


def test_nothing_stale_is_shown_after_any_change() -> None:
    ct = CtLayer(_volume(_grid(AXIAL * 0.71), 1, np.int16), Window(400, 700))
    volume = _volume(_grid(AXIAL), 2, frames=2)
    base = _pet(volume)
    view = ViewTransform(PLANES["coronal"], (0.1, 0.2), 0.7, 37, 41)
    hot, grey, window = COLOUR_MAPS["hot"], COLOUR_MAPS["grey"], Window(450, 800)
    variants: list[tuple[ViewTransform, CtLayer | None, PetLayer | None]] = [
        (view, ct, base),
        (view, ct, None),
        (view, None, base),
        (view.panned(1, 0), ct, base),
        (view, CtLayer(ct.volume, Window(300, 700)), base),
        (view, CtLayer(ct.volume, ct.window, False), base),
        (view, CtLayer(ct.volume, ct.window, True, RigidTransform(translation_mm=(1.0, 0, 0))), base),
        (view, ct, PetLayer(volume, 1, window, hot, 0.7)),
        (view, ct, PetLayer(volume, 0, Window(400, 800), hot, 0.7)),
        (view, ct, PetLayer(volume, 0, window, grey, 0.7)),
        (view, ct, PetLayer(volume, 0, window, hot, 0.4)),
        (view, ct, PetLayer(volume, 0, window, hot, 0.7, False)),
        (view, ct, PetLayer(volume, 0, window, hot, 0.7, True, np.linspace(0.5, 1.5, 7))),
        (view, ct, _pet(_volume(_grid(AXIAL), 5))),
    ]
    shared = Composer()
    for _ in range(2):
        pictures = [shared.compose(*variant) for variant in variants]
        for picture, variant in zip(pictures, variants, strict=True):
            np.testing.assert_array_equal(picture, Composer().compose(*variant))
    assert len({p.tobytes() for p in pictures}) == len(variants)


def test_a_picture_that_does_not_fit_is_refused() -> None:
    view = ViewTransform(PLANES["axial"], (0.0, 0.0), 1.0, 41, 30)
    with pytest.raises(AtsmError, match="does not fit"):
        Composer().compose(view, None, None, out=np.zeros((41, 30), np.uint32))

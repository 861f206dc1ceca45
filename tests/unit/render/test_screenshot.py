from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.render.compose import Composer
from atsm_viewer.render.layer import CtLayer, PetLayer
from atsm_viewer.render.roi_layer import RoiLayer
from atsm_viewer.render.screenshot import ColourBar, fused_screenshot, rgb_of_picture, write_png
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.render.window import CT_PRESETS, Window

GEOMETRY = Geometry.axis_aligned((20, 22, 24), (2.0, 2.0, 2.0))
RANGE = Window.of_range(0, 10)


def _layers() -> tuple[CtLayer, PetLayer, RoiLayer]:
    rng = np.random.default_rng(1)
    ct = Volume(GEOMETRY, rng.integers(-200, 300, (1, 20, 22, 24)).astype(np.int16), "HU", Modality.CT)
    pet = Volume(GEOMETRY, rng.uniform(0, 9, (1, 20, 22, 24)).astype(np.float32), "GML", Modality.PET)
    dense = np.zeros(GEOMETRY.shape_kji, np.bool_)
    dense[6:14, 6:14, 6:14] = True
    roi = RoiLayer(GEOMETRY, Mask.from_dense(dense), (1, 254, 3), 0.3)
    return CtLayer(ct, CT_PRESETS["Soft tissue"]), PetLayer(pet, 0, RANGE, COLOUR_MAPS["hot"], 0.6), roi


def test_a_screenshot_shows_the_three_composed_planes_with_bar_legend_and_caption() -> None:
    ct, pet, roi = _layers()
    point = (20.0, 18.0, 19.0)
    plain = fused_screenshot(point, ct, pet, [roi], pane_px=200)
    bar = ColourBar(COLOUR_MAPS["hot"], RANGE, "SUVbw")
    legend = [("Tumour", (1, 254, 3))]
    full = fused_screenshot(
        point, ct, pet, [roi], colour_bar=bar, legend=legend, caption=["one", "two"], pane_px=200
    )
    assert full.dtype == np.uint8
    assert full.shape[1] > plain.shape[1] > 3 * 200
    assert full.shape[0] > plain.shape[0] > 200
    for n, orientation in enumerate(Orientation):
        view = ViewTransform.fitted(Plane.through(orientation, point), GEOMETRY, 200, 200)
        composed = rgb_of_picture(Composer().compose(view, ct, pet, [roi]))
        pane = plain[8:208, 8 + n * 208 : 208 + n * 208]
        same = np.all(pane == composed, axis=-1)
        assert same.mean() > 0.85
        assert not same.all()
        assert np.all(pane == (1, 254, 3), axis=-1).sum() > 100
    np.testing.assert_array_equal(full[8:208, 8:624], plain[8:208, 8:624])
    swatch = np.all(full[210:] == (1, 254, 3), axis=-1)
    assert swatch.sum() > 100
    below = full[210:].min(axis=-1) > 100
    assert below.sum() > 100


def test_a_screenshot_needs_an_image_and_room() -> None:
    ct, pet, _ = _layers()
    with pytest.raises(AtsmError, match="no image"):
        fused_screenshot((0, 0, 0), None, None)
    with pytest.raises(AtsmError, match="too small"):
        fused_screenshot((0, 0, 0), ct, pet, pane_px=20)


def test_a_png_comes_back_as_it_was_and_a_bad_path_is_named(tmp_path: Path) -> None:
    image_module = pytest.importorskip("PIL.Image")
    rgb = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    write_png(tmp_path / "a.png", rgb)
    with image_module.open(tmp_path / "a.png") as back:
        np.testing.assert_array_equal(np.asarray(back), rgb)
    with pytest.raises(AtsmError, match="nowhere"):
        write_png(tmp_path / "nowhere" / "a.png", rgb)

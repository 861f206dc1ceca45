from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.render.colour_maps import COLOUR_MAPS, ColourMap


def _cie_lightness(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """CIE 1976 L* of sRGB (IEC 61966-2-1), D65."""
    c = rgb / 255.0
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    y = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.asarray(np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27), np.float64)


@pytest.mark.parametrize("name", ["hot", "inferno", "viridis", "grey"])
def test_brighter_means_more(name: str) -> None:
    lightness = _cie_lightness(COLOUR_MAPS[name].rgb)
    assert np.all(np.diff(lightness) > -0.5)
    assert lightness[-1] - lightness[0] > 60


@pytest.mark.parametrize("name", ["inferno", "viridis"])
def test_perceptual_maps_rise_evenly(name: str) -> None:
    lightness = _cie_lightness(COLOUR_MAPS[name].rgb)
    mean_step = (lightness[-1] - lightness[0]) / 8
    steps = np.diff(lightness[np.linspace(0, 255, 9).astype(int)])
    assert steps.min() > 0.4 * mean_step
    assert steps.max() < 1.8 * mean_step


def test_every_map_is_complete_and_its_low_end_lets_the_ct_through() -> None:
    assert next(iter(COLOUR_MAPS)) == "hot"
    for name, colours in COLOUR_MAPS.items():
        assert colours.id == name
        assert colours.title
        assert colours.rgb.shape == (256, 3)
        assert colours.opacity[0] == 0.0
        assert colours.opacity[-1] == 1.0
        assert len(np.unique(colours.rgb, axis=0)) > 180


def test_inverted_grey_runs_from_white_to_black() -> None:
    rgb = COLOUR_MAPS["grey_inverted"].rgb
    assert rgb[0].tolist() == [255, 255, 255]
    assert rgb[-1].tolist() == [0, 0, 0]


def test_maps_cannot_be_changed_or_be_incomplete() -> None:
    with pytest.raises(ValueError, match="read-only"):
        COLOUR_MAPS["hot"].rgb[0, 0] = 1
    with pytest.raises(AtsmError, match="256 colours"):
        ColourMap("short", "Short", np.zeros((10, 3), np.uint8))

from __future__ import annotations

import math

import numpy as np
import pytest

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.render.overlay import (
    EdgeLetters,
    colour_bar_ticks,
    direction_letters,
    orientation_letters,
    scale_bar,
)
from atsm_viewer.render.window import CT_PRESETS, Window


def test_standard_planes_carry_the_radiological_letters() -> None:
    letters = {o: orientation_letters(Plane.through(o, (0, 0, 0))) for o in Orientation}
    assert letters[Orientation.AXIAL] == EdgeLetters("R", "L", "A", "P")
    assert letters[Orientation.CORONAL] == EdgeLetters("R", "L", "H", "F")
    assert letters[Orientation.SAGITTAL] == EdgeLetters("A", "P", "H", "F")


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((0.9, 0.3, 0.0), "LP"),
        ((-0.3, 0.9, 0.0), "PR"),
        ((0.0, -0.5, 0.8), "HA"),
        ((0.0, 0.05, -0.99), "F"),
        ((-0.6, -0.5, -0.4), "RAF"),
    ],
)
def test_oblique_directions_carry_several_letters_the_strongest_first(
    direction: tuple[float, float, float], letters: str
) -> None:
    assert direction_letters(direction) == letters


def test_opposite_edges_of_an_oblique_plane_carry_opposite_letters() -> None:
    letters = orientation_letters(Plane((0, 0, 0), (0.8, 0.0, 0.6), (0.0, 1.0, 0.0)))
    assert letters == EdgeLetters("RF", "LH", "A", "P")


@pytest.mark.parametrize("mm_per_pixel", [0.011, 0.05, 0.1, 0.137, 0.3, 1.0, 1.7, 4.9])
@pytest.mark.parametrize("room", [40.0, 120.0, 333.0])
def test_the_scale_bar_is_the_longest_round_length_that_fits(mm_per_pixel: float, room: float) -> None:
    length_mm, length_px, text = scale_bar(mm_per_pixel, room)
    assert length_px * mm_per_pixel == pytest.approx(length_mm)
    assert length_px <= room * (1 + 1e-6)
    round_lengths = [f * 10.0**p for p in range(-3, 5) for f in (1, 2, 5)]
    assert any(math.isclose(length_mm, r) for r in round_lengths)
    assert not any(length_mm * 1.001 < r <= room * mm_per_pixel * (1 - 1e-6) for r in round_lengths)
    number, unit = text.split()
    assert float(number) * {"mm": 1.0, "cm": 10.0}[unit] == pytest.approx(length_mm)


@pytest.mark.parametrize(
    "window",
    [Window.of_range(0, 10), Window.of_range(0.3, 0.37), Window.of_range(0, 2.5e4), *CT_PRESETS.values()],
)
@pytest.mark.parametrize("n", [3, 5, 8])
def test_ticks_are_round_evenly_spaced_inside_and_read_as_their_value(window: Window, n: int) -> None:
    ticks = colour_bar_ticks(window, n)
    values = np.array([value for value, _ in ticks])
    assert 1 <= len(ticks) <= n + 1
    assert values.min() >= window.lo - 1e-6 * window.width
    assert values.max() <= window.hi + 1e-6 * window.width
    steps = np.diff(values)
    np.testing.assert_allclose(steps, steps[0] if steps.size else [])
    for value, text in ticks:
        assert float(text.replace("−", "-")) == pytest.approx(value, abs=1e-9)


def test_ticks_of_a_plain_window_are_those_a_person_would_choose() -> None:
    assert [text for _, text in colour_bar_ticks(Window.of_range(0, 5), 5)] == ["0", "1", "2", "3", "4", "5"]
    assert [t for _, t in colour_bar_ticks(Window.of_range(-160, 240), 4)] == ["−100", "0", "100", "200"]
    assert [t for _, t in colour_bar_ticks(Window.of_range(0, 1), 5)][:2] == ["0.0", "0.2"]


def test_windows_and_overlays_refuse_what_cannot_be() -> None:
    for centre, width in ((0.0, 0.0), (0.0, -1.0), (math.nan, 1.0), (0.0, math.inf)):
        with pytest.raises(AtsmError, match="not possible"):
            Window(centre, width)
    with pytest.raises(AtsmError, match="ticks"):
        colour_bar_ticks(Window(0, 1), 0)
    with pytest.raises(AtsmError, match="scale bar"):
        scale_bar(0.0, 100.0)


def test_a_window_runs_from_lo_to_hi() -> None:
    window = CT_PRESETS["Soft tissue"]
    assert (window.lo, window.hi) == (-160.0, 240.0)
    assert Window.of_range(-160, 240) == window

"""The context line says what the mouse does now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.mouse_help import mouse_help, mouse_help_text
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.domain.pointer import Button, Modifier, PointerEvent
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.tools import TOOLS

GRID = Geometry.axis_aligned((4, 8, 8), (1.0, 1.0, 1.0))


@pytest.fixture
def ctx() -> AppContext:
    made = build_context(SettingsStore(None), InlineJobRunner(), None)  # type: ignore[arg-type]
    values = np.ones((1, 4, 8, 8), dtype=np.float32)
    scan = Scan("scan", "", GRID, Volume(GRID, values, "", Modality.PET), None, (Slot("s", "a"),))
    roi = Roi("r", "Tumour 1", Role.TUMOUR, "scan", "s")
    made.session.replace(
        SessionState((Subject("s", "M1"),), (Administration("a", "s"),), (scan,), (roi,)), saved=True
    )
    made.view.move_to(ViewState(scan_id="scan", active_roi_id="r", tool_id="brush"))
    return made


def _effects(ctx: AppContext, modifiers: Modifier = Modifier.NONE, *, space: bool = False) -> dict[str, str]:
    return {h.hand: h.effect for h in mouse_help(ctx, modifiers, space=space)}


def test_without_an_image_it_offers_to_drop_one() -> None:
    empty = build_context(SettingsStore(None), InlineJobRunner(), None)  # type: ignore[arg-type]
    assert mouse_help_text(mouse_help(empty)) == "Drop: a folder or file to open it"


@pytest.mark.parametrize("modifiers", [Modifier.NONE, Modifier.CTRL])
@pytest.mark.parametrize("tool_id", ["brush", "eraser"])
@pytest.mark.parametrize(("button", "hand"), [(Button.LEFT, "Left-drag"), (Button.RIGHT, "Right-drag")])
def test_the_words_agree_with_what_the_tool_really_does(
    ctx: AppContext, tool_id: str, button: Button, hand: str, modifiers: Modifier
) -> None:
    ctx.view.set(tool_id=tool_id)
    words = _effects(ctx, modifiers)[hand].split()[0]
    tool = next(t for t in TOOLS if t.id == tool_id)
    plane = Plane.through(Orientation.AXIAL, (3.0, 3.0, 1.0))
    event = PointerEvent((3.0, 3.0, 1.0), plane, button, modifiers)
    assert words == ("paint" if tool.adds(event) else "erase")  # type: ignore[attr-defined]


def test_a_locked_or_missing_roi_is_said_before_the_press(ctx: AppContext) -> None:
    state = ctx.session.state
    locked = replace(state.rois[0], locked=True)
    ctx.session.replace(replace(state, rois=(locked,)), saved=True)
    assert _effects(ctx)["Left-drag"] == "nothing: “Tumour 1” is locked"
    ctx.view.set(active_roi_id="")
    assert _effects(ctx)["Left-drag"] == "nothing: no ROI is selected"


def test_every_tool_has_words_for_the_left_button(ctx: AppContext) -> None:
    for tool in TOOLS:
        ctx.view.set(tool_id=tool.id)
        effects = _effects(ctx)
        assert effects.get("Left-drag") or effects["Click"], tool.id


def test_held_keys_change_the_words(ctx: AppContext) -> None:
    assert _effects(ctx, space=True) == {"Drag": "pan"}
    assert _effects(ctx, Modifier.ALT) == {"Drag": "window (centre and width)"}
    assert _effects(ctx, Modifier.SHIFT) == {"Move": "crosshair", "Wheel": "brush size"}
    assert _effects(ctx, Modifier.CTRL)["Wheel"] == "zoom"
    ctx.view.set(tool_id="crosshair")
    assert _effects(ctx, Modifier.SHIFT)["Wheel"] == "slices"


def test_during_a_stroke_only_its_end_is_offered(ctx: AppContext) -> None:
    plane = Plane.through(Orientation.AXIAL, (3.0, 3.0, 1.0))
    assert ctx.painter.press(PointerEvent((3.0, 3.0, 1.0), plane, Button.LEFT)) is None
    assert _effects(ctx) == {"Release": "finish the stroke", "Esc": "cancel it"}
    ctx.painter.cancel()

"""The saved view: a damaged or foreign one never keeps a project from opening."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.saved_view import saved_view
from atsm_viewer.app.view_state import PetGateSetting, ViewState, ViewStore
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.tools import TOOLS

FIELDS = tuple(ViewState().to_dict())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def two_frames() -> SessionState:
    grid = Geometry.axis_aligned((4, 5, 6), (2.0, 2.0, 2.0))
    values = np.random.default_rng(3).random((2, 4, 5, 6)).astype(np.float32)
    times = (FrameTime(0, 60), FrameTime(60, 60))
    scan = Scan(
        "scan", "1 h", grid, Volume(grid, values, "CNTS", Modality.PET, times), None, (Slot("s", "a"),)
    )
    rois = (Roi("r", "r", Role.TUMOUR, "scan", "s"),)
    return SessionState((Subject("s", "S"),), (Administration("a", "s"),), (scan,), rois)


def test_a_view_survives_the_way_through_json() -> None:
    view = ViewState(
        scan_id="scan", frame=1, cursor_lps=(1.5, -2.0, 3.25), active_roi_id="r", tool_id="eraser",
        tool_options={"brush": {"diameter_mm": 4.5, "in_3d": True}},
        pet_gate=PetGateSetting(True, 0.5, 2.0, "muscle"), not_over_others=False, pet_lo=-1.0,
        pet_hi=7.0, colour_map="viridis", pet_opacity=0.25, ct_visible=False, layout="row", maximised="axial",
    )  # fmt: skip
    assert ViewState.from_dict(json.loads(json.dumps(view.to_dict()))) == view


@pytest.mark.parametrize("bad", [None, "x", [], {}, float("nan"), float("inf"), 10**400, -(10**400), [[1]]])
@pytest.mark.parametrize("name", FIELDS)
def test_a_value_of_the_wrong_kind_leaves_its_field_at_the_default(name: str, bad: Any) -> None:
    default = ViewState()
    now = getattr(default, name)
    if isinstance(bad, str) and isinstance(now, str):
        return  # any text is a text
    if name == "frame" and bad == 10**400:
        return  # any number of frames is a number; the session limits it
    expected = 0 if name == "frame" else now
    assert getattr(ViewState.from_dict({name: bad}), name) == expected


def test_true_is_no_number_and_one_is_no_yes() -> None:
    view = ViewState.from_dict({"pet_opacity": True, "pet_visible": 0, "cursor_lps": [True, 1, 2]})
    assert (view.pet_opacity, view.pet_visible, view.cursor_lps) == (0.6, True, (0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    "gate",
    [
        {"on": 1, "lo": 0, "hi": 1, "unit": "suv"},
        {"on": True, "lo": "0", "hi": 1, "unit": "suv"},
        {"on": True, "lo": 0, "hi": 10**400, "unit": "suv"},
        {"on": True, "lo": 0, "hi": 1, "unit": "furlong"},
        {"on": True, "lo": 0, "hi": 1, "unit": ["suv"]},
        {"on": True},
    ],
)
def test_a_damaged_gate_is_off(gate: dict[str, Any]) -> None:
    assert ViewState.from_dict({"pet_gate": gate}).pet_gate == PetGateSetting()


@given(plain=st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=6), JSON, max_size=8))
def test_no_damaged_view_keeps_a_session_from_opening(plain: dict[str, Any]) -> None:
    state = two_frames()
    view = saved_view({**plain, "scan_id": "scan"}, state)
    assert view.frame in (0, 1)
    assert any(t.id == view.tool_id for t in TOOLS)
    assert state.find_roi(view.active_roi_id) is not None
    assert view.pet_lo < view.pet_hi
    assert view.ct_width_hu > 0
    assert 0 <= view.pet_opacity <= 1
    assert state.scans[0].pet_geometry.nearest_index(view.cursor_lps) is not None
    json.dumps(view.to_dict(), allow_nan=False)


def test_what_fits_is_kept_and_what_does_not_is_as_when_the_session_opens() -> None:
    state = two_frames()
    fresh = opening_view(state)
    good = replace(fresh, frame=1, layout="row", cursor_lps=(2.0, 4.0, 6.0), colour_map="grey")
    assert saved_view(good.to_dict(), state) == replace(good, tool_options=_complete(good))
    strange = replace(
        good, frame=9, active_roi_id="gone", tool_id="laser", cursor_lps=(1e300, -1e300, 0.0),
        pet_unit="suv", ct_width_hu=0.0, pet_opacity=7.0,
        tool_options={"brush": {"diameter_mm": "wide", "laser": 3.0}, "laser": {"power": 9.0}},
    )  # fmt: skip
    view = saved_view(strange.to_dict(), state)
    assert (view.frame, view.active_roi_id, view.tool_id) == (1, "r", fresh.tool_id)
    assert (view.pet_unit, view.pet_lo, view.pet_hi) == (fresh.pet_unit, fresh.pet_lo, fresh.pet_hi)
    assert (view.pet_opacity, view.ct_width_hu) == (1.0, fresh.ct_width_hu)
    assert view.cursor_lps == (10.0, 0.0, 0.0)
    assert view.tool_options["brush"] == {}
    assert "laser" not in view.tool_options
    assert view.layout == "row"


def _complete(view: ViewState) -> dict[str, dict[str, Any]]:
    return {t.id: dict(view.tool_options.get(t.id, {})) for t in TOOLS}


def test_a_view_of_another_scan_or_none_is_the_opening_view() -> None:
    state = two_frames()
    fresh = opening_view(state)
    for plain in (None, {}, {"scan_id": "other", "frame": 1}):
        assert saved_view(plain, state) == fresh
    assert saved_view({"scan_id": "scan"}, SessionState()) == ViewState()


def test_listeners_hear_changes_only() -> None:
    store = ViewStore()
    heard: list[tuple[ViewState, ViewState]] = []
    end = store.subscribe(lambda old, new: heard.append((old, new)))
    store.set(frame=0)
    assert heard == []
    store.set(frame=2)
    store.set_tool_option("brush", "diameter_mm", 3.0)
    store.set_tool_option("brush", "in_3d", True)
    end()
    store.set(frame=3)
    assert [new.frame for _, new in heard] == [2, 2, 2]
    assert heard[-1][1].tool_options == {"brush": {"diameter_mm": 3.0, "in_3d": True}}
    assert heard[0][0] == ViewState()

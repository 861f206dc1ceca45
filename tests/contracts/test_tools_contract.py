"""What every tool in ``TOOLS`` must do, on every kind of grid and plane."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from atsm_viewer.domain.edits import EDITS
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.options import option_values
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.domain.pointer import Button, Modifier, PointerEvent
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.tools import TOOLS, Refusal, ToolContext, tool
from atsm_viewer.tools.base import REMEDY_COMMANDS, Cursor
from atsm_viewer.tools.brush import Brush
from atsm_viewer.tools.gates import InsideSlot, NotOverOtherRois, PetRangeGate

SHAPE = (7, 10, 12)
_C, _S = math.cos(0.4), math.sin(0.4)
GRIDS = {
    "anisotropic": Geometry.axis_aligned(SHAPE, (3.3, 0.9, 1.1), (5.0, -3.0, 2.0)),
    "oblique": Geometry.from_affine(
        SHAPE, (5.0, -3.0, 2.0), [[-2 * _S, 0, 2 * _C], [0, -1.2, 0], [_C, 0, _S]]
    ),
    "one voxel": Geometry.axis_aligned((1, 1, 1), (2.0, 2.0, 2.0)),
}
GATES = (PetRangeGate(0.0, 60.0), NotOverOtherRois(), InsideSlot())

every_tool = pytest.mark.parametrize("spec", TOOLS, ids=lambda t: t.id)
every_painting_tool = pytest.mark.parametrize("spec", [t for t in TOOLS if t.is_painting], ids=lambda t: t.id)
BRUSHES = [t for t in TOOLS if isinstance(t, Brush)]
SMALLEST = [t for t in TOOLS if t.id in ("brush", "eraser", "sphere", "protocol_sphere")]
every_smallest = pytest.mark.parametrize("spec", SMALLEST, ids=lambda t: t.id)
every_grid = pytest.mark.parametrize("grid", GRIDS)
every_plane = pytest.mark.parametrize("orientation", list(Orientation))


def _context(geometry, gates=(), full=False, **roi_changes):
    values = np.arange(np.prod(geometry.shape_kji), dtype=np.float32).reshape(1, *geometry.shape_kji) % 97
    scan = Scan("s", "1 h", geometry, Volume(geometry, values, "BQML", Modality.PET), None, (Slot("m", "a"),))
    mask = Mask.from_dense(np.ones(geometry.shape_kji)) if full else Mask.empty()
    roi = replace(Roi("r", "Tumour", Role.TUMOUR, "s", "m", mask=mask), **roi_changes)
    state = SessionState(scans=(scan,), rois=(roi,))
    return ToolContext(state, roi, scan, 0, {}, gates, 1.0)


def _event(geometry, index, orientation, button=Button.LEFT, modifiers=Modifier.NONE, plane=None):
    p = geometry.index_to_lps(index)
    plane = plane or Plane.through(orientation, p)
    p = p - plane.normal_lps * float(plane.distance_mm(p))
    return PointerEvent((float(p[0]), float(p[1]), float(p[2])), plane, button, modifiers)


def _places(geometry):
    k, j, i = geometry.shape_kji
    middle = ((k - 1) / 2, (j - 1) / 2, (i - 1) / 2)
    return (middle, (0, 0, 0), (k - 1, j - 1, i - 1), (-0.4, j - 0.6, 0), (k + 30, -30, i + 30))


def test_ids_titles_and_tips_are_there_and_unlike():
    for words in ([t.id for t in TOOLS], [t.title for t in TOOLS], [t.tip for t in TOOLS]):
        assert len(set(words)) == len(TOOLS)
        assert all(words)
    assert [t.id for t in TOOLS][:4] == ["crosshair", "window", "brush", "eraser"]
    assert all(tool(t.id) is t for t in TOOLS)
    assert tool("no such tool") is None


@every_tool
def test_titles_are_sentence_case_and_tips_are_sentences(spec):
    assert spec.title[0].isupper()
    assert spec.title[1:] == spec.title[1:].lower()
    assert spec.tip.endswith(".")
    assert isinstance(spec.cursor, Cursor)


@every_tool
def test_options_are_complete_and_their_defaults_pass_their_own_check(spec):
    values = option_values(spec.options)
    assert values == {o.id: o.default for o in spec.options}
    assert len(values) == len(spec.options)
    assert all(o.title for o in spec.options)
    for option in spec.options:
        if option.id == "diameter_mm":
            assert (option.minimum, option.maximum, option.unit) == (0.1, 200.0, "mm")
        if option.id.endswith("_mm"):
            assert option.unit == "mm"
        if option.shown_when is not None:
            other, among = option.shown_when
            controlling = next(o for o in spec.options if o.id == other)
            assert all(controlling.checked(v) == v for v in among)


@every_tool
@every_grid
@every_plane
@pytest.mark.parametrize("shape", ["disc", "ball"])
@pytest.mark.parametrize("full", [False, True], ids=["empty ROI", "full ROI"])
def test_the_footprint_is_what_a_click_writes_everywhere(spec, grid, orientation, shape, full):
    geometry = GRIDS[grid]
    for gates in ((), GATES):
        ctx = _context(geometry, gates, full)
        for diameter in (0.1, 3.0, 9.0):
            named = {o.id for o in spec.options}
            given = {"diameter_mm": diameter, "bound_mm": max(diameter, 0.5)}
            given |= {"shape": shape, "bound": "slice" if shape == "disc" else "ball"}
            given = {name: value for name, value in given.items() if name in named}
            ctx = replace(ctx, options=given)
            for at in _places(geometry):
                for modifiers in (Modifier.NONE, Modifier.CTRL):
                    event = _event(geometry, at, orientation, modifiers=modifiers)
                    shown, gesture = spec.footprint(event, ctx), spec.begin(event, ctx)
                    if isinstance(gesture, Refusal):
                        assert shown == gesture
                        assert shown.reason
                        continue
                    written = gesture.finish("")
                    if isinstance(shown, Refusal):
                        assert written == shown
                        assert shown.reason
                        assert shown.remedy_command in (None, *REMEDY_COMMANDS)
                        continue
                    reach = spec.reach(event, ctx)
                    assert np.array_equal(
                        Mask.from_block(reach.box, reach.block_kji).block_in(shown.box) & shown.block_kji,
                        shown.block_kji,
                    )
                    before = ctx.roi.mask
                    after = written.apply(ctx.state).roi("r").mask
                    changed = after.minus(before) if shown.adds else before.minus(after)
                    assert changed.same_voxels(Mask.from_block(shown.box, shown.block_kji))
                    assert type(written) in EDITS


@every_smallest
@every_grid
@every_plane
def test_the_smallest_brush_writes_the_one_voxel_under_the_pointer(spec, grid, orientation):
    geometry = GRIDS[grid]
    k, j, i = (n // 2 for n in geometry.shape_kji)
    event = _event(geometry, (k, j, i), orientation)
    ctx = replace(_context(geometry, full=not spec.begin(event, _context(geometry)).adds),
                  options={"diameter_mm": 0.1})  # fmt: skip
    patch = spec.footprint(event, ctx)
    assert isinstance(patch, Patch)
    assert (patch.box.lo_kji, patch.n_voxels) == ((k, j, i), 1)


@every_painting_tool
@every_grid
@every_plane
def test_a_drag_from_outside_through_the_whole_grid_stays_inside_it(spec, grid, orientation):
    geometry = GRIDS[grid]
    k, j, i = geometry.shape_kji
    middle = ((k - 1) / 2, (j - 1) / 2, (i - 1) / 2)
    plane = Plane.through(orientation, geometry.index_to_lps(middle))
    for full in (False, True):
        for button in (Button.LEFT, Button.RIGHT):
            ctx = _context(geometry, full=full)
            gesture = spec.begin(_event(geometry, (-5, -5, -5), orientation, button, plane=plane), ctx)
            for share in (0.3, 1.7):
                index = tuple(share * n for n in geometry.shape_kji)
                gesture.extend(_event(geometry, index, orientation, button, plane=plane))
            assert geometry.box.contains(gesture.pending.box)
            pending = gesture.pending
            result = gesture.finish("")
            if isinstance(result, Refusal):
                assert full == gesture.adds or not isinstance(spec, Brush)
                assert pending.is_empty
                assert result.reason
            else:
                assert full != gesture.adds
                after = result.apply(ctx.state).roi("r").mask
                assert abs(after.n_voxels - ctx.roi.mask.n_voxels) == pending.n_voxels > 0


@every_tool
def test_locked_hidden_and_missing_rois_are_refused_in_words(spec):
    geometry = GRIDS["anisotropic"]
    event = _event(geometry, (3, 4, 5), Orientation.AXIAL)
    without = replace(_context(geometry), roi=None)
    for ctx in (_context(geometry, locked=True), _context(geometry, visible=False), without):
        for answer in (spec.begin(event, ctx), spec.footprint(event, ctx)):
            assert isinstance(answer, Refusal)
            assert answer.reason
            assert answer.remedy
            assert answer.remedy_command in (None, *REMEDY_COMMANDS)


@every_tool
def test_a_cancelled_gesture_leaves_nothing(spec):
    geometry = GRIDS["anisotropic"]
    event = _event(geometry, (3, 4, 5), Orientation.AXIAL)
    gesture = spec.begin(event, _context(geometry))
    if isinstance(gesture, Refusal):
        assert not spec.is_painting
        return
    gesture.cancel()
    assert gesture.pending.is_empty
    assert isinstance(gesture.finish(""), Refusal)
    with pytest.raises(AtsmError):
        gesture.extend(event)

"""What every operation in ``OPERATIONS`` must do, on every kind of grid and ROI."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from atsm_viewer.domain.edits import AddRoi, Batch, SetMask
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice
from atsm_viewer.domain.options import option_values
from atsm_viewer.domain.roi import Method, Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.operations import OPERATIONS, OperationContext, operation

SHAPE = (9, 14, 16)
_C, _S = math.cos(0.4), math.sin(0.4)
GRIDS = {
    "anisotropic": Geometry.axis_aligned(SHAPE, (3.3, 0.9, 1.1), (5.0, -3.0, 2.0)),
    "oblique": Geometry.from_affine(
        SHAPE, (5.0, -3.0, 2.0), [[-2 * _S, 0, 2 * _C], [0, -1.2, 0], [_C, 0, _S]]
    ),
    "flipped": Geometry.from_affine(SHAPE, (9.0, 8.0, 7.0), [[0, 0, -2.0], [0, -1.0, 0], [-1.5, 0, 0]]),
    "sheared": Geometry.from_affine(SHAPE, (0.0, 0.0, 0.0), [[0, 0.8, 2.0], [0, 1.0, 0], [1.0, 0, 0]]),
    "sagittal": Geometry.from_affine(SHAPE, (0.0, 0.0, 0.0), [[2.0, 0, 0], [0, 0, -1.0], [0, 1.1, 0]]),
}
every_operation = pytest.mark.parametrize("spec", OPERATIONS, ids=lambda o: o.id)
every_grid = pytest.mark.parametrize("grid", GRIDS)


def _ball(centre, radius):
    k, j, i = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    return (k - centre[0]) ** 2 * 4 + (j - centre[1]) ** 2 + (i - centre[2]) ** 2 <= radius**2


def _masks():
    middle = _ball((4, 7, 6), 4.2)
    hollow = middle.copy()
    hollow[4, 7, 6] = False
    gap = hollow.copy()
    gap[:, :, 8] = gap[:, 6] = gap[3] = False
    edge = np.zeros(SHAPE, bool)
    edge[:4, :5, :6] = True
    single = np.zeros(SHAPE, bool)
    single[4, 7, 6] = True
    corner = np.zeros(SHAPE, bool)
    corner[-1, -1, -1] = True
    return {"hollow": hollow, "with gaps": gap, "at the edge": edge, "one voxel": single, "corner": corner,
            "everything": np.ones(SHAPE, bool)}  # fmt: skip


MASKS = _masks()


def _context(grid: str, dense: np.ndarray, **roi_changes) -> OperationContext:
    geometry = GRIDS[grid]
    rng = np.random.default_rng(3)
    pet = (1.0 + 9.0 * _ball((4, 7, 6), 4.0) + rng.random(SHAPE)).astype(np.float32)
    pet[0, 0, 0] = np.nan
    hu = np.full(SHAPE, 40, np.int16)
    hu[:, [0, -1]] = hu[:, :, [0, -1]] = -1000
    ct = Volume(geometry, hu[None], "HU", Modality.CT)
    scan = Scan(
        "s", "1 h", geometry, Volume(geometry, pet[None], "BQML", Modality.PET), ct, (Slot("m", "a"),)
    )
    later = replace(scan, id="s2", label="2 h")
    roi = replace(Roi("r", "Tumour 1", Role.TUMOUR, "s", "m", mask=Mask.from_dense(dense)), **roi_changes)
    other = Roi("o", "Muscle 1", Role.MUSCLE, "s", "m", mask=Mask.from_dense(_ball((4, 7, 11), 3.0)))
    state = SessionState(scans=(scan, later), rois=(roi, other))
    x, y, z = (float(v) for v in geometry.index_to_lps((4, 7, 6)))
    return OperationContext(state, scan, roi, 0, (x, y, z), np.full(SHAPE[0], 0.5), None, 1.3)


def _variants(spec, ctx):
    """The defaults, every choice of every option, and both values of every switch."""
    options = spec.options_for(ctx)
    start = option_values(options)
    if spec.id == "move":
        start = {**start, "left_mm": 3.0, "head_mm": -4.0}
    yield start
    for option in options:
        for value, _ in option.choices:
            yield {**start, option.id: value}
        if isinstance(option.default, bool):
            yield {**start, option.id: not option.default}


def _edits(ctx, spec, result):
    edits = [SetMask("r", result.mask, Method(spec.id))] if result.mask is not None else []
    edits += [SetMask(roi_id, mask, Method(spec.id)) for roi_id, mask in result.others]
    edits += [
        AddRoi(Roi(f"n{n}", new.name, new.role or ctx.roi.role, new.scan_id or "s", "m", mask=new.mask))
        for n, new in enumerate(result.new)
    ]
    return Batch(tuple(edits))


def test_ids_titles_and_tips_are_there_and_unlike():
    for words in ([o.id for o in OPERATIONS], [o.title for o in OPERATIONS], [o.tip for o in OPERATIONS]):
        assert len(set(words)) == len(OPERATIONS)
        assert all(words)
    assert all(operation(o.id) is o for o in OPERATIONS)
    with pytest.raises(KeyError):
        operation("no such operation")


@every_operation
def test_words_are_sentence_case_and_options_valid(spec):
    assert spec.title[0].isupper()
    assert spec.tip.endswith(".")
    assert spec.makes in ("replaces", "adds")
    for options in (spec.options, spec.options_for(_context("anisotropic", MASKS["hollow"]))):
        values = option_values(options)
        assert values == {o.id: o.default for o in options}
        names = {o.id for o in options}
        assert len(names) == len(options)
        for option in options:
            assert option.title[0].isupper()
            assert len({v for v, _ in option.choices}) == len(option.choices)
            if not isinstance(option.default, str | bool):
                assert option.minimum <= option.default <= option.maximum
            if option.shown_when is not None:
                assert option.shown_when[0] in names


@every_operation
@every_grid
@pytest.mark.parametrize("mask", MASKS)
def test_results_lie_in_the_grid_are_repeatable_and_leave_their_input_alone(spec, grid, mask):
    ctx = _context(grid, MASKS[mask])
    before, bits = ctx.roi.mask, ctx.roi.mask.sha256()
    ran, refusals = 0, []
    for values in _variants(spec, ctx):
        try:
            result = spec.apply(ctx, values)
        except AtsmError as error:
            refusals.append(error.user_message)
            continue
        ran += 1
        again = spec.apply(ctx, values)
        assert ctx.roi.mask is before
        assert before.sha256() == bits
        assert (result.mask is not None) == (spec.makes == "replaces")
        assert bool(result.new) == (spec.makes == "adds")
        grids = {s.id: s.pet_geometry for s in ctx.state.scans}
        made = [(ctx.scan.id, result.mask, again.mask)] if result.mask is not None else []
        made += [(ctx.scan.id, a[1], b[1]) for a, b in zip(result.others, again.others, strict=True)]
        made += [(a.scan_id or "s", a.mask, b.mask) for a, b in zip(result.new, again.new, strict=True)]
        for scan_id, one, two in made:
            assert grids[scan_id].box.contains(one.box)
            assert one.same_voxels(two)
            assert spec.may_empty or not one.is_empty
        assert result.params == again.params
        assert all(isinstance(a, str) and isinstance(b, str) for a, b in result.params)
        assert all(isinstance(n, Notice) and n.text for n in result.notices)
        after = _edits(ctx, spec, result).apply(ctx.state)
        assert ctx.state.roi("r") is ctx.roi
        assert after.roi("o").mask is ctx.state.roi("o").mask or result.others
    assert all(refusals)
    if mask == "with gaps":
        assert ran, "nothing could be done with an ordinary ROI"


@every_operation
def test_empty_and_locked_rois_are_refused_in_words(spec):
    empty = _context("anisotropic", np.zeros(SHAPE, bool))
    with pytest.raises(AtsmError, match="no voxels yet"):
        spec.apply(empty, {})
    locked = _context("anisotropic", MASKS["with gaps"], locked=True)
    values = {"left_mm": 3.0} if spec.id == "move" else {}
    if spec.makes == "replaces":
        with pytest.raises(AtsmError, match="locked"):
            spec.apply(locked, values)
    else:  # a locked ROI may be copied
        assert spec.apply(locked, values).new
    assert spec.why_not(locked.scan, None) == "Select a ROI first."


@every_operation
def test_missing_images_are_refused_in_words(spec):
    ctx = _context("anisotropic", MASKS["hollow"])
    scan = replace(ctx.scan, pet=None, ct=None)
    bare = replace(ctx, scan=scan, state=replace(ctx.state, scans=(scan,)))
    if spec.needs_pet or spec.needs_ct:
        with pytest.raises(AtsmError, match=r"not loaded|no CT"):
            spec.apply(bare, {})
    else:
        assert spec.why_not(scan, ctx.roi) == ""


@every_operation
def test_unknown_options_and_wrong_values_are_refused(spec):
    ctx = _context("anisotropic", MASKS["hollow"])
    with pytest.raises(AtsmError, match="no option"):
        spec.apply(ctx, {"nonsense": 1.0})
    for option in spec.options_for(ctx):
        with pytest.raises(AtsmError):
            spec.apply(ctx, {option.id: "no such value" if isinstance(option.default, str) else "x"})


@every_operation
def test_work_stops_when_asked(spec):
    class Stop(Exception):
        pass

    def stop():
        raise Stop

    ctx = replace(_context("anisotropic", MASKS["with gaps"]), check=stop)
    if spec.id in ("seeds", "refine_edge", "mirror", "invert", "interpolate"):
        with pytest.raises(Stop):
            spec.apply(ctx, {})

"""The stations from images to numbers."""

from __future__ import annotations

import numpy as np
import pytest

from atsm_viewer.app.commands import COMMANDS
from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.guide import guide_steps
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import AddRoi
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume

GRID = Geometry.axis_aligned((6, 8, 8), (1.0, 1.0, 1.0))


@pytest.fixture
def ctx() -> AppContext:
    return build_context(SettingsStore(None), InlineJobRunner(), None)  # type: ignore[arg-type]


def _open(ctx: AppContext, *notices: Notice) -> None:
    values = np.ones((1, 6, 8, 8), dtype=np.float32)
    scan = Scan("scan", "24 h", GRID, Volume(GRID, values, "", Modality.PET), None, (Slot("s", "a"),))
    ctx.session.replace(
        SessionState((Subject("s", "M1"),), (Administration("a", "s"),), (scan,), notices=notices), saved=True
    )
    ctx.view.move_to(ViewState(scan_id="scan"))


def _add(ctx: AppContext, role: Role, *, painted: bool) -> None:
    box = Box((2, 2, 2), (4, 5, 5)) if role is Role.TUMOUR else Box((2, 5, 5), (4, 8, 8))
    mask = Mask.from_block(box, np.ones(box.shape_kji, bool)) if painted else Mask.empty()
    ctx.session.apply(AddRoi(Roi(role.value, role.value.capitalize(), role, "scan", "s", mask=mask)), "Add")


def _done(ctx: AppContext) -> list[str]:
    return [s.id for s in guide_steps(ctx) if s.done]


def _current(ctx: AppContext) -> list[str]:
    return [s.id for s in guide_steps(ctx) if s.current]


def test_the_stations_come_in_the_order_of_the_work(ctx: AppContext) -> None:
    assert [s.id for s in guide_steps(ctx)] == ["load", "dose", "muscle", "tumour", "review", "export"]


def test_with_nothing_open_loading_is_the_current_station(ctx: AppContext) -> None:
    assert _done(ctx) == []
    assert _current(ctx) == ["load"]


def test_an_image_without_dose_facts_leaves_the_dose_card_to_do_and_says_that_ratios_need_none(
    ctx: AppContext,
) -> None:
    _open(ctx)
    assert _done(ctx) == ["load"]
    assert _current(ctx) == ["dose"]
    assert "T/M ratios need no dose" in guide_steps(ctx)[1].tip


def test_a_muscle_without_voxels_is_taken_in_hand_instead_of_adding_a_second_one(ctx: AppContext) -> None:
    _open(ctx)
    assert guide_steps(ctx)[2].command_id == "roi.add.muscle"
    _add(ctx, Role.MUSCLE, painted=False)
    muscle = guide_steps(ctx)[2]
    assert (muscle.done, muscle.command_id, muscle.roi_id) == (False, None, "muscle")


def test_painted_rois_tick_their_stations_and_fresh_numbers_the_review(ctx: AppContext) -> None:
    _open(ctx)
    _add(ctx, Role.MUSCLE, painted=True)
    _add(ctx, Role.TUMOUR, painted=True)
    assert _done(ctx) == ["load", "muscle", "tumour"]
    ctx.live.exact()
    assert _done(ctx) == ["load", "muscle", "tumour", "review"]


def test_numbers_of_an_earlier_state_do_not_tick_the_review(ctx: AppContext) -> None:
    _open(ctx)
    _add(ctx, Role.MUSCLE, painted=True)
    _add(ctx, Role.TUMOUR, painted=True)
    ctx.live.exact()
    ctx.session.undo()
    ctx.session.redo()
    assert "review" in _done(ctx)  # the very same state came back
    _add(ctx, Role.OTHER, painted=True)
    assert "review" not in _done(ctx)


def test_an_open_warning_keeps_the_review_open_but_information_does_not(ctx: AppContext) -> None:
    for severity, done in ((Severity.INFO, True), (Severity.WARNING, False), (Severity.ERROR, False)):
        _open(ctx, Notice("X", severity, "something"))
        _add(ctx, Role.MUSCLE, painted=True)
        _add(ctx, Role.TUMOUR, painted=True)
        ctx.live.exact()
        assert ("review" in _done(ctx)) is done, severity


def test_every_command_of_a_station_exists(ctx: AppContext) -> None:
    known = {c.id for c in COMMANDS}
    ids = {s.command_id for s in guide_steps(ctx)}
    _open(ctx)
    ids |= {s.command_id for s in guide_steps(ctx)}
    assert ids - {None} <= known

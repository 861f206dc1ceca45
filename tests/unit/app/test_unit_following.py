"""The unit and the window of the PET follow the dose card."""

from datetime import datetime

import numpy as np
import pytest

from atsm_viewer.app.commands.view_commands import set_pet_unit
from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.dose_editing import enter_text, enter_values, withdraw
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.pet_display import shown_scale
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.volume import Modality, Volume

FACTOR = 20.0 / 0.5e6
MISSING = {"injected_activity_bq": 1e6}
REST = {
    "weight_kg": 0.020, "species": "mouse", "half_life_s": 3600.0, "decay_rule": "START",
    "administration_time": datetime(2024, 5, 6, 9), "reference_time": datetime(2024, 5, 6, 10),
}  # fmt: skip


@pytest.fixture
def ctx() -> AppContext:
    made = build_context(SettingsStore(None), InlineJobRunner(), None)  # type: ignore[arg-type]
    grid = Geometry.axis_aligned((6, 8, 8), (1.0, 1.0, 1.0))
    values = np.full((1, 6, 8, 8), 80e3, dtype=np.float32)
    facts = PetFacts.from_instances([InstanceFacts(units="BQML")])
    scan = Scan(
        "scan",
        "1 h",
        grid,
        Volume(grid, values, "BQML", Modality.PET),
        None,
        (Slot("s", "a"),),
        pet_facts=facts,
    )
    made.session.replace(
        SessionState((Subject("s", "M1"),), (Administration("a", "s"),), (scan,)), saved=True
    )
    enter_values(made.session, "a", REST)
    made.view.move_to(opening_view(made.session.state))
    return made


def shown(ctx: AppContext) -> tuple[str, float, float]:
    view = ctx.view.state
    return view.pet_unit, view.pet_lo, view.pet_hi


def stored_window(ctx: AppContext) -> tuple[float, float]:
    """The stored values at the ends of the window: what the picture shows."""
    scale = shown_scale(ctx.session.state, ctx.session.state.scans[0], ctx.view.state.pet_unit)
    assert scale.unit == ctx.view.state.pet_unit
    return scale.to_stored(ctx.view.state.pet_lo), scale.to_stored(ctx.view.state.pet_hi)


def test_suv_is_shown_as_soon_as_it_can_be_and_gives_way_on_undo(ctx: AppContext) -> None:
    before, picture = shown(ctx), stored_window(ctx)
    assert before == ("kbq_ml", 0.0, 80.0)
    enter_values(ctx.session, "a", MISSING)
    assert shown(ctx) == ("suv", 0.0, pytest.approx(80e3 * FACTOR))
    assert stored_window(ctx) == pytest.approx(picture)
    ctx.session.undo()
    assert shown(ctx) == before
    ctx.session.redo()
    assert shown(ctx)[0] == "suv"


def test_a_unit_that_was_chosen_while_suv_was_there_comes_back_with_it(ctx: AppContext) -> None:
    enter_values(ctx.session, "a", MISSING)
    set_pet_unit(ctx, "kbq_ml")
    before = shown(ctx)
    withdraw(ctx.session, "a", ["injected_activity_bq"])
    ctx.session.undo()
    assert shown(ctx) == before


def test_a_small_correction_keeps_the_window_so_that_the_colours_change(ctx: AppContext) -> None:
    enter_values(ctx.session, "a", MISSING)
    ctx.view.set(pet_lo=0.5, pet_hi=5.0)
    enter_text(ctx.session, "a", "weight_kg", "25 g")
    assert shown(ctx) == ("suv", 0.5, 5.0)


def test_a_slip_of_units_takes_the_window_along_and_brings_it_back(ctx: AppContext) -> None:
    enter_values(ctx.session, "a", MISSING)
    ctx.view.set(pet_lo=0.5, pet_hi=5.0)
    enter_text(ctx.session, "a", "weight_kg", "20 kg")
    assert shown(ctx) == ("suv", 500.0, 5000.0)
    ctx.session.undo()
    assert shown(ctx) == ("suv", 0.5, 5.0)


def test_edits_of_anything_else_leave_the_view_alone(ctx: AppContext) -> None:
    enter_values(ctx.session, "a", MISSING)
    view = ctx.view.state
    enter_text(ctx.session, "a", "tracer", "64Cu-ATSM")
    enter_text(ctx.session, "a", "subject_id", "M7")
    assert ctx.view.state is view

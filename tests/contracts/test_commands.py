"""Every command: named once, reachable once, honest about when it cannot run."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from atsm_viewer.app.commands import COMMANDS, CommandSpec, command
from atsm_viewer.app.context import AppContext, build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.volume import Modality, Volume

MENUS = {"File", "Edit", "ROI", "Tools", "View", "Help"}


class SilentPort:
    """Answers every question with “cancel” and keeps what it was told."""

    def __init__(self) -> None:
        self.errors: list[AtsmError] = []

    def show_error(self, error: AtsmError) -> None:
        self.errors.append(error)

    def __getattr__(self, name: str) -> object:
        return lambda *args, **kwargs: None


def desk(state: SessionState | None = None) -> AppContext:
    ctx = build_context(SettingsStore(None), InlineJobRunner(), SilentPort())  # type: ignore[arg-type]
    if state is not None:
        ctx.session.replace(state, saved=True)
        ctx.view.move_to(opening_view(state))
    return ctx


def study() -> SessionState:
    grid = Geometry.axis_aligned((6, 8, 8), (2.0, 2.0, 2.0))
    values = np.random.default_rng(0).uniform(0.5, 4.0, (1, 6, 8, 8)).astype(np.float32)
    dense = np.zeros((6, 8, 8), dtype=bool)
    dense[2:4, 2:6, 2:6] = True
    scan = Scan("s", "1 h", grid, Volume(grid, values, "GML", Modality.PET), None, (Slot("m", "a"),))
    rois = (
        Roi("t", "Tumour 1", Role.TUMOUR, "s", "m", mask=Mask.from_dense(dense)),
        Roi("u", "Muscle 1", Role.MUSCLE, "s", "m", mask=Mask.from_dense(~dense & (values[0] < 1.5))),
    )
    return SessionState((Subject("m", "M1"),), (Administration("a", "m"),), (scan,), rois)


def test_ids_are_unique_and_found() -> None:
    assert max(Counter(c.id for c in COMMANDS).values()) == 1
    assert all(command(c.id) is c for c in COMMANDS)
    with pytest.raises(KeyError):
        command("no.such")


def test_no_two_commands_share_a_key() -> None:
    keys = Counter(key for c in COMMANDS for key in c.shortcuts)
    assert [key for key, n in keys.items() if n > 1] == []


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda c: c.id)
def test_a_command_says_what_it_is(spec: CommandSpec) -> None:
    assert spec.menu.partition("/")[0] in MENUS
    assert spec.title == spec.title.strip()
    assert spec.title[0].isupper() or spec.title.startswith("kBq")
    assert "..." not in spec.title
    assert spec.tip.endswith(".")


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda c: c.id)
def test_conditions_hold_with_and_without_a_study(spec: CommandSpec) -> None:
    for ctx in (desk(), desk(study())):
        reason = spec.why_not(ctx)
        assert reason == "" or reason.endswith(".")
        if spec.checked is not None and not reason:
            assert isinstance(spec.checked(ctx), bool)


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda c: c.id)
def test_a_command_runs_or_refuses_in_words_and_undo_brings_everything_back(
    spec: CommandSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if spec.id.startswith("file.sample"):
        pytest.skip("makes a whole study; told by the GUI story")
    ctx = desk(study())
    if spec.why_not(ctx):
        pytest.skip("cannot run on a plain study: " + spec.why_not(ctx))
    before = ctx.session.state
    # A refusal in words is an answer too; any other exception fails.
    with suppress(AtsmError):
        spec.run(ctx)
    if spec.id == "file.close":
        assert not ctx.session.state.scans
        return
    while ctx.session.undo() is not None:
        pass
    assert ctx.session.state is before


def test_switches_switch_back() -> None:
    for spec in COMMANDS:
        if spec.checked is None or spec.id.startswith(
            ("view.layout", "view.colours", "view.ct.", "view.unit", "tool.", "protocol.spheres")
        ):
            continue
        ctx = desk(study())
        if spec.why_not(ctx) or spec.id.startswith(("roi.role", "view.theme", "view.maximise")):
            continue
        first = spec.checked(ctx)
        spec.run(ctx)
        assert spec.checked(ctx) != first, spec.id
        spec.run(ctx)
        assert spec.checked(ctx) == first, spec.id

"""Raw numbers: described once, opened, and found again by their description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.raw_import import RawDescription, import_raw

VALUES = np.random.default_rng(2).random((1, 6, 7, 8)).astype("<f4")
SAID = RawDescription((1, 6, 7, 8), spacing_kji_mm=(2.0, 2.0, 2.0), unit="BQML")


def answer(port: Any, path: Path | None, said: RawDescription | None) -> list[RawDescription | None]:
    """Let the person choose a file and describe it; return what the dialog started from."""
    started: list[RawDescription | None] = []

    def describe(_path: Path, before: RawDescription | None) -> RawDescription | None:
        started.append(before)
        return said

    port.choose_open_file = lambda title, filters: path
    port.describe_raw = describe
    return started


def test_a_described_raw_file_opens_and_the_description_is_offered_again(
    ctx: AppContext, port: Any, tmp_path: Path
) -> None:
    path = tmp_path / "x.raw"
    path.write_bytes(VALUES.tobytes())
    assert answer(port, path, SAID) == []
    import_raw(ctx)
    assert port.errors == []
    (scan,) = ctx.session.state.scans
    assert scan.pet is not None
    assert np.array_equal(scan.pet.values_tkji, VALUES)
    assert scan.pet.unit == "BQML"
    started = answer(port, path, None)
    import_raw(ctx)
    assert started == [SAID]


def test_cancelling_changes_nothing(ctx: AppContext, port: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    path.write_bytes(VALUES.tobytes())
    for chosen, said in ((None, SAID), (path, None)):
        answer(port, chosen, said)
        import_raw(ctx)
    assert ctx.session.state.scans == ()
    assert [p.name for p in tmp_path.glob("x*")] == ["x.raw"]


def test_a_file_that_is_too_short_is_refused_in_words(ctx: AppContext, port: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    path.write_bytes(VALUES.tobytes()[:-4])
    answer(port, path, SAID)
    import_raw(ctx)
    assert "x.raw" in port.errors[0].user_message
    assert ctx.session.state.scans == ()

"""Looking for files and reading them end within 0.2 s once nobody wants the answer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.uid import ExplicitVRBigEndian, RLELossless

from atsm_viewer.domain.errors import OperationCancelled
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.read_series import read_series

LIMIT_S = 0.2


class Button:
    """Cancels after a time, and remembers when."""

    def __init__(self, seconds: float) -> None:
        self.at = time.perf_counter() + seconds

    def __call__(self) -> bool:
        return time.perf_counter() > self.at

    def late(self) -> float:
        return time.perf_counter() - self.at


def test_a_scan_of_slow_files_stops_at_once(pet_writer: Any) -> None:
    first = pet_writer.write((0, 0, 0), np.zeros((64, 64), "<u2"), syntax=ExplicitVRBigEndian)
    whole = first.read_bytes()  # big-endian headers go the slow way, through pydicom
    for n in range(1500):
        (pet_writer.folder / f"x{n}.dcm").write_bytes(whole)
    button = Button(0.15)
    with pytest.raises(OperationCancelled):
        scan_paths([pet_writer.folder], cancelled=button)
    assert button.late() < LIMIT_S


@pytest.mark.parametrize("syntax", ["plain", "compressed"])
def test_reading_a_series_stops_at_once(pet_writer: Any, syntax: str, tmp_path: Path) -> None:
    def compress(ds: Any) -> None:
        if syntax == "compressed":
            ds.compress(RLELossless, generate_instance_uid=False)

    for k in range(40):
        pet_writer.write((0, 0, 4.0 * k), pet_writer.pixels(k).repeat(60, 0).repeat(60, 1), edit=compress)
    (entry,) = scan_paths([pet_writer.folder]).series
    calls = 0

    def cancelled() -> bool:
        nonlocal calls, said
        calls += 1
        if calls == 6:
            said = time.perf_counter()
        return calls >= 6

    said = 0.0
    with pytest.raises(OperationCancelled):
        read_series(entry, cancelled=cancelled)
    assert calls >= 6
    assert time.perf_counter() - said < LIMIT_S

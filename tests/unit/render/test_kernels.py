from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest

from atsm_viewer.render import kernels, numpy_kernels


def test_importing_the_room_imports_neither_numba_nor_pillow_nor_qt() -> None:
    code = (
        "import sys, atsm_viewer.render.compose, atsm_viewer.render.outline, atsm_viewer.render.overlay;"
        "sys.exit(any(m in sys.modules for m in ('numba', 'PIL', 'PySide6', 'scipy', 'SimpleITK')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_numba_is_not_an_error() -> None:
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from atsm_viewer.render import kernels\n"
        "assert kernels.warm_up() is False and not kernels.is_warm()"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_environment_can_forbid_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATSM_NO_NUMBA", "1")
    assert kernels.warm_up() is False
    assert kernels.loops() is numpy_kernels


def test_arrays_that_the_compiled_loops_do_not_know_go_to_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATSM_NO_NUMBA", raising=False)
    assert kernels.warm_up()
    known = np.zeros((2, 3, 4), np.float32)
    assert kernels.loops(known) is not numpy_kernels
    assert kernels.loops(known.astype(np.float64)) is numpy_kernels
    assert kernels.loops(known.transpose(2, 0, 1)) is numpy_kernels


def test_bands_cover_every_row_once_and_pass_errors_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATSM_NO_NUMBA", raising=False)
    assert kernels.warm_up()
    lock, seen = threading.Lock(), np.zeros(1001, int)

    def work(first: int, last: int) -> None:
        with lock:
            seen[first:last] += 1

    kernels.in_bands(1001, 1000, work)
    assert np.all(seen == 1)

    def fail(first: int, last: int) -> None:
        if last == 1001:
            raise ValueError("the last band")

    with pytest.raises(ValueError, match="last band"):
        kernels.in_bands(1001, 1000, fail)

"""Headless work pulls in no Qt, and choosing between window and command line pulls in next to nothing."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QT = ("PySide6", "shiboken6", "pyqtgraph")


def loaded_after(statement: str) -> set[str]:
    """Return the top-level packages in a fresh interpreter after a statement."""
    code = f"{statement}\nimport sys; print(' '.join(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return set(done.stdout.split())


def test_the_entry_point_imports_neither_qt_nor_numpy() -> None:
    loaded = loaded_after("import atsm_viewer.__main__")
    assert "atsm_viewer" in loaded
    assert not loaded & {*QT, "numpy", "pydicom", "SimpleITK", "scipy", "numba"}


def test_the_command_line_imports_no_qt() -> None:
    loaded = loaded_after("import atsm_viewer.cli.main")
    assert "numpy" in loaded
    assert not loaded & set(QT)


def test_no_module_of_app_or_below_imports_qt() -> None:
    rooms = ("domain", "io", "metrics", "tools", "operations", "render", "app", "cli")
    names = [
        m.name
        for room in rooms
        for m in pkgutil.walk_packages([str(ROOT / "atsm_viewer" / room)], f"atsm_viewer.{room}.")
    ]
    assert len(names) > 150
    loaded = loaded_after(f"import importlib\nfor n in {names!r}: importlib.import_module(n)")
    assert not loaded & set(QT)


def test_a_headless_measurement_runs_without_qt(tmp_path: Path) -> None:
    loaded = loaded_after(
        "import contextlib, os\n"
        "from atsm_viewer.__main__ import main\n"
        "with open(os.devnull, 'w') as hole, contextlib.redirect_stdout(hole):\n"
        f"    assert main(['sample', 'mouse', '--out', {str(tmp_path / 'm')!r}]) == 0\n"
        f"    assert main(['measure', {str(tmp_path / 'm' / 'sample-truth.atsm')!r},\n"
        f"                 '--picture', {str(tmp_path / 'fused.png')!r}]) == 0"
    )
    assert (tmp_path / "fused.png").stat().st_size > 10_000
    assert not loaded & set(QT)

"""The first window comes without the libraries that only reading, measuring or saving need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLOW = ("pydicom", "SimpleITK", "scipy", "skimage", "numba", "pyqtgraph", "PIL")
WINDOW = """
import sys
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.ui.application import make_application, make_window
application = make_application(["x"])
window = make_window(SettingsStore(None), None)
window.show()
application.processEvents()
assert window.isVisible()
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    return done.stdout


def test_the_first_window_needs_no_slow_library() -> None:
    loaded = set(run(WINDOW).split())
    assert {"atsm_viewer", "PySide6", "numpy"} <= loaded
    assert not loaded & set(SLOW)


@pytest.mark.parametrize("late", ["pydicom.pixels", "SimpleITK", "scipy.ndimage", "PIL.ImageDraw"])
def test_slow_libraries_are_fetched_once_the_window_is_there(late: str) -> None:
    code = (
        "import sys\nfrom atsm_viewer.ui import application\napplication._PAUSE_S = 0.0\n"
        f"assert {late!r} not in sys.modules\napplication._fetch_late_libraries()\n"
        f"assert {late!r} in sys.modules\n"
    )
    run(code)

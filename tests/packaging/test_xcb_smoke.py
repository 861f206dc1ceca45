"""The window opens on a real X server, draws, and ends when it is told to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Runs the real entry point; a timer looks at the window from inside, then closes it.
SCRIPT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

def look():
    windows = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.isWindow()]
    main = [w for w in windows if type(w).__name__ == "MainWindow"]
    if not main or not main[0].ctx.session.state.scans:
        return
    timer.stop()
    # The pixels come from the X server, not from our own painting.
    shot = QGuiApplication.primaryScreen().grabWindow(0).toImage()
    colours = {shot.pixel(x, y) for x in range(0, shot.width(), 7) for y in range(0, shot.height(), 7)}
    print(QGuiApplication.platformName(), len(main[0].ctx.session.state.rois), len(colours), flush=True)
    QApplication.quit()

import atsm_viewer.ui.application as application
made = application.make_application(["atsm-viewer"])
timer = QTimer()
timer.timeout.connect(look)
timer.start(300)
from atsm_viewer.__main__ import main
raise SystemExit(main(["open", sys.argv[1]]))
"""


def test_the_sample_project_opens_in_a_window_on_an_x_server(tmp_path: Path) -> None:
    if shutil.which("xvfb-run") is None or shutil.which("xauth") is None:
        pytest.skip("xvfb-run and xauth are not installed (Debian packages xvfb, xauth)")
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment |= {
        "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "xcb", "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }  # fmt: skip
    sample = tmp_path / "mouse"
    subprocess.run(
        [sys.executable, "-m", "atsm_viewer", "sample", "mouse", "--out", str(sample)],
        env=environment, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    done = subprocess.run(
        ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24", sys.executable, "-c", SCRIPT,
         str(sample / "sample-truth.atsm")],
        env=environment, capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    platform, n_rois, n_colours = done.stdout.split()[-3:]
    assert platform == "xcb"
    assert int(n_rois) == 2
    assert int(n_colours) > 100, "the screen shows next to nothing"

"""The installed Qt binding keeps its references in order.

One release of PySide6 lost a reference to None, True or False at every call that returns nothing or a
truth value; on CPython 3.11 and older the interpreter aborts after some thousand calls.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
EMITS = 20_000

PROBE = f"""
import sys
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

class Source(QObject):
    told = Signal(bool)
    asked = Signal(object)

application = QCoreApplication([])
source = Source()
count = 0

def on_bool(value):
    global count
    count += 1
    return value

def on_object(value):
    return None

source.told.connect(on_bool)
source.asked.connect(on_object)
singletons = (None, True, False)
before = [sys.getrefcount(x) for x in singletons]
for n in range({EMITS}):
    source.told.emit(n % 2 == 0)
    source.asked.emit(None)
    source.blockSignals(False)
    source.setObjectName("x")
timer = QTimer()
timer.start(0)
timer.stop()
after = [sys.getrefcount(x) for x in singletons]
lost = [b - a for b, a in zip(before, after)]
assert count == {EMITS}, count
# Immortal from CPython 3.12 on, where the counts stand still.
assert max(lost) < 100, f"references lost: {{lost}}"
print("healthy")
"""


def test_tens_of_thousands_of_emits_lose_no_reference_and_end_well() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "healthy"


def test_the_releases_known_to_lose_references_are_shut_out() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (qt,) = [r for r in map(Requirement, project["dependencies"]) if r.name.startswith("PySide6")]
    assert qt.name == "PySide6-Essentials"
    assert not qt.specifier.contains("6.12.0")
    assert not qt.specifier.contains("6.12.1")
    assert not qt.specifier.contains("6.10.1")
    assert qt.specifier.contains("6.11.3")

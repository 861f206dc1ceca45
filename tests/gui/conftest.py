"""Guards for every test with windows: nothing may be left behind."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid


def running_timers() -> list[QTimer]:
    """Every timer of Python that runs, whoever owns it."""
    return [o for o in gc.get_objects() if type(o) is QTimer and isValid(o) and o.isActive()]


@pytest.fixture(autouse=True)
def nothing_is_left_behind(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves top-level widgets, running timers or threads.

    pytest-qt closes the widgets it was given before fixtures are torn down, hence before this looks.
    """
    widgets_before = qapp.topLevelWidgets()
    timers_before = running_timers()
    threads_before = set(threading.enumerate())
    yield
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [w for w in qapp.topLevelWidgets() if w not in widgets_before]
    timers = [t for t in running_timers() if t not in timers_before]
    # A worker may need a moment to end after it was told to.
    deadline = time.monotonic() + 2.0
    while (threads := set(threading.enumerate()) - threads_before) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"left top-level widgets: {left}"
    assert not timers, f"left running timers: {timers}"
    assert not threads, f"left threads: {threads}"

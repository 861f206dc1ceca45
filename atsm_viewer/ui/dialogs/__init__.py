"""DIALOGS: windows that ask or tell one thing and go away.

May import: ``ui.widgets``, ``app``, ``domain``, ``render``, PySide6; never the main window.
To add one: one file with one class; the window calls it from its port. A dialog changes nothing by
itself except through ``ctx`` (view, session) or by what it hands back.
Guarded by: ``tests/gui/test_dialogs.py``, ``tests/gui/test_recovery.py``.
"""

"""SMALL PARTS OF WINDOWS: labels, strips, notes, swatches; each does one thing.

May import: ``ui.bridge``, ``app``, ``render``, ``domain``, PySide6; not views, panels or dialogs.
To add one: one file, named as its class.
Guarded by: ``tests/gui``.
"""

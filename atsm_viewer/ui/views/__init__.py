"""PICTURES THAT ONE POINTS AT: slice views, their grid and the colour bar.

Lives here: the slice view (one fused picture per plane, vector items on top, pointer and keys), what
it needs to know to draw (``view_model``), its gestures that do not paint (``drags``), and the layouts.
May import: ``ui.widgets``, ``ui.bridge``, ``app``, ``render``, ``domain``, PySide6. No panel, no dialog.
To add one: a pane is a QWidget that ``ViewGrid`` places; a pointer gesture is one class in ``drags``
and one line in ``SliceView._begin``.
Guarded by: ``tests/gui/test_slice_view.py``.
"""

"""PICTURES THAT ONE POINTS AT: slice views, their grid and the colour bar.

Lives here: ``slice_view`` (one plane: picture, vector items, words), ``view_model`` (what it draws,
from the states, without Qt), ``picture`` (the buffer and its stale parts), ``camera`` (where it looks),
``input_surface`` (Qt events), ``hand`` and ``drags`` (what they mean), ``view_grid`` (layouts).
May import: ``ui.widgets``, ``ui.bridge``, ``app``, ``render``, ``domain``, PySide6. No panel, no dialog.
To add one: a pane is a QWidget that ``ViewGrid`` places; a pointer gesture is one class in ``drags``
and one line in ``Hand.press``.
Guarded by: ``tests/gui/test_slice_view.py``.
"""

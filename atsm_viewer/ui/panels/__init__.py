"""PANELS: docked parts of the window, each a view of the session.

May import: ``ui.widgets``, ``ui.bridge``, ``app``, ``render``, ``domain``; not views,
dialogs or other panels.
To add one: one file with a QWidget that takes ``(ctx, bridge, run_command)``, and one line in ``PANELS``.
Guarded by: ``tests/gui``.
"""

from __future__ import annotations

from atsm_viewer.ui.panels.dose_panel import DosePanel
from atsm_viewer.ui.panels.notices_panel import NoticesPanel
from atsm_viewer.ui.panels.panel import Panel
from atsm_viewer.ui.panels.results_panel import ResultsPanel
from atsm_viewer.ui.panels.roi_panel import RoiPanel
from atsm_viewer.ui.panels.scan_panel import ScanPanel

PANELS: tuple[type[Panel], ...] = (ScanPanel, RoiPanel, ResultsPanel, DosePanel, NoticesPanel)

__all__ = ["PANELS", "Panel"]

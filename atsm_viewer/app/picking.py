"""Choosing the ROI under the pointer."""

from __future__ import annotations

from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.tools.picker import roi_under


def pick_roi(ctx: AppContext, event: PointerEvent) -> None:
    """Take the ROI under a press in hand; says so where there is none."""
    view = ctx.view.state
    roi = roi_under(event, ctx.session.state, view.scan_id, view.active_roi_id)
    if roi is None:
        ctx.port.show_message("There is no visible ROI here.")
        return
    ctx.view.set(active_roi_id=roi.id)
    ctx.port.show_message(f"“{roi.name}” is selected.")

"""Why a command cannot run now, in words."""

from __future__ import annotations

from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.roi import Roi


def active_roi(ctx: AppContext) -> Roi | None:
    """Return the ROI in hand, or None."""
    return ctx.session.state.find_roi(ctx.view.state.active_roi_id)


def needs_scan(ctx: AppContext) -> str:
    """A scan must be open."""
    return "" if ctx.session.state.scans else "Open a PET first."


def needs_roi(ctx: AppContext) -> str:
    """A ROI must be selected."""
    return "" if active_roi(ctx) is not None else "Select a ROI first."


def needs_unlocked_roi(ctx: AppContext) -> str:
    """A ROI must be selected that is not locked."""
    roi = active_roi(ctx)
    if roi is None:
        return "Select a ROI first."
    return f"“{roi.name}” is locked." if roi.locked else ""


def needs_undo(ctx: AppContext) -> str:
    """There must be a step to take back."""
    return "" if ctx.session.undo_labels else "There is nothing to undo."


def needs_redo(ctx: AppContext) -> str:
    """There must be a step to do again."""
    return "" if ctx.session.redo_labels else "There is nothing to redo."

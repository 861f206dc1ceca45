"""Keeps a ROI in hand when the one in hand goes away."""

from __future__ import annotations

from atsm_viewer.app.session import Session
from atsm_viewer.app.view_state import ViewStore
from atsm_viewer.domain.state import SessionState


class RoiFollower:
    """Takes the neighbour in the list when undo, redo or another edit removes the ROI in hand.

    Parameters
    ----------
    session, view
        What is followed and changed.
    """

    def __init__(self, session: Session, view: ViewStore) -> None:
        self._view = view
        session.subscribe(self._on_state)

    def _on_state(self, old: SessionState, new: SessionState) -> None:
        view = self._view.state
        gone = old.find_roi(view.active_roi_id)
        if gone is None or new.find_roi(gone.id) is not None:
            return
        if all(scan.id != view.scan_id for scan in new.scans):
            return
        before = [r.id for r in old.rois_of(view.scan_id)]
        at = before.index(gone.id) if gone.id in before else 0
        left = {r.id for r in new.rois_of(view.scan_id)}
        near = [i for i in (*before[at:], *reversed(before[:at])) if i in left]
        self._view.set(active_roi_id=near[0] if near else "")

"""The picker: a click chooses the ROI under the pointer."""

from __future__ import annotations

from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.roi import Roi
from atsm_viewer.domain.state import SessionState
from atsm_viewer.tools.base import Cursor
from atsm_viewer.tools.view_tool import ViewTool

PICKER = ViewTool(
    id="picker",
    title="Picker",
    tip="Click chooses the ROI under the pointer; click again for the next one below it.",
    cursor=Cursor.PICKER,
)


def roi_under(event: PointerEvent, state: SessionState, scan_id: str, active_id: str) -> Roi | None:
    """Return the visible ROI of a scan that holds the voxel under a press, or None.

    Where several lie there, the smallest is the first choice; from the one already chosen it goes on
    to the next larger one, and round again.
    """
    index = state.scan(scan_id).pet_geometry.nearest_index(event.position_lps)
    if index is None:
        return None
    here = [r for r in state.rois_of(scan_id) if r.visible and r.mask.contains(index)]
    here.sort(key=lambda r: r.mask.n_voxels)
    ids = [r.id for r in here]
    if not here:
        return None
    return here[(ids.index(active_id) + 1) % len(here)] if active_id in ids else here[0]

"""A view that was saved earlier, brought to terms with the session that it is to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.pet_display import pet_scales
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry, Vec3
from atsm_viewer.domain.options import OptionSpec, OptionValue
from atsm_viewer.domain.state import SessionState
from atsm_viewer.tools import TOOLS


def saved_view(plain: Mapping[str, Any] | None, state: SessionState) -> ViewState:
    """Return the saved view as far as it fits the session, for the rest the view in which it opens.

    A view is a convenience: one that is damaged, or was saved by another version with other tools,
    must keep no project from opening.

    Parameters
    ----------
    plain
        What the project holds, or None.
    state
        The session.
    """
    fresh = opening_view(state)
    view = ViewState.from_dict(plain or {})
    scan = next((s for s in state.scans if s.id == view.scan_id), None)
    if scan is None:
        return fresh
    # A window in a unit that is not available now would show nothing.
    if view.pet_unit not in pet_scales(state, scan) or not view.pet_lo < view.pet_hi:
        view = replace(view, pet_unit=fresh.pet_unit, pet_lo=fresh.pet_lo, pet_hi=fresh.pet_hi)
    if not view.ct_width_hu > 0:
        view = replace(view, ct_centre_hu=fresh.ct_centre_hu, ct_width_hu=fresh.ct_width_hu)
    return replace(
        view,
        frame=min(view.frame, scan.pet.n_frames - 1 if scan.pet is not None else 0),
        cursor_lps=_within(scan.pet_geometry, view.cursor_lps),
        active_roi_id=view.active_roi_id if state.find_roi(view.active_roi_id) else fresh.active_roi_id,
        tool_id=view.tool_id if any(t.id == view.tool_id for t in TOOLS) else fresh.tool_id,
        tool_options={t.id: _usable(t.options, view.tool_options.get(t.id, {})) for t in TOOLS},
        pet_opacity=min(max(view.pet_opacity, 0.0), 1.0),
        roi_fill_opacity=min(max(view.roi_fill_opacity, 0.0), 1.0),
    )


def _within(geometry: Geometry, position_lps: Vec3) -> Vec3:
    """Return a position, or the nearest voxel centre when it lies outside the grid."""
    index = geometry.lps_to_index(position_lps)
    last = np.array(geometry.shape_kji) - 1
    if np.all(index >= -0.5) and np.all(index <= last + 0.5):
        return position_lps
    if not np.isfinite(index).all():
        return geometry.centre_lps
    x, y, z = (float(v) for v in geometry.index_to_lps(np.clip(index, 0, last)))
    return (x, y, z)


def _usable(specs: tuple[OptionSpec, ...], given: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    values: dict[str, OptionValue] = {}
    for spec in specs:
        if spec.id in given:
            try:
                values[spec.id] = spec.checked(given[spec.id])
            except AtsmError:
                continue  # another version's choice: the default of this one applies
    return values

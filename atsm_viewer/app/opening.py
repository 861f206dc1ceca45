"""How a scan is shown when it opens: ready, without set-up steps."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from atsm_viewer.app.pet_display import pet_scales, shown_scale
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.geometry import Geometry, Vec3
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.of_scan import assess_scan
from atsm_viewer.metrics.hot_spot import hottest_spot_lps

_BODY_QUANTILE = 0.995


def _nice(value: float) -> float:
    """Round up to 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten."""
    if not math.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0):
        if value <= step * power * (1 + 1e-9):
            return float(step * power)
    return float(10.0 * power)


def default_pet_window(state: SessionState, scan: Scan, unit: str, frame: int) -> tuple[float, float]:
    """Return lo and hi in the shown unit: 0 to the 99.5th percentile of what is above background."""
    if scan.pet is None:
        return (0.0, 1.0)
    scale = shown_scale(state, scan, unit)
    # Every second voxel is plenty for a percentile and four to eight times faster.
    values: npt.NDArray[np.float64] = (
        np.asarray(scan.pet.frame_kji(frame), dtype=np.float64)[:, ::2, ::2]
        * scale.factor_tk[frame][:, None, None]
    )
    values = values[np.isfinite(values)]
    if values.size == 0 or values.max() <= 0:
        return (0.0, 1.0)
    body = values[values > 0.02 * values.max()]
    return (0.0, _nice(float(np.quantile(body, _BODY_QUANTILE))))


def inner_voxel_lps(mask: Mask, geometry: Geometry) -> Vec3:
    """Return the position of the voxel of a mask nearest to its centre of mass, LPS mm.

    The centre of mass itself may lie outside a hollow region.
    """
    inside = np.argwhere(mask.block_kji)
    middle = inside[np.argmin(((inside - inside.mean(axis=0)) ** 2).sum(axis=1))]
    x, y, z = (float(v) for v in geometry.index_to_lps(middle + np.array(mask.box.lo_kji)))
    return (x, y, z)


def opening_view(state: SessionState) -> ViewState:
    """Return the view in which a study opens: crosshair on the tumour, else on the hottest spot."""
    if not state.scans:
        return ViewState()
    scan = state.scans[0]
    unit = next(iter(pet_scales(state, scan)))
    lo, hi = default_pet_window(state, scan, unit, 0)
    assessment = assess_scan(scan, state.administration(scan.first_slot.administration_id))
    small = max(scan.pet_geometry.spacing_kji_mm) < 1.2 or (assessment is not None and assessment.is_animal)
    diameter = 3.0 if small else 12.0
    rois = state.rois_of(scan.id)
    first = next((r for r in rois if r.role is Role.TUMOUR), rois[0] if rois else None)
    if first is not None and not first.mask.is_empty:
        cursor = inner_voxel_lps(first.mask, scan.pet_geometry)
    elif scan.pet is not None:
        cursor = hottest_spot_lps(scan.pet, 0, diameter_mm=diameter)
    else:
        cursor = scan.pet_geometry.centre_lps
    start_mm = 2.0 if small else 10.0
    return ViewState(
        scan_id=scan.id,
        cursor_lps=cursor,
        pet_unit=unit,
        pet_lo=lo,
        pet_hi=hi,
        pet_opacity=0.65 if scan.ct is not None else 1.0,
        ct_centre_hu=50.0 if small else 40.0,
        ct_width_hu=800.0 if small else 400.0,
        active_roi_id=first.id if first else "",
        tool_options={
            "brush": {"diameter_mm": start_mm},
            "eraser": {"diameter_mm": start_mm},
        },
    )

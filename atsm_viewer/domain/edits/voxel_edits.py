"""Edits of the voxels of a ROI."""

from __future__ import annotations

from dataclasses import dataclass, replace

from atsm_viewer.domain.edits.roi_edits import unlocked
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.roi import Method
from atsm_viewer.domain.state import SessionState


def _inside_grid(state: SessionState, roi_id: str, mask: Mask) -> None:
    scan = state.scan(state.roi(roi_id).scan_id)
    if not scan.pet_geometry.box.contains(mask.box):
        raise AtsmError("The region reaches outside the PET grid.", detail=repr(mask.box))


@dataclass(frozen=True, eq=False)
class Paint:
    """Write a patch into a ROI.

    Parameters
    ----------
    roi_id
        Which ROI.
    patch
        Voxels to add or erase, on the PET grid of the ROI's scan.
    modified_utc
        ISO 8601 time of the stroke; empty when unknown.
    """

    roi_id: str
    patch: Patch
    modified_utc: str = ""

    def apply(self, state: SessionState) -> SessionState:
        """Return the state after the stroke; raises AtsmError for a locked ROI."""
        roi = unlocked(state, self.roi_id)
        mask = roi.mask.with_patch(self.patch)
        if mask is roi.mask:
            return state
        _inside_grid(state, self.roi_id, mask)
        changed = abs(mask.n_voxels - roi.mask.n_voxels)
        return state.with_roi(
            replace(
                roi,
                mask=mask,
                edited_voxels=roi.edited_voxels + changed,
                modified_utc=self.modified_utc or roi.modified_utc,
            )
        )


@dataclass(frozen=True, eq=False)
class SetMask:
    """Replace the voxels of a ROI by the result of an operation or import.

    Parameters
    ----------
    roi_id
        Which ROI.
    mask
        Its new voxels.
    method
        How they came about.
    modified_utc
        ISO 8601 time; empty when unknown.
    """

    roi_id: str
    mask: Mask
    method: Method
    modified_utc: str = ""

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the new voxels; raises AtsmError for a locked ROI."""
        roi = unlocked(state, self.roi_id)
        _inside_grid(state, self.roi_id, self.mask)
        if roi.mask.same_voxels(self.mask):
            return state
        return state.with_roi(
            replace(
                roi,
                mask=self.mask,
                method=self.method,
                edited_voxels=0,
                modified_utc=self.modified_utc or roi.modified_utc,
            )
        )

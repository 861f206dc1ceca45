"""Edits of what a ROI is called, looks like and stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.state import SessionState

MAX_NAME_LENGTH = 64


def checked_name(name: str) -> str:
    """Return a ROI name without control characters or surrounding blanks.

    Raises
    ------
    AtsmError
        When nothing is left or the name is longer than 64 characters (the limit of a DICOM LO).
    """
    clean = re.sub(r"[\x00-\x1f\x7f]+", " ", name).strip()
    if not clean:
        raise AtsmError("A ROI needs a name.")
    if len(clean) > MAX_NAME_LENGTH:
        raise AtsmError(f"A ROI name can have {MAX_NAME_LENGTH} characters at most.")
    return clean


def unlocked(state: SessionState, roi_id: str) -> Roi:
    """Return a ROI that may be edited; raises AtsmError for a locked one."""
    roi = state.roi(roi_id)
    if roi.locked:
        raise AtsmError(f"“{roi.name}” is locked.", "Unlock it in the ROI list to change it.")
    return roi


@dataclass(frozen=True, slots=True)
class AddRoi:
    """Add a ROI at the end of the list, or at ``position``."""

    roi: Roi
    position: int | None = None

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the ROI; its scan must exist and its id must be new."""
        state.scan(self.roi.scan_id)
        if state.find_roi(self.roi.id) is not None:
            raise AtsmError("A ROI of that id exists already.", detail=self.roi.id)
        roi = replace(self.roi, name=checked_name(self.roi.name))
        at = len(state.rois) if self.position is None else max(0, min(self.position, len(state.rois)))
        return replace(state, rois=(*state.rois[:at], roi, *state.rois[at:]))


@dataclass(frozen=True, slots=True)
class RemoveRoi:
    """Remove a ROI; a locked one must be unlocked first."""

    roi_id: str

    def apply(self, state: SessionState) -> SessionState:
        """Return the state without the ROI."""
        unlocked(state, self.roi_id)
        return replace(state, rois=tuple(r for r in state.rois if r.id != self.roi_id))


@dataclass(frozen=True, slots=True)
class RenameRoi:
    """Give a ROI another name."""

    roi_id: str
    name: str

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the new name."""
        roi = state.roi(self.roi_id)
        name = checked_name(self.name)
        return state if name == roi.name else state.with_roi(replace(roi, name=name))


@dataclass(frozen=True, slots=True)
class RecolourRoi:
    """Give a ROI a colour of its own (``#RRGGBB``), or the role's colour (empty)."""

    roi_id: str
    colour: str

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the new colour; raises AtsmError for anything but ``#RRGGBB``."""
        if self.colour and not re.fullmatch(r"#[0-9A-Fa-f]{6}", self.colour):
            raise AtsmError(f"{self.colour!r} is not a colour of the form #RRGGBB.")
        roi = state.roi(self.roi_id)
        return state if roi.colour == self.colour else state.with_roi(replace(roi, colour=self.colour))


@dataclass(frozen=True, slots=True)
class SetRoiRole:
    """Say what a ROI stands for."""

    roi_id: str
    role: Role

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the new role."""
        roi = unlocked(state, self.roi_id)
        return state if roi.role is self.role else state.with_roi(replace(roi, role=self.role))


@dataclass(frozen=True, slots=True)
class SetRoiVisible:
    """Show or hide a ROI."""

    roi_id: str
    visible: bool

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the ROI shown or hidden."""
        roi = state.roi(self.roi_id)
        return state if roi.visible == self.visible else state.with_roi(replace(roi, visible=self.visible))


@dataclass(frozen=True, slots=True)
class SetRoiLocked:
    """Protect a ROI against editing, or release it."""

    roi_id: str
    locked: bool

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the ROI locked or not."""
        roi = state.roi(self.roi_id)
        return state if roi.locked == self.locked else state.with_roi(replace(roi, locked=self.locked))


@dataclass(frozen=True, slots=True)
class MoveRoi:
    """Move a ROI to another place in the list."""

    roi_id: str
    position: int

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the new order."""
        roi = state.roi(self.roi_id)
        others = [r for r in state.rois if r.id != self.roi_id]
        at = max(0, min(self.position, len(others)))
        rois = (*others[:at], roi, *others[at:])
        return state if rois == state.rois else replace(state, rois=rois)

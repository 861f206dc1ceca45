"""Edits of scans and subjects."""

from __future__ import annotations

from dataclasses import dataclass, replace

from atsm_viewer.domain.edits.roi_edits import checked_name
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.volume import Volume


@dataclass(frozen=True, slots=True)
class RenameScan:
    """Give a scan another label, for example ``24 h``."""

    scan_id: str
    label: str

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the label."""
        scan = state.scan(self.scan_id)
        new = replace(scan, label=checked_name(self.label))
        return replace(state, scans=tuple(new if s.id == scan.id else s for s in state.scans))


@dataclass(frozen=True, slots=True)
class RenameSubject:
    """Give a subject another pseudonym."""

    subject_id: str
    label: str

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the pseudonym."""
        subject = state.subject(self.subject_id)
        new = replace(subject, label=checked_name(self.label))
        return replace(state, subjects=tuple(new if s.id == subject.id else s for s in state.subjects))


@dataclass(frozen=True, eq=False)
class SetScanImages:
    """Attach images to a scan whose images could not be found.

    Parameters
    ----------
    scan_id
        Which scan.
    pet, ct
        The images; the PET must lie on the grid of the scan.
    pet_source, ct_source
        Where they came from.
    """

    scan_id: str
    pet: Volume
    pet_source: ImageSource
    ct: Volume | None = None
    ct_source: ImageSource | None = None

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the images; raises AtsmError for a PET on another grid."""
        scan = state.scan(self.scan_id)
        if not scan.pet_geometry.same_grid(self.pet.geometry):
            raise AtsmError("That PET lies on another grid than the one the ROIs were drawn on.")
        new = replace(
            scan, pet=self.pet, pet_source=self.pet_source, ct=self.ct or scan.ct,
            ct_source=self.ct_source or scan.ct_source,
        )  # fmt: skip
        return replace(state, scans=tuple(new if s.id == scan.id else s for s in state.scans))

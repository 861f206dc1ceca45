"""A session as one immutable value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.notices import Notice
from atsm_viewer.domain.protocol import Protocol
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.subject import Subject


@dataclass(frozen=True, eq=False)
class SessionState:
    """Everything that is undoable, is saved and defines the numbers.

    Parameters
    ----------
    subjects, administrations, scans, rois, notices
        Values in display order.
    protocol
        How the numbers are defined.
    """

    subjects: tuple[Subject, ...] = ()
    administrations: tuple[Administration, ...] = ()
    scans: tuple[Scan, ...] = ()
    rois: tuple[Roi, ...] = ()
    protocol: Protocol = field(default_factory=Protocol)
    notices: tuple[Notice, ...] = ()

    def roi(self, roi_id: str) -> Roi:
        """Return a ROI; raises AtsmError when there is none of that id."""
        for roi in self.rois:
            if roi.id == roi_id:
                return roi
        raise AtsmError("That ROI no longer exists.", detail=roi_id)

    def find_roi(self, roi_id: str) -> Roi | None:
        """Return a ROI or None."""
        return next((r for r in self.rois if r.id == roi_id), None)

    def scan(self, scan_id: str) -> Scan:
        """Return a scan; raises AtsmError when there is none of that id."""
        for scan in self.scans:
            if scan.id == scan_id:
                return scan
        raise AtsmError("That scan is not part of this session.", detail=scan_id)

    def subject(self, subject_id: str) -> Subject:
        """Return a subject; raises AtsmError when there is none of that id."""
        for subject in self.subjects:
            if subject.id == subject_id:
                return subject
        raise AtsmError("That subject is not part of this session.", detail=subject_id)

    def administration(self, administration_id: str) -> Administration:
        """Return an administration; raises AtsmError when there is none of that id."""
        for administration in self.administrations:
            if administration.id == administration_id:
                return administration
        raise AtsmError("That administration is not part of this session.", detail=administration_id)

    def administration_of(self, scan: Scan, subject_id: str) -> Administration:
        """Return what a subject got before a scan; raises AtsmError when it does not lie in it."""
        slot = scan.slot_of(subject_id)
        if slot is None:
            raise AtsmError(f"The subject does not lie in scan “{scan.label}”.", detail=subject_id)
        return self.administration(slot.administration_id)

    def rois_of(self, scan_id: str, role: Role | None = None) -> tuple[Roi, ...]:
        """ROIs drawn on a scan, of one role where it is given."""
        return tuple(r for r in self.rois if r.scan_id == scan_id and (role is None or r.role is role))

    def with_roi(self, roi: Roi) -> SessionState:
        """Return the state with one ROI replaced by its new value (same id)."""
        self.roi(roi.id)
        return replace(self, rois=tuple(roi if r.id == roi.id else r for r in self.rois))

"""Every notice of a session: kept ones and those that follow from its values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from atsm_viewer.app.sphere_placing import sphere_notices
from atsm_viewer.domain.notices import Notice
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.of_scan import assess_scan


@dataclass(frozen=True, slots=True)
class SessionNotice:
    """A notice, and whether it can be dismissed.

    Notices that follow from values (a dose card field) go away when the value is mended, not before.
    """

    notice: Notice
    dismissible: bool


def all_notices(state: SessionState) -> tuple[SessionNotice, ...]:
    """Return the notices of the dose cards first, then of the protocol, then those kept with the session."""
    derived: list[SessionNotice] = []
    for scan in state.scans:
        for slot in scan.slots:
            assessment = assess_scan(scan, state.administration(slot.administration_id))
            if assessment is not None:
                derived.extend(SessionNotice(replace(n, scan_id=scan.id), False) for n in assessment.notices)
    derived.extend(SessionNotice(n, False) for n in sphere_notices(state))
    return (*derived, *(SessionNotice(n, True) for n in state.notices))

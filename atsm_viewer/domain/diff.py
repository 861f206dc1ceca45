"""What differs between two states, computed by identity, never declared."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.state import SessionState


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between an older and a newer state.

    Parameters
    ----------
    scans, subjects, administrations, protocol, notices
        Whether these differ.
    rois_added, rois_removed, rois_changed
        Ids of ROIs.
    masks_changed
        Ids of ROIs whose voxels differ (a subset of ``rois_changed``).
    roi_order
        Whether the ROIs stand in another order.
    """

    scans: bool
    subjects: bool
    administrations: bool
    protocol: bool
    notices: bool
    rois_added: frozenset[str]
    rois_removed: frozenset[str]
    rois_changed: frozenset[str]
    masks_changed: frozenset[str]
    roi_order: bool

    @property
    def rois(self) -> bool:
        """Whether anything about the ROIs differs."""
        return bool(self.rois_added or self.rois_removed or self.rois_changed or self.roi_order)

    @property
    def numbers(self) -> bool:
        """Whether a number can differ."""
        return self.scans or self.subjects or self.administrations or self.protocol or self.rois

    @property
    def anything(self) -> bool:
        """Whether anything differs."""
        return self.numbers or self.notices


def diff(old: SessionState, new: SessionState) -> Change:
    """Return what differs; identical objects are equal, everything else is compared by value."""
    before = {r.id: r for r in old.rois}
    after = {r.id: r for r in new.rois}
    both = before.keys() & after.keys()
    return Change(
        scans=old.scans != new.scans,
        subjects=old.subjects != new.subjects,
        administrations=old.administrations != new.administrations,
        protocol=old.protocol != new.protocol,
        notices=old.notices != new.notices,
        rois_added=frozenset(after.keys() - before.keys()),
        rois_removed=frozenset(before.keys() - after.keys()),
        rois_changed=frozenset(i for i in both if before[i] is not after[i]),
        masks_changed=frozenset(i for i in both if before[i].mask is not after[i].mask),
        roi_order=[i for i in before if i in both] != [i for i in after if i in both],
    )

"""One ROI in one frame, with everything that its metrics need."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.assessment import SuvAssessment
from atsm_viewer.domain.suv.of_scan import assess_scan
from atsm_viewer.metrics.samples import Samples, gather
from atsm_viewer.metrics.scaling import Scale, Scales, scales_of


@dataclass(frozen=True, eq=False)
class RoiFrame:
    """One ROI in one frame of its scan.

    Parameters
    ----------
    state, scan, roi, frame
        What is measured.
    slot, administration
        Where the subject lies and what it got; None when it does not lie in the scan.
    assessment
        How stored values become SUV; None when the scan says nothing.
    scales
        The scales of this frame.
    with_peaks
        Whether peaks that are not known yet may be computed now.
    """

    state: SessionState
    scan: Scan
    roi: Roi
    frame: int
    slot: Slot | None
    administration: Administration | None
    assessment: SuvAssessment | None
    scales: Scales
    with_peaks: bool = True

    @classmethod
    def of(cls, state: SessionState, roi: Roi, frame: int, with_peaks: bool = True) -> RoiFrame:
        """Look up what belongs to a ROI; raises AtsmError when its scan is not in the session."""
        scan = state.scan(roi.scan_id)
        slot = scan.slot_of(roi.subject_id)
        administration = state.administration(slot.administration_id) if slot is not None else None
        assessment = assess_scan(scan, administration) if administration is not None else None
        scales = scales_of(scan, frame, assessment)
        return cls(state, scan, roi, frame, slot, administration, assessment, scales, with_peaks)

    def samples(self, scale: Scale, mask: Mask | None = None) -> Samples | None:
        """Samples of the ROI (or of another mask) in a scale; None without an image."""
        if self.scan.pet is None:
            return None
        return gather(self.scan.pet, self.frame, self.roi.mask if mask is None else mask, scale.slice_factors)

    @property
    def suv_samples(self) -> Samples | None:
        """Samples that become SUV with ``scales.suv.factor``."""
        return self.samples(self.scales.suv)

    @property
    def ratio_samples(self) -> Samples | None:
        """Samples that ratios are formed from."""
        return self.samples(self.scales.ratio)

    def same_subject_rois(self, role: Role) -> tuple[Roi, ...]:
        """The ROIs of a role on the same scan and of the same subject."""
        rois = self.state.rois_of(self.scan.id, role)
        return tuple(r for r in rois if r.subject_id == self.roi.subject_id)

    @property
    def opposed_mask(self) -> Mask:
        """Voxels of the muscle ROIs for a tumour and of the tumours for muscle; else none."""
        opposed = {Role.TUMOUR: Role.MUSCLE, Role.MUSCLE: Role.TUMOUR}.get(self.roi.role)
        mask = Mask.empty()
        if opposed is not None:
            for other in self.state.rois_of(self.scan.id, opposed):
                mask = mask.union(other.mask.intersect(self.roi.mask))
        return mask

"""One tumour in one frame with the reference tissues of its subject."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.roi import Role
from atsm_viewer.metrics.reference import Reference, reference_of
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.metrics.samples import Samples

REFERENCE_ROLES = (Role.MUSCLE, Role.BLOOD, Role.BRAIN, Role.LIVER)


@dataclass(frozen=True, eq=False)
class TumourFrame:
    """One tumour in one frame.

    Parameters
    ----------
    here
        The tumour ROI in its frame.
    samples
        Its samples in the scale of ratios; None without an image.
    references
        The reference tissues that hold a voxel.
    hv_theta
        Threshold of the hypoxic volume in multiples of muscle; None when it is not asked for.
    """

    here: RoiFrame
    samples: Samples | None
    references: dict[Role, Reference]
    hv_theta: float | None = None

    @classmethod
    def of(
        cls, here: RoiFrame, known: dict[tuple[str, str, int, Role], Reference | None], hv_theta: float | None
    ) -> TumourFrame:
        """Pool the references; ``known`` keeps them for the other tumours of the same frame."""
        references: dict[Role, Reference] = {}
        for role in REFERENCE_ROLES:
            key = (here.scan.id, here.roi.subject_id, here.frame, role)
            if key not in known:
                known[key] = reference_of(here, here.same_subject_rois(role))
            reference = known[key]
            if reference is not None:
                references[role] = reference
        return cls(here, here.ratio_samples, references, hv_theta)

    @property
    def muscle(self) -> Reference | None:
        """The pooled muscle, positive or not."""
        return self.references.get(Role.MUSCLE)

    def denominator(self, role: Role = Role.MUSCLE) -> Reference | None:
        """The reference of a role when a ratio can be formed with it: its value is positive."""
        reference = self.references.get(role)
        return reference if reference is not None and reference.value > 0 else None

    def over(self, statistic: float | None, role: Role = Role.MUSCLE) -> float | None:
        """A statistic of the tumour divided by the value of a reference; None when undefined."""
        reference = self.denominator(role)
        return None if statistic is None or reference is None else statistic / reference.value

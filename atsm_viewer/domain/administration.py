"""Who got how much of what, when."""

from __future__ import annotations

from dataclasses import dataclass, field

from atsm_viewer.domain.sourced import Sourced
from atsm_viewer.domain.suv.overrides import SuvOverrides


@dataclass(frozen=True, slots=True)
class Administration:
    """One injection of one subject.

    What the header of a scan says stays with the scan; ``entered`` holds what a person, a study
    table or a sidecar says instead. The two are resolved by ``domain.suv.assessment.assess``,
    which keeps the provenance of every value.

    Parameters
    ----------
    id
        Stable identifier.
    subject_id
        Who got it.
    tracer
        Name of the compound when it was entered.
    entered
        Values that take precedence over the header, each with its provenance.
    """

    id: str
    subject_id: str
    tracer: Sourced[str] | None = None
    entered: SuvOverrides = field(default_factory=SuvOverrides)

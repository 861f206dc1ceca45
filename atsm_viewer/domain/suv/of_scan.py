"""The SUV assessment of a scan, remembered."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.suv.assessment import SuvAssessment, assess
from atsm_viewer.domain.suv.overrides import SuvOverrides

# By identity of the (frozen) scan; forgotten with it.
_known: WeakKeyDictionary[Scan, dict[SuvOverrides, SuvAssessment]] = WeakKeyDictionary()


def assess_scan(scan: Scan, administration: Administration) -> SuvAssessment | None:
    """Return how values of a scan become SUV for one administration; None without any facts."""
    if scan.pet_facts is None:
        return None
    known = _known.setdefault(scan, {})
    entered = administration.entered
    if entered not in known:
        known[entered] = assess(scan.pet_facts, entered)
    return known[entered]

"""Who made the scanner, and whether it is one for small animals."""

from __future__ import annotations

from enum import Enum

from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.facts import InstanceFacts


class Vendor(Enum):
    """Makers whose files follow rules of their own."""

    SIEMENS = "Siemens"
    GE = "GE"
    PHILIPS = "Philips"
    OTHER = "other"


def vendor_of(manufacturer: str | None) -> Vendor:
    """Return the maker behind Manufacturer (0008,0070).

    ``GE`` is tested as a word: as a part it would also match GENERIC.
    """
    name = (manufacturer or "").upper().strip()
    if any(part in name for part in ("SIEMENS", "CPS", "CTI")):
        return Vendor.SIEMENS
    parts = ("GE MEDICAL", "GE HEALTHCARE", "GEMS")
    if name == "GE" or name.startswith("GE ") or any(part in name for part in parts):
        return Vendor.GE
    return Vendor.PHILIPS if "PHILIPS" in name else Vendor.OTHER


def says_animal(facts: InstanceFacts, fov_mm: float | None, voxel_mm: float | None) -> bool:
    """Return whether the header or the grid says that an animal was scanned.

    A stated species decides; otherwise a small-animal maker or model, or a field of view below
    20 cm with voxels below 1.2 mm.

    Parameters
    ----------
    facts
        One header of the series.
    fov_mm, voxel_mm
        Diameter of the field of view and largest in-plane voxel size in mm, if known.
    """
    if facts.patient_species:
        return thresholds.HUMAN_SPECIES.search(facts.patient_species.upper()) is None
    if thresholds.PRECLINICAL.search(f"{facts.manufacturer or ''} {facts.model or ''}".upper()):
        return True
    if fov_mm is None or voxel_mm is None:
        return False
    return fov_mm < thresholds.PRECLINICAL_FOV_MM and voxel_mm < thresholds.PRECLINICAL_VOXEL_MM

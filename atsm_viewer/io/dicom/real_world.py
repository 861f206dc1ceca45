"""Real World Value Mapping (0040,9096): another way to say what stored values mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset

from atsm_viewer.io.dicom.stored_values import Scaling

# UCUM codes of CID 83 and 84 against Units (0054,1001) and SUVType (0054,1006).
_UNITS = {
    "bq/ml": ("BQML", ""),
    "{suvbw}g/ml": ("GML", "BW"),
    "g/ml{suvbw}": ("GML", "BW"),
    "{suvlbm}g/ml": ("GML", "LBM"),
    "g/ml{suvlbm}": ("GML", "LBM"),
    "{suvbsa}cm2/ml": ("CM2ML", "BSA"),
    "cm2/ml{suvbsa}": ("CM2ML", "BSA"),
    "{suvibw}g/ml": ("GML", "IBW"),
    "g/ml{suvibw}": ("GML", "IBW"),
    "kbq/ml": ("KBQML", ""),
    "[hnsf'u]": ("HU", ""),
}
_PREFERRED = ("BQML", "KBQML", "GML", "CM2ML", "HU")


@dataclass(frozen=True, slots=True)
class RealWorld:
    """A mapping that applies to stored values in place of slope and intercept.

    Parameters
    ----------
    scaling
        Slope, intercept and the range of stored values they are defined for.
    units, suv_type
        In the terms of Units (0054,1001) and SUVType (0054,1006).
    """

    scaling: Scaling
    units: str
    suv_type: str


def real_world_of(items: Any) -> RealWorld | None:
    """Choose the mapping of a sequence whose unit is known; activity concentration comes first.

    Parameters
    ----------
    items
        Items of (0040,9096), or None.
    """
    found: list[RealWorld] = []
    for item in items or ():
        known = _one(item)
        if known is not None:
            found.append(known)
    return min(found, key=lambda mapping: _PREFERRED.index(mapping.units)) if found else None


def _one(item: Dataset) -> RealWorld | None:
    codes = item.get("MeasurementUnitsCodeSequence") or ()
    code = str(codes[0].get("CodeValue", "")).strip().lower() if codes else ""
    slope, intercept = item.get("RealWorldValueSlope"), item.get("RealWorldValueIntercept")
    if code not in _UNITS or slope is None or intercept is None:
        return None  # a look-up table, or a unit that says nothing about activity
    units, suv_type = _UNITS[code]
    first = item.get("DoubleFloatRealWorldValueFirstValueMapped", item.get("RealWorldValueFirstValueMapped"))
    last = item.get("DoubleFloatRealWorldValueLastValueMapped", item.get("RealWorldValueLastValueMapped"))
    mapped = None if first is None or last is None else (float(first), float(last))
    scaling = Scaling(float(slope), float(intercept), mapped=mapped)
    return RealWorld(scaling, units, suv_type) if math.isfinite(scaling.slope) else None

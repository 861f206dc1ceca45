"""Which field of the dose card a doubt is about."""

from __future__ import annotations

from collections.abc import Iterable

from atsm_viewer.domain.notices import Notice

_FIELDS: dict[str, str] = {
    "E-UNITS": "units",
    "E-CNTS": "calibration_factor",
    "E-CNTS-NOFACTOR": "calibration_factor",
    "E-CNTS-NONE": "calibration_factor",
    "E-SUVTYPE": "units",
    "W-UNITS-NONSTANDARD": "units",
    "I-CANON-SUV": "units",
    "I-MOLECUBES-SUV": "units",
    "E-NO-ATTN": "accept_missing_attenuation",
    "W-NAC": "accept_missing_attenuation",
    "W-NO-ATTN": "accept_missing_attenuation",
    "E-DECY-NONE": "decay_rule",
    "E-DC-MISSING": "decay_rule",
    "E-DECY-ABSENT": "decay_rule",
    "W-DC-MISSING": "decay_rule",
    "W-DECY-ABSENT": "decay_rule",
    "W-NONE-HAS-DECAYFACTOR": "decay_rule",
    "W-ADMIN-LOOKS-LIKE-START": "decay_rule",
    "E-NONE-TIMING": "decay_rule",
    "E-WEIGHT": "weight_kg",
    "W-WEIGHT-GRAMS": "weight_kg",
    "W-WEIGHT-ANIMAL": "weight_kg",
    "W-WEIGHT-IMPLAUSIBLE": "weight_kg",
    "E-HEIGHT": "height_m",
    "W-HEIGHT-CM": "height_m",
    "E-SEX": "sex",
    "E-DOSE-MISSING": "injected_activity_bq",
    "E-DOSE": "injected_activity_bq",
    "W-DOSE-LOW": "injected_activity_bq",
    "W-DOSE-MBQ": "injected_activity_bq",
    "W-DOSE-ENHANCED-BQ": "injected_activity_bq",
    "W-DOSE-NM-BQ": "injected_activity_bq",
    "W-DOSE-GE-PRIVATE": "injected_activity_bq",
    "W-RESIDUE-HIGH": "residual_activity_bq",
    "E-HALFLIFE": "nuclide",
    "W-HALFLIFE": "half_life_s",
    "W-HALFLIFE-UNIT": "half_life_s",
    "W-NUCLIDE-CONTRADICTION": "nuclide",
    "I-HALFLIFE-INFERRED": "half_life_s",
    "E-ADMIN-TIME": "administration_time",
    "E-ADMIN-DATE": "administration_time",
    "W-ADMIN-DATE-INFERRED": "administration_time",
    "W-ADMIN-DATE-IMPLAUSIBLE": "administration_time",
    "W-MIDNIGHT": "administration_time",
    "W-TZ": "administration_time",
    "W-UPTAKE-NEGATIVE": "administration_time",
    "W-UPTAKE-LONG": "administration_time",
    "W-INFUSION-SLOW": "administration_time",
    "I-UPTAKE-DAYS": "administration_time",
    "I-SIEMENS-ASSAY": "administration_time",
    "E-REFTIME": "reference_time",
    "W-REFTIME-B": "reference_time",
    "W-REFTIME-D": "reference_time",
    "W-REFTIME-P": "reference_time",
    "W-REFTIME-CONFLICT": "reference_time",
    "W-SERIESTIME-REWRITTEN": "reference_time",
    "W-FRT-ZERO": "reference_time",
    "W-BACKCOMP-SPREAD": "reference_time",
    "W-REFTIME-MINACQ": "reference_time",
    "E-MULTI-RP": "radiopharmaceutical_index",
    "I-BRANCHING": "injected_activity_bq",
}


def field_of_code(code: str) -> str:
    """Return the field that a code is about; empty where it is about the scan as a whole."""
    return _FIELDS.get(code, "")


def problems_of(notices: Iterable[Notice], field_id: str) -> tuple[Notice, ...]:
    """Return the notices about a field, or about no field at all for an empty id."""
    return tuple(n for n in notices if field_of_code(n.code) == field_id)

"""What the rescaled pixel values are, and how they become Bq/ml or SUV."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.image_facts import ImageFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.suv.vendor import Vendor, vendor_of


class Stored(Enum):
    """What a stored value is proportional to."""

    CONCENTRATION = "activity concentration"
    SUV = "SUV"
    PCT_ID = "percent of injected activity per ml"


@dataclass(frozen=True, slots=True)
class Units:
    """How to read the rescaled pixel values.

    Parameters
    ----------
    stored
        What they are.
    prefix
        How the decision path starts.
    factors
        One per distinct header: Bq/ml per value, stored-kind SUV per value, or %ID/ml per value.
    suv_type
        DICOM SUVType of stored SUV, ``BW`` where none is stated.
    unit
        Where the unit came from.
    """

    stored: Stored
    prefix: str
    factors: tuple[float, ...]
    suv_type: str
    unit: Sourced[str]


_STANDARD = {"BQML": 1.0}
_NONSTANDARD = {"KBQML": 1e3, "KBQCC": 1e3, "BQCC": 1.0, "MBQML": 1e6}
_SPELLINGS = {"BQ/ML": "BQML", "KBQ/ML": "KBQML", "KBQ/CC": "KBQCC", "BQ/CC": "BQCC", "MBQ/ML": "MBQML"}
_ENTERED_ONLY = {
    "NCI/CC": 37.0,
    "NCICC": 37.0,
    "NCI/ML": 37.0,
    "UCI/CC": 3.7e4,
    "UCICC": 3.7e4,
    "UCI/ML": 3.7e4,
}
_UCUM_SUV = {
    "{SUVBW}G/ML": "BW",
    "{SUVLBM}G/ML": "LBM",
    "{SUVLBM(JAMES128)}G/ML": "LBMJAMES128",
    "{SUVLBM(JANMA)}G/ML": "LBMJANMA",
    "{SUVBSA}CM2/ML": "BSA",
    "{SUVIBW}G/ML": "IBW",
}
_GML_TYPES = ("BW", "LBM", "LBMJAMES128", "LBMJANMA", "IBW")
_NEVER = ("PROPCNTS", "PROPCPS")


def resolve_units(
    facts: PetFacts, overrides: SuvOverrides, rule: str | None, image: ImageFacts | None, findings: Findings
) -> Units | None:
    """Return how to read the values, or None with an E- code.

    Parameters
    ----------
    facts, overrides
        The header and what is entered instead.
    rule
        Decay rule, for the Philips SUV scale factor.
    image
        Voxel volume for CPS.
    findings
        Receives what is wrong.
    """
    first = facts.distinct[0]
    entered = overrides.units
    raw = entered.value if entered is not None else (first.units or "")
    name = raw.replace("µ", "u").replace("μ", "u").replace(" ", "").upper()
    unit = Sourced(name, entered.provenance, entered.detail) if entered else _header(name)
    if _canon_confirmed(first, overrides, name):
        return Units(Stored.SUV, "CANON/SUVbw(X100)", _all(facts, 0.01), "BW", unit)
    spelled = _SPELLINGS.get(name, name)
    readable = (
        spelled in _STANDARD or spelled in _NONSTANDARD or name in _UCUM_SUV or name in ("GML", "CM2ML")
    )
    if readable and overrides.calibration_factor is not None:
        findings.add(Stage.UNITS, "W-OVERRIDE-IGNORED", f"The calibration factor: the unit {raw} needs none.")
    if spelled in _STANDARD or spelled in _NONSTANDARD:
        if spelled in _NONSTANDARD or (spelled != name and entered is None and name != "BQ/ML"):
            findings.add(Stage.UNITS, "W-UNITS-NONSTANDARD", f"It is {raw}.")
        factor = _STANDARD.get(spelled) or _NONSTANDARD[spelled]
        return Units(Stored.CONCENTRATION, spelled, _all(facts, factor), "", unit)
    if name in _UCUM_SUV or name in ("GML", "CM2ML"):
        return _stored_suv(facts, name, unit, entered is not None, findings)
    if entered is not None:
        read = _entered_only(facts, name, overrides, unit, findings)
        if read is not None:
            return read
    calibration = overrides.calibration_factor
    if calibration is not None and name in _NEVER:
        findings.add(
            Stage.UNITS, "W-OVERRIDE-IGNORED", f"The calibration factor: {raw} is never quantitative."
        )
    elif calibration is not None:
        unit = Sourced(name or "unknown", calibration.provenance, calibration.detail)
        prefix = f"{name or 'UNKNOWN'}/calibrated"
        return Units(Stored.CONCENTRATION, prefix, _all(facts, calibration.value), "", unit)
    if name == "CNTS":
        return _counts(facts, rule, unit, findings)
    if name == "CPS" and overrides.use_dose_calibration is not None and overrides.use_dose_calibration.value:
        return _counts_per_second(facts, image, overrides.use_dose_calibration, findings)
    _refuse(first, raw, name, findings)
    return None


def _header(name: str) -> Sourced[str]:
    return Sourced(name, Provenance.HEADER, "(0054,1001)")


def _all(facts: PetFacts, factor: float) -> tuple[float, ...]:
    return (factor,) * len(facts.distinct)


def _canon_confirmed(first: InstanceFacts, overrides: SuvOverrides, name: str) -> bool:
    confirmed = overrides.accept_canon_suv_x100
    text = (first.canon_suv_text or "").upper().replace(" ", "")
    return confirmed is not None and confirmed.value and text == "SUVBW(X100)" and name != "BQML"


def _stored_suv(
    facts: PetFacts, name: str, unit: Sourced[str], entered: bool, findings: Findings
) -> Units | None:
    stated = "" if entered else (facts.distinct[0].suv_type or "").upper()
    if name in _UCUM_SUV:
        suv_type = _UCUM_SUV[name]
    elif name == "CM2ML":
        suv_type = stated or "BSA"
    else:
        suv_type = stated or "BW"
    allowed = ("BSA",) if name == "CM2ML" else _GML_TYPES
    if name not in _UCUM_SUV and suv_type not in allowed:
        findings.add(Stage.UNITS, "E-SUVTYPE", f"Unit {name}, kind {suv_type}.")
        return None
    return Units(Stored.SUV, f"GML/{suv_type}", _all(facts, 1.0), suv_type, unit)


def _entered_only(
    facts: PetFacts, name: str, overrides: SuvOverrides, unit: Sourced[str], findings: Findings
) -> Units | None:
    if name in _ENTERED_ONLY:
        findings.add(Stage.UNITS, "W-UNITS-NONSTANDARD", f"It is {name}.")
        return Units(Stored.CONCENTRATION, name, _all(facts, _ENTERED_ONLY[name]), "", unit)
    if name in ("SUV", "SUVBW"):
        return Units(Stored.SUV, "SUV/BW", _all(facts, 1.0), "BW", unit)
    if name in ("%ID/ML", "%ID/CC"):
        return Units(Stored.PCT_ID, "%ID/ML", _all(facts, 1.0), "", unit)
    if name == "%ID/G":
        density = 1.0 if overrides.density_g_ml is None else overrides.density_g_ml.value
        return Units(Stored.PCT_ID, "%ID/G", _all(facts, density), "", unit)
    return None


def _counts(facts: PetFacts, rule: str | None, unit: Sourced[str], findings: Findings) -> Units | None:
    if vendor_of(facts.distinct[0].manufacturer) is not Vendor.PHILIPS:
        findings.add(Stage.UNITS, "E-CNTS")
        return None
    activity = tuple(f.philips_activity_scale_factor or 0.0 for f in facts.distinct)
    if all(activity):
        return Units(Stored.CONCENTRATION, "CNTS", activity, "", unit)
    suv = tuple(f.philips_suv_scale_factor or 0.0 for f in facts.distinct)
    if not all(suv):
        findings.add(Stage.UNITS, "E-CNTS-NOFACTOR")
        return None
    if rule == "NONE":
        findings.add(Stage.UNITS, "E-CNTS-NONE")
        return None
    return Units(Stored.SUV, "CNTS/SUVSF", suv, "BW", unit)


def _counts_per_second(
    facts: PetFacts, image: ImageFacts | None, confirmed: Sourced[bool], findings: Findings
) -> Units | None:
    volume = None if image is None else image.voxel_volume_ml
    if not volume:
        findings.add(Stage.UNITS, "E-UNITS", "The voxel volume is needed for CPS.")
        return None
    factors = []
    for header in facts.distinct:
        calibrated = "DCAL" in {value.upper() for value in header.corrected_image}
        factor = 1.0 if calibrated else header.dose_calibration_factor
        if not factor:
            findings.add(Stage.UNITS, "E-UNITS", "CPS without DoseCalibrationFactor (0054,1322).")
            return None
        factors.append(factor / volume)
    unit = Sourced("CPS", confirmed.provenance, confirmed.detail)
    return Units(Stored.CONCENTRATION, "CPS/calibrated", tuple(factors), "", unit)


def _refuse(first: InstanceFacts, raw: str, name: str, findings: Findings) -> None:
    if not name:
        detail = "No unit is stated. What unit are these pixel values in?"
    elif name in _NEVER:
        detail = f"It is {raw}, which is typical of series without attenuation correction."
    else:
        detail = f"It is {raw}."
    findings.add(Stage.UNITS, "E-UNITS", detail)
    if first.canon_suv_text:
        findings.add(Stage.UNITS, "I-CANON-SUV", f"It reads {first.canon_suv_text}.")

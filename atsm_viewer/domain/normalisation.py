"""What an activity concentration is divided by besides the activity: body mass and its relatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def lbm_james(weight_kg: float, height_m: float, sex: str) -> float:
    """Return lean body mass in kg after James 1976 with factor 128 for men (DICOM LBMJAMES128)."""
    ratio = (weight_kg / (100.0 * height_m)) ** 2
    return 1.10 * weight_kg - 128.0 * ratio if sex == "M" else 1.07 * weight_kg - 148.0 * ratio


def lbm_morgan(weight_kg: float, height_m: float, sex: str) -> float:
    """Return lean body mass in kg with the misprinted 120 (DICOM LBM; Radiology 1999;213:521).

    Only for reading or repeating old data.
    """
    ratio = (weight_kg / (100.0 * height_m)) ** 2
    return 1.10 * weight_kg - 120.0 * ratio if sex == "M" else 1.07 * weight_kg - 148.0 * ratio


def lbm_janmahasatian(weight_kg: float, height_m: float, sex: str) -> float:
    """Return lean body mass in kg after Janmahasatian 2005, Clin Pharmacokinet 44:1051 (LBMJANMA)."""
    bmi = weight_kg / height_m**2
    if sex == "M":
        return 9270.0 * weight_kg / (6680.0 + 216.0 * bmi)
    return 9270.0 * weight_kg / (8780.0 + 244.0 * bmi)


def ideal_body_weight(weight_kg: float, height_m: float, sex: str) -> float:
    """Return ideal body weight in kg (Sugawara 1999; DICOM IBW), not capped at the real weight."""
    del weight_kg  # the same signature as the others
    height_cm = 100.0 * height_m
    return 48.0 + 1.06 * (height_cm - 152.0) if sex == "M" else 45.5 + 0.91 * (height_cm - 152.0)


def body_surface_m2(weight_kg: float, height_m: float) -> float:
    """Return body surface in m² after Du Bois 1916: 0.007184·W^0.425·H^0.725 (kg, cm)."""
    return float(0.007184 * weight_kg**0.425 * (100.0 * height_m) ** 0.725)


@dataclass(frozen=True, slots=True)
class SuvKind:
    """One kind of SUV.

    Parameters
    ----------
    name
        Name in code, options and exports.
    label
        What is shown.
    suv_type
        DICOM SUVType (0054,1006).
    unit
        Unit of the SUV.
    needs_sex
        Whether the formula differs between the sexes.
    formula
        Normaliser from weight (kg), height (m), sex ``M`` or ``F``; in g, or cm² for the surface.
    """

    name: str
    label: str
    suv_type: str
    unit: str
    needs_sex: bool
    formula: Callable[[float, float, str], float]

    def normaliser(self, weight_kg: float, height_m: float, sex: str) -> float:
        """Return N in g (cm² for the surface). Sex ``O`` gives the mean of both formulas."""
        if self.needs_sex and sex == "O":
            return 0.5 * (self.formula(weight_kg, height_m, "M") + self.formula(weight_kg, height_m, "F"))
        return self.formula(weight_kg, height_m, sex)


def _james_g(weight_kg: float, height_m: float, sex: str) -> float:
    return 1e3 * lbm_james(weight_kg, height_m, sex)


def _janmahasatian_g(weight_kg: float, height_m: float, sex: str) -> float:
    return 1e3 * lbm_janmahasatian(weight_kg, height_m, sex)


def _morgan_g(weight_kg: float, height_m: float, sex: str) -> float:
    return 1e3 * lbm_morgan(weight_kg, height_m, sex)


def _surface_cm2(weight_kg: float, height_m: float, _sex: str) -> float:
    return 1e4 * body_surface_m2(weight_kg, height_m)


def _ideal_g(weight_kg: float, height_m: float, sex: str) -> float:
    return 1e3 * ideal_body_weight(weight_kg, height_m, sex)


OTHER_KINDS: tuple[SuvKind, ...] = (
    SuvKind("lbm_james", "SUVlbm (James)", "LBMJAMES128", "g/ml", True, _james_g),
    SuvKind("lbm_janma", "SUVlbm (Janmahasatian)", "LBMJANMA", "g/ml", True, _janmahasatian_g),
    SuvKind("lbm_morgan", "SUVlbm (Morgan 120)", "LBM", "g/ml", True, _morgan_g),
    SuvKind("bsa", "SUVbsa", "BSA", "cm2/ml", False, _surface_cm2),
    SuvKind("ibw", "SUVibw", "IBW", "g/ml", True, _ideal_g),
)
"""Every kind but SUVbw, whose normaliser is simply the weight in g."""


def kind_of_suv_type(suv_type: str) -> SuvKind | None:
    """Return the kind behind a DICOM SUVType other than BW, or None."""
    return next((kind for kind in OTHER_KINDS if kind.suv_type == suv_type), None)

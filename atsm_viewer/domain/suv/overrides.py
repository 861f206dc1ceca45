"""What a person, a study table or a sidecar says instead of the header."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from datetime import datetime

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.sourced import Sourced


@dataclass(frozen=True, slots=True)
class SuvOverrides:
    """Entered values; None leaves the header in force. Every value carries its provenance.

    Parameters
    ----------
    weight_kg, height_m, sex
        Body; sex is ``M``, ``F`` or ``O``.
    is_animal, species
        Animal or human, and which.
    nuclide
        For example ``Cu-64``; its tabulated half-life is used unless ``half_life_s`` is entered.
    half_life_s
        Half-life in s.
    injected_activity_bq
        Net injected activity at the administration time, in Bq; wins over assay and residual.
    administration_time
        When, on the clock of the scan (naive).
    assay_activity_bq, assay_time
        The syringe before injection. With them the activity is computed, and replaces the header's.
    residual_activity_bq, residual_time
        What stayed in the syringe; without an assay it is subtracted from the header's activity.
    tail_activity_bq, tail_time
        What stayed at the site of injection.
    reference_time
        The moment to which the pixel values are decay corrected.
    decay_rule
        ``START``, ``ADMIN`` or ``NONE``.
    units
        Unit of the rescaled pixel values, for example ``BQML``, ``NCI/CC``, ``%ID/G``, ``SUV``.
    calibration_factor
        Bq/ml per rescaled pixel value, for CNTS, CPS and unknown units.
    use_dose_calibration
        For CPS: divide by the voxel volume and apply DoseCalibrationFactor (0054,1322).
    accept_missing_attenuation
        Compute although the image is not attenuation corrected.
    accept_canon_suv_x100
        The values are SUVbw × 100, as the private element of Canon says.
    radiopharmaceutical_index
        Which item of (0054,0016) applies, from 0.
    density_g_ml
        Tissue density for %ID/g; 1 where not entered.
    branching_used, branching_true
        Positron fraction that the scanner used and the right one; both or neither.

    Raises
    ------
    AtsmError
        When a number is not finite, a half-life, density or fraction is not positive, a decay rule
        or a sex is unknown, or a time carries a zone.
    """

    weight_kg: Sourced[float] | None = None
    height_m: Sourced[float] | None = None
    sex: Sourced[str] | None = None
    is_animal: Sourced[bool] | None = None
    species: Sourced[str] | None = None
    nuclide: Sourced[str] | None = None
    half_life_s: Sourced[float] | None = None
    injected_activity_bq: Sourced[float] | None = None
    administration_time: Sourced[datetime] | None = None
    assay_activity_bq: Sourced[float] | None = None
    assay_time: Sourced[datetime] | None = None
    residual_activity_bq: Sourced[float] | None = None
    residual_time: Sourced[datetime] | None = None
    tail_activity_bq: Sourced[float] | None = None
    tail_time: Sourced[datetime] | None = None
    reference_time: Sourced[datetime] | None = None
    decay_rule: Sourced[str] | None = None
    units: Sourced[str] | None = None
    calibration_factor: Sourced[float] | None = None
    use_dose_calibration: Sourced[bool] | None = None
    accept_missing_attenuation: Sourced[bool] | None = None
    accept_canon_suv_x100: Sourced[bool] | None = None
    radiopharmaceutical_index: Sourced[int] | None = None
    density_g_ml: Sourced[float] | None = None
    branching_used: Sourced[float] | None = None
    branching_true: Sourced[float] | None = None

    def __post_init__(self) -> None:
        for name in self.entered():
            _check(name, getattr(self, name).value)

    def entered(self) -> tuple[str, ...]:
        """Return the names of the fields that hold a value."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)


_POSITIVE = ("half_life_s", "calibration_factor", "density_g_ml", "branching_used", "branching_true")
_WORDS = {"decay_rule": ("START", "ADMIN", "NONE"), "sex": ("M", "F", "O")}


def _check(name: str, value: object) -> None:
    words = name.replace("_", " ")
    if isinstance(value, float | int) and not math.isfinite(value):
        raise AtsmError(f"The entered {words} is not a number.")
    if name in _POSITIVE and isinstance(value, float | int) and value <= 0:
        raise AtsmError(f"The entered {words} must be positive, not {value:g}.")
    if name in _WORDS and str(value).upper() not in _WORDS[name]:
        raise AtsmError(f"The entered {words} must be one of {', '.join(_WORDS[name])}, not {value}.")
    if isinstance(value, datetime) and value.tzinfo is not None:
        raise AtsmError(f"The entered {words} must be on the clock of the scan, without a time zone.")

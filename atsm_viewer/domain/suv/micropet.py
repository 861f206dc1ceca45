"""Activity concentration from the native numbers of microPET and Inveon files."""

from __future__ import annotations

from atsm_viewer.domain.errors import AtsmError

_BQ_PER_UNIT = {"BQ/CC": 1.0, "BQ/ML": 1.0, "KBQ/CC": 1e3, "KBQ/ML": 1e3, "NCI/CC": 37.0, "NCI/ML": 37.0}
_BQ_PER_UNIT |= {"UCI/CC": 3.7e4, "UCI/ML": 3.7e4}


def micropet_to_bq_ml(
    scale_factor: float, calibration_factor: float, calibration_units: str, branching_fraction: float
) -> float:
    """Return Bq/ml per raw value: scale·calibration/branching, times 37 for nCi.

    Parameters
    ----------
    scale_factor
        ``scale_factor`` of the frame.
    calibration_factor, calibration_units
        Of the file header; nCi/cc and Bq/cc are usual.
    branching_fraction
        ``isotope_branching_fraction``, which the calibration does not contain.

    Raises
    ------
    AtsmError
        For an unknown unit or a branching fraction that is not positive.
    """
    name = calibration_units.replace("µ", "u").replace("μ", "u").replace(" ", "").upper()
    if name not in _BQ_PER_UNIT:
        raise AtsmError(
            f"The calibration unit {calibration_units} is not known.", "Enter the unit of the pixels."
        )
    if not branching_fraction > 0:
        raise AtsmError(f"The branching fraction {branching_fraction:g} is not positive.")
    return scale_factor * calibration_factor * _BQ_PER_UNIT[name] / branching_fraction

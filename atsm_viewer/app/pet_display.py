"""In which unit the PET is shown, and what a stored value is in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.of_scan import assess_scan

UNIT_TITLES = {"suv": "SUV (g/mL)", "kbq_ml": "kBq/mL"}


@dataclass(frozen=True)
class PetScale:
    """How stored values become shown values.

    Parameters
    ----------
    unit
        ``suv``, ``kbq_ml`` or ``stored``.
    label
        The unit in words, for the colour bar.
    factor_tk
        Array [t, k]: shown value = stored value times factor of its frame and slice.
    """

    unit: str
    label: str
    factor_tk: npt.NDArray[np.float64]

    @property
    def uniform(self) -> float | None:
        """The one factor of all slices and frames, or None where they differ."""
        first = float(self.factor_tk.flat[0])
        return first if np.all(self.factor_tk == first) else None

    def factor_at(self, frame: int, k: int) -> float:
        """Factor of one slice."""
        return float(self.factor_tk[frame, k])

    def k_scale(self, frame: int) -> npt.NDArray[np.float64] | None:
        """Factors [k] relative to the first slice, or None where they are all equal."""
        row = self.factor_tk[frame]
        if np.all(row == row[0]):
            return None
        scale: npt.NDArray[np.float64] = row / row[0]
        return scale

    def to_stored(self, shown: float, frame: int = 0) -> float:
        """Stored value of the first slice that is shown as ``shown``."""
        return shown / float(self.factor_tk[frame, 0])


def factor_array(scan: Scan, factor: float | tuple[float, ...]) -> npt.NDArray[np.float64]:
    """Factors [t, k] of a scan from one factor, or from one per instance."""
    n_frames = scan.pet.n_frames if scan.pet is not None else max(1, len(scan.pet_instance_tk))
    shape = (n_frames, scan.pet_geometry.shape_kji[0])
    if not isinstance(factor, tuple):
        return np.full(shape, float(factor))
    return np.asarray(factor, dtype=np.float64)[np.asarray(scan.pet_instance_tk, dtype=np.int64)]


def fits_slices(scan: Scan, factor: float | tuple[float, ...]) -> bool:
    """Whether every slice of every frame has a factor: no unit is offered where one would be guessed.

    The tables are held to the same rule (see ``metrics.scaling``).
    """
    if not isinstance(factor, tuple):
        return math.isfinite(factor)
    n_frames = scan.pet.n_frames if scan.pet is not None else 1
    return all(map(math.isfinite, factor)) and len(scan.pet_instance_tk) >= n_frames


def pet_scales(state: SessionState, scan: Scan) -> dict[str, PetScale]:
    """Return every unit in which the PET of a scan can be shown, the best first."""
    slot = scan.first_slot
    assessment = assess_scan(scan, state.administration(slot.administration_id))
    scales: dict[str, PetScale] = {}
    suv = assessment.factor_bw if assessment is not None and assessment.available else None
    if suv is not None and fits_slices(scan, suv):
        scales["suv"] = PetScale("suv", UNIT_TITLES["suv"], factor_array(scan, suv))
    bq_ml = assessment.to_bq_ml if assessment is not None else None
    if bq_ml is not None and fits_slices(scan, bq_ml):
        scales["kbq_ml"] = PetScale("kbq_ml", UNIT_TITLES["kbq_ml"], factor_array(scan, bq_ml) / 1000.0)
    stored = scan.pet.unit if scan.pet is not None else ""
    scales["stored"] = PetScale("stored", stored or "stored values", factor_array(scan, 1.0))
    return scales


def shown_scale(state: SessionState, scan: Scan, unit: str) -> PetScale:
    """Return the wanted unit where it is available, else the best one that is."""
    scales = pet_scales(state, scan)
    return scales.get(unit) or next(iter(scales.values()))

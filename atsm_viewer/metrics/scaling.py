"""From stored values to SUV, %ID/mL and Bq/mL: one scale per quantity."""

from __future__ import annotations

import math
from dataclasses import dataclass

from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.suv.assessment import SuvAssessment

Factor = float | tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Scale:
    """How stored values become a quantity.

    Parameters
    ----------
    slice_factors
        One factor per slice k, applied while the samples are gathered; None for none.
    factor
        Applied to every statistic afterwards; None when the quantity is not available.
    """

    slice_factors: tuple[float, ...] | None = None
    factor: float | None = None

    def of(self, statistic: float | None) -> float | None:
        """Return a statistic (mean, SD, percentile …) in the quantity; None when unavailable."""
        return None if statistic is None or self.factor is None else statistic * self.factor


RAW = Scale(None, 1.0)
UNAVAILABLE = Scale(None, None)


@dataclass(frozen=True, slots=True)
class Scales:
    """The scales of one scan, subject and frame.

    Parameters
    ----------
    suv, pct_id_per_ml, bq_ml
        g/mL, %/mL and Bq/mL.
    ratio
        What ratios are formed in: stored values, evened out between slices. A factor that is the
        same for all slices cancels in a ratio and is left out, so that no ratio depends on dose or
        weight; one that differs between slices does not cancel. Without a factor when the decay
        between the slices is unknown: then there is no ratio.
    """

    suv: Scale = UNAVAILABLE
    pct_id_per_ml: Scale = UNAVAILABLE
    bq_ml: Scale = UNAVAILABLE
    ratio: Scale = RAW


def scales_of(scan: Scan, frame: int, assessment: SuvAssessment | None) -> Scales:
    """Return the scales of a frame; all unavailable without an assessment."""
    if assessment is None:
        return Scales()
    suv = _scale(scan, frame, assessment.factor_bw if assessment.available else None)
    pct = _scale(scan, frame, assessment.pct_id_per_ml)
    bq_ml = _scale(scan, frame, assessment.to_bq_ml)
    if assessment.counted_together is None:
        known = next((s for s in (suv, pct, bq_ml) if s.factor is not None), RAW)
        return Scales(suv, pct, bq_ml, Scale(known.slice_factors, 1.0))
    ratio = _uncorrected(scan, frame, assessment.relative_factor, assessment.counted_together)
    # SUV and %ID/mL differ from it by one number, so all three share the same samples.
    return Scales(_in_terms_of(ratio, suv), _in_terms_of(ratio, pct), bq_ml, ratio)


def _uncorrected(scan: Scan, frame: int, relative: Factor, together: tuple[int, ...]) -> Scale:
    """The scale of ratios for values without decay correction."""
    even = _scale(scan, frame, relative)
    if even.factor is not None:
        return Scale(even.slice_factors, 1.0)
    known = frame < len(scan.pet_instance_tk)
    groups = {together[n] for n in scan.pet_instance_tk[frame]} if known else set(together)
    return RAW if len(groups) == 1 else UNAVAILABLE


def _in_terms_of(ratio: Scale, scale: Scale) -> Scale:
    if ratio.slice_factors is None or scale.slice_factors is None:
        return scale
    return Scale(ratio.slice_factors, scale.slice_factors[0] / ratio.slice_factors[0])


def of_frame(scan: Scan, frame: int, value: Factor) -> float | None:
    """The number of a frame, where each instance may have its own: that of the first slice."""
    if not isinstance(value, tuple):
        return value
    if len(set(value)) == 1:
        return value[0]
    if frame >= len(scan.pet_instance_tk):
        return None
    return value[scan.pet_instance_tk[frame][0]]


def _scale(scan: Scan, frame: int, factor: Factor) -> Scale:
    if factor is None:
        return UNAVAILABLE
    if not isinstance(factor, tuple):
        return Scale(None, float(factor)) if math.isfinite(factor) else UNAVAILABLE
    if not all(map(math.isfinite, factor)):
        return UNAVAILABLE
    if len(set(factor)) == 1:
        return Scale(None, float(factor[0]))
    if frame >= len(scan.pet_instance_tk):
        # Nobody can say which slice belongs to which factor: better no number than a wrong one.
        return UNAVAILABLE
    slices = tuple(float(factor[n]) for n in scan.pet_instance_tk[frame])
    return Scale(None, slices[0]) if len(set(slices)) == 1 else Scale(slices, 1.0)

"""From stored values to rescaled values, one plane at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError

Pixels = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Scaling:
    """How stored values of one plane become rescaled values.

    Parameters
    ----------
    slope, intercept
        Rescaled = slope x stored + intercept, in double precision.
    padding
        Stored values (first, last, inclusive) that stand for “no measurement”; None for none.
    mapped
        Stored values (first, last, inclusive) that the mapping is defined for; None for all.
    """

    slope: float = 1.0
    intercept: float = 0.0
    padding: tuple[float, float] | None = None
    mapped: tuple[float, float] | None = None

    def checked(self, name: str) -> Scaling:
        """Return self.

        Raises
        ------
        AtsmError
            When the slope is zero or a number is not finite; ``name`` is the file.
        """
        if not math.isfinite(self.slope) or not math.isfinite(self.intercept) or self.slope == 0.0:
            raise AtsmError(
                f"“{name}” states a rescale slope of {self.slope:g} and an intercept of {self.intercept:g}, "
                "which is not usable."
            )
        return self

    @property
    def is_integral(self) -> bool:
        """Whether integers stay integers."""
        return self.slope.is_integer() and self.intercept.is_integer()


def rescale_float32(stored: Pixels, scaling: Scaling, out: npt.NDArray[np.float32]) -> None:
    """Write rescaled values [j, i] as float32, computed in double precision; padding becomes NaN."""
    if scaling.intercept == 0.0:
        np.multiply(stored, scaling.slope, out=out, dtype=np.float64, casting="unsafe")
    else:
        np.add(
            np.multiply(stored, scaling.slope, dtype=np.float64), scaling.intercept, out=out, casting="unsafe"
        )
    if scaling.padding is not None:
        first, last = scaling.padding
        out[(stored >= first) & (stored <= last)] = np.nan
    if scaling.mapped is not None:
        first, last = scaling.mapped
        out[(stored < first) | (stored > last)] = np.nan


def rescale_int16(stored: Pixels, scaling: Scaling, out: npt.NDArray[np.int16]) -> bool:
    """Write integral rescaled values [j, i] as int16; False, with nothing promised, if they do not fit."""
    slope, intercept = int(scaling.slope), int(scaling.intercept)
    low, high = int(stored.min()) * slope + intercept, int(stored.max()) * slope + intercept
    if not (min(low, high) >= -32768 and max(low, high) <= 32767):
        return False
    if slope == 1 and stored.dtype == np.int16 and -32768 <= intercept <= 32767:
        np.add(stored, np.int16(intercept), out=out)
    else:
        out[...] = stored.astype(np.int64) * slope + intercept
    return True


def native_type(bits_allocated: int, signed: bool) -> np.dtype[Any] | None:
    """Return the little-endian type of a stored value, None where it is not a plain integer."""
    names = {8: "1", 16: "2", 32: "4"}
    if bits_allocated not in names:
        return None
    return np.dtype(f"<{'i' if signed else 'u'}{names[bits_allocated]}")


def drop_unused_bits(stored: Pixels, bits_allocated: int, bits_stored: int) -> None:
    """Clear, in place, what other things left in the unused high bits, and extend the sign.

    Shifting up and down again does both: arithmetically for signed values, logically for others.
    """
    unused = bits_allocated - bits_stored
    if unused > 0:
        np.left_shift(stored, unused, out=stored)
        np.right_shift(stored, unused, out=stored)

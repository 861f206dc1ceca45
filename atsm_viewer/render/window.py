"""Which values are drawn dark and which bright."""

from __future__ import annotations

import math
from dataclasses import dataclass

from atsm_viewer.domain.errors import AtsmError


@dataclass(frozen=True, slots=True)
class Window:
    """A range of values given by its middle and its width.

    Values at or below ``lo`` take the first colour, at or above ``hi`` the last, straight in
    between.

    Parameters
    ----------
    centre, width
        In the unit of the image that it is applied to.

    Raises
    ------
    AtsmError
        When the width is not positive or a number is not finite.
    """

    centre: float
    width: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.centre) and math.isfinite(self.width) and self.width > 0):
            raise AtsmError(
                f"A window with centre {self.centre} and width {self.width} is not possible.",
                "The width must be above 0.",
            )

    @classmethod
    def of_range(cls, lo: float, hi: float) -> Window:
        """Return the window from ``lo`` to ``hi``."""
        return cls((lo + hi) / 2.0, hi - lo)

    @property
    def lo(self) -> float:
        """Value at the dark end."""
        return self.centre - self.width / 2.0

    @property
    def hi(self) -> float:
        """Value at the bright end."""
        return self.centre + self.width / 2.0


CT_PRESETS: dict[str, Window] = {
    "Soft tissue": Window(40.0, 400.0),
    "Lung": Window(-600.0, 1500.0),
    "Bone": Window(500.0, 2000.0),
    "Brain": Window(40.0, 80.0),
    # Small-animal scanners have more noise at low dose, so that a wider window reads better.
    "Mouse soft tissue": Window(50.0, 800.0),
    "Mouse bone": Window(1000.0, 4000.0),
}
"""Windows for CT by name, HU."""

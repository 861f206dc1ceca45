"""Which muscle spheres a study places, the same at every time point and in every animal."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.errors import AtsmError

METHOD_NAME = "protocol_sphere"


@dataclass(frozen=True, slots=True)
class SphereProtocol:
    """A number of spheres of one size in one tissue.

    Parameters
    ----------
    name
        What people call it, for example ``Mouse``.
    number
        How many spheres per subject and scan.
    diameter_mm
        Their diameter, mm.
    tissue, side
        Where to place them; the side is empty where any will do.
    where
        Advice in words.

    Raises
    ------
    AtsmError
        When there is no sphere or its size is not between 0.1 and 200 mm.
    """

    name: str
    number: int
    diameter_mm: float
    tissue: str = "muscle"
    side: str = ""
    where: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 20:
            raise AtsmError(f"A protocol of {self.number} spheres cannot be placed.", "Give 1 to 20 spheres.")
        if not 0.1 <= self.diameter_mm <= 200.0:
            raise AtsmError(f"A sphere of {self.diameter_mm:g} mm cannot be placed.", "Give 0.1 to 200 mm.")

    @property
    def words(self) -> str:
        """Short form for buttons and notices, for example ``Mouse: 3 × 3 mm``."""
        return f"{self.name}: {self.number} × {self.diameter_mm:g} mm"


# Proposals of metrics §2.2; the coldest spot is not the one to choose.
SPHERE_PRESETS: dict[str, SphereProtocol] = {
    "mouse": SphereProtocol("Mouse", 3, 3.0, side="opposite the tumour", where="thigh or shoulder muscle"),
    "rat": SphereProtocol("Rat", 3, 5.0, side="opposite the tumour", where="thigh or shoulder muscle"),
    "human": SphereProtocol("Human", 3, 15.0, where="gluteus maximus or paraspinal muscle"),
}

"""Where the files that travel with the program are."""

from __future__ import annotations

import sys
from pathlib import Path

from atsm_viewer.domain.errors import AtsmError


def resource_path(name: str) -> Path:
    """Return the path of a resource, in a wheel, a checkout or a frozen program.

    Raises
    ------
    AtsmError
        When the resource is missing, which means a broken installation.
    """
    package = Path(__file__).resolve().parents[1]
    places = [package / "_resources", package.parent / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        places.insert(0, Path(frozen) / "atsm_viewer" / "_resources")
    for place in places:
        if (place / name).exists():
            return place / name
    raise AtsmError(f"The program file “{name}” is missing.", "Please install ATSM Viewer again.")

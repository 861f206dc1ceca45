"""Refuse an image that would not fit into memory, before anything is allocated."""

from __future__ import annotations

import os

from atsm_viewer.domain.errors import AtsmError

# Where the system does not say how much memory it has (Windows), assume a small machine.
_UNKNOWN_MEMORY_BYTES = 16 * 1024**3
_SHARE = 0.25


def refuse_beyond_memory(n_bytes: int, name: str) -> None:
    """Raise when an image needs more than a quarter of the memory of the machine.

    Raises
    ------
    AtsmError
        Naming the image and what it needs.
    """
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        total = _UNKNOWN_MEMORY_BYTES
    if n_bytes > total * _SHARE:
        raise AtsmError(
            f"“{name}” needs {n_bytes / 1024**3:.1f} GB, more than a quarter of the memory of this computer.",
            "If the header is right, open a part of the series.",
        )

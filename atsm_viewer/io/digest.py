"""Digests that tell whether two images are the same, whatever the files look like."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from atsm_viewer.domain.volume import Volume


def sop_digest(uids: Iterable[str]) -> str:
    """SHA-256 (hex) of the sorted SOP Instance UIDs joined by LF; empty without any UID."""
    known = sorted(uid for uid in uids if uid)
    return hashlib.sha256("\n".join(known).encode("ascii", "replace")).hexdigest() if known else ""


def pixel_digest(volume: Volume) -> str:
    """SHA-256 (hex) of the rescaled values as little-endian float32 in [t, k, j, i] order."""
    digest = hashlib.sha256()
    for t in range(volume.n_frames):
        for plane in volume.values_tkji[t]:
            digest.update(np.ascontiguousarray(plane, dtype="<f4").data)
    return digest.hexdigest()

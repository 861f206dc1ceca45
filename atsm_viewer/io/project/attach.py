"""Deciding whether images are the ones that the ROIs were drawn on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from weakref import WeakKeyDictionary

from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.volume import Volume
from atsm_viewer.io.digest import pixel_digest

# A volume never changes, so its digest is computed once, however often it is saved.
_DIGESTS: WeakKeyDictionary[Volume, str] = WeakKeyDictionary()


class Identity(Enum):
    """How a found image relates to the stored one."""

    SAME = "same"
    COPY = "copy"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class IdentityVerdict:
    """The answer, with its reason in words.

    Parameters
    ----------
    identity
        SAME; COPY: other instances with the same pixels; CHANGED: not to be measured.
    note
        Why, for a notice; empty for SAME.
    """

    identity: Identity
    note: str = ""

    @property
    def accepted(self) -> bool:
        """Whether ROIs may be measured on the image."""
        return self.identity is not Identity.CHANGED


def with_pixel_digest(source: ImageSource, volume: Volume | None) -> ImageSource:
    """Return the identity with its pixel digest, computed from the image where it is not known yet."""
    if source.pixel_digest or volume is None:
        return source
    if volume not in _DIGESTS:
        _DIGESTS[volume] = pixel_digest(volume)
    return replace(source, pixel_digest=_DIGESTS[volume])


def check_identity(stored: ImageSource, loaded: ImageSource, volume: Volume | None = None) -> IdentityVerdict:
    """Compare a stored identity with that of an image that was just read.

    Equal pixels decide where both pixel digests are known: the same UIDs over other pixels are
    refused, other UIDs over the same pixels are a recompressed or de-identified copy. Where a
    pixel digest is unknown the UIDs decide.

    Parameters
    ----------
    stored
        As the project holds it.
    loaded
        As the reader made it.
    volume
        The image that was read; gives the pixel digest when ``loaded`` lacks it.
    """
    if stored.pixel_digest:
        loaded = with_pixel_digest(loaded, volume)
    pixels_known = bool(stored.pixel_digest and loaded.pixel_digest)
    same_uids = (
        bool(stored.sop_digest)
        and stored.sop_digest == loaded.sop_digest
        and stored.series_uid == loaded.series_uid
    )
    if pixels_known and stored.pixel_digest != loaded.pixel_digest:
        return IdentityVerdict(
            Identity.CHANGED, "The voxel values differ from those that the ROIs were drawn on."
        )
    if same_uids or (pixels_known and not stored.sop_digest and not loaded.sop_digest):
        return IdentityVerdict(Identity.SAME)
    if pixels_known:
        return IdentityVerdict(
            Identity.COPY,
            "The voxel values are the same but the DICOM instances are others: "
            "a recompressed or de-identified copy.",
        )
    return IdentityVerdict(
        Identity.CHANGED, "The image cannot be shown to be the one that the ROIs were drawn on."
    )

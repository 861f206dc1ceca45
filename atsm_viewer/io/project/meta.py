"""What a project knows about itself, besides the session it holds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project.embed import EmbeddedImage

SCHEMA_MAJOR = 1
SCHEMA_MINOR = 0


def utc_text(moment: datetime) -> str:
    """Return an aware date-time as ISO 8601 UTC to the second, for example ``2026-01-02T03:04:05Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How the file looked when it was read or written.

    Parameters
    ----------
    path
        Where, with symbolic links resolved.
    size, mtime_ns
        Bytes; time of modification in ns, for the report only (clocks of shares are coarse).
    manifest_sha256
        Digest of the manifest member, which in turn holds the digest of every other member.
    """

    path: str
    size: int
    mtime_ns: int
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class ProjectMeta:
    """Identity and history of a project.

    Parameters
    ----------
    project_id
        UUID that stays for the life of the project.
    revision
        Number of the last save; 0 before the first.
    created, modified
        ISO 8601 UTC.
    schema
        Major and minor version of the file that was read.
    fingerprint
        How the file looked; None when it was never read or written, or was damaged.
    unknown
        Keys of a newer minor version, put back on save.
    extensions
        Opaque values of other programs.
    read_only_reason
        Why this version must not write the project; empty when it may.
    damaged
        The file had to be salvaged: its next save must not take the place of the good backup.
    embeds
        Which images are packed into the file at every save: ``pet``, ``ct``.
    file_names_only
        Whether the places of images are told as bare file names: names of folders may tell who a
        patient is.
    """

    project_id: str
    revision: int = 0
    created: str = ""
    modified: str = ""
    schema: tuple[int, int] = (SCHEMA_MAJOR, SCHEMA_MINOR)
    fingerprint: Fingerprint | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    read_only_reason: str = ""
    damaged: bool = False
    embeds: tuple[str, ...] = ()
    file_names_only: bool = False

    @classmethod
    def new(cls, now: datetime | None = None) -> ProjectMeta:
        """Return the meta data of a project that was never saved."""
        return cls(str(uuid.uuid4()), created=utc_text(now or datetime.now(UTC)))


@dataclass(frozen=True, slots=True)
class ScanSources:
    """Where the images of one scan were, to find them again.

    Parameters
    ----------
    pet, ct
        Identities; paths are candidates beside the project, or bare file names where the place
        could not be written relative to the project. None where there was no image.
    """

    pet: ImageSource | None
    ct: ImageSource | None


@dataclass(frozen=True, slots=True)
class LoadedProject:
    """What a project file holds.

    Parameters
    ----------
    state
        The session; its scans have no images yet (``pet`` and ``ct`` are None).
    meta
        Identity, revision and how the file looked.
    sources
        From scan id to the identities of its images.
    view
        The saved view, which may never alter a number; None when there is none.
    audit
        The results as stored at the last save (JSON), to be recomputed by ``verify``; or None.
    problems
        What is missing or was repaired, in words.
    embedded
        By scan id and role (``pet``, ``ct``): what is packed into the file, with the digest of its
        member.
    """

    state: SessionState
    meta: ProjectMeta
    sources: Mapping[str, ScanSources]
    view: dict[str, Any] | None
    audit: dict[str, Any] | None
    problems: tuple[Notice, ...]
    embedded: Mapping[str, Mapping[str, tuple[EmbeddedImage, str]]] = field(default_factory=dict)

"""Unique identifiers that are the same every time a sample is made."""

from __future__ import annotations

import uuid

SAMPLE_VERSION = 1
"""Raise it when anything in a sample changes, so that old folders are not mistaken for new ones."""

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "sample.atsm-viewer.invalid")


def sample_uid(*parts: str | int) -> str:
    """UID below 2.25 (DICOM PS3.5 B.2) from a name-based UUID of ``parts`` and the sample version."""
    name = "/".join(str(part) for part in (SAMPLE_VERSION, *parts))
    return f"2.25.{uuid.uuid5(_NAMESPACE, name).int}"

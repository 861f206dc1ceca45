"""Identifiers that stay the same for the life of a thing."""

from __future__ import annotations

import uuid


def new_id(prefix: str) -> str:
    """Return a fresh identifier such as ``roi-3f0c9a51b2de`` (48 random bits)."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"

"""What can go wrong with a journal."""

from __future__ import annotations

from atsm_viewer.domain.errors import AtsmError


class JournalError(AtsmError):
    """A journal cannot be read; the message says why."""

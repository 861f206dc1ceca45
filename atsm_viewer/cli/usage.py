"""Errors in how the command line was used."""

from atsm_viewer.domain.errors import AtsmError


class UsageError(AtsmError):
    """The command line is wrong, not the data."""

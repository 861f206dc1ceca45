"""What can go wrong with a project file."""

from __future__ import annotations

import struct
import zipfile
import zlib

from atsm_viewer.domain.errors import AtsmError


class ProjectError(AtsmError):
    """A project file cannot be read or written; the message names the file."""


class ProjectChangedError(ProjectError):
    """The file on disk is not the one that was loaded; somebody else wrote it."""


# What the parsers below us raise for bad bytes; anything else is a defect of ours and must show.
PARSER_ERRORS: tuple[type[Exception], ...] = (
    AtsmError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    OSError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
)

"""Numbers that lie one after the other in a file, and the text headers that describe them."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.dicom.memory import refuse_beyond_memory

MAX_HEADER_BYTES = 16 * 1024**2
MAX_AXIS = 65535
# Deflate cannot shrink data further than this (zlib documentation), so a smaller file holds less.
_MOST_COMPRESSED = 1032


def head_of(path: Path, n_bytes: int) -> bytes:
    """Return the first bytes of a file; empty when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(n_bytes)
    except OSError:
        return b""


def header_text(path: Path) -> str:
    """Return a text header.

    Raises
    ------
    AtsmError
        When it cannot be read or is too large to be one.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_HEADER_BYTES + 1)
    except OSError as error:
        raise AtsmError(f"“{path.name}” cannot be read.", detail=str(error)) from error
    if len(data) > MAX_HEADER_BYTES:
        raise AtsmError(f"“{path.name}” is too large for a header.")
    return data.decode("utf-8", errors="replace")


def checked_shape(shape: Sequence[float | int | None], path: Path) -> tuple[int, ...]:
    """Return a size in whole numbers.

    Raises
    ------
    AtsmError
        When a number is missing, not whole, or not between 1 and 65 535.
    """
    if any(n is None or not math.isfinite(n) or n != int(n) or not 1 <= n <= MAX_AXIS for n in shape):
        said = " × ".join("?" if n is None else f"{n:g}" for n in shape)
        raise AtsmError(f"“{path.name}” states a size of {said} voxels, which is not usable.")
    return tuple(int(n or 0) for n in shape)


def checked_spacing(spacing: Sequence[float | None], path: Path) -> tuple[float, ...]:
    """Return voxel spacings in mm.

    Raises
    ------
    AtsmError
        When one is missing or not between 0.001 and 100 mm.
    """
    if any(s is None or not math.isfinite(s) or not 1e-3 <= s <= 100.0 for s in spacing):
        said = " × ".join("?" if s is None else f"{s:g}" for s in spacing)
        raise AtsmError(f"“{path.name}” states a voxel spacing of {said} mm, which is not usable.")
    return tuple(float(s or 0.0) for s in spacing)


def open_data(path: Path) -> BinaryIO:
    """Open a data file, unpacked if its name ends in .gz."""
    try:
        if path.name.lower().endswith(".gz"):
            return cast(BinaryIO, gzip.open(path, "rb"))
        return open(path, "rb")
    except OSError as error:
        raise AtsmError(f"“{path.name}” cannot be read.", detail=str(error)) from error


def refuse_short(path: Path, n_bytes: int) -> None:
    """Raise when a file cannot hold what its header declares, before anything is allocated.

    Raises
    ------
    AtsmError
        Naming the file and both sizes; also when the data would not fit into memory.
    """
    try:
        size = os.stat(path).st_size
    except OSError as error:
        raise AtsmError(f"The data file “{path.name}” is missing.", detail=str(error)) from error
    most = size * _MOST_COMPRESSED if path.name.lower().endswith(".gz") else size
    if n_bytes > most:
        raise AtsmError(
            f"“{path.name}” is too short: the header declares {n_bytes:,} bytes, the file has {size:,}.",
            "The file may be only partly copied, or the header may belong to another file.",
        )
    refuse_beyond_memory(n_bytes, path.name)


def read_exactly(file: BinaryIO, path: Path, offset: int, n_bytes: int) -> bytes:
    """Return bytes from a place in an opened file.

    Raises
    ------
    AtsmError
        When the file ends before or is damaged.
    """
    try:
        file.seek(offset)
        data = file.read(n_bytes)
    except (OSError, EOFError, zlib.error, ValueError, OverflowError) as error:
        raise AtsmError(f"“{path.name}” is damaged or truncated.", detail=str(error)) from error
    if len(data) != n_bytes:
        raise AtsmError(
            f"“{path.name}” ends too early: {len(data):,} of {n_bytes:,} bytes from byte {offset:,}.",
            "The file may be only partly copied.",
        )
    return data


def check_end(file: BinaryIO, path: Path) -> None:
    """Let a packed file prove its checksum, which stands behind its last byte.

    Raises
    ------
    AtsmError
        When the checksum is wrong or missing.
    """
    if not path.name.lower().endswith(".gz"):
        return
    try:
        while file.read(1 << 20):
            pass
    except (OSError, EOFError, zlib.error) as error:
        raise AtsmError(f"“{path.name}” is damaged or truncated.", detail=str(error)) from error


def read_numbers(path: Path, dtype: str, shape: tuple[int, ...], offset: int = 0) -> npt.NDArray[Any]:
    """Return an array of the shape and NumPy type (with byte order) from a data file.

    Raises
    ------
    AtsmError
        When the file is missing, shorter than declared, or the data would not fit into memory.
    """
    kind = np.dtype(dtype)
    n_bytes = math.prod(shape) * kind.itemsize
    if offset < 0:
        raise AtsmError(f"The data of “{path.name}” cannot start at byte {offset}.")
    refuse_short(path, offset + n_bytes if not path.name.lower().endswith(".gz") else n_bytes)
    with open_data(path) as file:
        data = read_exactly(file, path, offset, n_bytes)
        check_end(file, path)
    return np.frombuffer(data, kind).reshape(shape)

"""Pixels of many single-frame files, straight into one array."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.io.catalogue_entries import Cancelled, Progress
from atsm_viewer.io.dicom.decode import stored_pixels
from atsm_viewer.io.dicom.header import InstanceHeader
from atsm_viewer.io.dicom.memory import refuse_beyond_memory
from atsm_viewer.io.dicom.stored_values import (
    Scaling,
    drop_unused_bits,
    native_type,
    rescale_float32,
    rescale_int16,
)
from atsm_viewer.io.dicom.tags import PIXEL_DATA

# Two readers keep the disk and both halves of the work busy; more gain nothing from a warm cache.
_N_THREADS = 2
_CHUNKS_PER_THREAD = 8


class _DoesNotFit(Exception):
    """Rescaled values exceed int16."""


def read_planes(
    headers: Sequence[InstanceHeader],
    scalings: Sequence[Scaling],
    order_tk: Sequence[Sequence[int]],
    shape_ji: tuple[int, int],
    *,
    integral: bool,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> npt.NDArray[Any]:
    """Read and rescale single-frame files into an array [t, k, j, i].

    Parameters
    ----------
    headers, scalings
        One per file.
    order_tk
        For each frame and slice the number of the file.
    shape_ji
        Rows, columns.
    integral
        Whether the result may be int16: CT with integral slopes; float32 if the values do not fit.
    progress, cancelled
        See :func:`atsm_viewer.io.catalogue.scan_paths`.

    Raises
    ------
    AtsmError
        Naming the file that cannot be read.
    OperationCancelled
        When ``cancelled`` said so.
    """
    n_t, n_k = len(order_tk), len(order_tk[0])
    name = headers[0].path.name
    n_values = n_t * n_k * shape_ji[0] * shape_ji[1]
    refuse_beyond_memory(n_values * (2 if integral else 4), name)
    types = (np.int16, np.float32) if integral else (np.float32,)
    for kind in types:
        try:
            values = np.empty((n_t * n_k, *shape_ji), dtype=kind)
        except MemoryError:
            raise AtsmError(f"There is not enough memory for the series of “{name}”.") from None
        flat = [n for frame in order_tk for n in frame]
        try:
            _fill(values, [(headers[n], scalings[n]) for n in flat], progress, cancelled)
        except _DoesNotFit:
            continue
        return values.reshape(n_t, n_k, *shape_ji)
    raise AssertionError("float32 always fits")


def _fill(
    values: npt.NDArray[Any],
    planes: list[tuple[InstanceHeader, Scaling]],
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> None:
    n = len(planes)
    size = max(1, -(-n // (_N_THREADS * _CHUNKS_PER_THREAD)))
    chunks = [range(low, min(n, low + size)) for low in range(0, n, size)]
    stop = False

    def work(chunk: range) -> int:
        for index in chunk:
            if stop or (cancelled is not None and cancelled()):
                raise OperationCancelled
            header, scaling = planes[index]
            _one(header, scaling, values[index], cancelled)
        return len(chunk)

    done = 0
    with ThreadPoolExecutor(_N_THREADS) as pool:
        try:
            for count in pool.map(work, chunks):
                done += count
                if progress is not None:
                    progress(done / n, "Reading pixels")
        except BaseException:
            stop = True
            raise


def _one(
    header: InstanceHeader, scaling: Scaling, out: npt.NDArray[Any], cancelled: Cancelled | None
) -> None:
    stored = read_native(header, out)
    if stored is None:
        decoded = stored_pixels(header.path, header.transfer_syntax, cancelled)
        if decoded.shape != (1, *out.shape):
            raise AtsmError(
                f"“{header.path.name}” holds an image of another size than the rest of its series."
            )
        stored = decoded[0]
    if out.dtype == np.float32:
        rescale_float32(stored, scaling, out)
    elif stored.dtype.kind == "f" or not rescale_int16(stored, scaling, out):
        raise _DoesNotFit


def read_native(header: InstanceHeader, out: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
    """Read plain stored values [j, i]; None when pydicom has to do it.

    16-bit signed values are read straight into ``out`` where that is int16 too.

    Raises
    ------
    AtsmError
        When the file ends early or cannot be opened.
    """
    bits, stored_bits = header.integer("BitsAllocated") or 0, header.integer("BitsStored") or 0
    dtype = native_type(bits, header.integer("PixelRepresentation") == 1)
    high = header.integer("HighBit")
    shape = (int(out.shape[0]), int(out.shape[1]))
    if (
        dtype is None
        or not header.is_native
        or header.pixel_tag != PIXEL_DATA
        or header.n_frames != 1
        or not 0 < stored_bits <= bits
        or (high is not None and high != stored_bits - 1)
        or (header.integer("Rows"), header.integer("Columns")) != shape
        or (header.integer("SamplesPerPixel") or 1) != 1
    ):
        return None
    target = out if out.dtype == dtype else np.empty(shape, dtype=dtype)
    if header.pixel_length < target.nbytes:
        raise AtsmError(f"“{header.path.name}” is truncated: it holds fewer pixels than it states.")
    try:
        with open(header.path, "rb", buffering=0) as stream:
            os.lseek(stream.fileno(), header.pixel_offset, os.SEEK_SET)
            n_read = stream.readinto(memoryview(target.data).cast("B"))
    except OSError as error:
        raise AtsmError(f"“{header.path.name}” cannot be read.", detail=str(error)) from error
    if n_read != target.nbytes:
        raise AtsmError(f"“{header.path.name}” is truncated: the file ends before its pixels do.")
    drop_unused_bits(target, bits, stored_bits)
    return target

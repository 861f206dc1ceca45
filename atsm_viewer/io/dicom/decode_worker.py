"""The decoder process: reads a file, decodes its frames one after the other and sends them back.

It may die or hang without harm: third-party decoders run here and nowhere else. Answers are JSON and
raw bytes, never pickles, because a file may have taken this process over.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.dicom.codestream import refuse_lying_codestream
from atsm_viewer.io.dicom.itk_decode import ITK_SYNTAXES, stored_pixels_by_itk
from atsm_viewer.io.dicom.pydicom_door import read_dataset

# On top of what the libraries themselves occupy.
MEMORY_BYTES = 2 * 1024**3
# One decoded frame; decoders hold several copies of it. A PET or CT slice takes 2.
MAX_FRAME_BYTES = 128 * 1024**2
# Without work for this long the process ends by itself; the next file starts another one.
IDLE_SECONDS = 20.0


def serve(connection: Connection) -> None:
    """Answer requests (path and frame number as JSON) until the other side is gone or idle.

    Answers: ``{"ready": true}`` once; then for each request ``{"frames": n}``, n times
    ``{"shape": [j, i], "type": "<u2"}`` followed by the values, or ``{"error": [words, hint, detail]}``.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the window decides what Ctrl+C means
    _limit_memory()
    try:
        _say(connection, ready=True)
        while connection.poll(IDLE_SECONDS):
            request = json.loads(connection.recv_bytes())
            _answer(connection, Path(request["path"]), request["frame"])
    except (EOFError, OSError):
        return  # the other side is gone


def _answer(connection: Connection, path: Path, frame: int | None) -> None:
    try:
        dataset = read_dataset(path, pixels=True)
        total = int(dataset.get("NumberOfFrames", 1) or 1)
        numbers = range(total) if frame is None else range(frame, frame + 1)
        _say(connection, frames=len(numbers))
        for pixels in _decoded(path, dataset, numbers):
            _say(connection, shape=pixels.shape, type=pixels.dtype.str)
            connection.send_bytes(np.ascontiguousarray(pixels).data.cast("B"))
    except AtsmError as error:
        _say(connection, error=[error.user_message, error.hint, error.detail])
    except (EOFError, ConnectionError):
        raise
    except Exception as error:  # noqa: BLE001 - decoders fail in any way; the words reach the person
        _say(connection, error=[
            f"The pixels of “{path.name}” cannot be decoded.",
            "The file may be damaged or only partly copied.",
            f"{type(error).__name__}: {error}",
        ])  # fmt: skip


def _say(connection: Connection, **answer: Any) -> None:
    connection.send_bytes(json.dumps(answer).encode())


def _decoded(path: Path, dataset: Dataset, numbers: range) -> Iterator[npt.NDArray[Any]]:
    """Yield stored values [j, i] of the frames wanted."""
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    samples = int(dataset.get("SamplesPerPixel", 1) or 1)
    if samples != 1:
        raise AtsmError(f"“{path.name}” is a colour picture, not an image of measured values.")
    if rows * columns * ((int(dataset.get("BitsAllocated", 16) or 16) + 7) // 8) > MAX_FRAME_BYTES:
        raise AtsmError(
            f"“{path.name}” states a compressed picture of {rows} × {columns} pixels: too large.",
            "If the header is right, save the series uncompressed, for example with gdcmconv --raw.",
        )
    by_itk = _needs_itk(path, dataset)
    total = int(dataset.get("NumberOfFrames", 1) or 1)
    for number, frame in enumerate(generate_frames(dataset.PixelData, number_of_frames=total)):
        if number in numbers:
            refuse_lying_codestream(frame, rows, columns, samples, path.name)
    if by_itk:
        yield stored_pixels_by_itk(path, dataset)[0]
        return
    decoder = get_decoder(UID(str(dataset.file_meta.TransferSyntaxUID)))
    for pixels, _properties in decoder.iter_array(dataset, indices=numbers):
        yield pixels


def _needs_itk(path: Path, dataset: Dataset) -> bool:
    """Whether no decoder of pydicom is installed for a syntax that ITK decodes.

    Raises
    ------
    AtsmError
        When nothing here decodes it; the message names the codec.
    """
    syntax = UID(str(dataset.file_meta.TransferSyntaxUID))
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        raise AtsmError(
            f"“{path.name}” is compressed as {syntax.name}, which cannot be decoded.",
            "Save the series uncompressed, for example with gdcmconv --raw, and open it again.",
        ) from None
    if decoder.is_available:
        return False
    if syntax in ITK_SYNTAXES and int(dataset.get("NumberOfFrames", 1) or 1) == 1:
        return True
    raise AtsmError(
        f"“{path.name}” is compressed as {syntax.name}, and no decoder for it is installed.",
        "Install python-gdcm, or save the series uncompressed (gdcmconv --raw), and open it again.",
        detail="; ".join(decoder.missing_dependencies),
    )


def _limit_memory() -> None:
    """Let a file that inflates without end fail here, instead of taking the machine along (POSIX only)."""
    try:
        import resource
    except ImportError:
        return
    try:
        occupied = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        occupied = 0
    try:
        resource.setrlimit(resource.RLIMIT_AS, (occupied + MEMORY_BYTES, occupied + MEMORY_BYTES))
    except (OSError, ValueError):
        return  # a system without this limit, or with a lower one already

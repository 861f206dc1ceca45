"""The way to the decoder process: started when needed, ended when it hangs, replaced when it dies."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.io.catalogue_entries import Cancelled

# A 512 x 512 slice takes a few milliseconds; what needs this long for one frame will not end.
FRAME_SECONDS = 2.0
# Reading may wait for a slow network drive, starting for a busy machine; both can be cancelled.
READ_SECONDS = 60.0
START_SECONDS = 60.0
_POLL_SECONDS = 0.05
_KINDS = frozenset("iuf")


class _Gone(Exception):
    """The process ended."""


class _Late(Exception):
    """The process did not answer in time."""


class Decoder:
    """One decoder process."""

    def __init__(self) -> None:
        # Spawn, not fork: the window's threads and locks must not be copied into a process that may hang.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        from atsm_viewer.io.dicom.decode_worker import serve

        self._process = context.Process(target=serve, args=(theirs,), name="atsm-decoder", daemon=True)
        self._process.start()
        theirs.close()
        self._is_ready = False
        self.has_served = False
        self.is_idle = True

    @property
    def pid(self) -> int | None:
        """Number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def frames(
        self, path: Path, frame: int | None, cancelled: Cancelled | None
    ) -> Iterator[tuple[int, npt.NDArray[Any]]]:
        """Yield the number of frames that come, with each frame [j, i]; all of them, or one."""
        self.is_idle = False
        if not self._is_ready:
            self._hear(START_SECONDS, cancelled)
            self._is_ready = True
        try:
            self._connection.send_bytes(json.dumps({"path": os.fspath(path), "frame": frame}).encode())
        except OSError as error:
            raise _Gone from error
        total = int(self._hear(READ_SECONDS, cancelled)["frames"])
        for number in range(total):
            answer = self._hear(FRAME_SECONDS, cancelled)
            kind, shape = np.dtype(answer["type"]), tuple(int(n) for n in answer["shape"])
            raw = self._bytes(FRAME_SECONDS, cancelled)
            if kind.kind not in _KINDS or len(raw) != prod(shape) * kind.itemsize:
                raise _Gone
            self.is_idle = self.has_served = number == total - 1
            yield total, np.frombuffer(raw, dtype=kind).reshape(shape)

    def _hear(self, seconds: float, cancelled: Cancelled | None) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._bytes(seconds, cancelled))
        if "error" in answer:
            self.is_idle = self.has_served = True
            message, hint, detail = answer["error"]
            raise AtsmError(message, hint, detail)
        return answer

    def _bytes(self, seconds: float, cancelled: Cancelled | None) -> bytes:
        until = time.monotonic() + seconds
        try:
            while not self._connection.poll(_POLL_SECONDS):
                if cancelled is not None and cancelled():
                    raise OperationCancelled
                if time.monotonic() > until:
                    raise _Late
            return self._connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise _Gone from error

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()
        self._connection.close()


class DecoderPool:
    """Decoder processes that wait for work; as many run as threads ask at the same time."""

    def __init__(self, start: Callable[[], Decoder] = Decoder) -> None:
        self._start, self._waiting, self._lock = start, list[Decoder](), threading.Lock()

    def decode(
        self, path: Path, frame: int | None = None, cancelled: Cancelled | None = None
    ) -> npt.NDArray[Any]:
        """Return the stored values [frame, j, i] of a compressed file; of one frame where it is named.

        Raises
        ------
        AtsmError
            When it cannot be decoded, or the decoder died or hung over it; the message names the file.
        OperationCancelled
            When ``cancelled`` said so; the process is ended.
        """
        while True:
            may_have_rested = False
            try:
                with self._borrowed() as decoder:
                    may_have_rested = decoder.has_served
                    return _collected(decoder.frames(path, frame, cancelled), path)
            except _Late:
                raise AtsmError(
                    f"Decoding “{path.name}” took more than {FRAME_SECONDS:g} seconds and was stopped.",
                    "The file seems to be damaged. Everything else is as it was.",
                ) from None
            except _Gone:
                # A process that had just gone to rest dies without guilt of the file: ask a fresh one.
                if not may_have_rested:
                    raise AtsmError(
                        f"The decoder failed over “{path.name}”.",
                        "The file seems to be damaged. Everything else is as it was.",
                    ) from None

    def close(self) -> None:
        """End every process that waits."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for decoder in waiting:
            decoder.end()

    @contextmanager
    def _borrowed(self) -> Iterator[Decoder]:
        with self._lock:
            decoder = self._waiting.pop() if self._waiting else None
        if decoder is not None and not decoder.is_alive:
            decoder.end()
            decoder = None
        decoder = decoder or self._start()
        try:
            yield decoder
        finally:
            # One that still owes an answer is of no use to the next file.
            if decoder.is_idle:
                with self._lock:
                    self._waiting.append(decoder)
            else:
                decoder.end()


def _collected(frames: Iterator[tuple[int, npt.NDArray[Any]]], path: Path) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] | None = None
    for number, (total, pixels) in enumerate(frames):
        if pixels.ndim != 2 or (values is not None and pixels.shape != values.shape[1:]):
            raise AtsmError(f"“{path.name}” decodes to an image of another kind or size than it states.")
        if values is None:
            if total == 1:
                return pixels[None]
            values = np.empty((total, *pixels.shape), dtype=pixels.dtype)
        values[number] = pixels
    if values is None:
        raise AtsmError(f"“{path.name}” holds no frame.")
    return values


DECODERS = DecoderPool()

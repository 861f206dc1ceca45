"""The decoder process: same pixels as pydicom, and it may die, hang or be cancelled without harm."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.io.dicom import decoder as module
from atsm_viewer.io.dicom.codestream import refuse_lying_codestream
from atsm_viewer.io.dicom.decode import stored_pixels
from atsm_viewer.io.dicom.decoder import Decoder, DecoderPool

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="processes are stopped by POSIX signals")
GREY = (
    "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "693_J2KI.dcm",
    "JPEG2000.dcm", "JPEGLSNearLossless_16.dcm", "rtdose_rle.dcm",
)  # fmt: skip


def bundled(name: str) -> Path:
    return Path(str(get_testdata_file(name)))


@pytest.fixture
def started() -> list[Decoder]:
    return []


@pytest.fixture
def pool(started: list[Decoder]) -> Iterator[DecoderPool]:
    def start() -> Decoder:
        started.append(Decoder())
        return started[-1]

    made = DecoderPool(start)
    yield made
    made.close()


@pytest.mark.parametrize("name", GREY)
def test_pixels_are_those_that_pydicom_decodes_in_this_process(name: str) -> None:
    expected = pydicom.dcmread(bundled(name)).pixel_array
    got = stored_pixels(bundled(name))
    assert np.array_equal(got.reshape(expected.shape), expected)


def test_one_frame_of_many_can_be_asked_for(pool: DecoderPool) -> None:
    path = bundled("rtdose_rle.dcm")
    expected = pydicom.dcmread(path).pixel_array
    assert np.array_equal(pool.decode(path, frame=7), expected[7:8])


def test_one_process_serves_many_files_and_survives_those_that_it_refuses(
    pool: DecoderPool, started: list[Decoder]
) -> None:
    pool.decode(bundled("MR_small_RLE.dcm"))
    with pytest.raises(AtsmError, match="colour"):
        pool.decode(bundled("SC_rgb_rle.dcm"))
    pool.decode(bundled("JPEG2000.dcm"))
    assert len(started) == 1


@POSIX
def test_a_process_that_died_at_rest_is_replaced_without_a_word(
    pool: DecoderPool, started: list[Decoder]
) -> None:
    first = pool.decode(bundled("MR_small_RLE.dcm"))
    os.kill(started[0].pid or 0, signal.SIGKILL)
    assert np.array_equal(pool.decode(bundled("MR_small_RLE.dcm")), first)
    assert len(started) == 2


@POSIX
def test_a_file_that_hangs_the_decoder_is_named_and_the_next_one_is_read(
    pool: DecoderPool, started: list[Decoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.decode(bundled("MR_small_RLE.dcm"))
    monkeypatch.setattr(module, "READ_SECONDS", 0.3)
    os.kill(started[0].pid or 0, signal.SIGSTOP)
    with pytest.raises(AtsmError, match=r"JPEG2000\.dcm.*stopped"):
        pool.decode(bundled("JPEG2000.dcm"))
    assert not started[0].is_alive
    monkeypatch.undo()
    assert pool.decode(bundled("JPEG2000.dcm")).shape == (1, 1024, 256)


@POSIX
def test_a_file_that_kills_the_decoder_is_named(pool: DecoderPool, started: list[Decoder]) -> None:
    # Stop the process before it has served anything, then kill it while the file is waiting.
    def kill() -> None:
        while not started:
            time.sleep(0.005)
        os.kill(started[0].pid or 0, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(AtsmError, match=r"failed over .*JPEG2000\.dcm"):
        pool.decode(bundled("JPEG2000.dcm"))
    killer.join()


@POSIX
def test_cancelling_ends_a_hanging_decoder_within_a_fifth_of_a_second(
    pool: DecoderPool, started: list[Decoder]
) -> None:
    pool.decode(bundled("MR_small_RLE.dcm"))
    os.kill(started[0].pid or 0, signal.SIGSTOP)
    said = time.perf_counter() + 0.3
    with pytest.raises(OperationCancelled):
        pool.decode(bundled("JPEG2000.dcm"), cancelled=lambda: time.perf_counter() > said)
    assert time.perf_counter() - said < 0.2
    assert not started[0].is_alive


def test_an_idle_process_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from multiprocessing import Pipe

    from atsm_viewer.io.dicom import decode_worker

    monkeypatch.setattr(decode_worker, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(decode_worker, "_limit_memory", lambda: None)
    before = signal.getsignal(signal.SIGINT)
    ours, theirs = Pipe()
    try:
        decode_worker.serve(theirs)  # returns, though nobody asked and nobody closed
    finally:
        signal.signal(signal.SIGINT, before)
    assert b"ready" in ours.recv_bytes()
    ours.close()
    theirs.close()


@pytest.mark.parametrize("name", GREY)
def test_the_codestreams_of_real_files_state_the_size_of_their_headers(name: str) -> None:
    ds = pydicom.dcmread(bundled(name))
    for frame in pydicom.encaps.generate_frames(
        ds.PixelData, number_of_frames=int(ds.get("NumberOfFrames", 1))
    ):
        refuse_lying_codestream(frame, ds.Rows, ds.Columns, 1, name)
        if frame[:1] == b"\xff":
            with pytest.raises(AtsmError, match=str(ds.Rows)):
                refuse_lying_codestream(frame, ds.Rows + 1, ds.Columns, 1, name)

"""Which pixel loops run: numba once it is warm, NumPy before and without it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.render import numpy_kernels

_log = logging.getLogger(__name__)

_MAX_THREADS = min(4, os.cpu_count() or 1)
_MIN_PIXELS_PER_THREAD = 60_000
_FAST_DTYPES = (np.dtype(np.int16), np.dtype(np.uint16), np.dtype(np.float32))

_lock = threading.Lock()
_compiled: ModuleType | None = None
_pool: ThreadPoolExecutor | None = None


def numba_allowed() -> bool:
    """Whether numba may be used: not when the environment variable ATSM_NO_NUMBA is set."""
    return os.environ.get("ATSM_NO_NUMBA", "") in ("", "0")


def warm_up() -> bool:
    """Import and prepare the compiled loops; takes seconds at first, meant for a background thread.

    Returns
    -------
    bool
        Whether the compiled loops are in use from now on. False, with a line in the log, where
        numba is missing or does not work; the NumPy loops then go on.
    """
    global _compiled
    if not numba_allowed():
        return False
    with _lock:
        if _compiled is None:
            try:
                from atsm_viewer.render import numba_kernels
            except ImportError as error:
                _log.warning("Pictures are drawn without numba, more slowly: %s", error)
                return False
            _compiled = numba_kernels
    return True


def is_warm() -> bool:
    """Whether the compiled loops are in use."""
    return _compiled is not None and numba_allowed()


def loops(*volumes: npt.NDArray[Any]) -> ModuleType:
    """Return the module with the loops for these arrays: compiled ones only for what they know."""
    if not is_warm() or _compiled is None:
        return numpy_kernels
    known = all(v.dtype in _FAST_DTYPES and v.flags.c_contiguous for v in volumes)
    return _compiled if known else numpy_kernels


def in_bands(n_rows: int, n_columns: int, work: Callable[[int, int], None]) -> None:
    """Call ``work(first, last)`` for bands of rows, in a few threads when it is worth it.

    The compiled loops release the interpreter, so plain threads help; the NumPy loops run in one.
    """
    threads = min(_MAX_THREADS, n_rows * n_columns // _MIN_PIXELS_PER_THREAD)
    if threads < 2 or not is_warm():
        work(0, n_rows)
        return
    global _pool
    if _pool is None:
        with _lock:
            if _pool is None:
                _pool = ThreadPoolExecutor(_MAX_THREADS - 1, thread_name_prefix="render")
    edges = [n_rows * t // threads for t in range(threads + 1)]
    others = [_pool.submit(work, edges[t], edges[t + 1]) for t in range(1, threads)]
    work(edges[0], edges[1])
    for other in others:
        other.result()

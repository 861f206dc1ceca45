"""Slices of volumes, ready to be sampled."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.volume import Volume
from atsm_viewer.render import kernels

FloatArray = npt.NDArray[np.float32]
_KEPT_SLICES = 16
_SLICES_PER_STEP = 8
NO_SCALE: FloatArray = np.zeros(0, np.float32)


class SliceStore:
    """Reads slices along any axis of the grid and keeps the last ones.

    Slices across i are scattered in memory; :meth:`prepare` makes a copy in order [i, k, j] in
    which they lie together. The copy lives as long as the volume.
    """

    def __init__(self) -> None:
        self._copies: WeakKeyDictionary[Volume, tuple[int, npt.NDArray[Any]]] = WeakKeyDictionary()
        self._slices: OrderedDict[tuple[Any, ...], tuple[Volume, Any, FloatArray]] = OrderedDict()
        self._lock = threading.Lock()

    def is_prepared(self, volume: Volume, frame: int) -> bool:
        """Whether a frame has its copy."""
        held = self._copies.get(volume)
        return held is not None and held[0] == frame

    def prepare(self, volume: Volume, frame: int) -> None:
        """Make the copy of a frame; takes 0.1 s or more and may run in a background thread."""
        if self.is_prepared(volume, frame):
            return
        values = volume.frame_kji(frame)
        nk, nj, ni = values.shape
        copy = np.empty((ni, nk, nj), values.dtype)
        loops = kernels.loops(values)
        # In small steps and not in the drawing threads: the window goes on drawing meanwhile.
        for first in range(0, nk, _SLICES_PER_STEP):
            loops.transpose_to_ikj(values, copy, first, min(first + _SLICES_PER_STEP, nk))
        copy.flags.writeable = False
        with self._lock:
            self._copies[volume] = (frame, copy)

    def forget(self) -> None:
        """Drop all copies and slices."""
        with self._lock:
            self._copies.clear()
            self._slices.clear()

    def read(
        self,
        volume: Volume,
        frame: int,
        axis: int,
        at: float,
        interpolate: bool,
        k_scale: npt.NDArray[np.float64] | None,
        turned: bool,
    ) -> FloatArray | None:
        """Slice [row, column] at a fractional index, or None outside the volume.

        Parameters
        ----------
        volume, frame
            What to read.
        axis, at
            The axis across which to cut, and where (in voxels).
        interpolate
            Mix the two neighbours; else take the voxels whose cells hold the plane.
        k_scale
            Factor per k, or None.
        turned
            Rows along the later of the two other axes instead of the earlier.
        """
        n = volume.geometry.shape_kji[axis]
        if not -0.5 <= at < n - 0.5:
            return None
        key = (id(volume), frame, axis, at, interpolate, id(k_scale), turned)
        with self._lock:
            kept = self._slices.get(key)
            if kept is not None:
                self._slices.move_to_end(key)
                return kept[2]
        plane = self._extract(volume, frame, axis, at, interpolate, k_scale)
        if turned:
            plane = np.ascontiguousarray(plane.T)
        plane.flags.writeable = False
        with self._lock:
            # The volume and the factors are held too, so that their ids stay theirs.
            self._slices[key] = (volume, k_scale, plane)
            while len(self._slices) > _KEPT_SLICES:
                self._slices.popitem(last=False)
        return plane

    def _extract(
        self,
        volume: Volume,
        frame: int,
        axis: int,
        at: float,
        interpolate: bool,
        k_scale: npt.NDArray[np.float64] | None,
    ) -> FloatArray:
        shape = volume.geometry.shape_kji
        if interpolate:
            held = min(max(at, 0.0), shape[axis] - 1.0)
            low = int(held)
            high = min(low + 1, shape[axis] - 1)
            weight = np.float32(held - low)
        else:
            low = high = int(np.floor(at + 0.5))
            weight = np.float32(0.0)
        scale = NO_SCALE if k_scale is None else np.ascontiguousarray(k_scale, np.float32)
        rows, columns = (n for a, n in enumerate(shape) if a != axis)
        out = np.empty((rows, columns), np.float32)
        copy = self._copies.get(volume)
        if axis == 2 and copy is not None and copy[0] == frame:
            if scale.size:
                self._mix_scaled_rows(copy[1], low, high, weight, scale, out)
            else:
                kernels.loops(copy[1]).mix_slices(copy[1], 0, low, high, weight, NO_SCALE, out)
        else:
            values = volume.frame_kji(frame)
            kernels.loops(values).mix_slices(values, axis, low, high, weight, scale, out)
        return out

    @staticmethod
    def _mix_scaled_rows(
        copy_ikj: npt.NDArray[Any],
        low: int,
        high: int,
        weight: np.float32,
        scale: FloatArray,
        out: FloatArray,
    ) -> None:
        a = copy_ikj[low].astype(np.float32) * scale[:, None]
        b = copy_ikj[high].astype(np.float32) * scale[:, None]
        out[...] = a + (b - a) * weight

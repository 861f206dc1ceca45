"""Edits and sessions as JSON with a blob of packed voxels, and back, by names and fields.

The names of the edits come from ``domain.edits.EDITS``; a class path never enters the file. Images are
not written: what stands for them is where they came from and how to know them again.
"""

from __future__ import annotations

import dataclasses
import math
import types
import zlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import EDITS, Edit, SetEntered, SetScanImages
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.volume import Volume
from atsm_viewer.io.journal import limits
from atsm_viewer.io.journal.errors import JournalError
from atsm_viewer.io.project.attach import with_pixel_digest
from atsm_viewer.io.project.codec import decode, encode

_EMPTY_BOX = Box.empty()


@dataclass(frozen=True, slots=True)
class AttachedImages:
    """What stands for ``SetScanImages`` in a replay: the images are found again afterwards.

    Parameters
    ----------
    scan_id
        Which scan.
    pet_source, ct_source
        Where its images came from.
    """

    scan_id: str
    pet_source: ImageSource
    ct_source: ImageSource | None = None

    def apply(self, state: SessionState) -> SessionState:
        """Return the state with the sources."""
        scan = state.scan(self.scan_id)
        new = replace(scan, pet_source=self.pet_source, ct_source=self.ct_source or scan.ct_source)
        return replace(state, scans=tuple(new if s.id == scan.id else s for s in state.scans))


_NAMES: dict[type, str] = {edit: edit.__name__ for edit in EDITS}
_REPLAYED: dict[str, Any] = {**{edit.__name__: edit for edit in EDITS}, "SetScanImages": AttachedImages}


def pack_edit(edit: Edit, blob: bytearray) -> dict[str, Any]:
    """Return an edit as JSON values; voxels are appended to ``blob``.

    Raises
    ------
    JournalError
        For an edit that is not registered.
    TypeError
        For a value that has no place in a journal.
    """
    name = _NAMES.get(type(edit))
    if name is None:
        raise JournalError(f"The edit {type(edit).__name__} is not registered.")
    return {"edit": name, **_packed_fields(edit, blob)}


def unpack_edit(data: Any, blob: bytes, where: str = "edit") -> Edit:
    """Return the edit that :func:`pack_edit` wrote.

    Raises
    ------
    AtsmError
        For an edit that this version does not know, or values that are not usable.
    """
    name = data.get("edit") if isinstance(data, dict) else None
    cls = _REPLAYED.get(name) if isinstance(name, str) else None
    if cls is None:
        raise JournalError(f"This version does not know the step {str(name)[:60]!r}.")
    edit: Edit = _unpacked(cls, data, blob, where)
    return edit


def pack_state(state: SessionState, blob: bytearray) -> dict[str, Any]:
    """Return a session without its images as JSON values; voxels are appended to ``blob``."""
    return _packed_fields(state, blob)


def unpack_state(data: Any, blob: bytes) -> SessionState:
    """Return the session that :func:`pack_state` wrote; its scans have no images.

    Raises
    ------
    AtsmError
        When a value is not usable.
    """
    state: SessionState = _unpacked(SessionState, data, blob, "session")
    return state


# -- writing ----------------------------------------------------------------------------------


def _packed(value: Any, blob: bytearray) -> Any:
    if isinstance(value, Volume):
        return None
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mask):
        return _packed_block(value.box, value.block_kji, blob)
    if isinstance(value, Patch):
        return {**_packed_block(value.box, value.block_kji, blob), "adds": value.adds}
    if type(value) in _NAMES:
        return pack_edit(value, blob)
    if isinstance(value, tuple | list):
        return [_packed(v, blob) for v in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _packed_fields(value, blob)
    return encode(value)


def _packed_fields(value: Any, blob: bytearray) -> dict[str, Any]:
    """Return every field that differs from a default of None; None is kept where it has to be said."""
    if isinstance(value, Scan | SetScanImages) and value.pet_source is not None:
        value = replace(value, pet_source=with_pixel_digest(value.pet_source, value.pet))
    if isinstance(value, Scan | SetScanImages) and value.ct_source is not None:
        value = replace(value, ct_source=with_pixel_digest(value.ct_source, value.ct))
    if isinstance(value, ImageSource):
        # The patient's ID comes back with the image; it need not lie about in the meantime.
        value = replace(value, patient_label="")
    fields = ((f, getattr(value, f.name)) for f in dataclasses.fields(value))
    return {f.name: _packed(v, blob) for f, v in fields if not (v is None and f.default is None)}


def _packed_block(box: Box, block_kji: npt.NDArray[np.bool_], blob: bytearray) -> dict[str, Any]:
    """Return where in the blob a block lies: packed bits in C order, deflated."""
    if box.is_empty or not block_kji.any():
        return {"lo_kji": [0, 0, 0], "hi_kji": [0, 0, 0], "at": len(blob), "n": 0}
    # Level 1: a stroke must be on disk long before the next one; bits of a brush shrink at any level.
    data = zlib.compress(np.packbits(block_kji).tobytes(), 1)
    place = {"lo_kji": list(box.lo_kji), "hi_kji": list(box.hi_kji), "at": len(blob), "n": len(data)}
    blob += data
    return place


# -- reading ----------------------------------------------------------------------------------


def _unpacked(hint: Any, data: Any, blob: bytes, where: str) -> Any:
    if hint is Volume:
        return None
    if hint is Path:
        return Path(_text(data, where))
    if hint is Mask:
        return Mask.from_block(*_block(data, blob, where))
    if hint is Patch:
        return Patch(*_block(data, blob, where), adds=bool(data.get("adds", True)))
    if hint is Edit:
        return unpack_edit(data, blob, where)
    if not _holds_more(hint):
        return decode(hint, data, where)
    origin, arms = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if data is None and types.NoneType in arms:
            return None
        (arm,) = [a for a in arms if a is not types.NoneType]
        return _unpacked(arm, data, blob, where)
    if origin is tuple:
        if not isinstance(data, list):
            raise JournalError(f"“{where}” is not a list.")
        return tuple(_unpacked(arms[0], v, blob, f"{where}[{n}]") for n, v in enumerate(data))
    return _unpacked_dataclass(hint, data, blob, where)


def _unpacked_dataclass(cls: Any, data: Any, blob: bytes, where: str) -> Any:
    if not isinstance(data, dict):
        raise JournalError(f"“{where}” is not an object.")
    hints = _hints_for(cls, data)
    found = {}
    for f in dataclasses.fields(cls):
        if f.name in data:
            found[f.name] = _unpacked(hints[f.name], data[f.name], blob, f"{where}.{f.name}")
        elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise JournalError(f"There is no “{where}.{f.name}”.")
    return cls(**found)


def _hints_for(cls: Any, data: dict[str, Any]) -> dict[str, Any]:
    hints = _hints(cls)
    if cls is SetEntered:
        # What the value is depends on which field of the dose card it is for.
        of_card = _hints(SuvOverrides)
        field = data.get("field")
        if not isinstance(field, str) or field not in of_card:
            raise JournalError(f"The dose card has no field {str(field)[:60]!r}.")
        return {**hints, "value": of_card[field]}
    return hints


def _block(data: Any, blob: bytes, where: str) -> tuple[Box, npt.NDArray[np.bool_]]:
    if not isinstance(data, dict):
        raise JournalError(f"“{where}” is not a block of voxels.")
    lo = decode(tuple[int, int, int], data.get("lo_kji"), f"{where}.lo_kji")
    hi = decode(tuple[int, int, int], data.get("hi_kji"), f"{where}.hi_kji")
    at, n = decode(int, data.get("at"), f"{where}.at"), decode(int, data.get("n"), f"{where}.n")
    box = Box(lo, hi)
    if box.is_empty:
        return _EMPTY_BOX, np.zeros((0, 0, 0), dtype=np.bool_)
    n_voxels = math.prod(box.shape_kji)
    if min(lo) < 0 or n_voxels > limits.MAX_BLOCK_VOXELS:
        raise JournalError(f"The block “{where}” is impossible.", detail=repr(box))
    if at < 0 or n < 0 or at + n > len(blob):
        raise JournalError(f"The voxels of “{where}” are missing.")
    n_bytes = (n_voxels + 7) // 8
    unpacker = zlib.decompressobj()
    try:
        packed = unpacker.decompress(blob[at : at + n], n_bytes + 1)
    except zlib.error as error:
        raise JournalError(f"The voxels of “{where}” are damaged.", detail=str(error)) from error
    if len(packed) != n_bytes or not unpacker.eof:
        raise JournalError(f"The voxels of “{where}” do not fit their box.")
    bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=n_voxels)
    return box, bits.view(np.bool_).reshape(box.shape_kji)


def _text(data: Any, where: str) -> str:
    if not isinstance(data, str) or "\0" in data:
        raise JournalError(f"“{where}” is not a path.")
    return data


@lru_cache(maxsize=256)
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


@lru_cache(maxsize=1024)
def _holds_more(hint: Any) -> bool:
    """Whether a type holds, at any depth, something that only a journal writes."""
    # The generic codec takes an absent field for None; at the top of an edit None is written out.
    if hint in (Volume, Path, Mask, Patch, Edit) or hint in _REPLAYED.values():
        return True
    if any(_holds_more(arm) for arm in get_args(hint) if arm is not Ellipsis):
        return True
    cls = get_origin(hint) or hint
    if isinstance(cls, type) and dataclasses.is_dataclass(cls):
        return any(_holds_more(h) for h in _hints(cls).values() if h is not cls)
    return False

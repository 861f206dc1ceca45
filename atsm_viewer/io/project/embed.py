"""Images packed into a project file, so that it can be sent: NRRD with gzip, LPS, one per member.

Other programs read the members as they are (3D Slicer, ITK, pynrrd). The manifest says of each what
it holds; on reading nothing is believed before it is counted: sizes, digest and length must agree,
and memory is bounded by what the manifest declares, which in turn is bounded by ``limits``.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.io.project import limits
from atsm_viewer.io.project.archive import MemberDamagedError, open_archive
from atsm_viewer.io.project.codec import decode, encode
from atsm_viewer.io.project.errors import PARSER_ERRORS, ProjectError

FEATURE = "embedded-images"
_TYPES: Mapping[str, str] = {"float": "<f4", "short": "<i2"}
_LEVEL = 4  # beyond it noise costs time and saves next to nothing

_REMEMBER_BYTES = 256 * limits.MIB

# A volume never changes, so it is compressed once, however often the project is saved.
_ENCODED: WeakKeyDictionary[Volume, bytes] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class EmbeddedImage:
    """What the manifest says of one packed image.

    Parameters
    ----------
    file
        Name of the member.
    type
        NRRD type: ``float`` (float32) or ``short`` (int16), little-endian.
    geometry
        Grid, LPS mm.
    unit, modality, frames
        See :class:`Volume`.
    """

    file: str
    type: str
    geometry: Geometry
    unit: str
    modality: Modality
    frames: tuple[FrameTime, ...]

    @property
    def shape_tkji(self) -> tuple[int, int, int, int]:
        """Size of the array [t, k, j, i]."""
        return (len(self.frames), *self.geometry.shape_kji)

    @property
    def n_bytes(self) -> int:
        """Size of the unpacked array."""
        t, k, j, i = self.shape_tkji
        return t * k * j * i * int(_TYPES[self.type][-1])


def describe(volume: Volume, scan_number: int, role: str) -> EmbeddedImage:
    """Return the description of an image that is to be packed.

    Raises
    ------
    ProjectError
        When its values do not fit float32 or int16 without a change, or it is too large.
    """
    kind = {"<f4": "float", "<i2": "short"}.get(volume.values_tkji.dtype.newbyteorder("<").str)
    if kind is None:
        raise ProjectError(f"the {role.upper()} has values of a kind that cannot be packed unchanged")
    found = EmbeddedImage(
        f"images/{scan_number:03d}-{role}.nrrd",
        kind,
        volume.geometry,
        volume.unit,
        volume.modality,
        volume.frames,
    )
    if found.n_bytes > limits.MAX_IMAGE_BYTES:
        raise ProjectError(f"the {role.upper()} is too large to be packed into a project")
    return found


def encode_image(volume: Volume) -> bytes:
    """Return an image as NRRD with gzip; the same image gives the same bytes."""
    if volume not in _ENCODED:
        values = np.ascontiguousarray(volume.values_tkji, volume.values_tkji.dtype.newbyteorder("<"))
        body = gzip.compress(values.data, compresslevel=_LEVEL, mtime=0)
        _ENCODED[volume] = _header(volume) + body
    return _ENCODED[volume]


def _header(volume: Volume) -> bytes:
    grid = volume.geometry
    k, j, i = grid.shape_kji
    steps = " ".join(_vector(s) for s in (grid.step_i_lps, grid.step_j_lps, grid.step_k_lps))
    kind = "float" if volume.values_tkji.dtype.kind == "f" else "short"
    many = volume.n_frames > 1
    lines = [
        "NRRD0004",
        f"type: {kind}",
        f"dimension: {4 if many else 3}",
        "space: left-posterior-superior",
        f"sizes: {i} {j} {k}" + (f" {volume.n_frames}" if many else ""),
        f"space directions: {steps}" + (" none" if many else ""),
        "kinds: domain domain domain" + (" list" if many else ""),
        "endian: little",
        "encoding: gzip",
        "space origin: " + _vector(grid.origin_lps),
    ]
    return "\n".join(lines).encode("ascii") + b"\n\n"


def _vector(values: tuple[float, ...]) -> str:
    return "(" + ",".join(repr(float(v)) for v in values) + ")"


def embedded_to_dict(images: Mapping[str, EmbeddedImage]) -> dict[str, Any]:
    """Return the packed images of one scan, by role, as plain values."""
    return {role: encode(image) for role, image in images.items()}


def embedded_from_dict(data: Any, where: str) -> dict[str, EmbeddedImage]:
    """Return the packed images of one scan, by role (``pet``, ``ct``).

    Raises
    ------
    ProjectError
        When a value is missing, of the wrong kind or beyond the limits.
    """
    found: dict[str, EmbeddedImage] = decode(dict[str, EmbeddedImage], data, where)
    for role, image in found.items():
        at = f"{where}.{role}"
        if role not in ("pet", "ct") or image.type not in _TYPES:
            raise ProjectError(f"The project file holds an image of an unknown kind at “{at}”.")
        if not re.fullmatch(r"images/[0-9A-Za-z_-]{1,60}\.nrrd", image.file):
            raise ProjectError(
                f"The project file names an unusable member at “{at}”.", detail=image.file[:200]
            )
        if not 1 <= len(image.frames) <= 100_000 or image.n_bytes > limits.MAX_IMAGE_BYTES:
            raise ProjectError(f"The image at “{at}” of the project file is too large.")
        if not all(np.isfinite((f.start_s, f.duration_s)).all() for f in image.frames):
            raise ProjectError(f"The image at “{at}” of the project file has unusable frame times.")
    return found


def read_embedded(path: Path, image: EmbeddedImage, sha256: str) -> Volume:
    """Unpack one image of a project file.

    Parameters
    ----------
    path
        The project file.
    image
        From the manifest.
    sha256
        Digest of the member, from the manifest.

    Raises
    ------
    ProjectError
        When the member is absent, damaged or not what the manifest says. The message names the file.
    """
    try:
        with Path(os.path.realpath(path)).open("rb") as stream:
            archive = open_archive(stream)
            size = archive.sizes.get(image.file, 0)
            if image.n_bytes > limits.MAX_RATIO * size + limits.SMALL_IMAGE_BYTES:
                raise ProjectError(f"The part “{image.file}” would unpack to suspiciously much.")
            kept: list[bytes] = []
            values, digest = _unpack(_remembered(archive.chunks(image.file), kept), image)
        if digest != sha256:
            raise ProjectError(f"The part “{image.file}” differs from its digest.")
        volume = Volume(image.geometry, values, image.unit, image.modality, image.frames)
        if size <= _REMEMBER_BYTES:
            _ENCODED[volume] = b"".join(kept)  # the next save need not compress it again
        return volume
    except PARSER_ERRORS as error:
        words = error.user_message if isinstance(error, AtsmError) else f"An image in it is damaged: {error}."
        raise ProjectError(
            f"“{path.name}”: {words}", "The regions are kept.", f"{type(error).__name__}: {error}"
        ) from error


def _remembered(chunks: Iterable[bytes], kept: list[bytes]) -> Iterator[bytes]:
    total = 0
    for piece in chunks:
        total += len(piece)
        if total <= _REMEMBER_BYTES:
            kept.append(piece)
        yield piece


def _unpack(chunks: Iterable[bytes], image: EmbeddedImage) -> tuple[npt.NDArray[Any], str]:
    """Return the array and the digest of the packed bytes; memory stays within what is declared."""
    digest = hashlib.sha256()
    source = iter(chunks)
    head = b""
    while b"\n\n" not in head:
        if len(head) > limits.MAX_NRRD_HEADER_BYTES:
            raise MemberDamagedError("its header does not end")
        piece = next(source, b"")
        if not piece:
            raise MemberDamagedError("it has no header")
        digest.update(piece)
        head += piece
    header, _, rest = head.partition(b"\n\n")
    _check_header(header, image)
    raw = np.empty(image.n_bytes, np.uint8)
    filled, taken = 0, 0
    inflater = zlib.decompressobj(31)
    for packed in _chain(rest, source, digest):
        todo, taken = packed, taken + len(packed)
        if inflater.eof and packed:
            raise MemberDamagedError("something follows the image")
        while todo and not inflater.eof:
            piece = inflater.decompress(todo, min(limits.CHUNK_BYTES, image.n_bytes - filled + 1))
            if filled + len(piece) > image.n_bytes:
                raise MemberDamagedError("it unpacks to more than it says")
            raw[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
            filled += len(piece)
            if filled > limits.MAX_RATIO * taken + limits.SMALL_IMAGE_BYTES:
                raise MemberDamagedError("it unpacks to suspiciously much")
            if not piece and not inflater.unconsumed_tail:
                break
            todo = inflater.unconsumed_tail
    if inflater.unused_data:
        raise MemberDamagedError("something follows the image")
    if filled != image.n_bytes or not inflater.eof:
        raise MemberDamagedError("it unpacks to less than it says")
    return raw.view(_TYPES[image.type]).reshape(image.shape_tkji), digest.hexdigest()


def _chain(first: bytes, rest: Iterator[bytes], digest: Any) -> Iterator[bytes]:
    yield first
    for piece in rest:
        digest.update(piece)
        yield piece


def _check_header(header: bytes, image: EmbeddedImage) -> None:
    """The header only repeats what the manifest says; where they differ neither is believed."""
    fields = dict(
        line.split(": ", 1)
        for line in header.decode("ascii", errors="replace").split("\n")
        if ": " in line and not line.startswith("#")
    )
    t, k, j, i = image.shape_tkji
    sizes = f"{i} {j} {k}" + (f" {t}" if t > 1 else "")
    wanted = {"type": image.type, "sizes": sizes, "encoding": "gzip", "endian": "little"}
    for name, value in wanted.items():
        if fields.get(name) != value:
            raise MemberDamagedError(f"its {name} is not {value} as the project says")

"""A first look at a series: its middle slice and what its headers say, without reading the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.suv.facts import PetFacts
from atsm_viewer.io.catalogue_entries import Cancelled, SeriesEntry
from atsm_viewer.io.conventions import slice_normal
from atsm_viewer.io.dicom.header import InstanceHeader
from atsm_viewer.io.read_series import read_series

# A volume file is read as a whole or not at all; a larger one would hold up the others.
MAX_VOLUME_FILE_BYTES = 32 * 1024**2


@dataclass(frozen=True, slots=True)
class SeriesPreview:
    """One slice, for a small picture, and the facts for the SUV.

    Parameters
    ----------
    plane_ji
        Stored values [j, i] of the middle slice; None where it would take too long.
    pixel_mm
        Spacing along j and i.
    facts
        What the headers of a PET say; None for others, and where pixels are mapped or in many frames.
    """

    plane_ji: npt.NDArray[Any] | None = None
    pixel_mm: tuple[float, float] = (1.0, 1.0)
    facts: PetFacts | None = None


def preview_series(entry: SeriesEntry, cancelled: Cancelled | None = None) -> SeriesPreview:
    """Read the middle slice of a series and the facts of its headers.

    Raises
    ------
    AtsmError
        When they cannot be read; the message names the file.
    OperationCancelled
        When ``cancelled`` said so.
    """
    if entry.kind != "dicom-series":
        if not entry.suitable or entry.paths[0].stat().st_size > MAX_VOLUME_FILE_BYTES:
            return SeriesPreview()
        image = read_series(entry, cancelled=cancelled)
        _dk, dj, di = image.volume.geometry.spacing_kji_mm
        frame = image.volume.frame_kji(0)
        return SeriesPreview(np.asarray(frame[len(frame) // 2]), (dj, di), image.facts)
    if not entry.headers:
        return SeriesPreview()
    middle = _middle(entry.headers)
    spacing = middle.numbers("PixelSpacing")
    pixel_mm = (spacing[0], spacing[1]) if len(spacing) == 2 and min(spacing) > 0 else (1.0, 1.0)
    return SeriesPreview(_plane(middle, cancelled), pixel_mm, _facts(entry))


def _middle(headers: tuple[InstanceHeader, ...]) -> InstanceHeader:
    orientation = headers[0].numbers("ImageOrientationPatient")
    if len(orientation) != 6:
        return headers[len(headers) // 2]
    normal = slice_normal(orientation)

    def along(header: InstanceHeader) -> float:
        position = header.numbers("ImagePositionPatient")
        return float(np.dot(position, normal)) if len(position) == 3 else 0.0

    return sorted(headers, key=along)[len(headers) // 2]


def _plane(header: InstanceHeader, cancelled: Cancelled | None) -> npt.NDArray[Any] | None:
    from atsm_viewer.io.dicom.decode import stored_pixels
    from atsm_viewer.io.dicom.decoder import DECODERS
    from atsm_viewer.io.dicom.pixels import read_native
    from atsm_viewer.io.dicom.stored_values import native_type

    rows, columns = header.integer("Rows") or 0, header.integer("Columns") or 0
    if header.n_frames == 1:
        native = read_native(header, np.empty((rows, columns), dtype=np.int16))
        return (
            native if native is not None else stored_pixels(header.path, header.transfer_syntax, cancelled)[0]
        )
    number = header.n_frames // 2
    kind = native_type(header.integer("BitsAllocated") or 0, header.integer("PixelRepresentation") == 1)
    if header.is_native and kind is not None and not header.is_truncated:
        offset = header.pixel_offset + number * header.frame_bytes
        return np.fromfile(header.path, dtype=kind, count=rows * columns, offset=offset).reshape(
            rows, columns
        )
    if header.is_native or header.by_pydicom:
        return None
    plane: npt.NDArray[Any] = DECODERS.decode(header.path, number, cancelled)[0]
    return plane


def _facts(entry: SeriesEntry) -> PetFacts | None:
    from atsm_viewer.io.dicom.facts import facts_of

    mapped = any(h.raw("RealWorldValueMappingSequence") or h.is_multiframe for h in entry.headers)
    if entry.modality != "PT" or mapped:
        return None
    try:
        return facts_of(entry.headers, [None] * len(entry.headers))
    except AtsmError:
        return None  # reading the series says what is wrong; here it only stays without a verdict

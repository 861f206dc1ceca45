"""Read a series of single-frame DICOM files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from atsm_viewer.domain.errors import AtsmError, OperationCancelled
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.io.catalogue_entries import Cancelled, Progress, SeriesEntry
from atsm_viewer.io.dicom.decode import stored_pixels
from atsm_viewer.io.dicom.facts import facts_of
from atsm_viewer.io.dicom.header import InstanceHeader
from atsm_viewer.io.dicom.pixels import read_planes
from atsm_viewer.io.dicom.planes import plane_of
from atsm_viewer.io.dicom.pydicom_door import damage_in_words, read_dataset
from atsm_viewer.io.dicom.real_world import RealWorld, real_world_of
from atsm_viewer.io.dicom.stack import plan_stack
from atsm_viewer.io.dicom.stored_values import Scaling
from atsm_viewer.io.digest import sop_digest
from atsm_viewer.io.loaded_image import LoadedImage


def read_single_frames(
    entry: SeriesEntry,
    modality: Modality,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> LoadedImage:
    """Read a series of single-frame files into a volume.

    Raises
    ------
    AtsmError
        When the slices do not make a volume or a file cannot be read; the message names it.
    OperationCancelled
        When ``cancelled`` said so.
    """
    headers, notices = _without_double_files(entry.headers, cancelled)
    first = headers[0]
    rows, columns = first.integer("Rows") or 0, first.integer("Columns") or 0
    planes = [plane_of(header) for header in headers]
    plan = plan_stack(
        planes,
        (rows, columns),
        first.text("FrameOfReferenceUID"),
        lambda a, b: same_pixels(headers[a], headers[b], cancelled),
        first.integer("NumberOfSlices"),
    )
    is_pet = modality is Modality.PET
    mappings = [_mapping(header) for header in headers]
    scalings = [
        _scaling(header, mapping, padding=is_pet) for header, mapping in zip(headers, mappings, strict=True)
    ]
    values = read_planes(
        headers,
        scalings,
        plan.order_tk,
        (rows, columns),
        integral=modality is Modality.CT and all(scaling.is_integral for scaling in scalings),
        progress=progress,
        cancelled=cancelled,
    )
    flat = [n for frame in plan.order_tk for n in frame]
    ordered = [headers[n] for n in flat]
    facts = facts_of(ordered, [mappings[n] for n in flat]) if is_pet else None
    notices += [*_value_notices(headers, mappings, is_pet), *lossy_notices(headers)]
    unit = (mappings[0].units if mappings[0] else first.text("Units")) if is_pet else "HU"
    n_slices = len(plan.order_tk[0])
    return LoadedImage(
        volume=Volume(plan.geometry, values, unit, modality, plan.frames),
        source=source_of(entry, ordered),
        facts=facts,
        instance_tk=_numbering(len(plan.order_tk), n_slices) if is_pet else (),
        notices=(*notices, *plan.notices, *damaged_notices(entry)),
    )


def source_of(entry: SeriesEntry, headers: Sequence[InstanceHeader]) -> ImageSource:
    """Return the identity of a DICOM series, its files in slice order."""
    date = entry.study_date
    iso = f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 and date.isdigit() else ""
    return ImageSource(
        kind="dicom-series",
        paths=tuple(header.path for header in headers),
        series_uid=entry.series_uid,
        study_uid=entry.study_uid,
        frame_of_reference_uid=entry.frame_of_reference_uid,
        description=entry.description,
        patient_label=entry.patient_label,
        n_instances=len(headers),
        sop_digest=sop_digest(header.text("SOPInstanceUID") for header in headers),
        study_date=iso,
    )


def lossy_notices(headers: Sequence[InstanceHeader]) -> tuple[Notice, ...]:
    """Return a warning when the pixels were once compressed with loss (0028,2110)."""
    if all(header.text("LossyImageCompression") != "01" for header in headers):
        return ()
    text = "The image was compressed with loss, so its values are not those of the scanner."
    return (Notice("lossy", Severity.WARNING, text, "Use the original series for measuring."),)


def damaged_notices(entry: SeriesEntry) -> tuple[Notice, ...]:
    """Return a warning when files of the series could not be read."""
    if not entry.damaged:
        return ()
    first: Path = entry.damaged[0].path
    return (
        Notice(
            "damaged_files",
            Severity.WARNING,
            f"{len(entry.damaged)} file(s) of this series could not be read, for example “{first.name}”; "
            "slices may be missing at the ends.",
            "Copy the series again, completely.",
        ),
    )


def same_pixels(a: InstanceHeader, b: InstanceHeader, cancelled: Cancelled | None = None) -> bool:
    """Whether two files hold the same stored pixels with the same slope and intercept.

    Raises
    ------
    AtsmError
        When a file cannot be read.
    OperationCancelled
        When ``cancelled`` said so.
    """
    if cancelled is not None and cancelled():
        raise OperationCancelled
    scaling = ("RescaleSlope", "RescaleIntercept")
    if any(a.text(name) != b.text(name) for name in scaling):
        return False
    of_a, of_b = (stored_pixels(h.path, h.transfer_syntax, cancelled) for h in (a, b))
    return bool(np.array_equal(of_a, of_b))


def _without_double_files(
    headers: Sequence[InstanceHeader], cancelled: Cancelled | None
) -> tuple[list[InstanceHeader], list[Notice]]:
    """Keep one of several files with one SOP Instance UID, if they hold the same pixels."""
    kept: dict[str, InstanceHeader] = {}
    unnamed: list[InstanceHeader] = []
    dropped = 0
    for header in headers:
        uid = header.text("SOPInstanceUID")
        if not uid:
            unnamed.append(header)
        elif uid not in kept:
            kept[uid] = header
        elif same_pixels(kept[uid], header, cancelled):
            dropped += 1
        else:
            raise AtsmError(
                f"“{kept[uid].path.name}” and “{header.path.name}” name the same image "
                "but hold different pixels.",
                "Remove the one that does not belong to the series.",
            )
    notices = []
    if dropped:
        text = f"{dropped} file(s) were second copies of an image and left out."
        notices.append(Notice("duplicate_files", Severity.INFO, text))
    return [*kept.values(), *unnamed], notices


def _mapping(header: InstanceHeader) -> RealWorld | None:
    if not header.raw("RealWorldValueMappingSequence"):
        return None
    with damage_in_words(header.path):
        return real_world_of(read_dataset(header.path, pixels=False).get("RealWorldValueMappingSequence"))


def _scaling(header: InstanceHeader, mapping: RealWorld | None, *, padding: bool) -> Scaling:
    if header.raw("ModalityLUTSequence") and mapping is None:
        raise AtsmError(f"“{header.path.name}” uses a look-up table for its values, which is not supported.")
    slope, intercept = header.number("RescaleSlope"), header.number("RescaleIntercept")
    chosen = mapping.scaling if mapping else Scaling(1.0 if slope is None else slope, intercept or 0.0)
    pad = _padding(header) if padding else None
    return Scaling(chosen.slope, chosen.intercept, pad, chosen.mapped).checked(header.path.name)


def _padding(header: InstanceHeader) -> tuple[float, float] | None:
    signed = header.integer("PixelRepresentation") == 1
    first = header.integer("PixelPaddingValue", signed=signed)
    last = header.integer("PixelPaddingRangeLimit", signed=signed)
    if first is None:
        return None
    last = first if last is None else last
    return (float(min(first, last)), float(max(first, last)))


def _value_notices(
    headers: Sequence[InstanceHeader], mappings: Sequence[RealWorld | None], is_pet: bool
) -> list[Notice]:
    notices: list[Notice] = []
    used = [(h, m) for h, m in zip(headers, mappings, strict=True) if m is not None]
    if used and len(used) < len(headers):
        raise AtsmError(
            "Only some slices of the series carry a real world value mapping; they cannot be mixed."
        )
    if used:
        apart = any(
            m.units == h.text("Units")
            and not math.isclose(m.scaling.slope, h.number("RescaleSlope") or 1.0, rel_tol=1e-3)
            for h, m in used
        )
        notices.append(
            Notice(
                "real_world_mapping",
                Severity.WARNING if apart else Severity.INFO,
                "The real world value mapping of the file was used in place of slope, intercept and Units"
                + (", and differs from them." if apart else "."),
            )
        )
    elif any(not h.raw("RescaleSlope") for h in headers):
        text = "Slices without a rescale slope: their stored values were taken as they are."
        notices.append(Notice("no_slope", Severity.WARNING, text))
    if is_pet and not used and any((h.number("RescaleIntercept") or 0.0) != 0.0 for h in headers):
        text = "The PET states a rescale intercept other than 0, against the standard; it was applied."
        notices.append(Notice("pet_intercept", Severity.WARNING, text))
    return notices


def _numbering(n_frames: int, n_slices: int) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(range(t * n_slices, (t + 1) * n_slices)) for t in range(n_frames))

"""From single headers to series that can be opened, and those set aside with a reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.catalogue_entries import RejectedFile, SeriesEntry
from atsm_viewer.io.conventions import slice_normal
from atsm_viewer.io.dicom.header import InstanceHeader

# Directions may differ by rounding, or by the jitter of a reconstruction; more is another stack.
ORIENTATION_TOLERANCE = 1e-3

_NOT_IMAGES = {
    "RTSTRUCT": "RT structure set: holds contours, not an image",
    "RTDOSE": "RT dose: not a PET or CT image",
    "RTPLAN": "RT plan: not an image",
    "SEG": "segmentation: holds regions, not an image",
    "SR": "structured report: not an image",
    "PR": "presentation state: not an image",
    "REG": "registration: not an image",
    "KO": "key object note: not an image",
    "RWV": "real world value mapping: not an image",
}
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_DERIVED_WORDS = {
    "MIP": "maximum intensity projection: not slices",
    "REPROJECTION": "reprojection: not slices",
    "PROJECTION IMAGE": "projection: not slices",
    "LOCALIZER": "localizer (scout): not slices",
    "SCREEN SAVE": "screen capture: not measured values",
}


def group_series(headers: Iterable[InstanceHeader], damaged: Sequence[RejectedFile]) -> list[SeriesEntry]:
    """Group the headers of many files into series.

    A series is split where image size, kind of image (slices, projection, localizer) or
    orientation differ, because such parts are not one stack.
    """
    by_series: dict[tuple[bytes, ...], list[InstanceHeader]] = defaultdict(list)
    for header in headers:
        key = tuple(
            header.raw(name)
            for name in ("SeriesInstanceUID", "SOPClassUID", "Rows", "Columns", "ImageType", "SeriesType")
        )
        by_series[key].append(header)
    merged: dict[tuple[str, ...], list[InstanceHeader]] = defaultdict(list)
    for members in by_series.values():
        first = members[0]
        merged[
            first.text("SeriesInstanceUID"),
            first.text("SOPClassUID"),
            str(first.integer("Rows")),
            str(first.integer("Columns")),
            unsuitable_reason(first),
        ].extend(members)
    broken: dict[str, list[RejectedFile]] = defaultdict(list)
    for rejected in damaged:
        broken[rejected.series_uid].append(rejected)
    entries: list[SeriesEntry] = []
    for (series_uid, *_rest, reason), members in merged.items():
        stacks = [members] if reason else _by_orientation(members)
        turning = len(stacks) > 2 and all(len(stack) == 1 for stack in stacks)
        if turning:
            stacks, reason = [members], "the orientation turns from image to image: a projection, not slices"
        for position, stack in enumerate(stacks):
            own = reason
            if not own and position > 0 and len(stack) < len(stacks[0]):
                own = f"{len(stack)} image(s) with another orientation than the rest of the series"
            entries.append(_entry(stack, own, tuple(broken.get(series_uid, ())) if series_uid else ()))
    return _with_unique_ids(entries)


def unsuitable_reason(header: InstanceHeader) -> str:
    """Why an instance is not an image for measuring; empty when it is."""
    modality = header.text("Modality").upper()
    if modality in _NOT_IMAGES:
        return _NOT_IMAGES[modality]
    if not header.has_pixels:
        return "no pixel data"
    if header.text("SOPClassUID").startswith(_SECONDARY_CAPTURE):
        return "secondary capture: not measured values"
    if (header.integer("SamplesPerPixel") or 1) != 1:
        return "colour picture: not measured values"
    words = {part.upper() for name in ("ImageType", "SeriesType") for part in header.texts(name)}
    for word, reason in _DERIVED_WORDS.items():
        if word in words:
            return reason
    if header.text("ReprojectionMethod"):
        return _DERIVED_WORDS["REPROJECTION"]
    if modality not in ("PT", "CT"):
        return f"modality {modality or 'unknown'}: only PET and CT are opened"
    if not header.is_multiframe and (
        not header.raw("ImagePositionPatient") or not header.raw("ImageOrientationPatient")
    ):
        return "position or orientation in the patient is missing"
    return ""


def _by_orientation(headers: list[InstanceHeader]) -> list[list[InstanceHeader]]:
    """Split into stacks of one orientation, the largest first."""
    stacks: list[tuple[np.ndarray, list[InstanceHeader]]] = []
    known: dict[bytes, list[InstanceHeader]] = {}
    for header in headers:
        raw = header.raw("ImageOrientationPatient")
        if raw not in known:
            try:
                cosines = np.array(header.numbers("ImageOrientationPatient") or (0.0,) * 6)
            except AtsmError:
                cosines = np.zeros(6)  # judged, in words, when the series is read
            if cosines.size != 6:
                cosines = np.zeros(6)
            for reference, stack in stacks:
                if np.abs(reference - cosines).max() <= ORIENTATION_TOLERANCE:
                    known[raw] = stack
                    break
            else:
                known[raw] = []
                stacks.append((cosines, known[raw]))
        known[raw].append(header)
    return sorted((stack for _cosines, stack in stacks), key=len, reverse=True)


def _entry(headers: list[InstanceHeader], reason: str, damaged: tuple[RejectedFile, ...]) -> SeriesEntry:
    first = headers[0]
    rows, columns = first.integer("Rows") or 0, first.integer("Columns") or 0
    n_images = sum(header.n_frames for header in headers)
    return SeriesEntry(
        id=first.text("SeriesInstanceUID") or str(first.path),
        kind="dicom-series",
        modality=first.text("Modality").upper(),
        description=first.text("SeriesDescription") or first.text("StudyDescription"),
        paths=tuple(header.path for header in headers),
        patient_label=first.text("PatientID"),
        study_uid=first.text("StudyInstanceUID"),
        series_uid=first.text("SeriesInstanceUID"),
        frame_of_reference_uid=first.text("FrameOfReferenceUID"),
        study_date=first.text("StudyDate"),
        study_time=first.text("StudyTime"),
        n_files=len(headers),
        shape=f"{n_images} × {rows} × {columns}" if first.has_pixels else "",
        units="HU" if first.text("Modality").upper() == "CT" else first.text("Units"),
        suitable=not reason,
        reason=reason,
        is_original="ORIGINAL" in {part.upper() for part in first.texts("ImageType")[:1]},
        is_attenuation_corrected="ATTN" in {part.upper() for part in first.texts("CorrectedImage")},
        z_range_mm=None if reason else _z_range(headers),
        damaged=damaged,
        headers=tuple(headers),
    )


def _z_range(headers: list[InstanceHeader]) -> tuple[float, float] | None:
    try:
        orientation = headers[0].numbers("ImageOrientationPatient")
        positions = [header.numbers("ImagePositionPatient") for header in headers]
    except AtsmError:
        return None
    if len(orientation) != 6 or any(len(p) != 3 for p in positions):
        return None
    with np.errstate(all="ignore"):
        along = np.array(positions) @ slice_normal(orientation)
    return (float(along.min()), float(along.max())) if np.isfinite(along).all() else None


def _with_unique_ids(entries: list[SeriesEntry]) -> list[SeriesEntry]:
    seen: dict[str, int] = defaultdict(int)
    unique = []
    for entry in entries:
        seen[entry.id] += 1
        count = seen[entry.id]
        unique.append(entry if count == 1 else replace(entry, id=f"{entry.id}#{count}"))
    return unique

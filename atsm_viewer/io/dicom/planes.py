"""From the headers of single-frame files to planes for the stack."""

from __future__ import annotations

from datetime import datetime

from atsm_viewer.domain.dicom_time import combine, parse_date, parse_datetime, parse_time
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.dicom.header import InstanceHeader
from atsm_viewer.io.dicom.stack import Plane

_DAY_ZERO = datetime(1970, 1, 1)


def plane_of(header: InstanceHeader) -> Plane:
    """Return the plane of a single-frame file.

    Raises
    ------
    AtsmError
        When position, orientation or pixel spacing is missing or not a number.
    """
    position = header.numbers("ImagePositionPatient")
    orientation = header.numbers("ImageOrientationPatient")
    spacing = header.numbers("PixelSpacing")
    for name, values, count in (
        ("Image Position (Patient)", position, 3),
        ("Image Orientation (Patient)", orientation, 6),
        ("Pixel Spacing", spacing, 2),
    ):
        if len(values) != count:
            raise AtsmError(f"“{header.path.name}”: {name} holds {len(values)} numbers instead of {count}.")
    others = ("TriggerTime", "TemporalPositionIdentifier", "AcquisitionNumber")
    return Plane(
        name=header.path.name,
        position_lps=(position[0], position[1], position[2]),
        orientation=orientation,
        pixel_spacing=(spacing[0], spacing[1]),
        thickness_mm=_soft(header, "SliceThickness") or _soft(header, "SpacingBetweenSlices"),
        acquired_s=acquired_s(header),
        reference_ms=_soft(header, "FrameReferenceTime"),
        other_order=tuple(_soft(header, name) or 0.0 for name in others),
        duration_ms=_soft(header, "ActualFrameDuration"),
        image_index=header.integer("ImageIndex"),
    )


def acquired_s(header: InstanceHeader) -> float | None:
    """Acquisition date and time in seconds since a fixed day, None when either is unknown."""
    clock = combine(parse_date(header.text("AcquisitionDate")), parse_time(header.text("AcquisitionTime")))
    if clock is None:
        stated = parse_datetime(header.text("AcquisitionDateTime"))
        clock = stated.clock if stated else None
    return None if clock is None else (clock - _DAY_ZERO).total_seconds()


def _soft(header: InstanceHeader, name: str) -> float | None:
    """A number that only helps: unreadable counts as absent."""
    try:
        return header.number(name)
    except AtsmError:
        return None

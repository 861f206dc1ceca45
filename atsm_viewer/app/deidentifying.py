"""A session without what tells who a patient is, with every number as it was.

Replaced or removed: UIDs (consistently, by new ones that cannot be led back), labels of subjects
and scans, descriptions, file names, words of notices, times of drawing. Dates are shifted, all by the
same number of whole days, so that every interval and every time of day stays: SUV does not change.
Kept: what the numbers need (weight, height, sex, species, activity, units, scanner), groups, and the
names and shapes of ROIs, which the person chose. Pixel values are not looked at: a face or a
burnt-in name in an image stays in it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice
from atsm_viewer.domain.radionuclide import nuclide_in_text
from atsm_viewer.domain.roi import Roi
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.sourced import Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.volume import Volume

_DATED = re.compile(r"(\d{4})([-./]?)(\d{2})\2(\d{2})([T ]?[\d:.]*(?:[+-]\d{2}:?\d{2}|Z)?)")


@dataclass(frozen=True)
class Disguise:
    """What is put in the place of identifiers; one per copy, and never kept.

    Parameters
    ----------
    days
        By how many days all dates move.
    salt
        Makes the new UIDs impossible to compute from the old ones.
    """

    days: int = field(default_factory=lambda: -(400 + secrets.randbelow(2600)))
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def uid(self, old: str) -> str:
        """Return the new UID that stands for an old one (2.25 and a number of 128 bits, PS3.5 B.2)."""
        if not old:
            return ""
        digest = hashlib.sha256(self.salt + old.encode("utf-8", "surrogateescape")).digest()
        return f"2.25.{int.from_bytes(digest[:16], 'big')}"

    def date_text(self, text: str | None) -> str | None:
        """Return a DICOM date or date-time, moved; None for what is no whole date."""
        found = _DATED.fullmatch(text.strip()) if text else None
        if found is None:
            return None
        try:
            moved = date(int(found[1]), int(found[3]), int(found[4])) + timedelta(days=self.days)
        except (ValueError, OverflowError):
            return None
        return moved.strftime(f"%Y{found[2]}%m{found[2]}%d") + found[5]


def deidentified(state: SessionState, disguise: Disguise | None = None) -> SessionState:
    """Return a session without identifiers; see above for what that means."""
    made = disguise or Disguise()
    return replace(
        state,
        subjects=tuple(replace(s, label=f"SUBJ-{n:04d}") for n, s in enumerate(state.subjects, start=1)),
        administrations=tuple(_administration(a, made) for a in state.administrations),
        scans=tuple(_scan(s, n, made) for n, s in enumerate(state.scans, start=1)),
        rois=tuple(_roi(r, made) for r in state.rois),
        notices=tuple(_notice(n) for n in state.notices),
    )


def _scan(scan: Scan, number: int, made: Disguise) -> Scan:
    return replace(
        scan,
        label=f"Scan {number}",
        pet_geometry=_grid(scan.pet_geometry, made),
        pet=_image(scan.pet, made),
        ct=_image(scan.ct, made),
        pet_facts=_facts(scan.pet_facts, made),
        pet_source=_source(scan.pet_source, made),
        ct_source=_source(scan.ct_source, made),
    )


def _grid(grid: Geometry, made: Disguise) -> Geometry:
    return replace(grid, frame_of_reference_uid=made.uid(grid.frame_of_reference_uid))


def _image(volume: Volume | None, made: Disguise) -> Volume | None:
    return None if volume is None else replace(volume, geometry=_grid(volume.geometry, made))


def _source(source: ImageSource | None, made: Disguise) -> ImageSource | None:
    """The digest of the values stays: with it whoever has the images can attach them again."""
    if source is None:
        return None
    return ImageSource(
        kind=source.kind,
        paths=(),
        series_uid=made.uid(source.series_uid),
        study_uid=made.uid(source.study_uid),
        frame_of_reference_uid=made.uid(source.frame_of_reference_uid),
        n_instances=source.n_instances,
        pixel_digest=source.pixel_digest,
    )


def _facts(facts: PetFacts | None, made: Disguise) -> PetFacts | None:
    return None if facts is None else replace(facts, distinct=tuple(_header(h, made) for h in facts.distinct))


def _header(header: InstanceFacts, made: Disguise) -> InstanceFacts:
    drugs = tuple(_moved(drug, made.date_text) for drug in header.radiopharmaceuticals)
    # The engine may read the nuclide from the description; nothing else of it is kept.
    named = nuclide_in_text(header.series_description or "")
    moved: InstanceFacts = _moved(header, made.date_text)
    return replace(moved, radiopharmaceuticals=drugs, series_description=named.name if named else None)


def _moved(facts: Any, move: Callable[[str | None], str | None]) -> Any:
    dated = [f.name for f in fields(facts) if f.name.endswith(("_date", "_datetime"))]
    return replace(facts, **{name: move(getattr(facts, name)) for name in dated})


def _administration(administration: Administration, made: Disguise) -> Administration:
    entered = administration.entered
    changes = {name: _entry(getattr(entered, name), made) for name in entered.entered()}
    tracer = administration.tracer
    return replace(
        administration,
        tracer=None if tracer is None else replace(tracer, detail=""),
        entered=replace(entered, **changes),
    )


def _entry(entry: Sourced[Any], made: Disguise) -> Sourced[Any]:
    value = entry.value + timedelta(days=made.days) if isinstance(entry.value, datetime) else entry.value
    tag = re.fullmatch(r"\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)", entry.detail)
    return Sourced(value, entry.provenance, entry.detail if tag else "")


def _roi(roi: Roi, made: Disguise) -> Roi:
    params = tuple((name, "removed" if name == "file" else value) for name, value in roi.method.params)
    return replace(
        roi,
        method=replace(roi.method, params=params),
        tracking_uid=made.uid(roi.tracking_uid),
        created_utc="",
        modified_utc="",
    )


def _notice(notice: Notice) -> Notice:
    return replace(notice, text=f"Doubt “{notice.code}”; its words were removed with the names.", remedy="")

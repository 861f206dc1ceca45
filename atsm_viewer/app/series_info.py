"""What lies in files and folders, series by series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from atsm_viewer.app.dose_table import HeadlessDose
from atsm_viewer.app.explanation import explanation
from atsm_viewer.app.pet_display import factor_array, fits_slices
from atsm_viewer.app.study_loading import catalogue_of, fresh_state
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.sourced import Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.suv.assessment import SuvAssessment
from atsm_viewer.domain.suv.of_scan import assess_scan
from atsm_viewer.domain.volume import Modality
from atsm_viewer.io.catalogue import RejectedFile, SeriesEntry
from atsm_viewer.io.read_series import LoadedImage, read_series
from atsm_viewer.io.readers import READERS


@dataclass(frozen=True)
class Explanation:
    """How the values of one PET become SUV.

    Parameters
    ----------
    series_uid, title
        Which series.
    steps
        The decision path, one step per line.
    inputs
        Every resolved input and every candidate of the reference time as plain values.
    """

    series_uid: str
    title: str
    steps: tuple[str, ...]
    inputs: dict[str, Any]


@dataclass(frozen=True)
class FolderInfo:
    """Every series that was found.

    Parameters
    ----------
    series
        One dictionary of plain values per series.
    problems
        Files and series that could not be used, in words.
    has_errors
        Whether a file or series that should be an image could not be read.
    explanations
        For each PET the way from stored values to SUV, and every input with where it came from.
    """

    series: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]
    has_errors: bool
    explanations: tuple[Explanation, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON: the series only; problems are for the error stream."""
        return {"series": list(self.series)}


_DICOM_ENDINGS = (".dcm", ".ima")
_IMAGE_ENDINGS = (*_DICOM_ENDINGS, *(ending for reader in READERS for ending in reader.endings))


def should_be_image(rejected: RejectedFile) -> bool:
    """Whether a file that was left out says that it is an image, by its header or its name."""
    return bool(rejected.series_uid) or rejected.path.name.lower().endswith(_IMAGE_ENDINGS)


_NOTHING_ENTERED = HeadlessDose()


def folder_info(paths: Sequence[Path], dose: HeadlessDose = _NOTHING_ENTERED) -> FolderInfo:
    """Read every image series in files and folders and describe it.

    Raises
    ------
    AtsmError
        When a path does not exist or there is no image at all.
    """
    catalogue, _ = catalogue_of(list(paths))
    described: list[dict[str, Any]] = []
    explained: list[Explanation] = []
    problems = [f"left out: {r.path.name}: {r.reason}" for r in catalogue.rejected]
    has_errors = any(should_be_image(r) for r in catalogue.rejected)
    for entry in catalogue.series:
        if not entry.suitable:
            problems.append(f"set aside: {entry.description or entry.id}: {entry.reason}")
            continue
        try:
            image = read_series(entry)
        except AtsmError as error:
            problems.append(f"cannot be read: {entry.description or entry.id}: {error}")
            described.append(_unreadable(entry))
            has_errors = True
            continue
        state = (
            None
            if image.volume.modality is Modality.CT
            else dose.apply(fresh_state(image, None, ()), rename=True)
        )
        described.append(describe(entry, image, state))
        if state is not None:
            explained.append(_explain(entry, state))
        problems.extend(
            f"{n.severity.value}: {entry.description or entry.id}: {n.text}" for n in image.notices
        )
    return FolderInfo(tuple(described), tuple(problems), has_errors, tuple(explained))


def _explain(entry: SeriesEntry, state: SessionState) -> Explanation:
    scan = state.scans[0]
    assessment = assess_scan(scan, state.administration(scan.first_slot.administration_id))
    return Explanation(
        entry.series_uid,
        f"{entry.description or 'PET'} ({entry.series_uid or entry.id})",
        explanation(state, scan.id),
        {} if assessment is None else inputs_json(assessment),
    )


def describe(entry: SeriesEntry, image: LoadedImage, state: SessionState | None) -> dict[str, Any]:
    """Return one series as plain values; ``state`` is a session of a PET, None for a CT."""
    volume = image.volume
    assessment = None if state is None else assess_scan(state.scans[0], state.administrations[0])
    peak = _largest(np.asarray(volume.values_tkji))
    suv_max = None
    factor = None if assessment is None else assessment.factor_bw
    if state is not None and factor is not None and fits_slices(state.scans[0], factor):
        factors = factor_array(state.scans[0], factor)
        per_slice = np.nanmax(
            np.where(np.isfinite(volume.values_tkji), volume.values_tkji, np.nan), axis=(2, 3)
        )
        suv_max = _largest(per_slice * factors)
    return {
        "series_uid": entry.series_uid,
        "modality": entry.modality or volume.modality.value,
        "description": entry.description,
        "shape_kji": list(volume.geometry.shape_kji),
        "spacing_kji_mm": list(volume.geometry.spacing_kji_mm),
        "frames": volume.n_frames,
        "units": volume.unit,
        "suv": suv_json(assessment),
        "value_max": peak,
        "suv_bw_max": suv_max,
    }


def suv_json(assessment: SuvAssessment | None) -> dict[str, Any]:
    """Return an assessment as plain values; everything empty when there is none."""
    if assessment is None:
        return {
            "available": False, "kind_stored": None, "factor_bw": None, "path": "", "reference_time": None,
            "administration_time": None, "uptake_s": None, "codes": [],
        }  # fmt: skip
    factor, uptake = assessment.factor_bw, assessment.uptake_s
    return {
        "available": assessment.available,
        "kind_stored": assessment.kind_stored,
        "factor_bw": list(factor) if isinstance(factor, tuple) else factor,
        "path": assessment.path,
        "reference_time": _iso(assessment.reference_time),
        "administration_time": _iso(assessment.administration_time),
        "uptake_s": list(uptake) if isinstance(uptake, tuple) else uptake,
        "codes": list(assessment.codes),
    }


def inputs_json(assessment: SuvAssessment) -> dict[str, Any]:
    """Return every resolved input with its unit in the name and where it came from."""
    found: dict[str, Any] = {}
    for name in (
        "weight_kg", "height_m", "sex", "dose_bq", "half_life_s", "nuclide", "tracer", "decay_rule", "units",
        "reference_time", "administration_time",
    ):  # fmt: skip
        sourced: Sourced[Any] | None = getattr(assessment, name)
        if sourced is not None:
            value = sourced.value.isoformat() if isinstance(sourced.value, datetime) else sourced.value
            found[name] = {"value": value, "source": sourced.described()}
    found["candidates"] = [
        {"name": c.name, "time": c.time.isoformat(), "change_pct": c.change_pct}
        for c in assessment.candidates
    ]
    return found


def _iso(moment: Sourced[datetime] | None) -> str | None:
    return moment.value.isoformat() if moment is not None else None


def _largest(values: Any) -> float | None:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else None


def _unreadable(entry: SeriesEntry) -> dict[str, Any]:
    return {
        "series_uid": entry.series_uid, "modality": entry.modality, "description": entry.description,
        "shape_kji": None, "spacing_kji_mm": None, "frames": None, "units": entry.units,
        "suv": suv_json(None), "value_max": None, "suv_bw_max": None,
    }  # fmt: skip

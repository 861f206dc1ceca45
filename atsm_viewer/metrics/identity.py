"""Columns that say what was measured, by which rules, from which image."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from weakref import WeakKeyDictionary

from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.results import Column
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.assessment import SuvAssessment
from atsm_viewer.domain.suv.candidates import Candidate
from atsm_viewer.metrics.metric import Cells
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.metrics.scaling import of_frame

SCHEMA_VERSION = 1
"""Version of the two tables; grows when a column changes its meaning."""

IDENTITY_COLUMNS: tuple[Column, ...] = (
    Column("schema_version", "Table version", "Version of the column definitions."),
    Column("project", "Project", "Name of the project."),
    Column("subject_id", "Subject", "Pseudonym of the animal or patient."),
    Column("species", "Species", "Species of the subject, as entered or in the header."),
    Column("group", "Group", "Study group of the subject, as entered."),
    Column("sex", "Sex", "Sex of the subject, as entered or in the header."),
    Column("timepoint_label", "Time point", "Label of the scan."),
    Column("hours_pi", "Time p.i. (h)", "Hours from injection to the time that the pixel values refer to."),
    Column("scan_id", "Scan", "Identifier of the scan in the project."),
    Column("series_uid", "Series UID", "DICOM Series Instance UID of the PET."),
    Column("frame_index", "Frame", "Number of the frame, from 0."),
    Column(
        "frame_mid_s",
        "Frame middle (s)",
        "Seconds from the start of the first frame to the middle of this one.",
    ),
    Column("tracer", "Tracer", "Compound, as entered or in the header."),
    Column("tracer_source", "Tracer from", "Where the name of the compound came from."),
    Column("nuclide", "Nuclide", "Radionuclide."),
    Column("nuclide_source", "Radionuclide from", "Where the radionuclide came from."),
    Column("half_life_s", "Half-life (s)", "Half-life that was used."),
    Column("half_life_source", "Half-life from", "Where the half-life came from."),
    Column("injected_mbq", "Injected activity (MBq)", "Net injected activity at the injection."),
    Column("injected_source", "Injected activity from", "Where the injected activity came from."),
    Column("net_dose_mbq", "Decayed activity (MBq)", "Injected activity decayed to the dose reference time."),
    Column("dose_reference_time", "Dose reference time", "The time that the pixel values refer to."),
    Column("dose_reference_source", "Dose reference from", "Where the dose reference time came from."),
    Column(
        "reference_candidates",
        "Reference candidates",
        "Every derivation of the decay reference time (E explicit, S series time, A earliest acquisition, "
        "B counted back from the frames, D decay factors, P Philips factors) with what it would change in "
        "the SUV.",
    ),
    Column("injection_time", "Injection time", "Date and time of the injection."),
    Column("injection_time_source", "Injection time from", "Where the injection time came from."),
    Column("weight_g", "Weight (g)", "Body weight that was used."),
    Column("weight_source", "Weight from", "Where the weight came from."),
    Column("suv_type", "SUV type", "Normalisation of the SUV columns: BW, body weight."),
    Column(
        "suv_type_source", "Stored SUV type", "Kind of SUV that the file itself holds; empty for activity."
    ),
    Column("suv_path", "SUV path", "Rule by which stored values became SUV."),
    Column("value_unit", "Stored unit", "Unit of the stored values, in which value columns are given."),
    Column("value_unit_source", "Stored unit from", "Where the stored unit came from."),
    Column(
        "decay_correction",
        "Decay rule",
        "START, ADMIN or NONE: to which time the pixel values are corrected.",
    ),
    Column("decay_correction_source", "Decay rule from", "Where the decay rule came from."),
    Column("voxel_x_mm", "Voxel along i (mm)", "Distance of voxel centres along the columns (index i)."),
    Column("voxel_y_mm", "Voxel along j (mm)", "Distance of voxel centres along the rows (index j)."),
    Column("voxel_z_mm", "Voxel along k (mm)", "Distance of voxel centres along the slices (index k)."),
    Column("roi_id", "ROI id", "Identifier of the ROI in the project."),
    Column("roi_name", "ROI", "Name of the ROI."),
    Column("roi_role", "Role", "What the ROI stands for in the ratios."),
    Column("roi_method", "Method", "How the voxels came about."),
    Column("roi_method_params", "Method parameters", "Parameters of the method, joined by semicolons."),
    Column("edited_voxels", "Edited voxels", "Voxel changes by hand since the method produced the ROI."),
    Column("created_utc", "Created (UTC)", "When the ROI was made."),
    Column("modified_utc", "Modified (UTC)", "When the ROI was last changed."),
    Column("app_version", "Program version", "Version of the program that computed the row."),
    Column("mask_sha256", "Mask digest", "SHA-256 of the voxel set of the ROI."),
    Column("image_sha256", "Image digest", "SHA-256 of the PET values; empty when it was not computed."),
    Column("suv_codes", "SUV notices", "Codes of what is doubtful about the SUV, joined by semicolons."),
)

STATUS_COLUMN = Column("status", "Status", "Codes of what is doubtful about this row, joined by semicolons.")

_digests: WeakKeyDictionary[Mask, str] = WeakKeyDictionary()


def identity_cells(here: RoiFrame, *, app_version: str, project: str) -> Cells:
    """Return the identity cells of a row."""
    scan, roi, suv = here.scan, here.roi, here.assessment
    subject = here.state.subject(roi.subject_id)
    source = scan.pet_source
    spacing = scan.pet_geometry.spacing_kji_mm
    cells: Cells = {
        "schema_version": SCHEMA_VERSION,
        "project": project or None,
        "subject_id": subject.label,
        "species": subject.species or _species(here),
        "group": subject.group or None,
        "sex": subject.sex or (None if suv is None or suv.sex is None else suv.sex.value),
        "timepoint_label": scan.label or None,
        "scan_id": scan.id,
        "series_uid": (source.series_uid or None) if source else None,
        "frame_index": here.frame,
        "frame_mid_s": scan.pet.frames[here.frame].mid_s if scan.pet is not None else None,
        "tracer": None if (tracer := _tracer(here)) is None else tracer.value,
        "tracer_source": _described(tracer),
        "value_unit": value_unit(here) or None,
        "voxel_x_mm": spacing[2],
        "voxel_y_mm": spacing[1],
        "voxel_z_mm": spacing[0],
        "roi_id": roi.id,
        "roi_name": roi.name,
        "roi_role": roi.role.value,
        "roi_method": roi.method.name,
        "roi_method_params": joined(f"{name}={value}" for name, value in roi.method.params),
        "edited_voxels": roi.edited_voxels,
        "created_utc": roi.created_utc or None,
        "modified_utc": roi.modified_utc or None,
        "app_version": app_version,
        "mask_sha256": mask_digest(roi.mask),
        "image_sha256": (source.pixel_digest or None) if source else None,
    }
    if suv is not None:
        cells.update(_suv_cells(here))
    return cells


def _suv_cells(here: RoiFrame) -> Cells:
    suv = here.assessment
    assert suv is not None
    weight, dose, half_life, injected = suv.weight_kg, suv.dose_bq, suv.half_life_s, suv.administration_time
    uptake_s = of_frame(here.scan, here.frame, suv.uptake_s)
    decayed_bq = of_frame(here.scan, here.frame, suv.decayed_dose_bq)
    return {
        "hours_pi": None if uptake_s is None else uptake_s / 3600.0,
        "nuclide": None if suv.nuclide is None else suv.nuclide.value,
        "nuclide_source": _described(suv.nuclide),
        "half_life_s": None if half_life is None else half_life.value,
        "half_life_source": _described(half_life),
        "injected_mbq": None if dose is None else dose.value / 1e6,
        "injected_source": _described(dose),
        "net_dose_mbq": None if decayed_bq is None else decayed_bq / 1e6,
        "dose_reference_time": _time(_dose_reference(suv)),
        "dose_reference_source": _described(_dose_reference(suv)),
        "reference_candidates": joined(candidate_text(c) for c in suv.candidates),
        "injection_time": _time(injected),
        "injection_time_source": _described(injected),
        "weight_g": None if weight is None else weight.value * 1000.0,
        "weight_source": _described(weight),
        "suv_type": "BW" if here.scales.suv.factor is not None else None,
        "suv_type_source": suv.kind_stored,
        "suv_path": suv.path or None,
        "value_unit_source": _described(suv.units) or _unit_of_file(here),
        "decay_correction": None if suv.decay_rule is None else suv.decay_rule.value,
        "decay_correction_source": _described(suv.decay_rule),
        "suv_codes": joined(suv.codes),
    }


def value_unit(here: RoiFrame) -> str:
    """Unit of the stored values: as entered, or as in the file; empty when unknown."""
    entered = here.administration.entered.units if here.administration is not None else None
    if entered is not None:
        return entered.value
    return here.scan.pet.unit if here.scan.pet is not None else ""


def mask_digest(mask: Mask) -> str:
    """SHA-256 of a mask, computed once."""
    if mask not in _digests:
        _digests[mask] = mask.sha256()
    return _digests[mask]


def joined(items: Iterable[str]) -> str | None:
    """Return texts joined by semicolons, or an empty cell for none."""
    return ";".join(items) or None


def _dose_reference(suv: SuvAssessment) -> Sourced[datetime] | None:
    """The reference time, for ADMIN the injection; with NONE every frame has its own."""
    at_injection = suv.decay_rule is not None and suv.decay_rule.value == "ADMIN"
    return suv.administration_time if at_injection else suv.reference_time


def _tracer(here: RoiFrame) -> Sourced[str] | None:
    if here.administration is not None and here.administration.tracer is not None:
        return here.administration.tracer
    return here.assessment.tracer if here.assessment is not None else None


def _species(here: RoiFrame) -> str | None:
    entered = here.administration.entered.species if here.administration is not None else None
    if entered is not None:
        return entered.value
    facts = here.scan.pet_facts
    return facts.distinct[0].patient_species if facts is not None and facts.distinct else None


def _unit_of_file(here: RoiFrame) -> str | None:
    """A unit that does not lead to SUV still has an origin."""
    facts = here.scan.pet_facts
    stated = facts is not None and bool(facts.distinct) and facts.distinct[0].units
    return Sourced("", Provenance.HEADER, "(0054,1001)").described() if stated else None


def candidate_text(candidate: Candidate) -> str:
    """Return a candidate of the reference time as ``S=2024-05-06T10:00:00 (+0.00 %)``."""
    change = "" if candidate.change_pct is None else f" ({candidate.change_pct:+.2f} %)"
    return f"{candidate.name}={candidate.time.isoformat()}{change}"


def _described(value: Sourced[float] | Sourced[datetime] | Sourced[str] | None) -> str | None:
    return None if value is None else value.described()


def _time(value: Sourced[datetime] | None) -> str | None:
    return None if value is None else value.value.isoformat()

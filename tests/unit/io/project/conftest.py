"""A session with everything a project file has to hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.results import Column, Results, ResultTable
from atsm_viewer.domain.roi import Method, Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts, RadiopharmaceuticalFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _mask(seed: int, lo: tuple[int, int, int], shape: tuple[int, int, int]) -> Mask:
    rng = np.random.default_rng(seed)
    hi = (lo[0] + shape[0], lo[1] + shape[1], lo[2] + shape[2])
    return Mask.from_block(Box(lo, hi), rng.random(shape) < 0.6)


def _facts() -> PetFacts:
    dose = RadiopharmaceuticalFacts(start_datetime="20240102101112", total_dose=4.0e8, half_life_s=45721.1)
    slices = [
        InstanceFacts(
            units="BQML",
            corrected_image=("DECY", "ATTN"),
            decay_factor=1.0 + n / 64,
            radiopharmaceuticals=(dose,),
        )
        for n in (0, 1, 1)
    ]
    return PetFacts.from_instances(slices)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Where the images of the session lie: beside the project's folder."""
    folder = tmp_path / "study" / "DICOM"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def project_path(tmp_path: Path) -> Path:
    folder = tmp_path / "study" / "work"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "case.atsm"


@pytest.fixture
def session(data_dir: Path) -> SessionState:
    """Two subjects in one bed, two scans, four ROIs (one empty), overrides, notices."""
    oblique = Geometry(
        (20, 30, 40), (-10.25, 4.5, 1 / 3), (0.1, -0.2, 3.0), (0.0, 2.0, 0.1333), (2.0, 0.0, -0.0667), "1.2.3"
    )
    plain = Geometry.axis_aligned((8, 9, 10), (1.0, 0.5, 0.5))
    pet = ImageSource(
        kind="dicom-series",
        paths=tuple(data_dir / "PET" / f"{n}.dcm" for n in range(3)),
        series_uid="1.2.3.4",
        study_uid="1.2.3",
        frame_of_reference_uid="1.2.3.9",
        description="PET WB",
        patient_label="DOE^JANE-PAT-4711-ID",
        n_instances=3,
        sop_digest="ab" * 32,
        pixel_digest="cd" * 32,
        study_date="2024-01-02",
    )
    ct = ImageSource(kind="nifti", paths=(data_dir / "ct.nii.gz",), pixel_digest="ef" * 32)
    entered = SuvOverrides(
        weight_kg=Sourced(0.0213, Provenance.TYPED),
        is_animal=Sourced(True, Provenance.INFERRED, "(0010,2202)"),
        administration_time=Sourced(
            datetime(2024, 1, 2, 10, 11, 12, 345678), Provenance.STUDY_TABLE, "row 4"
        ),
        radiopharmaceutical_index=Sourced(1, Provenance.TYPED),
        units=Sourced("%ID/G", Provenance.SIDECAR, "pet.json"),
    )
    slots = (
        Slot("s-1", "a-1", (-10.0, -10.0, -10.0), (0.0, 10.0, 10.0)),
        Slot("s-2", "a-2", (0.0, -10.0, -10.0), (10.0, 10.0, 10.0)),
    )
    return SessionState(
        subjects=(Subject("s-1", "Maus Ä1", "mouse", "F", "治療"), Subject("s-2", "M2")),
        administrations=(
            Administration("a-1", "s-1", Sourced("Cu-64 ATSM", Provenance.TYPED), entered),
            Administration("a-2", "s-2"),
        ),
        scans=(
            Scan("scan-1", "1 h", oblique, None, None, slots, pet_facts=_facts(),
                 pet_instance_tk=((0, 1, 2),), pet_source=pet, ct_source=ct),
            Scan("scan-2", "24 h", plain, None, None, slots[:1]),
        ),
        rois=(
            Roi("roi-1", "Tümör\n“links”", Role.TUMOUR, "scan-1", "s-1", mask=_mask(1, (3, 4, 5), (6, 5, 4)),
                method=Method("threshold", (("rel_max", "0.41"),)), edited_voxels=7, tracking_uid="2.25.1"),
            Roi("roi-2", "Muskel", Role.MUSCLE, "scan-1", "s-2", "#00ff7F", _mask(2, (0, 0, 0), (20, 30, 40)),
                visible=False, locked=True),
            Roi("../odd id", "筋肉", Role.MUSCLE, "scan-2", "s-1", mask=_mask(3, (1, 1, 1), (2, 2, 2))),
            Roi("roi-4", "empty", Role.OTHER, "scan-2", "s-1"),
        ),
        notices=(Notice("W-X", Severity.WARNING, "doubtful", "look", "scan-1", 12.5),),
    )  # fmt: skip


@pytest.fixture
def results() -> Results:
    columns = (Column("roi_name", "ROI", "its name"), Column("suvbw_mean_g_ml", "SUVmean", "mean"))
    rows = ({"roi_name": "=1+1", "suvbw_mean_g_ml": 1.0 / 3.0}, {"roi_name": "b", "suvbw_mean_g_ml": None})
    table = ResultTable(columns, rows)
    return Results(table, ResultTable(columns[:1], ()))

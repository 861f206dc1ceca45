"""Only images that are provably the ones drawn on are measured."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.io.project.attach import Identity, check_identity
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project

STORED = ImageSource(
    "dicom-series", (Path("1.dcm"),), series_uid="1.2", sop_digest="a" * 64, pixel_digest="b" * 64
)
FILE = ImageSource("nifti", (Path("a.nii"),), pixel_digest="b" * 64)


def _image(value: float) -> Volume:
    grid = Geometry.axis_aligned((2, 3, 4), (1.0, 1.0, 1.0))
    return Volume(grid, np.full((1, 2, 3, 4), value, np.float32), "BQML", Modality.PET)


def test_the_image_itself_is_asked_where_its_digest_is_not_known() -> None:
    # SHA-256 of 24 little-endian float32 values, computed without the program.
    digest = hashlib.sha256(struct.pack("<24f", *[2.5] * 24)).hexdigest()
    stored = replace(STORED, pixel_digest=digest)
    other_uids = replace(STORED, sop_digest="c" * 64, pixel_digest="")
    assert check_identity(stored, other_uids, _image(2.5)).identity is Identity.COPY
    assert check_identity(stored, other_uids, _image(2.0)).identity is Identity.CHANGED
    same_uids = replace(STORED, pixel_digest="")
    assert check_identity(stored, same_uids, _image(2.0)).identity is Identity.CHANGED


def test_saving_fills_in_the_digest_of_an_attached_image(session: SessionState, project_path: Path) -> None:
    scan = session.scans[1]
    assert scan.pet_source is None
    image = Volume(scan.pet_geometry, np.full((1, 8, 9, 10), 2.5, np.float32), "BQML", Modality.PET)
    source = ImageSource("nifti", (project_path.parent / "a.nii",))
    session = replace(session, scans=(session.scans[0], replace(scan, pet=image, pet_source=source)))
    save_project(session, project_path, meta=ProjectMeta.new())
    pet = load_project(project_path).sources["scan-2"].pet
    assert pet is not None
    assert pet.pixel_digest == hashlib.sha256(struct.pack("<720f", *[2.5] * 720)).hexdigest()


@pytest.mark.parametrize(
    ("stored", "loaded", "expected"),
    [
        (STORED, STORED, Identity.SAME),
        (STORED, replace(STORED, paths=(Path("elsewhere"),), pixel_digest=""), Identity.SAME),
        (STORED, replace(STORED, sop_digest="c" * 64), Identity.COPY),
        (STORED, replace(STORED, series_uid="9.9"), Identity.COPY),
        (STORED, replace(FILE, kind="nifti"), Identity.COPY),
        (STORED, replace(STORED, pixel_digest="c" * 64), Identity.CHANGED),
        (STORED, replace(STORED, sop_digest="c" * 64, pixel_digest="c" * 64), Identity.CHANGED),
        (STORED, replace(STORED, sop_digest="c" * 64, pixel_digest=""), Identity.CHANGED),
        (FILE, FILE, Identity.SAME),
        (FILE, replace(FILE, pixel_digest=""), Identity.CHANGED),
        (replace(FILE, pixel_digest=""), replace(FILE, pixel_digest=""), Identity.CHANGED),
    ],
)
def test_identity_follows_instances_and_pixels(
    stored: ImageSource, loaded: ImageSource, expected: Identity
) -> None:
    verdict = check_identity(stored, loaded)
    assert verdict.identity is expected
    assert verdict.accepted == (expected is not Identity.CHANGED)
    assert bool(verdict.note) == (expected is not Identity.SAME)

"""Only images that are provably the ones drawn on are measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.io.project.attach import Identity, check_identity

STORED = ImageSource(
    "dicom-series", (Path("1.dcm"),), series_uid="1.2", sop_digest="a" * 64, pixel_digest="b" * 64
)
FILE = ImageSource("nifti", (Path("a.nii"),), pixel_digest="b" * 64)


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

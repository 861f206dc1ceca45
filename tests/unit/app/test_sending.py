"""A copy that is sent carries the numbers and the images, and nothing of who it was."""

from __future__ import annotations

import math
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atsm_viewer.app import documents
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.deidentifying import Disguise, deidentified
from atsm_viewer.app.project_opening import open_project_file
from atsm_viewer.app.sending import copy_project, write_copy
from atsm_viewer.app.verification import verify_project
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.io.project.load import load_project
from atsm_viewer.metrics.evaluate import evaluate

TUMOUR = np.zeros((6, 10, 12), dtype=bool)
TUMOUR[2:4, 3:6, 4:8] = True
MUSCLE = np.zeros((6, 10, 12), dtype=bool)
MUSCLE[0:2, 7:10, 0:5] = True
SAME_ANYWHERE = {
    "suv_mean", "suv_sd", "suv_max", "value_mean", "n_voxels", "volume_mm3", "tm_mean", "tm_max",
    "tm_mean_sd",
    "hours_pi", "injected_mbq", "net_dose_mbq", "weight_g", "half_life_s", "suv_peak_mean",
}  # fmt: skip


@pytest.fixture
def project(ctx: AppContext, port: Any, study: Any, write_mask: Callable[..., Path], tmp_path: Path) -> Path:
    documents.open_paths(ctx, [study.root])
    documents.import_mask(ctx, write_mask(tmp_path / "doe_tumour.nii.gz", TUMOUR), Role.TUMOUR, "T")
    documents.import_mask(ctx, write_mask(tmp_path / "doe_muscle.nii.gz", MUSCLE), Role.MUSCLE, "M")
    state = ctx.session.state
    entered = replace(
        state.administrations[0].entered,
        injected_activity_bq=Sourced(7.2e6, Provenance.SIDECAR, "doe_jane.json"),
        administration_time=Sourced(datetime(2025, 1, 2, 8, 30), Provenance.TYPED),
    )
    state = replace(
        state,
        subjects=(replace(state.subjects[0], label="Jane Doe"),),
        administrations=(replace(state.administrations[0], entered=entered),),
        rois=tuple(replace(r, tracking_uid=f"1.2.840.99.{n}") for n, r in enumerate(state.rois)),
        notices=(Notice("W-X", Severity.WARNING, "File doe_jane.dcm of 2025-01-02 is doubtful."),),
    )
    ctx.session.replace(state, saved=False)
    path = tmp_path / "work" / "doe_jane.atsm"
    path.parent.mkdir()
    port.save_file = [path]
    assert documents.save(ctx)
    return path


def numbers(path: Path, **kwargs: Any) -> list[dict[str, Any]]:
    results = evaluate(open_project_file(path, **kwargs).state, app_version="x")
    return [
        {k: row[k] for k in SAME_ANYWHERE & set(row)} for t in (results.rois, results.tm) for row in t.rows
    ]


def test_a_packed_copy_gives_the_same_numbers_without_the_images(
    project: Path, study: Any, tmp_path: Path
) -> None:
    before = numbers(project)
    assert any(row.get("suv_mean") for row in before)
    assert any(row.get("tm_mean") for row in before)
    out = tmp_path / ".sent" / "copy.atsm"
    out.parent.mkdir()
    sent = copy_project(project, out, embeds=("pet", "ct"))
    assert set(sent.embedded) == {"pet", "ct"}
    shutil.rmtree(study.root)
    assert numbers(out) == before
    opened = open_project_file(out).state
    assert opened.scans[0].ct is not None
    assert not [n for n in opened.notices if n.severity is Severity.ERROR]
    assert verify_project(out).agrees


def test_without_ct_only_the_pet_is_packed(project: Path, study: Any, tmp_path: Path) -> None:
    out = tmp_path / ".sent.atsm"
    assert copy_project(project, out, embeds=("pet",)).embedded == ("pet",)
    shutil.rmtree(study.root)
    scan = open_project_file(out).state.scans[0]
    assert scan.pet is not None
    assert scan.ct is None


@pytest.mark.parametrize("embeds", [(), ("pet", "ct")])
def test_no_identifier_is_left_in_any_byte(
    project: Path, study: Any, tmp_path: Path, embeds: tuple[str, ...]
) -> None:
    state = open_project_file(project).state
    scan = state.scans[0]
    out = tmp_path / "sent.atsm"
    copy_project(project, out, embeds=embeds)
    with zipfile.ZipFile(out) as container:
        content = out.read_bytes() + b"".join(container.read(n) for n in container.namelist())
    secrets = {"DOE", "doe", "Jane", "PAT-4711-ID", "20250102", "2025-01-02", "PET WB", "1.2.840.99.",
               str(tmp_path),
               state.subjects[0].label, scan.label, load_project(project).meta.project_id}  # fmt: skip
    for source in (scan.pet_source, scan.ct_source):
        assert source is not None
        secrets |= {source.series_uid, source.study_uid, source.frame_of_reference_uid, source.sop_digest}
        secrets |= {p.name for p in source.paths}
    secrets |= {r.created_utc for r in state.rois}
    for secret in secrets - {""}:
        assert secret.encode() not in content, secret


def test_a_copy_without_images_is_measured_where_the_images_are(
    project: Path, study: Any, tmp_path: Path
) -> None:
    out = tmp_path / "sent" / "copy.atsm"
    out.parent.mkdir()
    copy_project(project, out, embeds=())
    assert open_project_file(out).state.scans[0].pet is None
    assert numbers(out, search=[study.root]) == numbers(project)
    # Looking at it beside the images brings no identifier back into it.
    again = open_project_file(out, search=[study.root]).state.scans[0]
    original = open_project_file(project).state.scans[0]
    assert again.pet_source is not None
    assert original.pet_source is not None
    assert again.pet_source.series_uid != original.pet_source.series_uid
    assert again.pet_facts != original.pet_facts


def test_uids_that_were_equal_stay_equal_and_two_copies_share_none(project: Path) -> None:
    state = open_project_file(project).state
    one, two = deidentified(state), deidentified(state)
    scan = one.scans[0]
    assert scan.pet_source is not None
    assert scan.ct_source is not None
    assert scan.pet_source.study_uid == scan.ct_source.study_uid
    assert scan.pet_source.frame_of_reference_uid == scan.pet_geometry.frame_of_reference_uid
    assert scan.pet_source.series_uid != two.scans[0].pet_source.series_uid  # type: ignore[union-attr]
    assert len(scan.pet_source.series_uid) <= 64


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("20250102", "20241223"), ("20250102090000.123+0100", "20241223090000.123+0100"),
        ("2025-01-02T09:00:00", "2024-12-23T09:00:00"), ("2025.01.02", "2024.12.23"),
        ("202501", None), ("2025", None), ("DOE 20250102", None), ("20251399", None), ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_dates_move_by_whole_days_and_what_is_no_date_goes(text: str | None, moved: str | None) -> None:
    assert Disguise(days=-10).date_text(text) == moved


def test_every_interval_stays(project: Path) -> None:
    state = open_project_file(project).state
    before = evaluate(state, app_version="x").rois.rows[0]
    after = evaluate(deidentified(state), app_version="x").rois.rows[0]
    assert before["suv_mean"] is not None
    for name in ("suv_mean", "hours_pi", "net_dose_mbq"):
        assert math.isclose(after[name], before[name], rel_tol=1e-12)  # type: ignore[arg-type]
    assert after["injection_time"] != before["injection_time"]


def test_a_missing_pet_cannot_be_packed(project: Path, study: Any, tmp_path: Path) -> None:
    shutil.rmtree(study.root)
    with pytest.raises(AtsmError, match="missing"):
        copy_project(project, tmp_path / "sent.atsm", embeds=("pet",))
    assert not (tmp_path / "sent.atsm").exists()


def test_a_copy_replaces_no_file(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "there.atsm"
    out.write_bytes(b"mine")
    with pytest.raises(AtsmError, match="already exists"):
        write_copy(open_project_file(project).state, out, embeds=())
    assert out.read_bytes() == b"mine"
    with pytest.raises(AtsmError, match="could not be written"):
        write_copy(open_project_file(project).state, tmp_path / "gone" / "x.atsm", embeds=())

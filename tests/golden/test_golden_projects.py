"""Every released version of the project file loads for ever.

The expectations are written by hand from the meaning of the file, see ``projects/make_v1_0.py``.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from atsm_viewer.app.project_opening import open_project_file
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.save import save_project

PROJECTS = Path(__file__).parent / "projects"
REWRITTEN = {"app", "files", "revision", "modified"}


def test_a_project_of_every_version_is_kept() -> None:
    assert {p.name for p in PROJECTS.glob("*.atsm")} >= {"v1_0.atsm", "v1_0_embedded.atsm"}


@pytest.mark.parametrize("path", sorted(PROJECTS.glob("*.atsm")), ids=lambda p: p.name)
def test_every_kept_project_loads_without_complaint(path: Path) -> None:
    assert load_project(path).problems == ()


def test_version_1_0_means_what_it_meant() -> None:
    loaded = load_project(PROJECTS / "v1_0.atsm")
    state, meta = loaded.state, loaded.meta
    assert (meta.project_id[:8], meta.revision, meta.schema) == ("0d6c2f5e", 12, (1, 0))
    assert (meta.created, meta.modified) == ("2026-01-02T03:04:05Z", "2026-01-03T03:04:05Z")
    assert (state.subjects[0].label, state.subjects[0].group) == ("Maus 1", "治療")
    entered = state.administrations[0].entered
    assert entered.weight_kg == Sourced(0.0215, Provenance.STUDY_TABLE, "row 4")
    assert entered.is_animal == Sourced(True, Provenance.TYPED)
    assert entered.administration_time == Sourced(datetime(2024, 1, 2, 10, 0, 30, 500000), Provenance.TYPED)
    assert entered.entered() == (
        "weight_kg", "is_animal", "administration_time", "radiopharmaceutical_index",
    )  # fmt: skip
    scan = state.scans[0]
    assert scan.pet_geometry.spacing_kji_mm == (4.0, 2.0, 2.0)
    assert scan.pet_facts is not None
    assert scan.pet_facts.distinct[0].radiopharmaceuticals[0].total_dose == 5.0e6
    assert scan.ct_to_pet.translation_mm == (0.5, 0.0, -1.0)
    assert scan.pet_source is not None
    assert scan.pet_source.paths[5] == PROJECTS.parent / "DICOM" / "PET" / "5.dcm"
    tumour, muscle = state.rois
    assert (tumour.name, tumour.role, tumour.mask.n_voxels) == ("Tümör", Role.TUMOUR, 24)
    inside = {
        (k, j, i) for k in range(6) for j in range(10) for i in range(10) if tumour.mask.contains((k, j, i))
    }
    assert inside == {(k, j, i) for k in (1, 2) for j in (2, 3, 4) for i in (3, 4, 5, 6)}
    assert [muscle.mask.contains((4, 0, i)) for i in range(5)] == [True, False, True, False, True]
    assert (muscle.locked, muscle.visible, muscle.shown_colour) == (True, False, "#009E73")
    assert (state.protocol.headline, state.protocol.fwhm_mm) == ("tm_max", 1.6)
    assert state.notices[0].change_pct == -2.5
    assert loaded.view == {"cursor_lps": [0.0, 0.0, -8.0]}


def test_saving_version_1_0_again_writes_the_same_manifest(tmp_path: Path) -> None:
    path = tmp_path / "copy.atsm"
    shutil.copy(PROJECTS / "v1_0.atsm", path)
    loaded = load_project(path)
    save_project(loaded.state, path, meta=loaded.meta, view=loaded.view)
    manifests = []
    for name in (PROJECTS / "v1_0.atsm", path):
        with zipfile.ZipFile(name) as container:
            manifest = json.loads(container.read("manifest.json"))
        manifests.append({k: v for k, v in manifest.items() if k not in REWRITTEN})
    assert manifests[0] == manifests[1]


def test_packed_images_of_version_1_0_need_nothing_but_the_project(tmp_path: Path) -> None:
    path = tmp_path / "far" / "away" / "sent" / "case.atsm"
    path.parent.mkdir(parents=True)
    shutil.copy(PROJECTS / "v1_0_embedded.atsm", path)
    opened = open_project_file(path)
    scan = opened.state.scans[0]
    assert scan.pet is not None
    assert scan.ct is not None
    pet, ct = scan.pet, scan.ct
    assert pet.values_tkji.shape == (2, 2, 3, 4)
    assert [pet.values_tkji[at] for at in ((0, 0, 0, 0), (1, 1, 2, 3), (0, 1, 0, 2))] == [0.0, 1123.0, 102.0]
    assert (pet.unit, pet.geometry.origin_lps, pet.geometry.spacing_kji_mm) == (
        "BQML", (-3.0, -2.0, 10.0), (3.0, 2.0, 2.0),
    )  # fmt: skip
    assert [(f.start_s, f.duration_s) for f in pet.frames] == [(0.0, 60.0), (60.0, 120.0)]
    assert ct.values_tkji.ravel().tolist() == [-1000, 0, 40, 1000, -1024, 1, 2, 3]
    assert ct.geometry.spacing_kji_mm == (3.0, 3.0, 4.0)
    # The tumour is (k 1, j 2, i 1) and (k 1, j 2, i 2): 121 and 122 in the first frame.
    (tumour,) = opened.state.rois
    asked = ((1, 2, 0), (1, 2, 1), (1, 2, 2), (1, 2, 3), (0, 2, 1))
    inside = [at for at in asked if tumour.mask.contains(at)]
    assert [pet.values_tkji[(0, *at)] for at in inside] == [121.0, 122.0]
    assert opened.meta.embeds == ("ct", "pet")
    assert not opened.meta.damaged

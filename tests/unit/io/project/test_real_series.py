"""A project about a real series knows that series again and holds all that its headers say."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.project.attach import Identity, check_identity
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project
from atsm_viewer.io.read_series import LoadedImage, read_series


def _first_pet(folder: Path) -> LoadedImage:
    entries = [e for e in scan_paths([folder]).series if e.suitable and e.modality == "PT"]
    if not entries:
        pytest.skip(f"no PET series in {folder.name}")
    return read_series(entries[0])


@pytest.mark.shared_data
def test_a_real_series_is_known_again_after_the_study_moved(shared_dir: Path, tmp_path: Path) -> None:
    # The folder that is named after the patient stays behind: its name would be part of the place.
    original = shared_dir / "data" / "sts_raw_ge" / "STS_001" / "FDG_PET" / "image"
    shutil.copytree(original, tmp_path / "a" / "PET")
    image = _first_pet(tmp_path / "a" / "PET")
    scan = Scan(
        "scan-1", "1 h", image.volume.geometry, image.volume, None, (Slot("s", "a"),), pet_facts=image.facts,
        pet_instance_tk=image.instance_tk, pet_source=image.source,
    )  # fmt: skip
    state = SessionState((Subject("s", "P1"),), (Administration("a", "s"),), (scan,), notices=image.notices)
    save_project(state, tmp_path / "a" / "p.atsm", meta=ProjectMeta.new())
    (tmp_path / "a").rename(tmp_path / "b")
    loaded = load_project(tmp_path / "b" / "p.atsm")
    assert loaded.problems == ()
    found = loaded.state.scans[0]
    assert found.pet_facts == image.facts
    assert found.pet_instance_tk == image.instance_tk
    assert found.pet_geometry == image.volume.geometry
    stored = loaded.sources["scan-1"].pet
    assert stored is not None
    assert stored.paths
    assert all(p.is_file() and p.is_relative_to(tmp_path / "b") for p in stored.paths)
    again = _first_pet(tmp_path / "b" / "PET")
    assert check_identity(stored, again.source, again.volume).identity is Identity.SAME
    with zipfile.ZipFile(tmp_path / "b" / "p.atsm") as container:
        content = container.read("manifest.json")
    assert str(tmp_path).encode() not in content
    label = image.source.patient_label
    assert label
    assert label.encode() not in content

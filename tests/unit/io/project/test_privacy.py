"""A project file does not tell where the user works or who the patient is."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import pytest

from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.roi import Method
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.locate import decode_source, encode_source
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project


def _all_bytes(path: Path) -> bytes:
    with zipfile.ZipFile(path) as container:
        return path.read_bytes() + b"".join(container.read(n) for n in container.namelist())


def test_no_absolute_path_and_no_patient_id_is_written(
    session: SessionState, data_dir: Path, project_path: Path
) -> None:
    image = data_dir / "PET" / "0.dcm"
    session = dataclasses.replace(
        session,
        notices=(Notice("W", Severity.WARNING, f"The file {image} is doubtful.", f"See {data_dir}/PET."),),
        rois=(dataclasses.replace(session.rois[0], method=Method("imported", (("file", str(image)),))),),
        administrations=(
            dataclasses.replace(
                session.administrations[0],
                tracer=Sourced("x", Provenance.SIDECAR, str(data_dir / "pet.json")),
            ),
            session.administrations[1],
        ),
    )
    save_project(session, project_path, meta=ProjectMeta.new())
    content = _all_bytes(project_path)
    for secret in (str(data_dir.parent), str(data_dir), str(Path.home()), "PAT-4711-ID", "DOE^JANE"):
        assert secret.encode() not in content, secret
    assert b"../DICOM/PET" in content
    assert load_project(project_path).state.notices[0].text == "The file 0.dcm is doubtful."


def test_a_moved_study_folder_is_found_again(
    session: SessionState, project_path: Path, tmp_path: Path
) -> None:
    save_project(session, project_path, meta=ProjectMeta.new())
    (tmp_path / "study").rename(tmp_path / "elsewhere")
    loaded = load_project(tmp_path / "elsewhere" / "work" / "case.atsm")
    pet = loaded.sources["scan-1"].pet
    assert pet is not None
    assert pet.paths[2] == tmp_path / "elsewhere" / "DICOM" / "PET" / "2.dcm"


@pytest.mark.parametrize(
    ("image", "folder"),
    [
        ("/data/PET/1.dcm", "/srv/p"),
        ("/home/bob/PET/1.dcm", "/home/alice/p"),
        ("/home/alice/PET/1.dcm", "/mnt/share/p"),
    ],
)
def test_where_a_relative_path_would_spell_out_an_absolute_one_only_the_name_is_kept(
    image: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/alice"))
    stored = encode_source(ImageSource("dicom-series", (Path(image),), series_uid="1.2"), Path(folder))
    assert stored is not None
    assert stored["locate"] == {"folder": None, "files": ["1.dcm"]}
    again = decode_source(stored, Path("/any/where"), "source")
    assert again is not None
    assert (again.paths, again.series_uid) == ((Path("1.dcm"),), "1.2")
    assert encode_source(again, Path("/any/where")) == stored


def test_paths_inside_the_home_folder_stay_relative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/alice"))
    source = ImageSource("dicom-series", (Path("/home/alice/s/PET/1.dcm"), Path("/home/alice/s/PET/2.dcm")))
    stored = encode_source(source, Path("/home/alice/p"))
    assert stored is not None
    assert stored["locate"] == {"folder": "../s/PET", "files": ["1.dcm", "2.dcm"]}

"""A save writes everything, in one fixed form, and never harms what was there."""

from __future__ import annotations

import csv
import dataclasses
import errno
import hashlib
import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk

from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.results import Results
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project import save as save_module
from atsm_viewer.io.project.audit import results_of_audit
from atsm_viewer.io.project.errors import ProjectChangedError, ProjectError
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import STEPS, save_project

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
META = ProjectMeta("11111111-2222-4333-8444-555555555555", created="2026-01-01T00:00:00Z")


def _files(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def _without_roi(state: SessionState) -> SessionState:
    return dataclasses.replace(state, rois=state.rois[1:])


def _fault_at(step: str) -> Callable[[str], None]:
    def fault(name: str) -> None:
        if name == step:
            raise OSError(errno.ENOSPC, "No space left on device")

    return fault


def test_loading_gives_back_what_was_saved(session: SessionState, project_path: Path) -> None:
    view = {"window": {"scan-1": [0, 8.5]}, "cursor_lps": [1, 2.25, -3]}
    save_project(session, project_path, meta=META, view=view, now=NOW)
    loaded = load_project(project_path)
    assert loaded.problems == ()
    assert loaded.view == view
    state = loaded.state
    assert state.subjects == session.subjects
    assert state.administrations == session.administrations
    assert (state.protocol, state.notices) == (session.protocol, session.notices)
    for got, want in zip(state.scans, session.scans, strict=True):
        for name in ("id", "label", "pet_geometry", "slots", "ct_to_pet", "pet_facts", "pet_instance_tk"):
            assert getattr(got, name) == getattr(want, name), name
    for got, want in zip(state.rois, session.rois, strict=True):
        assert got.mask.same_voxels(want.mask)
        assert dataclasses.replace(got, mask=Mask.empty()).__repr__() == (
            dataclasses.replace(want, mask=Mask.empty()).__repr__()
        )
    pet = loaded.sources["scan-1"].pet
    assert pet == dataclasses.replace(session.scans[0].pet_source, patient_label="")
    assert loaded.sources["scan-2"].pet is None


def test_the_same_input_gives_the_same_bytes(session: SessionState, results: Results, tmp_path: Path) -> None:
    paths = [tmp_path / "study" / name for name in ("a.atsm", "b.atsm")]
    for path in paths:
        save_project(session, path, meta=META, results=results, now=NOW)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_container_is_a_plain_zip_with_the_type_first(
    session: SessionState, results: Results, project_path: Path
) -> None:
    save_project(session, project_path, meta=META, results=results, now=NOW)
    raw = project_path.read_bytes()
    assert raw[30:38] == b"mimetype"
    assert raw[38:].startswith(b"application/x-atsm-project")
    with zipfile.ZipFile(project_path) as container:
        assert container.testzip() is None
        infos = container.infolist()
        names = [i.filename for i in infos]
        assert names[:2] == ["mimetype", "manifest.json"]
        assert names[-1] == "manifest.bak.json"
        assert {i.date_time for i in infos} == {(1980, 1, 1, 0, 0, 0)}
        stored = [i.filename for i in infos if i.compress_type == zipfile.ZIP_STORED]
        assert set(names) - set(stored) == {"manifest.json", "manifest.bak.json"}
        manifest = json.loads(container.read("manifest.json"))
        assert container.read("manifest.bak.json") == container.read("manifest.json")
        for name, entry in manifest["files"].items():
            data = container.read(name)
            assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert all("/" not in n.removeprefix("rois/").removeprefix("results/") for n in names)


@pytest.mark.skipif(shutil.which("unzip") is None, reason="the program unzip is not installed")
def test_unzip_finds_no_fault(session: SessionState, project_path: Path) -> None:
    save_project(session, project_path, meta=META, now=NOW)
    run = subprocess.run(["unzip", "-tq", str(project_path)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_other_programs_place_every_voxel_where_it_was_drawn(
    session: SessionState, project_path: Path, tmp_path: Path
) -> None:
    save_project(session, project_path, meta=META, now=NOW)
    with zipfile.ZipFile(project_path) as container:
        data = container.read("rois/roi-1.seg.nrrd")
    path = tmp_path / "roi.seg.nrrd"
    path.write_bytes(data)
    roi = session.rois[0]
    grid = session.scans[0].pet_geometry
    inside = np.argwhere(roi.mask.block_in(grid.box))
    wanted = {tuple(np.round(grid.index_to_lps(v), 4)) for v in inside}
    array, header = nrrd.read(str(path), index_order="F")
    origin, directions = header["space origin"], header["space directions"]
    assert header["space"] == "left-posterior-superior"
    by_pynrrd = {tuple(np.round(origin + ijk @ directions, 4)) for ijk in np.argwhere(array)}
    assert by_pynrrd == wanted
    # pynrrd drops what is not ASCII; a line break in the name must not start a header line.
    assert header["Segment0_Name"] == "Tmr links"
    assert sitk.ReadImage(str(path)).GetMetaData("Segment0_Name") == "Tümör “links”"


def test_results_are_kept_as_a_table_and_in_full(
    session: SessionState, results: Results, project_path: Path
) -> None:
    save_project(session, project_path, meta=META, results=results, now=NOW)
    with zipfile.ZipFile(project_path) as container:
        text = container.read("results/rois.csv").decode()
    assert list(csv.reader(io.StringIO(text))) == [
        ["roi_name", "suvbw_mean_g_ml"], ["'=1+1", "0.3333333333"], ["b", ""],
    ]  # fmt: skip
    audit = load_project(project_path).audit
    assert audit is not None
    assert results_of_audit(audit) == results


def test_revision_counts_and_the_last_version_stays_as_backup(
    session: SessionState, project_path: Path
) -> None:
    first = save_project(session, project_path, meta=META, now=NOW)
    old = project_path.read_bytes()
    second = save_project(_without_roi(session), project_path, meta=first, now=NOW)
    third = save_project(session, project_path, meta=second, now=NOW)
    assert (first.revision, second.revision, third.revision) == (1, 2, 3)
    assert _files(project_path.parent) == {"case.atsm", "case.atsm~"}
    backup = project_path.with_name("case.atsm~")
    assert len(load_project(backup).state.rois) == 3
    assert load_project(project_path).meta.revision == 3
    assert load_project(project_path).meta.project_id == META.project_id
    assert old != project_path.read_bytes()


def test_a_file_changed_by_somebody_else_is_not_overwritten(
    session: SessionState, project_path: Path
) -> None:
    mine = save_project(session, project_path, meta=META, now=NOW)
    save_project(_without_roi(session), project_path, meta=load_project(project_path).meta, now=NOW)
    theirs = project_path.read_bytes()
    with pytest.raises(ProjectChangedError, match=r"case\.atsm") as refused:
        save_project(session, project_path, meta=mine, now=NOW)
    assert "“Save project as…”" in refused.value.hint
    assert project_path.read_bytes() == theirs
    save_project(session, project_path, meta=mine, now=NOW, overwrite_changed=True)
    assert len(load_project(project_path).state.rois) == 4


def test_a_touched_but_equal_file_is_not_called_changed(session: SessionState, project_path: Path) -> None:
    mine = save_project(session, project_path, meta=META, now=NOW)
    os.utime(project_path, (1, 1))
    assert save_project(session, project_path, meta=mine, now=NOW).revision == 2


@pytest.mark.parametrize("step", STEPS[:-1])
@pytest.mark.parametrize("existed", [True, False])
def test_a_fault_before_the_new_file_is_in_place_leaves_the_old_one_and_no_litter(
    session: SessionState, project_path: Path, step: str, existed: bool
) -> None:
    meta = save_project(session, project_path, meta=META, now=NOW) if existed else META
    old = project_path.read_bytes() if existed else b""
    fault = _fault_at(step)
    with pytest.raises(ProjectError, match=r"case\.atsm.*No space left"):
        save_project(_without_roi(session), project_path, meta=meta, now=NOW, on_step=fault)
    if existed:
        assert project_path.read_bytes() == old
    else:
        assert not project_path.exists()
    assert _files(project_path.parent) <= {"case.atsm", "case.atsm~"}


@pytest.mark.parametrize("existed", [True, False])
def test_a_folder_that_cannot_be_flushed_is_told_and_the_project_can_be_saved_again(
    session: SessionState, project_path: Path, existed: bool
) -> None:
    meta = save_project(session, project_path, meta=META, now=NOW) if existed else META
    told: list[str] = []
    saved = save_project(
        _without_roi(session), project_path, meta=meta, now=NOW, on_step=_fault_at("flush folder"),
        on_problem=told.append,
    )  # fmt: skip
    assert len(told) == 1
    assert "case.atsm" in told[0]
    assert "No space left" in told[0]
    loaded = load_project(project_path)
    assert len(loaded.state.rois) == 3
    assert saved.fingerprint == loaded.meta.fingerprint
    assert saved.revision == loaded.meta.revision == (2 if existed else 1)
    assert _files(project_path.parent) <= {"case.atsm", "case.atsm~"}
    told.clear()
    again = save_project(session, project_path, meta=saved, now=NOW, on_problem=told.append)
    assert (again.revision, told) == (saved.revision + 1, [])


def test_a_failing_flush_of_the_folder_itself_does_not_fail_the_save(
    session: SessionState, project_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meta = save_project(session, project_path, meta=META, now=NOW)
    told: list[str] = []
    real = os.fsync

    def fail_for_folders(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    monkeypatch.setattr(os, "fsync", fail_for_folders)
    for state in (_without_roi(session), session):
        meta = save_project(state, project_path, meta=meta, now=NOW, on_problem=told.append)
    assert len(load_project(project_path).state.rois) == 4
    if os.name != "nt":
        assert len(told) == 2
        assert all("Input/output error" in words for words in told)


def test_traces_that_cannot_be_removed_do_not_hide_why_a_save_failed(
    session: SessionState, project_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meta = save_project(session, project_path, meta=META, now=NOW)

    def stuck(self: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "unlink", stuck)
    with pytest.raises(ProjectError, match="No space left"):
        save_project(session, project_path, meta=meta, now=NOW, on_step=_fault_at("flush"))


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failing_system_call_leaves_the_old_file(
    session: SessionState, project_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    meta = save_project(session, project_path, meta=META, now=NOW)
    old = project_path.read_bytes()

    def fail(*_args: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(ProjectError, match="Input/output"):
        save_project(_without_roi(session), project_path, meta=meta, now=NOW)
    assert project_path.read_bytes() == old
    assert _files(project_path.parent) == {"case.atsm"}


def test_a_disk_that_lies_is_caught_before_the_old_file_is_touched(
    session: SessionState, project_path: Path
) -> None:
    meta = save_project(session, project_path, meta=META, now=NOW)
    old = project_path.read_bytes()

    def flip(name: str) -> None:
        if name == "read back":
            (staged,) = project_path.parent.glob(".*.tmp")
            raw = bytearray(staged.read_bytes())
            raw[raw.index(b"NRRD0004") + 700] ^= 1
            staged.write_bytes(raw)

    with pytest.raises(ProjectError, match="did not give back"):
        save_project(session, project_path, meta=meta, now=NOW, on_step=flip)
    assert project_path.read_bytes() == old


def test_a_folder_without_hard_links_still_gets_a_backup(
    session: SessionState, project_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meta = save_project(session, project_path, meta=META, now=NOW)
    old = project_path.read_bytes()

    def no_links(*_args: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    save_project(_without_roi(session), project_path, meta=meta, now=NOW)
    assert project_path.with_name("case.atsm~").read_bytes() == old


_KILLED = """
import os, signal, sys
from pathlib import Path
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.save import save_project
import dataclasses
path, step = Path(sys.argv[1]), sys.argv[2]
loaded = load_project(path)
state = dataclasses.replace(loaded.state, rois=loaded.state.rois[1:])
def die(name):
    if name == step:
        os.kill(os.getpid(), signal.SIGKILL)
save_project(state, path, meta=loaded.meta, on_step=die)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
@pytest.mark.parametrize("step", STEPS)
def test_killing_the_program_loses_nothing(session: SessionState, project_path: Path, step: str) -> None:
    save_project(session, project_path, meta=META, now=NOW)
    root = Path(save_module.__file__).parents[3]
    env = {**os.environ, "PYTHONPATH": str(root)}
    run = subprocess.run([sys.executable, "-c", _KILLED, str(project_path), step], env=env, check=False)
    assert run.returncode == -signal.SIGKILL
    loaded = load_project(project_path)
    assert loaded.problems == ()
    assert len(loaded.state.rois) == (3 if step == "flush folder" else 4)


def test_a_long_name_in_any_script_can_be_saved(session: SessionState, project_path: Path) -> None:
    path = project_path.with_name("治" * 80 + ".atsm")  # 245 of the 255 bytes that a name may have
    meta = save_project(session, path, meta=META, now=NOW)
    save_project(session, path, meta=meta, now=NOW)
    assert load_project(path).meta.revision == 2


def test_a_symbolic_link_is_followed_and_not_replaced(
    session: SessionState, project_path: Path, tmp_path: Path
) -> None:
    save_project(session, project_path, meta=META, now=NOW)
    link = tmp_path / "link.atsm"
    link.symlink_to(project_path)
    save_project(session, link, meta=load_project(link).meta, now=NOW)
    assert link.is_symlink()
    assert load_project(project_path).meta.revision == 2


def test_the_mode_of_the_old_file_is_kept(session: SessionState, project_path: Path) -> None:
    meta = save_project(session, project_path, meta=META, now=NOW)
    project_path.chmod(0o664)
    save_project(session, project_path, meta=meta, now=NOW)
    assert project_path.stat().st_mode & 0o777 == 0o664


def test_simpleitk_agrees_about_positions_on_an_orthogonal_grid(
    session: SessionState, project_path: Path, tmp_path: Path
) -> None:
    save_project(session, project_path, meta=META, now=NOW)
    with zipfile.ZipFile(project_path) as container:
        (name,) = [n for n in container.namelist() if n.startswith("rois/id-")]
        (tmp_path / "r.seg.nrrd").write_bytes(container.read(name))
    image = sitk.ReadImage(str(tmp_path / "r.seg.nrrd"))
    roi, grid = session.rois[2], session.scans[1].pet_geometry
    found = {
        tuple(round(c, 6) for c in image.TransformIndexToPhysicalPoint(tuple(int(v) for v in kji[::-1])))
        for kji in np.argwhere(sitk.GetArrayFromImage(image))
    }
    wanted = np.argwhere(roi.mask.block_in(grid.box))
    assert found == {tuple(np.round(grid.index_to_lps(v), 6)) for v in wanted}

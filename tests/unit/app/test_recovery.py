"""What a person finds after a crash: the right work, once, with its images, and nothing overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from atsm_viewer.app import autosave as autosave_module
from atsm_viewer.app.autosave import Autosave
from atsm_viewer.app.document import Document
from atsm_viewer.app.recovery import discard_work, find_work, rebuild_work
from atsm_viewer.app.session import Session
from atsm_viewer.app.study_loading import catalogue_of, load_pair
from atsm_viewer.cli.main import main
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import AddRoi, Paint, RenameRoi
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.io.journal.instance_lock import hold
from atsm_viewer.io.journal.places import all_journals
from atsm_viewer.io.project.errors import ProjectChangedError
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.save import save_project


class Desk:
    """A session on a small NIfTI PET with a journal, as a window has it."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "auto"
        images = tmp_path / "study"
        images.mkdir(exist_ok=True)
        self.pet_path = images / "pet.nii.gz"
        if not self.pet_path.exists():
            values = np.random.default_rng(0).random((6, 7, 8)).astype(np.float32)
            SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values), str(self.pet_path))
        _, pairs = catalogue_of([self.pet_path])
        self.session, self.document = Session(), Document(title="Mouse 7")
        self.autosave = Autosave(self.session, self.document, self.root)
        self.path = tmp_path / "case.atsm"
        self.session.replace(load_pair(pairs[0]), saved=True)

    def paint(self, name: str, at: int = 1) -> None:
        scan = self.session.state.scans[0]
        roi = Roi(f"id-{name}", name, Role.TUMOUR, scan.id, scan.first_slot.subject_id)
        self.session.apply(AddRoi(roi), f"Add {name}")
        box = Box((at, 1, 1), (at + 2, 4, 4))
        self.session.apply(Paint(roi.id, Patch(box, np.ones((2, 3, 3), dtype=bool))), f"Paint {name}")

    def save(self) -> None:
        self.document.meta = save_project(self.session.state, self.path, meta=self.document.meta)
        self.document.path = self.path
        self.session.mark_saved(self.session.state)

    def die(self) -> None:
        assert self.autosave.flush()
        self.autosave.abandon()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.autosave.abandon()


def test_work_that_was_never_saved_is_found_with_its_images(desk: Desk) -> None:
    desk.paint("Tumour 1")
    desk.die()
    (work,) = find_work(desk.root)
    assert (work.title, work.place, work.n_steps) == ("Mouse 7", "never saved", 2)
    assert work.labels == ("Add Tumour 1", "Paint Tumour 1")
    found = rebuild_work(desk.root, work)
    found.claim.release()
    before = desk.session.state
    assert found.path is None
    assert found.state.rois[0].mask.sha256() == before.rois[0].mask.sha256()
    pet, old = found.state.scans[0].pet, before.scans[0].pet
    assert pet is not None
    assert old is not None
    assert np.array_equal(pet.values_tkji, old.values_tkji)


def test_work_whose_images_are_gone_is_restored_and_says_so(desk: Desk) -> None:
    desk.paint("Tumour 1")
    desk.die()
    desk.pet_path.unlink()
    (work,) = find_work(desk.root)
    found = rebuild_work(desk.root, work)
    found.claim.release()
    assert found.state.scans[0].pet is None
    assert found.state.rois[0].mask.n_voxels == 18
    assert "image_missing" in {n.code for n in found.state.notices}


def test_only_what_was_done_since_the_last_save_is_offered(desk: Desk) -> None:
    desk.paint("Tumour 1")
    desk.save()
    assert desk.autosave.flush()
    assert all_journals(desk.root) == ()
    desk.paint("Tumour 2")
    desk.die()
    (work,) = find_work(desk.root)
    assert work.labels == ("Add Tumour 2", "Paint Tumour 2")
    found = rebuild_work(desk.root, work, with_images=False)
    found.claim.release()
    assert [r.name for r in found.state.rois] == ["Tumour 1", "Tumour 2"]
    assert found.path == desk.path
    # Saving goes on where the project was.
    meta = save_project(found.state, desk.path, meta=found.meta)
    assert meta.revision == 2


def test_a_journal_that_the_project_holds_already_is_swept(desk: Desk) -> None:
    desk.paint("Tumour 1")
    desk.save()
    desk.paint("Tumour 2")
    assert desk.autosave.flush()
    # The program dies after the file was replaced and before it could say so.
    save_project(desk.session.state, desk.path, meta=desk.document.meta)
    desk.die()
    assert find_work(desk.root) == ()
    assert all_journals(desk.root) == ()


def test_a_version_saved_later_by_somebody_else_is_told_and_never_overwritten(desk: Desk) -> None:
    desk.paint("Tumour 1")
    desk.save()
    other = load_project(desk.path)
    desk.paint("Mine")
    desk.die()
    theirs = RenameRoi("id-Tumour 1", "Theirs").apply(other.state)
    save_project(theirs, desk.path, meta=other.meta)
    (work,) = find_work(desk.root)
    assert "saved again" in work.note
    found = rebuild_work(desk.root, work, with_images=False)
    found.claim.release()
    with pytest.raises(ProjectChangedError):
        save_project(found.state, desk.path, meta=found.meta)
    assert load_project(desk.path).state.rois[0].name == "Theirs"


def test_a_place_where_another_project_lies_now_is_not_taken(desk: Desk, tmp_path: Path) -> None:
    desk.paint("Tumour 1")
    desk.save()
    desk.paint("Tumour 2")
    desk.die()
    loaded = load_project(desk.path)
    desk.path.unlink()
    save_project(loaded.state, desk.path, meta=replace(loaded.meta, project_id="another", fingerprint=None))
    (work,) = find_work(desk.root)
    found = rebuild_work(desk.root, work, with_images=False)
    found.claim.release()
    assert found.path is None


def test_work_of_a_living_program_and_work_that_is_being_restored_are_left_alone(desk: Desk) -> None:
    desk.paint("Tumour 1")
    assert desk.autosave.flush()
    assert find_work(desk.root) == ()
    desk.die()
    (work,) = find_work(desk.root)
    found = rebuild_work(desk.root, work, with_images=False)
    assert find_work(desk.root) == ()
    for act in (lambda: rebuild_work(desk.root, work), lambda: discard_work(desk.root, work)):
        with pytest.raises(AtsmError, match="Another window"):
            act()
    found.claim.release()
    discard_work(desk.root, work)
    with pytest.raises(AtsmError, match="in the meantime"):
        rebuild_work(desk.root, work)


def test_an_unreadable_journal_is_listed_and_kept(desk: Desk) -> None:
    folder = desk.root / "some-project"
    folder.mkdir(parents=True)
    (folder / "9-x.j").write_bytes(b"not a journal")
    (work,) = find_work(desk.root)
    assert not work.can_be_restored
    assert "9-x.j" in work.note
    assert (folder / "9-x.j").exists()


def test_what_was_done_and_undone_again_is_not_offered(desk: Desk) -> None:
    desk.paint("Tumour 1")
    desk.session.undo()
    desk.session.undo()
    desk.die()
    assert find_work(desk.root) == ()
    assert all_journals(desk.root) == ()


def test_leftovers_of_dead_programs_are_swept_and_those_of_living_ones_stay(desk: Desk) -> None:
    (desk.root / "p").mkdir(parents=True)
    (desk.root / "1-dead.lock").touch()
    (desk.root / "p" / ".1-dead.j.tmp").write_bytes(b"half")
    living = hold(desk.root, "2-alive")
    assert living is not None
    (desk.root / "q").mkdir()
    (desk.root / "q" / ".2-alive.j.tmp").write_bytes(b"half")
    find_work(desk.root)
    assert not (desk.root / "1-dead.lock").exists()
    assert not (desk.root / "p").exists()
    assert (desk.root / "q" / ".2-alive.j.tmp").exists()
    living.release()


def test_the_command_line_lists_writes_and_discards(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        autosave_module.platformdirs, "user_state_dir", lambda *a, **k: str(tmp_path / "state")
    )
    assert main(["recover"]) == 0
    assert "no unsaved work" in capsys.readouterr().out
    desk.paint("Tumour 1")
    desk.die()
    (tmp_path / "state").mkdir()
    desk.root.rename(tmp_path / "state" / "autosave")
    assert main(["recover", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["recoverable"]
    assert (entry["title"], entry["n_steps"]) == ("Mouse 7", 2)
    assert main(["recover", "--discard"]) == 2
    assert main(["recover", "--list", "--to", str(tmp_path / "out")]) == 2
    capsys.readouterr()
    for _ in range(2):
        assert main(["recover", "--to", str(tmp_path / "out")]) == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "Mouse_7-recovered-2.atsm",
        "Mouse_7-recovered.atsm",
    ]
    written = load_project(tmp_path / "out" / "Mouse_7-recovered.atsm")
    assert written.problems == ()
    assert written.state.rois[0].mask.same_voxels(desk.session.state.rois[0].mask)
    assert main(["recover", "--to", str(tmp_path / "out"), "--discard"]) == 0
    assert main(["recover"]) == 0
    assert capsys.readouterr().out.endswith("There is no unsaved work to recover.\n")

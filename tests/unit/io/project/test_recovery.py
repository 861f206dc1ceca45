"""A broken project file gives back what is intact, and says what is not."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

import pytest

from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.salvage import salvage_members
from atsm_viewer.io.project.save import save_project


@pytest.fixture
def saved(session: SessionState, project_path: Path) -> Path:
    save_project(session, project_path, meta=ProjectMeta.new())
    return project_path


def _data_span(path: Path, name: str) -> tuple[int, int]:
    with zipfile.ZipFile(path) as container:
        info = container.getinfo(name)
    raw = path.read_bytes()
    names, extra = struct.unpack_from("<2H", raw, info.header_offset + 26)
    start = info.header_offset + 30 + names + extra
    return start, start + info.compress_size


def _flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 0x20
    path.write_bytes(raw)


def test_a_truncated_file_gives_back_the_rois_before_the_cut(saved: Path, session: SessionState) -> None:
    start, _end = _data_span(saved, "rois/roi-2.seg.nrrd")
    saved.write_bytes(saved.read_bytes()[: start + 50])
    loaded = load_project(saved)
    # roi-2 and the one after it are cut off; the empty one has no voxels to lose.
    assert [r.id for r in loaded.state.rois] == ["roi-1", "roi-4"]
    assert loaded.state.rois[0].mask.same_voxels(session.rois[0].mask)
    words = " ".join(p.text for p in loaded.problems)
    assert "Muskel" in words
    assert "筋肉" in words
    assert all(p.severity is Severity.ERROR for p in loaded.problems)
    assert loaded.meta.damaged
    assert loaded.meta.fingerprint is None


def test_a_flipped_byte_in_a_mask_loses_that_roi_only(saved: Path) -> None:
    start, end = _data_span(saved, "rois/roi-1.seg.nrrd")
    _flip(saved, (start + end) // 2)
    loaded = load_project(saved)
    assert [r.id for r in loaded.state.rois] == ["roi-2", "../odd id", "roi-4"]
    assert len(loaded.problems) == 1
    assert "Tümör" in loaded.problems[0].text


def test_a_mask_exchanged_behind_the_manifest_is_noticed(saved: Path) -> None:
    """The container is whole and the voxels are as many as before; only the digest tells."""
    with zipfile.ZipFile(saved) as container:
        members = {n: container.read(n) for n in container.namelist()}
    header, _, packed = members["rois/roi-1.seg.nrrd"].partition(b"\n\n")
    turned = gzip.compress(gzip.decompress(packed)[::-1])
    assert gzip.decompress(turned) != gzip.decompress(packed)
    members["rois/roi-1.seg.nrrd"] = header + b"\n\n" + turned
    with zipfile.ZipFile(saved, "w") as container:
        for name, data in members.items():
            container.writestr(name, data)
    loaded = load_project(saved)
    assert [r.id for r in loaded.state.rois] == ["roi-2", "../odd id", "roi-4"]
    assert "differs from its digest" in loaded.problems[0].text


def test_salvage_takes_whole_members_only() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as container:
        for name in ("first", "second", "third"):
            container.writestr(name, name.encode() * 9)
        container.writestr("packed", b"p" * 900, zipfile.ZIP_DEFLATED)
    raw = bytearray(stream.getvalue())
    raw[raw.index(b"secondsecond") + 20] ^= 1
    found = salvage_members(io.BytesIO(raw[: raw.index(b"PK\x01\x02")]))
    assert found == {"first": b"first" * 9, "third": b"third" * 9, "packed": b"p" * 900}


@pytest.mark.parametrize("name", ["manifest.json", "manifest.bak.json"])
def test_either_copy_of_the_manifest_is_enough(saved: Path, name: str) -> None:
    start, end = _data_span(saved, name)
    _flip(saved, (start + end) // 2)
    loaded = load_project(saved)
    assert len(loaded.state.rois) == 4
    assert len(loaded.problems) == (1 if name == "manifest.json" else 0)


def test_a_lost_directory_is_replaced_by_the_local_headers(saved: Path) -> None:
    raw = saved.read_bytes()
    saved.write_bytes(raw[: raw.rindex(b"PK\x01\x02")])
    loaded = load_project(saved)
    assert len(loaded.state.rois) == 4
    assert len(loaded.problems) == 1


def test_every_single_flipped_byte_is_harmless_or_noticed(saved: Path, session: SessionState) -> None:
    raw = saved.read_bytes()
    masks = {r.id: r.mask for r in session.rois}
    refused = noticed = 0
    for at in range(0, len(raw), 23):
        flipped = bytearray(raw)
        flipped[at] ^= 0x11
        saved.write_bytes(flipped)
        try:
            loaded = load_project(saved)
        except ProjectError:
            refused += 1
            continue
        noticed += bool(loaded.problems)
        for roi in loaded.state.rois:
            assert roi.mask.same_voxels(masks[roi.id]), f"byte {at}"
        assert len(loaded.state.rois) == 4 or loaded.problems, f"byte {at}"
    assert noticed > 50


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.6, 0.9, 0.999])
def test_every_truncation_is_salvaged_or_refused_in_words(saved: Path, share: float) -> None:
    raw = saved.read_bytes()
    saved.write_bytes(raw[: int(len(raw) * share)])
    if share < 0.1:
        with pytest.raises(ProjectError, match=r"case\.atsm"):
            load_project(saved)
    else:
        assert load_project(saved).problems


def test_saving_a_salvaged_project_keeps_the_good_backup(saved: Path, session: SessionState) -> None:
    save_project(session, saved, meta=load_project(saved).meta)
    good = saved.with_name("case.atsm~").read_bytes()
    start, end = _data_span(saved, "rois/roi-1.seg.nrrd")
    _flip(saved, (start + end) // 2)
    broken = saved.read_bytes()
    loaded = load_project(saved)
    meta = save_project(loaded.state, saved, meta=loaded.meta)
    assert saved.with_name("case.atsm~").read_bytes() == good
    assert saved.with_name("case.damaged.atsm").read_bytes() == broken
    assert not meta.damaged


def test_a_refused_file_points_to_its_backup(saved: Path, session: SessionState) -> None:
    save_project(session, saved, meta=load_project(saved).meta)
    saved.write_bytes(b"")
    with pytest.raises(ProjectError) as caught:
        load_project(saved)
    assert "case.atsm~" in caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"gone\.atsm"):
        load_project(tmp_path / "gone.atsm")

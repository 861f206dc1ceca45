"""A hostile file is refused in words, without exhausting the machine."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project.archive import open_archive
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project

Members = list[tuple[zipfile.ZipInfo | str, bytes]]


@pytest.fixture
def saved(session: SessionState, project_path: Path) -> Path:
    save_project(session, project_path, meta=ProjectMeta.new())
    return project_path


def _members(path: Path) -> Members:
    with zipfile.ZipFile(path) as container:
        return [(n, container.read(n)) for n in container.namelist()]


def _write(path: Path, members: Members, method: int = zipfile.ZIP_STORED) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as container:
        warnings.simplefilter("ignore", UserWarning)
        for name, data in members:
            container.writestr(name, data)


def _change_manifest(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    members = dict(_members(path))
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    text = json.dumps(manifest).encode()
    members["manifest.json"] = members["manifest.bak.json"] = text
    _write(path, list(members.items()))


def _refused(path: Path, words: str) -> ProjectError:
    with pytest.raises(ProjectError, match=words) as caught:
        load_project(path)
    assert path.name in caught.value.user_message
    return caught.value


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/passwd", "a/../../b", "C:/x", "a\\b", "rois/..", "x:y", "nul\0byte", "", "./a", "a//b"],
)
def test_forbidden_names_are_refused(saved: Path, name: str) -> None:
    raw = saved.read_bytes()
    stand_in = "Q" * max(1, len(name))
    _write(saved, [*_members(saved), (stand_in, b"x")])
    raw = saved.read_bytes().replace(stand_in.encode(), name.encode()) if name else raw
    if not name:
        _write(saved, [*_members(saved)[:-1], (zipfile.ZipInfo(""), b"x")])
        raw = saved.read_bytes()
    saved.write_bytes(raw)
    _refused(saved, "forbidden name")


def test_two_parts_of_one_name_are_refused(saved: Path) -> None:
    _write(saved, [*_members(saved), ("manifest.json", b"{}")])
    _refused(saved, "two parts of the same name")


def test_a_symbolic_link_is_refused(saved: Path) -> None:
    link = zipfile.ZipInfo("rois/link")
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    _write(saved, [*_members(saved), (link, b"/etc/passwd")])
    _refused(saved, "link or device")


def test_an_encrypted_part_is_refused(saved: Path) -> None:
    raw = bytearray(saved.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    saved.write_bytes(raw)
    _refused(saved, "encrypted")


def test_a_bomb_is_refused(saved: Path) -> None:
    _write(saved, [*_members(saved), ("bomb", bytes(20_000_000))], zipfile.ZIP_DEFLATED)
    _refused(saved, "unpack to suspiciously much")


def test_a_huge_declared_size_is_refused_without_reading(saved: Path) -> None:
    raw = bytearray(saved.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 0x7FFFFFFF)
    saved.write_bytes(raw)
    _refused(saved, "too large")


def test_a_huge_directory_is_refused_before_it_is_listed(saved: Path) -> None:
    _write(saved, [(f"f{n}", b"") for n in range(5000)])
    _refused(saved, "too many parts")


@pytest.mark.parametrize("kind", ["many", "long", "zip64", "comment"])
def test_an_oversized_directory_is_never_listed(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Listing is what costs memory, so the refusal must come before it."""
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("the directory was listed"))
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 0, 1) if kind == "zip64" else b""
    count = 5000 if kind == "many" else 1
    size = 50_000_000 if kind in ("long", "comment") else 100
    # A second signature inside the record must not hide the first.
    start = struct.unpack("<I", b"PK\x05\x06")[0] if kind == "comment" else 0
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, size, start, 0)
    with pytest.raises(ProjectError, match=r"too many parts|ZIP64"):
        open_archive(io.BytesIO(bytes(5000) + locator + end))


def test_overlapping_parts_are_refused(saved: Path) -> None:
    """Many directory entries over the same bytes multiply what is unpacked."""
    data = random.Random(1).randbytes(20_000)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    local = struct.pack(
        "<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 33, zlib.crc32(data), len(packed), len(data), 1, 0
    )
    entries = b"".join(
        struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, zlib.crc32(data), len(packed), len(data),
            1, 0, 0, 0, 0, 0, 0,
        ) + bytes([letter])
        for letter in b"abcdefgh"
    )  # fmt: skip
    body = local + b"a" + packed
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 8, 8, len(entries), len(body), 0)
    saved.write_bytes(body + entries + end)
    _refused(saved, "overlap")


def test_an_unlisted_large_part_is_refused_and_a_small_one_is_told(saved: Path) -> None:
    members = _members(saved)
    _write(saved, [*members, ("note.txt", b"hello")])
    assert [p.code for p in load_project(saved).problems] == ["project_unlisted"]
    _write(saved, [*members, ("ballast", bytes(17 * 1024 * 1024))])
    _refused(saved, "not listed and too large")


def test_a_mask_that_inflates_to_more_than_it_declares_is_refused(saved: Path) -> None:
    members = dict(_members(saved))
    header, _, _ = members["rois/roi-1.seg.nrrd"].partition(b"\n\n")
    bomb = header + b"\n\n" + gzip.compress(bytes(50_000_000))
    members["rois/roi-1.seg.nrrd"] = bomb
    _write(saved, list(members.items()))
    _change_manifest(
        saved, lambda m: m["files"]["rois/roi-1.seg.nrrd"].update(sha256=hashlib.sha256(bomb).hexdigest())
    )
    _refused(saved, "as many voxels as it declares")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update(format="other"), "not a project"),
        (lambda m: m["schema"].update(major=2), "newer version"),
        (lambda m: m["schema"].update(major="1"), "schema.major"),
        (lambda m: m["rois"][0].update(role="kidney"), r"rois\[0\].role"),
        (lambda m: m["rois"][0].update(scan_id="nowhere"), "not there"),
        (lambda m: m["rois"][1].update(id="roi-1"), "same id"),
        (lambda m: m["rois"][0]["voxels"].update(crop_origin_kji=[-1, 0, 0]), "outside the PET grid"),
        (lambda m: m["rois"][0]["voxels"].update(crop_origin_kji=[4, 4, 5]), "do not fit"),
        (lambda m: m["rois"][0]["voxels"].update(crop_shape_kji=[10**9] * 3), "outside the PET grid"),
        (lambda m: m["rois"][0]["voxels"].update(n_voxels=1), "another number of voxels"),
        (lambda m: m["rois"][0]["voxels"].update(file=None), "no voxels"),
        (lambda m: m["scans"][0]["pet_geometry"].update(shape_kji=[0, 1, 1]), "pet_geometry"),
        (lambda m: m["scans"][0]["pet_facts"].update(index=[0, 1, 99]), "header that it does not hold"),
        (lambda m: m["scans"][0].update(pet_instance_tk=[[0, 1, 7]]), "header that it does not hold"),
        (lambda m: m["scans"][0]["pet_source"]["locate"].update(folder="/etc"), "relative path"),
        (lambda m: m["scans"][0]["slots"][0].update(subject_id="nobody"), "not there"),
        (lambda m: m["scans"][0].update(slots=[]), "nobody lies"),
        (lambda m: m["administrations"][0]["entered"]["weight_kg"].update(value="heavy"), "weight_kg"),
        (lambda m: m["administrations"][0]["entered"]["weight_kg"].update(provenance="magic"), "provenance"),
        (lambda m: m["administrations"][0]["entered"].update(administration_time="noon"), "administration_t"),
        (lambda m: m.pop("protocol"), "protocol"),
        (lambda m: m.pop("rois"), "rois"),
        (lambda m: m.update(files=[]), "files"),
        (lambda m: m.update(revision=1.5), "revision"),
    ],
)  # fmt: skip
def test_a_manifest_that_contradicts_itself_is_refused(saved: Path, change: Any, words: str) -> None:
    _change_manifest(saved, change)
    _refused(saved, words)


@pytest.mark.parametrize(
    "text", [b"[]", b"nonsense", b'{"a": NaN}', b'{"format":1,"format":2}', b"[" * 100_000, b"\xff\xfe", b""]
)
def test_a_manifest_that_is_not_plain_json_is_refused(saved: Path, text: bytes) -> None:
    members = dict(_members(saved))
    members["manifest.json"] = members["manifest.bak.json"] = text
    _write(saved, list(members.items()))
    _refused(saved, "list of contents is lost")


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"\x89PNG\r\n", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" * 5000]
)
def test_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.atsm"
    path.write_bytes(content)
    _refused(path, "other")


def test_a_newer_version_says_how_to_get_at_the_rois(saved: Path) -> None:
    _change_manifest(saved, lambda m: m["schema"].update(major=7))
    assert ".seg.nrrd" in _refused(saved, "file version 7").hint

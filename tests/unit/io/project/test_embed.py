"""Images packed into a project come back value by value; hostile ones are refused in time and room."""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import time
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.volume import FrameTime, Modality, Volume
from atsm_viewer.io.project import embed
from atsm_viewer.io.project.embed import read_embedded
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project

META = replace(ProjectMeta.new(), embeds=("ct", "pet"))


@pytest.fixture
def packed(session: SessionState) -> SessionState:
    """The session with a PET of two frames (NaN among its values) and a CT on another, oblique grid."""
    rng = np.random.default_rng(5)
    first = session.scans[0]
    values = rng.normal(1000, 300, (2, *first.pet_geometry.shape_kji)).astype(np.float32)
    values[0, 0, 0, :3] = (np.nan, 0.0, -5.5)
    frames = (FrameTime(0.0, 300.0), FrameTime(300.0, 600.0))
    pet = Volume(first.pet_geometry, values, "BQML", Modality.PET, frames)
    grid = Geometry.axis_aligned((5, 6, 7), (1.25, 0.5, 0.5), (1.0, -2.0, 1 / 3), "1.2.3")
    ct = Volume(grid, rng.integers(-1024, 3000, (1, 5, 6, 7)).astype(np.int16), "HU", Modality.CT)
    scan = replace(first, pet=pet, ct=ct, pet_source=replace(first.pet_source, pixel_digest=""))
    return replace(session, scans=(scan, session.scans[1]))


def _read(path: Path, scan: str, role: str) -> Volume:
    image, digest = load_project(path).embedded[scan][role]
    return read_embedded(path, image, digest)


@pytest.mark.parametrize("role", ["pet", "ct"])
def test_every_value_and_position_comes_back(packed: SessionState, project_path: Path, role: str) -> None:
    save_project(packed, project_path, meta=META)
    loaded = load_project(project_path)
    assert loaded.problems == ()
    assert loaded.meta.read_only_reason == ""
    assert loaded.meta.embeds == ("ct", "pet")
    assert set(loaded.embedded) == {"scan-1"}
    want = getattr(packed.scans[0], role)
    got = _read(project_path, "scan-1", role)
    assert got.values_tkji.dtype == want.values_tkji.dtype
    assert got.values_tkji.tobytes() == want.values_tkji.tobytes()
    assert (got.geometry, got.unit, got.modality, got.frames) == (
        want.geometry, want.unit, want.modality, want.frames,
    )  # fmt: skip


def test_other_programs_read_the_packed_images(
    packed: SessionState, project_path: Path, tmp_path: Path
) -> None:
    save_project(packed, project_path, meta=META)
    with zipfile.ZipFile(project_path) as container:
        for name in ("images/001-ct.nrrd", "images/001-pet.nrrd"):
            (tmp_path / Path(name).name).write_bytes(container.read(name))
    ct = packed.scans[0].ct
    assert ct is not None
    image = sitk.ReadImage(str(tmp_path / "001-ct.nrrd"))
    assert (sitk.GetArrayFromImage(image) == ct.values_tkji[0]).all()
    np.testing.assert_allclose(
        image.TransformIndexToPhysicalPoint((6, 5, 4)), ct.geometry.index_to_lps((4, 5, 6)), atol=1e-9
    )
    pet = packed.scans[0].pet
    assert pet is not None
    array, header = nrrd.read(str(tmp_path / "001-pet.nrrd"), index_order="C")
    np.testing.assert_array_equal(array, pet.values_tkji)
    assert header["space"] == "left-posterior-superior"
    np.testing.assert_array_equal(header["space origin"], pet.geometry.origin_lps)


def test_a_project_stays_packed_when_it_is_saved_again(packed: SessionState, project_path: Path) -> None:
    save_project(packed, project_path, meta=META)
    loaded = load_project(project_path)
    first = project_path.read_bytes()
    scan = loaded.state.scans[0]
    scan = replace(
        scan,
        pet=_read(project_path, "scan-1", "pet"),
        ct=_read(project_path, "scan-1", "ct"),
        pet_source=loaded.sources["scan-1"].pet,
        ct_source=loaded.sources["scan-1"].ct,
    )
    save_project(replace(loaded.state, scans=(scan, loaded.state.scans[1])), project_path, meta=loaded.meta)
    with zipfile.ZipFile(project_path) as now:
        again = now.read("images/001-pet.nrrd")
    assert again in first
    assert load_project(project_path).meta.embeds == ("ct", "pet")


def test_an_older_version_of_the_program_would_not_drop_the_images(
    packed: SessionState, project_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_project(packed, project_path, meta=META)
    from atsm_viewer.io.project import load

    monkeypatch.setattr(load, "UNDERSTOOD", frozenset())
    assert "embedded-images" in load_project(project_path).meta.read_only_reason


def test_values_of_another_kind_are_refused_instead_of_rounded(
    packed: SessionState, project_path: Path
) -> None:
    scan = packed.scans[0]
    assert scan.pet is not None
    wide = Volume(scan.pet.geometry, scan.pet.values_tkji[:1].astype(np.float64), "BQML", Modality.PET)
    state = replace(packed, scans=(replace(scan, pet=wide), packed.scans[1]))
    with pytest.raises(ProjectError, match="cannot be packed unchanged"):
        save_project(state, project_path, meta=META)
    assert not project_path.exists()


# -- hostile ------------------------------------------------------------------------------


def _rewritten(path: Path, change: Any) -> None:
    """Write the project anew with a changed manifest and members; digests are made to fit."""
    with zipfile.ZipFile(path) as container:
        members = {n: container.read(n) for n in container.namelist()}
    manifest = json.loads(members["manifest.json"])
    change(manifest, members)
    for name in manifest["files"]:
        if name in members and "keep" not in manifest["files"][name]:
            manifest["files"][name]["sha256"] = hashlib.sha256(members[name]).hexdigest()
    text = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as container:
        for name, data in members.items():
            container.writestr(name, text if name.startswith("manifest") else data)


def _of(manifest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = manifest["scans"][0]["embedded"]["pet"]
    return found


def _zeros(n_mb: int) -> bytes:
    """Return so many million zeros, packed piece by piece: the test itself must stay small."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(bytes(1_000_000)) for _ in range(n_mb)), packer.flush()])


def _bomb(manifest: dict[str, Any], members: dict[str, bytes], junk: int = 0) -> None:
    _of(manifest)["geometry"]["shape_kji"] = [1000, 500, 500]
    _of(manifest)["frames"] = [{}]
    header = b"NRRD0004\ntype: float\nsizes: 500 500 1000\nendian: little\nencoding: gzip\n\n"
    members["images/001-pet.nrrd"] = header + _zeros(1000) + b"x" * junk


def _wrong_digest(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    manifest["files"]["images/001-pet.nrrd"] = {"sha256": "0" * 64, "size": 1, "keep": True}


def _flipped(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    raw = bytearray(members["images/001-pet.nrrd"])
    raw[-2000] ^= 0x10
    members["images/001-pet.nrrd"] = bytes(raw)


def _absurd(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    _of(manifest)["geometry"]["shape_kji"] = [10**6, 10**6, 10**6]


def _larger(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    _of(manifest)["geometry"]["shape_kji"][0] += 1


def _nan_grid(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    _of(manifest)["geometry"]["origin_lps"][0] = {"$float": "nan"}


def _nan_time(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    _of(manifest)["frames"][0]["start_s"] = {"$float": "inf"}


def _outside(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    _of(manifest)["file"] = "../../etc/passwd"


def _absent(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    del members["images/001-pet.nrrd"]


def _cut(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    members["images/001-pet.nrrd"] = members["images/001-pet.nrrd"][:5000]


def _endless_header(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    members["images/001-pet.nrrd"] = b"NRRD0004\n" + b"# x\n" * 1_000_000


def _trailing(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    members["images/001-pet.nrrd"] += b"more"


def _other_type(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    _of(manifest)["type"] = "short"


HOSTILE = (_bomb, _wrong_digest, _flipped, _absurd, _larger, _nan_grid, _nan_time, _outside, _absent, _cut,
           _endless_header, _trailing, _other_type)  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE, ids=lambda c: c.__name__)
def test_hostile_images_are_refused(packed: SessionState, project_path: Path, change: Any) -> None:
    save_project(packed, project_path, meta=META)
    _rewritten(project_path, change)
    start = time.perf_counter()
    with pytest.raises(ProjectError, match=r"case\.atsm"):
        _read(project_path, "scan-1", "pet")
    assert time.perf_counter() - start < 2.0


_LIMITED = """
import resource, sys
from pathlib import Path
from atsm_viewer.io.project.embed import read_embedded
from atsm_viewer.io.project.errors import ProjectError
from atsm_viewer.io.project.load import load_project
path = Path(sys.argv[1])
try:
    image, digest = load_project(path).embedded["scan-1"]["pet"]
    read_embedded(path, image, digest)
except ProjectError as error:
    print(error.user_message)
    status = Path("/proc/self/status")  # ru_maxrss would start with the memory of the starting process
    lines = status.read_text().splitlines() if status.exists() else []
    told = [int(x.split()[1]) for x in lines if x.startswith("VmHWM")]
    print((told or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss])[0] // 1024)
"""


@pytest.mark.skipif(not hasattr(resource, "RUSAGE_SELF"), reason="the system does not count memory")
@pytest.mark.parametrize("junk", [0, 6_000_000])
def test_a_bomb_costs_less_than_a_gigabyte(packed: SessionState, project_path: Path, junk: int) -> None:
    save_project(packed, project_path, meta=META)
    _rewritten(project_path, lambda manifest, members: _bomb(manifest, members, junk))
    env = {"PYTHONPATH": str(Path(embed.__file__).parents[3])}
    run = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(project_path)],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    words, peak_mib = run.stdout.splitlines()
    assert "suspiciously much" in words
    assert int(peak_mib) < 1024


odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.just(10**400), st.floats(allow_nan=False),
    st.text(max_size=4), st.lists(st.integers(-5, 5), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["file", "type", "geometry", "unit", "modality", "frames", None]), odd)
def test_any_value_in_the_description_loads_or_is_refused(
    packed: SessionState, project_path: Path, key: str | None, value: Any
) -> None:
    if not project_path.exists():
        save_project(packed, project_path, meta=META)
    original = project_path.read_bytes()

    def change(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        if key is None:
            manifest["scans"][0]["embedded"] = value
        else:
            _of(manifest)[key] = value

    try:
        _rewritten(project_path, change)
        found = load_project(project_path).embedded.get("scan-1", {})
        if "pet" in found:
            assert isinstance(read_embedded(project_path, *found["pet"]), Volume)
    except ProjectError as error:
        assert "case.atsm" in str(error)  # noqa: PT017 - any other error fails the test
    finally:
        project_path.write_bytes(original)


def test_a_project_that_tells_file_names_only_has_no_folder_in_it(
    session: SessionState, project_path: Path
) -> None:
    meta = replace(ProjectMeta.new(), file_names_only=True)
    source = session.scans[0].pet_source
    assert isinstance(source, ImageSource)
    save_project(session, project_path, meta=meta)
    with zipfile.ZipFile(project_path) as container:
        manifest = json.loads(container.read("manifest.json"))
    assert manifest["scans"][0]["pet_source"]["locate"] == {
        "folder": None, "files": [p.name for p in source.paths],
    }  # fmt: skip
    assert b"DICOM/" not in json.dumps(manifest).encode()
    again = load_project(project_path)
    assert again.meta.file_names_only
    save_project(again.state, project_path, meta=again.meta)
    assert load_project(project_path).meta.file_names_only

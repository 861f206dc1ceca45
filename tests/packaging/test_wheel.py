"""The wheel alone is a working program: built, installed into a clean environment, and used there."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from atsm_viewer import __version__

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installed:
    """A clean environment with the program in it."""

    wheel: Path
    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / ("Scripts" if sys.platform == "win32" else "bin")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment away from the checkout, without its path."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]], cwd=self.folder, env=environment,
            capture_output=True, text=True, timeout=180,
        )  # fmt: skip


def pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    pytest.importorskip(
        "hatchling", reason="the wheel is built without the network, with hatchling from here"
    )
    built = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(built), str(ROOT))
    (wheel,) = built.glob("*.whl")
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False, symlinks=sys.platform != "win32")
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pip("--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    # The libraries come from here. A line in a .pth file does not run the .pth files of that folder, so an
    # editable checkout stays out of sight.
    (site,) = folder.glob("Lib/site-packages" if sys.platform == "win32" else "lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return Installed(wheel, folder)


def test_the_program_runs_from_the_wheel_and_not_from_the_checkout(installed: Installed) -> None:
    done = installed.run("python", "-c", "import atsm_viewer; print(atsm_viewer.__file__)")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).resolve().is_relative_to(installed.folder.resolve())


def test_both_ways_to_start_it_print_the_version(installed: Installed) -> None:
    for command in (("atsm-viewer", "--version"), ("python", "-m", "atsm_viewer", "--version")):
        done = installed.run(*command)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == f"ATSM Viewer {__version__}"


def test_the_resources_are_found_inside_the_wheel(installed: Installed) -> None:
    code = (
        "from atsm_viewer.app.resources import resource_path as r; p = r('icons/atsm-viewer.png');"
        "print(p); print(p.read_bytes()[1:4].decode())"
    )
    done = installed.run("python", "-c", code)
    assert done.returncode == 0, done.stderr
    path, kind = done.stdout.split("\n")[:2]
    assert Path(path).resolve().is_relative_to(installed.folder.resolve())
    assert kind == "PNG"


def test_the_wheel_holds_every_resource_and_document_and_no_tests(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    resources = [p.relative_to(ROOT / "resources") for p in (ROOT / "resources").rglob("*") if p.is_file()]
    assert resources
    assert {f"atsm_viewer/_resources/{r.as_posix()}" for r in resources} <= names
    assert {"atsm_viewer/ARCHITECTURE.md", "atsm_viewer/GLOSSARY.md"} <= names
    assert any(n.endswith("licenses/LICENSE") for n in names)
    assert not [n for n in names if n.startswith(("tests/", "packaging/", "resources/"))]


def test_sample_and_measurement_from_the_wheel_give_the_true_ratio(installed: Installed) -> None:
    made = installed.run("python", "-m", "atsm_viewer", "sample", "mouse", "--out", "mouse")
    assert made.returncode == 0, made.stderr
    measured = installed.run(
        "atsm-viewer", "measure", "mouse/sample-truth.atsm", "--csv-dir", "out", "--picture", "out/fused.png"
    )
    assert measured.returncode == 0, measured.stderr
    assert "T/M mean" in measured.stdout
    truth = json.loads((installed.folder / "mouse/truth/truth.json").read_text(encoding="utf-8"))
    with (installed.folder / "out/sample-truth_tm.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    # Counted by the simulation on its own arrays, before anything was written or read.
    assert float(row["tm_mean"]) == pytest.approx(truth["tm_mean"]["final"], rel=1e-4)
    assert float(row["tm_max"]) == pytest.approx(truth["tm_max"]["final"], rel=1e-4)
    assert (installed.folder / "out/fused.png").read_bytes()[:4] == b"\x89PNG"

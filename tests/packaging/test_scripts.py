"""run.sh and test.sh say what they do, and stop where they may not go on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "packaging" / "run.sh"
needs_sh = pytest.mark.skipif(shutil.which("sh") is None, reason="no POSIX shell here")


def run_script(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(RUN), *arguments], capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip


def machine_without(folder: Path, packages: tuple[str, ...]) -> str:
    """Return a PATH on which some Debian packages are missing and nothing can be installed."""
    for tool in ("sh", "dirname", "basename", "cat", "sed", "cut", "id", "sha256sum"):
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    cases = "".join(f'        *" {p}"|*" {p}t64") exit 1;;\n' for p in packages)
    query = folder / "dpkg-query"
    query.write_text(
        f'#!/bin/sh\ncase " $*" in\n{cases}esac\nprintf "install ok installed"\n', encoding="utf-8"
    )
    query.chmod(0o755)
    return str(folder)


@needs_sh
def test_a_missing_path_is_named_before_anything_is_installed(tmp_path: Path) -> None:
    done = run_script(str(tmp_path / "nowhere"), ATSM_VENV=str(tmp_path / "venv"))
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert not (tmp_path / "venv").exists()


@needs_sh
@pytest.mark.parametrize("arguments", [("a", "b"), ("--what",)])
def test_wrong_use_is_told_with_the_usage(arguments: tuple[str, ...]) -> None:
    done = run_script(*arguments)
    assert done.returncode == 2
    assert "usage: sh packaging/run.sh [PATH]" in done.stderr


@needs_sh
def test_help_is_printed_without_installing(tmp_path: Path) -> None:
    done = run_script("--help", ATSM_VENV=str(tmp_path / "venv"))
    assert done.returncode == 0
    assert "sh packaging/run.sh [PATH]" in done.stdout
    assert not (tmp_path / "venv").exists()


@needs_sh
def test_for_a_window_it_stops_with_the_exact_command_where_it_may_not_install(tmp_path: Path) -> None:
    path = machine_without(tmp_path, ("libegl1", "libxcb-cursor0"))
    done = run_script(PATH=path, DISPLAY=":99", ATSM_VENV=str(tmp_path / "venv"))
    assert done.returncode == 3
    commands = [line for line in done.stderr.splitlines() if "apt-get install" in line]
    assert len(commands) == 1
    assert commands[0].endswith("apt-get install -y --no-install-recommends libegl1 libxcb-cursor0")
    assert not (tmp_path / "venv").exists()


@needs_sh
def test_without_a_display_missing_libraries_are_told_but_do_not_stop_it(tmp_path: Path) -> None:
    # There is no Python on this machine either, so it ends there, one step later.
    path = machine_without(tmp_path, ("libgl1",))
    done = run_script(PATH=path, ATSM_VENV=str(tmp_path / "venv"))
    assert done.returncode == 3
    assert "apt-get install -y --no-install-recommends libgl1" in done.stderr
    assert "Python 3.11 or newer was not found" in done.stderr


@needs_sh
def test_a_library_under_its_name_of_debian_13_counts_as_installed(tmp_path: Path) -> None:
    path = machine_without(tmp_path, ())
    query = tmp_path / "dpkg-query"
    query.write_text(
        '#!/bin/sh\ncase " $*" in *" libglib2.0-0") exit 1;; esac\nprintf "install ok installed"\n',
        encoding="utf-8",
    )
    done = run_script(PATH=path, DISPLAY=":99", ATSM_VENV=str(tmp_path / "venv"))
    assert "apt-get" not in done.stderr.replace("apt-get install -y python3 python3-pip", "")
    assert "Python 3.11 or newer was not found" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no executable bits here")
def test_ci_runs_every_check_in_an_environment_of_its_own() -> None:
    ci = ROOT / ".ci" / "run"
    assert os.access(ci, os.X_OK)
    text = ci.read_text(encoding="utf-8")
    assert "rm -rf .venv-test" in text
    assert text.rstrip().endswith("exec sh packaging/test.sh")
    checks = (ROOT / "packaging" / "test.sh").read_text(encoding="utf-8")
    for check in ("ruff check", "ruff format --check", "mypy", "lint-imports", "pytest"):
        assert check in checks

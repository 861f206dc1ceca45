"""The import contracts hold, and each of them would notice a breach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


def test_every_import_contract_is_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("domain/breach.py", "import atsm_viewer.render.window", "Storeys"),
        ("io/breach.py", "import atsm_viewer.metrics.evaluate", "Storeys"),
        ("app/breach.py", "import atsm_viewer.cli.console", "Storeys"),
        ("ui/breach.py", "import atsm_viewer.io.masks", "reach the workers only through app"),
        ("cli/breach.py", "import atsm_viewer.metrics.evaluate", "reach the workers only through app"),
        ("app/breach.py", "import PySide6.QtCore", "Qt and pyqtgraph"),
        ("metrics/breach.py", "import pydicom", "DICOM and ITK"),
        ("render/breach.py", "import scipy.ndimage", "scipy and scikit-image"),
        ("domain/breach.py", "import numba", "the domain knows numpy"),
        ("ui/widgets/breach.py", "import atsm_viewer.ui.panels", "inside ui"),
        ("utils/__init__.py", "", "Storeys"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path: Path, file: str, line: str, contract: str) -> None:
    shutil.copytree(
        ROOT / "atsm_viewer", tmp_path / "atsm_viewer", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    breach = tmp_path / "atsm_viewer" / file
    breach.parent.mkdir(exist_ok=True)
    breach.write_text(line + "\n", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode != 0
    broken = [text for text in done.stdout.splitlines() if text.rstrip().endswith("BROKEN")]
    told = "\n".join(broken) or done.stdout + done.stderr
    assert contract in told

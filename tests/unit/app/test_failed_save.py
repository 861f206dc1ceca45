"""A save that the system refuses: the old file stays, the work stays unsaved, and it can be tried again.

The refusals are real ones (no right to write, a limit on file size), in a process of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and rights of POSIX")

ROOT = Path(__file__).resolve().parents[3]
CHILD = r"""
import os, resource, sys
from pathlib import Path
from atsm_viewer.app import documents
from atsm_viewer.app.context import build_context
from atsm_viewer.app.jobs import InlineJobRunner
from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.domain.edits import RenameRoi

kind, path = sys.argv[1], Path(sys.argv[2])

class Person:
    errors = []
    def show_message(self, text): pass
    def show_error(self, error): self.errors.append(str(error))

port = Person()
ctx = build_context(SettingsStore(None), InlineJobRunner(), port)
documents.open_paths(ctx, [path])

def rename(name):
    ctx.session.apply(RenameRoi(ctx.session.state.rois[0].id, name), "Rename")

rename("first")
assert documents.save(ctx), port.errors  # also loads every module while everything may be read
rename("second")
before = {p.relative_to(path.parent): p.read_bytes() for p in path.parent.rglob("*") if p.is_file()}
if kind == "folder":
    if os.geteuid() == 0:
        os.seteuid(65534)  # nobody; the superuser is not held up by rights
    else:
        path.parent.chmod(0o555)
else:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limit[1]))
saved = documents.save(ctx)
dirty = ctx.session.is_dirty
if kind == "folder":
    os.seteuid(os.getuid())
    path.parent.chmod(0o755)
else:
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
after = {p.relative_to(path.parent): p.read_bytes() for p in path.parent.rglob("*") if p.is_file()}
assert not saved
assert dirty
assert len(port.errors) == 1 and path.name in port.errors[0], port.errors
assert after[Path(path.name)] == before[Path(path.name)]
assert after == before, set(after) ^ set(before)
assert documents.save(ctx), port.errors
assert not ctx.session.is_dirty
assert path.read_bytes() != before[Path(path.name)]
print("refused:", port.errors[0])
"""


@pytest.fixture
def project() -> Iterator[Path]:
    # Not in the folders of pytest: those may be entered by one user only, which would be another refusal.
    folder = Path(tempfile.mkdtemp(prefix="atsm-save-"))
    folder.chmod(0o755)
    golden = ROOT / "tests" / "golden" / "projects" / "v1_0_embedded.atsm"
    yield Path(shutil.copy(golden, folder / "case.atsm"))
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize(("kind", "why"), [("folder", "Permission denied"), ("size", "File too large")])
def test_a_refused_save_leaves_the_old_file_and_the_unsaved_work(project: Path, kind: str, why: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, kind, str(project)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert why in done.stdout

"""How much memory opening a study takes at its worst moment, against the arrays that are kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A second opening in the same process would hide behind the peak of the first, so a small study goes
# first and brings in the libraries, the large one is measured.
CHILD = """
import json, sys
from pathlib import Path
from atsm_viewer.app.study_loading import catalogue_of, load_pair

def peak():
    # Unlike ru_maxrss this does not start with the peak of the process that started this one.
    (line,) = [x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM")]
    return int(line.split()[1]) * 1024

def opened(folder):
    catalogue, pairs = catalogue_of([Path(folder)])
    return load_pair(pairs[0])

first = opened(sys.argv[1])
before = peak()
scan = opened(sys.argv[2]).scans[0]
kept = scan.pet.values_tkji.nbytes + scan.ct.values_tkji.nbytes
print(json.dumps({"kept": kept, "grown": peak() - before}))
"""
ALLOWED = 1.3
CONSTANT_BYTES = 24 * 1024**2  # headers, facts, a slice or two for each thread


@pytest.mark.benchmark
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_opening_a_study_takes_little_more_than_the_arrays_that_are_kept(tmp_path: Path) -> None:
    from atsm_viewer.app.samples import build_sample

    for kind in ("mouse", "patient"):
        build_sample(kind, tmp_path / kind)
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "mouse"), str(tmp_path / "patient")],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    answer = json.loads(ran.stdout)
    print(f"kept {answer['kept'] / 1e6:.0f} MB, peak {answer['grown'] / 1e6:.0f} MB")
    assert answer["kept"] > 20e6, "too small a study says nothing about memory"
    assert answer["grown"] > 0.8 * answer["kept"], "the peak was not that of the second study"
    assert answer["grown"] <= ALLOWED * answer["kept"] + CONSTANT_BYTES

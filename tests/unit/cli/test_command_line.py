"""The command line: what it prints, its exit codes, and bad input told in words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from atsm_viewer.app.documents import mask_roi
from atsm_viewer.app.study_loading import catalogue_of, load_pair
from atsm_viewer.cli.main import main
from atsm_viewer.domain.edits import AddRoi
from atsm_viewer.domain.roi import Role
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project
from atsm_viewer.metrics.evaluate import evaluate

ROOT = Path(__file__).resolve().parents[3]
SHAPE = (6, 10, 12)
TUMOUR = np.zeros(SHAPE, dtype=bool)
TUMOUR[2:4, 3:6, 4:8] = True
MUSCLE = np.zeros(SHAPE, dtype=bool)
MUSCLE[0:2, 6:10, 0:5] = True

SERIES_KEYS = [
    "series_uid", "modality", "description", "shape_kji", "spacing_kji_mm", "frames", "units", "suv",
    "value_max", "suv_bw_max",
]  # fmt: skip
SUV_KEYS = [
    "available", "kind_stored", "factor_bw", "path", "reference_time", "administration_time", "uptake_s",
    "codes",
]  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a run printed, and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        plain: dict[str, Any] = json.loads(self.out)
        return plain


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def go(*arguments: object) -> Answer:
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return go


@pytest.fixture
def masks(write_mask: Callable[..., Path], tmp_path: Path) -> list[str]:
    return [
        f"--mask={write_mask(tmp_path / 't.nii.gz', TUMOUR)}=tumour:T one",
        f"--mask={write_mask(tmp_path / 'm.nii.gz', MUSCLE)}=Muscle",
    ]


def process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *(str(a) for a in arguments)],
        capture_output=True, check=False, cwd=ROOT, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def test_info_prints_exactly_the_promised_json(run: Callable[..., Answer], study: Any) -> None:
    answer = run("info", study.root, "--json")
    assert (answer.code, answer.err) == (0, "")
    plain = answer.json()
    assert list(plain) == ["series"]
    by_modality = {s["modality"]: s for s in plain["series"]}
    assert sorted(by_modality) == ["CT", "PT"]
    for series in plain["series"]:
        assert list(series) == SERIES_KEYS
        assert list(series["suv"])[: len(SUV_KEYS)] == SUV_KEYS
        assert set(series["suv"]) - set(SUV_KEYS) <= {"inputs"}  # where each fact came from
    pet, ct = by_modality["PT"], by_modality["CT"]
    assert (pet["shape_kji"], pet["spacing_kji_mm"], pet["frames"]) == ([6, 10, 12], [3.0, 2.0, 2.0], 1)
    assert (pet["units"], pet["description"]) == ("BQML", "PET WB")
    assert pet["value_max"] == pytest.approx(study.values.max(), rel=1e-6)
    assert pet["suv_bw_max"] == pytest.approx(study.values.max() * study.factor, rel=1e-6)
    assert {key: pet["suv"][key] for key in SUV_KEYS} == {
        "available": True,
        "kind_stored": None,
        "factor_bw": pytest.approx(study.factor, rel=1e-9),
        "path": "BQML/START/R2:SeriesDateTime/RSDT",
        "reference_time": "2025-01-02T12:00:00",
        "administration_time": "2025-01-02T09:00:00",
        "uptake_s": 10800.0,
        "codes": [],
    }
    assert (ct["shape_kji"], ct["units"], ct["suv_bw_max"]) == ([9, 20, 24], "HU", None)
    assert (ct["suv"]["available"], ct["suv"]["factor_bw"], ct["suv"]["codes"]) == (False, None, [])


def test_measure_prints_exactly_the_promised_json(
    run: Callable[..., Answer], study: Any, masks: list[str]
) -> None:
    answer = run("measure", study.root, *masks, "--json")
    assert answer.code == 0
    plain = answer.json()
    assert list(plain) == ["rois", "tm", "notices"]
    tumour, muscle = plain["rois"]
    (ratio,) = plain["tm"]
    assert (tumour["roi_name"], tumour["roi_role"]) == ("T one", "tumour")
    assert (muscle["roi_name"], muscle["roi_role"]) == ("m", "muscle")
    assert list(tumour) == list(muscle)
    expected = study.values[TUMOUR].mean() / study.values[MUSCLE].mean()
    assert ratio["tm_mean"] == pytest.approx(expected, rel=1e-6)
    for notice in plain["notices"]:
        assert {"code", "severity", "text"} <= set(notice)


def test_the_csv_holds_the_same_columns_and_numbers_as_the_json(
    run: Callable[..., Answer], study: Any, masks: list[str], tmp_path: Path
) -> None:
    plain = run("measure", study.root, *masks, "--json", "--csv-dir", tmp_path / "out").json()
    for name in ("rois", "tm"):
        head, *rows = (tmp_path / "out" / f"study_{name}.csv").read_text(encoding="utf-8").splitlines()
        assert head.split(",") == list(plain[name][0])
        assert len(rows) == len(plain[name])
    assert f"{plain['tm'][0]['tm_mean']:.10g}" in (tmp_path / "out" / "study_tm.csv").read_text()


def test_text_output_names_every_roi_and_ratio(
    run: Callable[..., Answer], study: Any, masks: list[str], tmp_path: Path
) -> None:
    answer = run(
        "measure", study.root, *masks, "--csv-dir", tmp_path / "out", "--picture", tmp_path / "p.png"
    )
    assert answer.code == 0
    assert "T one" in answer.out
    assert "T/M mean" in answer.out
    assert answer.out.count("wrote ") == 3
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    listed = run("info", study.root)
    assert "PET WB" in listed.out
    assert "12 × 10 × 6" in listed.out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["info"],
        ["measure"],
        ["fly"],
        ["info", "x", "y"],
        ["sample", "whale", "--out", "x"],
        ["sample", "mouse"],
        ["measure", "x", "--mask", "a.nii"],
        ["measure", "x", "--mask", "=tumour"],
        ["measure", "x", "--mask", "a.nii=kidney"],
        ["measure", "x.atsm", "--pet", "1.2"],
        ["open", "a", "b"],
        ["open", "--", "a"],
        ["open", "--fast"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2_and_told(run: Callable[..., Answer], arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.code == 2
    assert answer.err
    assert answer.out == ""


@pytest.mark.parametrize("arguments", [["--help"], ["info", "--help"], ["--version"]], ids=" ".join)
def test_help_and_version_are_exit_code_0(run: Callable[..., Answer], arguments: list[str]) -> None:
    answer = run(*arguments)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out


def test_an_unknown_role_is_answered_with_the_roles_there_are(run: Callable[..., Answer]) -> None:
    answer = run("measure", "x", "--mask", "a.nii=kidney")
    assert all(role.value in answer.err for role in Role)


@pytest.mark.parametrize("command", ["info", "measure"])
@pytest.mark.parametrize("kind", ["missing", "empty", "texts", "one text", "no access"])
def test_what_holds_no_images_is_exit_code_1_with_words_that_name_it(
    run: Callable[..., Answer], tmp_path: Path, command: str, kind: str
) -> None:
    path = tmp_path / "place"
    if kind not in ("missing", "one text"):
        path.mkdir()
    if kind == "texts":
        (path / "a.txt").write_text("hello")
        (path / "b.csv").write_text("1,2")
    if kind == "one text":
        path.write_text("hello")
    if kind == "no access":
        (path / "a.dcm").symlink_to(tmp_path / "gone")
    answer = run(command, path, "--json")
    assert answer.code == 1
    assert "place" in answer.err
    assert answer.out == ""


def test_a_truncated_file_is_named_and_the_rest_is_usable(run: Callable[..., Answer], study: Any) -> None:
    bad = study.root / "pet" / "000.dcm"
    whole = sorted(study.pet.iterdir())[-1]  # the slice at one end, so that no gap arises
    bad.write_bytes(whole.read_bytes()[:-100])
    whole.unlink()
    answer = run("info", study.root, "--json")
    assert answer.code == 1
    assert "000.dcm" in answer.err
    assert {s["modality"] for s in answer.json()["series"]} == {"PT", "CT"}
    (pet,) = [s for s in answer.json()["series"] if s["modality"] == "PT"]
    assert pet["shape_kji"] == [5, 10, 12]
    measured = run("measure", study.root, "--json")
    assert "000.dcm" in json.dumps(measured.json()["notices"], ensure_ascii=False)


def test_a_damaged_file_of_no_series_does_not_hide_the_good_ones(
    run: Callable[..., Answer], study: Any
) -> None:
    (study.root / "torn.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\x02\0\0\0UL")
    answer = run("info", study.root, "--json")
    assert answer.code == 1
    assert "torn.dcm" in answer.err
    assert len(answer.json()["series"]) == 2


def test_other_files_among_the_images_are_no_error(run: Callable[..., Answer], study: Any) -> None:
    (study.root / "README.txt").write_text("about")
    answer = run("info", study.root, "--json")
    assert answer.code == 0
    assert len(answer.json()["series"]) == 2


@pytest.mark.parametrize("kind", ["missing", "text", "elsewhere"])
def test_a_mask_that_cannot_be_used_is_named_and_the_others_are_measured(
    run: Callable[..., Answer],
    study: Any,
    masks: list[str],
    write_mask: Callable[..., Path],
    tmp_path: Path,
    kind: str,
) -> None:
    path = tmp_path / "odd.nii.gz"
    if kind == "text":
        path.write_text("not an image")
    elif kind == "elsewhere":
        write_mask(path, TUMOUR, origin=(900.0, 0.0, 0.0))
    answer = run("measure", study.root, "--mask", f"{path}=tumour", *masks, "--json")
    assert answer.code == 1
    plain = answer.json()
    assert [r["roi_name"] for r in plain["rois"]] == ["T one", "m"]
    (notice,) = [n for n in plain["notices"] if n["severity"] == "error"]
    assert "odd.nii.gz" in notice["text"]
    if kind == "missing":
        assert "does not exist" in notice["text"]


def test_a_mask_of_another_grid_is_measured_and_said(
    run: Callable[..., Answer], study: Any, write_mask: Callable[..., Path], tmp_path: Path
) -> None:
    fine = np.zeros((18, 20, 24), dtype=bool)
    fine[6:12, 6:11, 8:15] = True
    mask = write_mask(tmp_path / "fine.nii.gz", fine, (1.0, 1.0, 1.0))
    answer = run("measure", study.root, f"--mask={mask}=tumour", "--json")
    assert answer.code == 0
    (row,) = answer.json()["rois"]
    inside = np.zeros(SHAPE, dtype=bool)
    for k, j, i in np.ndindex(*SHAPE):
        inside[k, j, i] = fine[3 * k, 2 * j, 2 * i]
    assert row["n_voxels"] == inside.sum()
    assert row["value_mean"] == pytest.approx(study.values[inside].mean(), rel=1e-6)
    assert any("fine.nii.gz" in n["text"] for n in answer.json()["notices"])


def test_files_that_exist_are_kept_unless_overwriting_is_asked_for(
    run: Callable[..., Answer], study: Any, masks: list[str], tmp_path: Path
) -> None:
    out, picture = tmp_path / "out", tmp_path / "p.png"
    out.mkdir()
    (out / "study_tm.csv").write_text("precious")
    picture.write_text("precious")
    refused = run("measure", study.root, *masks, "--csv-dir", out)
    assert refused.code == 1
    assert "study_tm.csv" in refused.err
    assert [p.name for p in out.iterdir()] == ["study_tm.csv"]
    assert (out / "study_tm.csv").read_text() == "precious"
    refused = run("measure", study.root, *masks, "--picture", picture)
    assert (refused.code, picture.read_text()) == (1, "precious")
    done = run("measure", study.root, *masks, "--csv-dir", out, "--picture", picture, "--overwrite")
    assert done.code == 0
    assert "precious" not in (out / "study_tm.csv").read_text()
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_csv_folder_that_cannot_be_made_is_told_in_words(
    run: Callable[..., Answer], study: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    answer = run("measure", study.root, "--csv-dir", tmp_path / "file" / "out")
    assert answer.code == 1
    assert "could not be made" in answer.err


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "mouse"
    assert main(["sample", "mouse", "--out", str(folder)]) == 0
    return folder


def test_the_sample_is_made_once_measured_twice_alike_and_verifies(
    run: Callable[..., Answer], sample: Path, tmp_path: Path
) -> None:
    project = sample / "sample-truth.atsm"
    before = project.read_bytes()
    assert run("sample", "mouse", "--out", sample).code == 0
    for name in ("one", "two"):
        assert run("measure", project, "--csv-dir", tmp_path / name).code == 0
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("one", "two"))
    assert sorted(first) == ["sample-truth_rois.csv", "sample-truth_tm.csv"]
    assert first == second
    verified = run("verify", project, "--json")
    assert verified.code == 0
    assert verified.json()["agrees"] is True
    assert project.read_bytes() == before


def test_the_sample_measures_its_own_truth(run: Callable[..., Answer], sample: Path) -> None:
    plain = run("measure", sample / "sample-truth.atsm", "--json").json()
    truth = json.loads((sample / "truth" / "truth.json").read_text(encoding="utf-8"))
    final = {name: roi["measured"]["final"] for name, roi in truth["rois"].items()}
    for row in plain["rois"]:
        assert row["n_voxels"] == truth["rois"][row["roi_role"]]["n_voxels"]
        for statistic in ("suv_mean", "suv_sd", "suv_min", "suv_max"):
            assert row[statistic] == pytest.approx(final[row["roi_role"]][statistic], rel=1e-6), statistic
    (ratio,) = plain["tm"]
    muscle = final["muscle"]["suv_mean"]
    assert ratio["tm_mean"] == pytest.approx(final["tumour"]["suv_mean"] / muscle, rel=1e-6)
    assert ratio["tm_max"] == pytest.approx(final["tumour"]["suv_max"] / muscle, rel=1e-6)
    assert ratio["tm_mean"] == pytest.approx(truth["tm_mean"]["final"], rel=1e-6)


def test_a_project_whose_images_are_gone_says_so_and_changes_nothing(
    run: Callable[..., Answer], study: Any, write_mask: Callable[..., Path], tmp_path: Path
) -> None:
    _, pairs = catalogue_of([study.root])
    state = load_pair(pairs[0])
    for role, inside in ((Role.TUMOUR, TUMOUR), (Role.MUSCLE, MUSCLE)):
        mask = write_mask(tmp_path / f"{role.value}.nii.gz", inside)
        state = AddRoi(mask_roi(state, state.scans[0].id, mask, role)[0]).apply(state)
    project = tmp_path / "work" / "alone.atsm"
    project.parent.mkdir()
    save_project(state, project, meta=ProjectMeta.new(), results=evaluate(state, app_version="x"))
    assert run("verify", project).code == 0
    whole = run("measure", project, "--json").json()
    assert whole["rois"][0]["suv_mean"] is not None
    shutil.rmtree(study.root)
    before = project.read_bytes()
    answer = run("measure", project, "--json")
    assert answer.code == 1
    plain = answer.json()
    assert "image_missing" in {n["code"] for n in plain["notices"]}
    # The numbers of the last save stand in, and say so.
    assert [r["suv_mean"] for r in plain["rois"]] == [r["suv_mean"] for r in whole["rois"]]
    assert [r["tm_mean"] for r in plain["tm"]] == [r["tm_mean"] for r in whole["tm"]]
    rows = [*plain["rois"], *plain["tm"]]
    assert all(r["status"].split(";")[0] == "stored_results" for r in rows)
    other = run("measure", project, "--dose", "1MBq", "--json").json()
    assert [r["suv_mean"] for r in other["rois"]] == [None, None]
    verified = run("verify", project)
    assert verified.code == 1
    assert "CANNOT BE VERIFIED" in verified.out
    assert "image missing" in verified.out
    assert list(project.parent.iterdir()) == [project]
    assert project.read_bytes() == before


@pytest.mark.parametrize("command", ["verify", "measure"])
def test_a_broken_project_is_exit_code_1_with_its_name(
    run: Callable[..., Answer], tmp_path: Path, command: str
) -> None:
    (tmp_path / "bad.atsm").write_bytes(b"PK\x03\x04 nothing")
    answer = run(command, tmp_path / "bad.atsm")
    assert answer.code == 1
    assert "bad.atsm" in answer.err


def test_a_sample_is_never_written_among_other_files(run: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    answer = run("sample", "mouse", "--out", tmp_path)
    assert answer.code == 1
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def without_decay_correction(ds: Dataset, k: int) -> None:
    """Three beds of two slices; the values are as counted, 2 min per bed."""
    ds.DecayCorrection, ds.CorrectedImage = "NONE", ["ATTN"]
    ds.ActualFrameDuration = "120000"
    ds.AcquisitionTime = f"12{3 * (k // 2):02d}00"
    del ds.FrameReferenceTime


def test_several_beds_without_decay_correction_get_a_factor_each(
    run: Callable[..., Answer],
    write_study: Callable[..., Any],
    write_mask: Callable[..., Path],
    tmp_path: Path,
) -> None:
    study = write_study(tmp_path / "beds", edit=without_decay_correction, ct=False)
    answer = run("info", study.root, "--json")
    assert answer.code == 0
    (pet,) = answer.json()["series"]
    half_life, weight_g, dose, frame_s = 45722.16, 22.3, 7.4e6, 120.0
    factors = []
    for k in range(6):
        # mean of the decay over the frame, summed in small steps
        steps = (np.arange(20_000) + 0.5) / 20_000 * frame_s
        mean = np.mean(2 ** (-(10800 + 180 * (k // 2) + steps) / half_life))
        factors.append(weight_g / (dose * mean))
    assert pet["suv"]["path"] == "BQML/NONE"
    assert pet["suv"]["factor_bw"] == pytest.approx(factors, rel=1e-9)
    assert len(pet["suv"]["uptake_s"]) == 6
    suv = study.values * np.array(factors)[:, None, None]
    assert pet["suv_bw_max"] == pytest.approx(suv.max(), rel=1e-6)
    across = np.zeros(SHAPE, dtype=bool)
    across[1:5, 3:6, 4:8] = True
    mask = write_mask(tmp_path / "across.nii.gz", across)
    (row,) = run("measure", study.root, f"--mask={mask}=tumour", "--json").json()["rois"]
    assert row["suv_mean"] == pytest.approx(suv[across].mean(), rel=1e-6)
    assert row["suv_max"] == pytest.approx(suv[across].max(), rel=1e-6)


def clock_time_only(ds: Dataset, k: int) -> None:
    drug = ds.RadiopharmaceuticalInformationSequence[0]
    del drug.RadiopharmaceuticalStartDateTime
    drug.RadiopharmaceuticalStartTime = "090000"


def test_cu64_with_a_clock_time_only_gives_ratios_but_no_suv(
    run: Callable[..., Answer], write_study: Callable[..., Any], masks: list[str], tmp_path: Path
) -> None:
    study = write_study(tmp_path / "late", edit=clock_time_only)
    answer = run("info", study.root, "--json")
    assert answer.code == 0
    (pet,) = [s for s in answer.json()["series"] if s["modality"] == "PT"]
    assert pet["suv"]["available"] is False
    assert (pet["suv"]["factor_bw"], pet["suv_bw_max"]) == (None, None)
    assert "E-ADMIN-DATE" in pet["suv"]["codes"]
    measured = run("measure", study.root, *masks, "--json")
    assert measured.code == 0
    plain = measured.json()
    assert [r["suv_mean"] for r in plain["rois"]] == [None, None]
    expected = study.values[TUMOUR].mean() / study.values[MUSCLE].mean()
    assert plain["tm"][0]["tm_mean"] == pytest.approx(expected, rel=1e-6)
    assert "E-ADMIN-DATE" in {n["code"] for n in plain["notices"]}
    assert "E-ADMIN-DATE" in (plain["tm"][0]["suv_codes"] or "")


def test_no_window_library_is_loaded_by_the_command_line(study: Any) -> None:
    code = (
        "import sys\n"
        "from atsm_viewer.__main__ import main\n"
        "code = main(sys.argv[1:])\n"
        "loaded = [m for m in sys.modules if m.split('.')[0] in ('PySide6', 'shiboken6', 'pyqtgraph')]\n"
        "assert not loaded, loaded\n"
        "raise SystemExit(code)\n"
    )
    done = process("-c", code, "measure", study.root, "--json")
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_console_encoding_will_do(study: Any, encoding: str) -> None:
    text = process("-m", "atsm_viewer", "info", study.root, PYTHONIOENCODING=encoding)
    assert text.returncode == 0, text.stderr
    plain = process("-m", "atsm_viewer", "info", study.root, "--json", PYTHONIOENCODING=encoding)
    assert json.loads(plain.stdout.decode("ascii"))["series"]
    wrong = process("-m", "atsm_viewer", "info", "nowhere", PYTHONIOENCODING=encoding)
    assert (wrong.returncode, b"Traceback" in wrong.stderr) == (1, False)


def test_no_screen_is_told_in_words(tmp_path: Path) -> None:
    missing = process("-m", "atsm_viewer", "open", tmp_path / "none.atsm")
    assert missing.returncode == 1
    assert b"does not exist" in missing.stderr

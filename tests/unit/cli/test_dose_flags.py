"""The dose card on the command line: flags, tables and sidecars, and where they are told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from atsm_viewer.app.dose_fields import DOSE_FIELDS
from atsm_viewer.cli.main import main

# 24 h of 64Cu: 2^(-86400/45722.16)
LEFT = 2.0 ** (-86400 / 45722.16)
FACTOR = 22.3 / (7.4e6 * LEFT)
FLAGS = [
    "--weight", "22.3g", "--dose", "7.4MBq", "--injected-at", "2026-01-01T10:00", "--nuclide", "Cu-64",
    "--units", "BQML", "--decay-rule", "START", "--reference-time", "2026-01-02T10:00", "--species", "mouse",
]  # fmt: skip
SOURCES = ("weight_source", "injected_source", "injection_time_source", "decay_correction_source")


def write(path: Path, values: np.ndarray) -> Path:
    image = sitk.GetImageFromArray(values)
    image.SetSpacing((2.0, 2.0, 2.0))
    sitk.WriteImage(image, str(path))
    return path


@pytest.fixture
def study(tmp_path: Path) -> list[str]:
    """A PET that says nothing, and masks of tumour and muscle, as arguments of ``measure``."""
    values = np.full((8, 10, 12), 10e3, dtype=np.float32)
    values[2:5, 2:5, 2:5] = 30e3
    tumour, muscle = np.zeros((2, *values.shape), dtype=np.uint8)
    tumour[2:5, 2:5, 2:5], muscle[2:5, 6:9, 6:9] = 1, 1
    pet = write(tmp_path / "image.nii.gz", values)
    masks = tmp_path / "masks"
    masks.mkdir()
    t, m = write(masks / "t.nii.gz", tumour), write(masks / "m.nii.gz", muscle)
    return [str(pet), "--mask", f"{t}=tumour:T", "--mask", f"{m}=muscle:M"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def go(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def rows(run: Any, *arguments: object) -> tuple[dict[str, Any], dict[str, Any]]:
    code, out, err = run("measure", *arguments, "--json")
    assert code == 0, err
    plain = json.loads(out)
    return plain["rois"][0], plain["tm"][0]


def test_a_file_that_says_nothing_has_ratios_but_asks_for_its_unit(run, study) -> None:
    roi, tm = rows(run, *study)
    assert (roi["suv_mean"], tm["tm_mean"]) == (None, pytest.approx(3.0))
    assert "E-UNITS" in roi["suv_codes"]
    code, out, _err = run("info", study[0], "--json")
    suv = json.loads(out)["series"][0]["suv"]
    assert code == 0
    assert (suv["available"], suv["factor_bw"]) == (False, None)
    assert suv["codes"][0] == "E-UNITS"


def test_flags_give_suv_and_the_rows_say_that_they_were_typed(run, study) -> None:
    roi, tm = rows(run, *study, *FLAGS)
    assert roi["suv_mean"] == pytest.approx(30e3 * FACTOR, rel=1e-6)
    assert tm["tm_mean"] == pytest.approx(3.0)
    assert {roi[name] for name in SOURCES} == {"typed"}
    assert (roi["hours_pi"], roi["value_unit"], roi["nuclide_source"]) == (24.0, "BQML", "typed")
    code, out, _err = run("info", study[0], *FLAGS, "--json")
    suv = json.loads(out)["series"][0]["suv"]
    assert (code, suv["available"], suv["factor_bw"]) == (0, True, pytest.approx(FACTOR, rel=1e-9))
    assert suv["administration_time"] == "2026-01-01T10:00:00"


def test_assay_residual_and_tail_become_the_net_dose(run, study) -> None:
    flags = [f for f in FLAGS if f not in ("--dose", "7.4MBq")]
    roi, _tm = rows(
        run, *study, *flags, "--assay", "8.10MBq@2026-01-01T09:50", "--residual", "0.42MBq@2026-01-01T10:04"
    )
    assert roi["injected_mbq"] == pytest.approx(7.605125643, rel=1e-9)
    assert roi["injected_source"] == "typed (assay less what stayed behind)"


def test_height_sex_and_acceptance_serve_people(run, study) -> None:
    flags = [*FLAGS, "--species", "human", "--weight", "70kg", "--height", "1.75m", "--sex", "F"]
    refused, _tm = rows(run, *study, *flags)
    assert (refused["suv_mean"], "E-NO-ATTN" in refused["suv_codes"]) == (None, True)
    roi, _tm = rows(run, *study, *flags, "--accept-no-attenuation")
    assert roi["suv_mean"] == pytest.approx(30e3 * 70e3 / (7.4e6 * LEFT), rel=1e-6)
    assert "W-NAC" in roi["suv_codes"]
    assert roi["sex"] == "F"


def test_a_calibration_factor_serves_counts(run, study) -> None:
    flags = [f for f in FLAGS if f not in ("--units", "BQML")]
    roi, _tm = rows(run, *study, *flags, "--units", "CNTS", "--calibration", "2.5")
    assert roi["suv_mean"] == pytest.approx(2.5 * 30e3 * FACTOR, rel=1e-6)


def test_a_table_and_a_sidecar_are_named_in_the_rows_and_flags_win(run, study, tmp_path: Path) -> None:
    heads = "subject_id,weight,dose,injected_at,nuclide,units,decay_rule,reference_time,species\n"
    table = tmp_path / "doses.csv"
    table.write_text(
        heads + "M01,22.3 g,7.4 MBq,2026-01-01 10:00,Cu-64,BQML,START,2026-01-02 10:00,mouse\n"
        "M02,1 g,1 MBq,2026-01-01 10:00,Cu-64,BQML,START,2026-01-02 10:00,mouse\n"
    )
    roi, _tm = rows(run, *study, "--dose-card", table, "--subject", "M01")
    assert roi["suv_mean"] == pytest.approx(30e3 * FACTOR, rel=1e-6)
    assert roi["subject_id"] == "M01"
    assert {roi[name] for name in SOURCES} == {"study table (doses.csv)"}
    sidecar = tmp_path / "dose.json"
    sidecar.write_text(
        json.dumps(
            dict(
                zip(
                    heads.strip().split(",")[1:],
                    table.read_text().splitlines()[1].split(",")[1:],
                    strict=True,
                )
            )
        )
    )
    roi, _tm = rows(run, *study, "--dose-card", sidecar, "--weight", "44.6g")
    assert roi["suv_mean"] == pytest.approx(2 * 30e3 * FACTOR, rel=1e-6)
    assert (roi["weight_source"], roi["injected_source"]) == ("typed", "sidecar (dose.json)")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--weight", "22.3"], "--weight: The weight “22.3” has no unit"),
        (["--injected-at", "09:20"], "--injected-at: The date is missing"),
        (["--nuclide", "Xx-9"], "--nuclide"),
        (["--decay-rule", "LATER"], "--decay-rule"),
        (["--assay", "8.1MBq@yesterday"], "--assay: “yesterday”"),
        (["--residual", "8.1@2026-01-01T10:00"], "--residual: The activity “8.1” has no unit"),
    ],
)
def test_a_flag_that_cannot_be_read_is_a_usage_error_that_names_it(run, study, flags, words) -> None:
    for command in (["measure", *study], ["info", study[0]]):
        code, _out, err = run(*command, *flags)
        assert code == 2
        assert words in err


def test_a_table_without_this_subject_is_an_error_in_words(run, study, tmp_path: Path) -> None:
    table = tmp_path / "doses.csv"
    table.write_text("subject_id,weight\nM01,22.3 g\n")
    code, _out, err = run("measure", *study, "--dose-card", table)
    assert (code, "--subject" in err) == (1, True)
    code, _out, err = run("measure", *study, "--dose-card", table, "--subject", "M09")
    assert (code, "“M09”" in err) == (1, True)


def test_explain_prints_the_path_step_by_step(run, study) -> None:
    code, out, _err = run("info", "--explain", study[0], *FLAGS)
    assert code == 0
    for words in (
        "Weight 0.0223 kg, from typed", "Decision path: BQML/START/R0:entered/entered", "22.3 g ÷ (7.4 MBq",
        "Time from injection to reference: 24.00 h", "SUVbw = stored value ×",
    ):  # fmt: skip
        assert words in out
    code, out, _err = run("info", "--explain", study[0])
    assert "E-UNITS" in out
    assert "To be entered: weight, nuclide, injection time" in out
    code, out, _err = run("info", "--explain", "--json", study[0], *FLAGS)
    (explained,) = json.loads(out)["explanations"]
    assert explained["inputs"]["weight_kg"] == {"value": pytest.approx(0.0223), "source": "typed"}


def test_every_field_of_the_card_has_a_flag(run) -> None:
    _code, out, _err = run("measure", "--help")
    flagged = {
        "weight_kg", "height_m", "sex", "species", "tracer", "nuclide", "half_life_s", "units", "decay_rule",
        "injected_activity_bq", "administration_time", "assay_activity_bq", "assay_time", "tail_time",
        "residual_activity_bq", "residual_time", "tail_activity_bq", "reference_time", "calibration_factor",
        "density_g_ml", "accept_missing_attenuation", "use_dose_calibration", "radiopharmaceutical_index",
        "subject_id",
    }  # fmt: skip
    # The private element of one maker is confirmed where its image is seen.
    assert {f.id for f in DOSE_FIELDS} - flagged == {"accept_canon_suv_x100"}
    for flag in ("--weight", "--dose ", "--injected-at", "--half-life", "--assay", "--dose-card", "--tail"):
        assert flag in out

"""Header sets with published or independently computed answers, shared beside the project."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from atsm_viewer.domain import normalisation
from atsm_viewer.domain.decay import mean_activity_time
from atsm_viewer.domain.net_dose import Measured, net_injected_activity
from atsm_viewer.domain.radionuclide import nuclide_named
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.assessment import assess
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.micropet import micropet_to_bq_ml
from atsm_viewer.domain.suv.overrides import SuvOverrides

OTHER_KIND_KEYS = {
    "suvbsa_factor_cm2_per_ml": "bsa",
    "suvlbm_morgan120_factor": "lbm_morgan",
    "suvlbm_james128_factor": "lbm_james",
    "suvlbm_janma_factor": "lbm_janma",
    "suvibw_factor": "ibw",
}


def load(shared_dir: Path) -> dict:
    path = shared_dir / "spec" / "suv_vectors.json"
    if not path.is_file():
        pytest.skip("suv_vectors.json is not beside the project")
    return json.loads(path.read_text(encoding="utf-8"))


def as_list(value: object) -> list[float]:
    return list(value) if isinstance(value, list | tuple) else [value]


def check(vector: dict) -> list[str]:
    """Return what disagrees with the expectation of one vector."""
    facts = PetFacts.from_instances(InstanceFacts.from_mapping(i) for i in vector["instances"])
    result = assess(facts)
    expected = vector["expected"]
    wrong = []
    if "error" in expected:
        if result.error != expected["error"] or result.available or result.factor_bw is not None:
            wrong.append(f"error {result.error}")
        return wrong
    if not result.available:
        return [f"unavailable: {result.codes}"]
    if result.path != expected["path"]:
        wrong.append(f"path {result.path}")
    if list(result.warnings) != expected["warnings"] or list(result.codes) != expected["warnings"]:
        wrong.append(f"codes {result.codes}")
    if as_list(result.factor_bw) != pytest.approx(as_list(expected["suvbw_factor"]), rel=1e-9):
        wrong.append(f"factor {result.factor_bw}")
    if "uptake_s" in expected and as_list(result.uptake_s) != pytest.approx(
        as_list(expected["uptake_s"]), rel=1e-9, abs=1e-6
    ):
        wrong.append(f"uptake {result.uptake_s}")
    if "decayed_dose_Bq" in expected and result.decayed_dose_bq != pytest.approx(
        expected["decayed_dose_Bq"], rel=1e-9
    ):
        wrong.append(f"decayed {result.decayed_dose_bq}")
    for key, found in (
        ("reference_datetime", result.reference_time),
        ("administration_datetime", result.administration_time),
    ):
        if key in expected and (found is None or found.value != datetime.fromisoformat(expected[key])):
            wrong.append(f"{key} {found}")
    for key, name in OTHER_KIND_KEYS.items():
        if key in expected and result.kind(name).factor != pytest.approx(expected[key], rel=1e-9):
            wrong.append(f"{name} {result.kind(name).factor}")
    return wrong


def test_every_header_set_gives_the_expected_factor_path_codes_and_times(shared_dir: Path) -> None:
    wrong = {v["id"]: w for v in load(shared_dir)["suv"] if (w := check(v))}
    assert wrong == {}


def test_real_headers_reproduce_the_ground_truth_that_another_project_published(shared_dir: Path) -> None:
    vectors = [v for v in load(shared_dir)["suv"] if "published_ground_truth" in v]
    assert len(vectors) >= 7
    for vector in vectors:
        facts = PetFacts.from_instances(InstanceFacts.from_mapping(i) for i in vector["instances"])
        truth, tolerance = vector["published_ground_truth"], vector["published_tolerance_abs"]
        assert assess(facts).factor_bw == pytest.approx(truth, abs=tolerance), vector["id"]


def clock(time: str) -> datetime:
    return datetime.fromisoformat(f"2024-03-15T{time}")


def test_net_doses_match(shared_dir: Path) -> None:
    for case in load(shared_dir)["other"]["net_dose"]:
        before = Measured(case["pre_Bq"], clock(case["pre_time"]))
        after = Measured(case["post_Bq"], clock(case["post_time"]))
        net = net_injected_activity(before, clock(case["injection_time"]), case["half_life_s"], after)
        assert net == pytest.approx(case["net_at_injection_Bq"], rel=1e-9)


def test_moments_of_mean_activity_match(shared_dir: Path) -> None:
    for case in load(shared_dir)["other"]["t_ave"]:
        found = mean_activity_time(case["frame_s"], case["half_life_s"])
        assert found == pytest.approx(case["t_ave_s"], rel=1e-9), case["nuclide"]


def test_body_normalisers_match(shared_dir: Path) -> None:
    for case in load(shared_dir)["other"]["normalisation"]:
        body = (case["kg"], case["m"], case["sex"])
        assert normalisation.lbm_morgan(*body) == pytest.approx(case["lbm_morgan120_kg"], rel=1e-9)
        assert normalisation.lbm_james(*body) == pytest.approx(case["lbm_james128_kg"], rel=1e-9)
        assert normalisation.lbm_janmahasatian(*body) == pytest.approx(case["lbm_janma_kg"], rel=1e-9)
        assert normalisation.ideal_body_weight(*body) == pytest.approx(case["ibw_kg"], rel=1e-9)
        assert normalisation.body_surface_m2(*body[:2]) == pytest.approx(case["bsa_m2"], rel=1e-9)


def test_time_sensitivities_match_the_half_lives_of_the_table(shared_dir: Path) -> None:
    for name, percent in load(shared_dir)["other"]["time_sensitivity_pct_per_60s"].items():
        nuclide = nuclide_named(name)
        assert nuclide is not None
        assert 100 * (2 ** (60 / nuclide.half_life_s) - 1) == pytest.approx(percent, rel=1e-6), name


def test_native_micropet_values_match(shared_dir: Path) -> None:
    for case in load(shared_dir)["other"]["inveon_microPET"]:
        factor = micropet_to_bq_ml(
            case["scale_factor"],
            case["calibration_factor"],
            case["calibration_units"],
            case["isotope_branching_fraction"],
        )
        assert case["raw"] * factor == pytest.approx(case["Bq_per_ml"], rel=1e-9)


def test_percent_of_injected_activity_matches(shared_dir: Path) -> None:
    for case in load(shared_dir)["other"]["percent_ID"]:
        facts = InstanceFacts.from_mapping(
            {
                "Units": "BQML",
                "DecayCorrection": "ADMIN",
                "CorrectedImage": ["ATTN", "DECY"],
                "Manufacturer": "Mediso",
                "PatientWeight": 0.0223,
                "RadiopharmaceuticalInformation": {"RadionuclideTotalDose": case["D_decayed_Bq"]},
            }
        )
        result = assess(PetFacts.from_instances([facts]))
        assert isinstance(result.pct_id_per_ml, float)
        assert isinstance(result.factor_bw, float)
        concentration = case["A_Bq_per_ml"]
        assert concentration * result.pct_id_per_ml == pytest.approx(case["pct_ID_per_ml"], rel=1e-9)
        assert concentration * result.factor_bw == pytest.approx(case["suvbw_for_0.0223kg"], rel=1e-9)


def test_branching_corrections_match(shared_dir: Path) -> None:
    data = load(shared_dir)
    vector = next(v for v in data["suv"] if v["id"] == "D02-Cu64-ATSM-mouse-20min")
    facts = PetFacts.from_instances(InstanceFacts.from_mapping(i) for i in vector["instances"])
    for case in data["other"]["branching_correction"]:
        used, true = (Sourced(case[key], Provenance.TYPED) for key in ("used", "wanted"))
        corrected = assess(facts, SuvOverrides(branching_used=used, branching_true=true)).factor_bw
        expected = vector["expected"]["suvbw_factor"] * case["multiplier"]
        assert corrected == pytest.approx(expected, rel=1e-9)


def test_philips_factors_imply_the_uptake_of_the_console(shared_dir: Path) -> None:
    data = load(shared_dir)
    for case in data["other"]["philips_implied_uptake"]:
        vector = next(v for v in data["suv"] if v["id"] == case["case"])
        result = assess(PetFacts.from_instances(InstanceFacts.from_mapping(i) for i in vector["instances"]))
        implied = next(c.time for c in result.candidates if c.name == "P")
        assert result.administration_time is not None
        uptake = (implied - result.administration_time.value).total_seconds()
        assert uptake == pytest.approx(case["implied_uptake_s"], abs=1e-6)


def test_canon_values_are_a_hundredth_once_confirmed(shared_dir: Path) -> None:
    case = load(shared_dir)["other"]["canon_7065_102D"][0]
    facts = InstanceFacts.from_mapping(
        {"Manufacturer": "CANON", "CANON:7065,2D": case["text"], "CorrectedImage": ["ATTN"], "Units": "NONE"}
    )
    yes = SuvOverrides(accept_canon_suv_x100=Sourced(True, Provenance.TYPED))
    factor = assess(PetFacts.from_instances([facts]), yes).factor_bw
    assert isinstance(factor, float)
    assert case["rescaled_value"] * factor == pytest.approx(case["suvbw"])

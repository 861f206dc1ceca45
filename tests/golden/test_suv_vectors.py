"""Header sets with published or independently computed answers, shared beside the project."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from atsm_viewer.domain.suv.assessment import assess
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts

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

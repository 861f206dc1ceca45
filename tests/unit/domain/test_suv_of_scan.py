"""What grid and pixels add to the assessment of a scan."""

import time
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.suv.of_scan import assess_scan, image_facts
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.volume import Modality, Volume

WHOLE = (Slot("s", "a"),)


def typed(value):
    return Sourced(value, Provenance.TYPED)


def scan_of(values, spacing=(1.0, 1.0, 1.0), facts=None, tk=(), slots=WHOLE, unit="BQML"):
    array = np.asarray(values, dtype=np.float32)
    array = array if array.ndim == 4 else array[None]
    geometry = Geometry.axis_aligned(array.shape[1:], spacing, (0.0, 0.0, 0.0))
    facts = facts or PetFacts.from_instances([InstanceFacts(units=unit)])
    frames = Volume.__dataclass_fields__["frames"].default * array.shape[0]
    pet = Volume(geometry, array, unit, Modality.PET, frames)
    return Scan("scan", "1 h", geometry, pet, None, slots, pet_facts=facts, pet_instance_tk=tk)


def administration(**entered):
    values = {
        "weight_kg": 0.02, "is_animal": True, "half_life_s": 3600.0, "injected_activity_bq": 1e6,
        "administration_time": datetime(2024, 5, 6, 9), "reference_time": datetime(2024, 5, 6, 10),
        "decay_rule": "START",
    } | entered  # fmt: skip
    return Administration("a", "s", entered=SuvOverrides(**{k: typed(v) for k, v in values.items()}))


def test_the_sum_counts_finite_values_of_the_first_frame_only() -> None:
    values = np.ones((2, 3, 4, 5))
    values[0, 1, 2, 3], values[0, 2, 0, 0], values[1] = np.nan, np.inf, 100.0
    facts = image_facts(scan_of(values, (2.0, 1.5, 1.25)))
    assert facts.value_sum == pytest.approx(3 * 4 * 5 - 2)
    assert facts.voxel_volume_ml == pytest.approx(2.0 * 1.5 * 1.25 / 1000)
    assert (facts.fov_mm, facts.voxel_mm) == (6.25, 1.5)


def test_different_headers_get_a_sum_each_in_the_order_of_the_instances() -> None:
    values = np.stack([np.full((4, 4), v) for v in (1.0, 10.0, 100.0)])
    headers = [
        InstanceFacts(units="CNTS", manufacturer="Philips", philips_activity_scale_factor=f)
        for f in (3.0, 2.0, 1.0)
    ]
    scan = scan_of(values, facts=PetFacts.from_instances(headers), tk=((2, 1, 0),))
    assert image_facts(scan).value_sum == (1600.0, 160.0, 16.0)


def test_half_the_activity_left_and_all_of_it_in_the_image_balances_to_one() -> None:
    image = np.zeros((30, 30, 30))
    image[10:20, 10:20, 10:20] = 0.5e6 / 1.0  # 1000 voxels of 1 µl: 1 ml in all
    assessed = assess_scan(scan_of(image), administration())
    assert assessed is not None
    assert assessed.balance is not None
    assert assessed.balance.ratio == pytest.approx(1.0, rel=1e-5)
    assert "W-ACTIVITY-BALANCE" not in assessed.codes
    slip = assess_scan(scan_of(1000 * image), administration())
    assert slip is not None
    assert "W-ACTIVITY-BALANCE" in slip.codes
    assert slip.balance is not None
    assert "1000" in slip.balance.explanation


def test_a_crop_narrower_than_a_body_is_not_balanced() -> None:
    assessed = assess_scan(scan_of(np.ones((20, 20, 20))), administration())
    assert assessed is not None
    assert assessed.balance is None


def test_each_animal_of_a_bed_is_balanced_by_what_lies_in_its_own_box() -> None:
    image = np.zeros((30, 30, 60))
    image[5:15, 5:15, 5:15], image[5:15, 5:15, 35:45] = 0.5e6, 0.25e6
    slots = (Slot("s", "a", (0, 0, 0), (29, 29, 29)), Slot("t", "b", (30, 0, 0), (59, 29, 29)))
    scan = scan_of(image, slots=slots)
    first = assess_scan(scan, administration())
    second = assess_scan(scan, replace(administration(), id="b"))
    assert first is not None
    assert first.balance is not None
    assert second is not None
    assert second.balance is not None
    assert first.balance.ratio == pytest.approx(1.0, rel=1e-5)
    assert second.balance.ratio == pytest.approx(0.5, rel=1e-5)


def test_fine_voxels_in_a_small_field_of_view_are_taken_for_an_animal() -> None:
    facts = PetFacts.from_instances([InstanceFacts(units="BQML", corrected_image=("DECY",))])
    nobody = Administration("a", "s")
    small = assess_scan(scan_of(np.ones((2, 40, 40)), facts=facts), nobody)
    large = assess_scan(scan_of(np.ones((2, 40, 40)), (4.0, 4.0, 4.0), facts=facts), nobody)
    assert small is not None
    assert large is not None
    assert small.is_animal
    assert not large.is_animal


def test_counts_per_second_become_activity_by_voxel_volume_and_calibration_once_confirmed() -> None:
    facts = PetFacts.from_instances([InstanceFacts(units="CPS", dose_calibration_factor=50.0)])
    assessed = assess_scan(
        scan_of(np.ones((2, 4, 4)), (2.0, 2.0, 2.0), facts=facts), administration(use_dose_calibration=True)
    )
    assert assessed is not None
    assert assessed.to_bq_ml == pytest.approx(50.0 / 0.008)
    assert assessed.path.startswith("CPS/calibrated")


def test_a_hundred_megabytes_are_summed_in_passing_and_only_once() -> None:
    scan = scan_of(np.ones((400, 256, 256), dtype=np.float32))
    best = min(_seconds(replace(scan, pet=replace(scan.pet))) for _ in range(5))
    copy = np.empty_like(scan.pet.values_tkji)
    start = time.perf_counter()
    np.copyto(copy, scan.pet.values_tkji)
    assert best < max(0.03, 3 * (time.perf_counter() - start))
    image_facts(scan)
    assert _seconds(replace(scan, label="another")) < 2e-3


def _seconds(scan: Scan) -> float:
    start = time.perf_counter()
    image_facts(scan)
    return time.perf_counter() - start

"""No edit of the dose card moves a tumour-to-muscle ratio."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atsm_viewer.app.dose_editing import enter_values, withdraw
from atsm_viewer.app.session import Session
from atsm_viewer.domain.administration import Administration
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.scan import Scan, Slot
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.subject import Subject
from atsm_viewer.domain.suv.facts import InstanceFacts, PetFacts
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.metrics.evaluate import evaluate

moments = st.datetimes(datetime(2025, 12, 30), datetime(2026, 1, 3))
VALUES = {
    "weight_kg": st.floats(0.01, 200.0),
    "height_m": st.floats(0.05, 2.2),
    "sex": st.sampled_from(["M", "F", "O"]),
    "species": st.sampled_from(["mouse", "rat", "human"]),
    "nuclide": st.sampled_from(["Cu-60", "Cu-62", "Cu-64", "F-18"]),
    "half_life_s": st.floats(60.0, 1e6),
    "injected_activity_bq": st.floats(1e3, 1e10),
    "assay_activity_bq": st.floats(1e3, 1e10),
    "residual_activity_bq": st.floats(0.0, 1e6),
    "tail_activity_bq": st.floats(0.0, 1e6),
    "administration_time": moments,
    "assay_time": moments,
    "residual_time": moments,
    "reference_time": moments,
    # One header: even with NONE there is one factor for all slices.
    "decay_rule": st.sampled_from(["START", "ADMIN", "NONE"]),
    "units": st.sampled_from(["BQML", "KBQML", "SUV", "%ID/G", "NCI/CC"]),
    "calibration_factor": st.floats(1e-3, 1e6),
    "density_g_ml": st.floats(0.3, 2.0),
    "accept_missing_attenuation": st.booleans(),
    "tracer": st.sampled_from(["64Cu-ATSM", "FDG"]),
    "subject_id": st.sampled_from(["M01", "M02"]),
}
edits = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(lambda n: st.tuples(st.just(n), st.none() | VALUES[n])),
    min_size=1,
    max_size=8,
)
TM = ("tm_mean", "tm_max", "tm_mean_sd", "tm_peak", "rtv50_mm3", "hv_mm3")


def session(facts: PetFacts) -> Session:
    grid = Geometry.axis_aligned((10, 12, 14), (1.0, 1.0, 1.0))
    values = np.random.default_rng(3).gamma(4.0, 1e4, (1, 10, 12, 14)).astype(np.float32)
    scan = Scan(
        "scan", "24 h", grid, Volume(grid, values, "BQML", Modality.PET), None, (Slot("s", "a"),),
        pet_facts=facts,
    )  # fmt: skip
    rois = []
    for name, role, where in (
        ("t", Role.TUMOUR, np.s_[2:6, 2:6, 2:6]),
        ("m", Role.MUSCLE, np.s_[2:6, 7:11, 7:12]),
    ):
        dense = np.zeros(grid.shape_kji, dtype=bool)
        dense[where] = True
        rois.append(Roi(name, name, role, "scan", "s", mask=Mask.from_dense(dense)))
    return Session(SessionState((Subject("s", "M1"),), (Administration("a", "s"),), (scan,), tuple(rois)))


def ratios(at: Session) -> list[object]:
    row = evaluate(at.state, app_version="1").tm.rows[0]
    return [row[name] for name in TM]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(edits, st.booleans())
def test_no_edit_of_the_dose_card_moves_a_ratio(steps, says_something) -> None:
    header = (
        InstanceFacts(
            units="BQML", corrected_image=("ATTN", "DECY"), decay_correction="START", series_date="20260102",
            series_time="100000", acquisition_date="20260102", acquisition_time="100000",
        )
        if says_something
        else InstanceFacts()
    )  # fmt: skip
    at = session(PetFacts.from_instances([header]))
    before = ratios(at)
    assert before[0] is not None
    for name, value in steps:
        if value is None:
            withdraw(at, "a", [name])
        else:
            enter_values(at, "a", {name: value})
        now = ratios(at)
        assert [n is None for n in now] == [b is None for b in before]
        assert [n for n in now if n is not None] == pytest.approx(
            [b for b in before if b is not None], rel=1e-9
        )

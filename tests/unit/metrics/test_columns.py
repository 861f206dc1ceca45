"""The two tables have fixed, described, complete columns."""

from __future__ import annotations

import numpy as np
import pytest

from atsm_viewer.domain.roi import Role
from atsm_viewer.metrics import METRICS, ROI_METRICS, TM_METRICS
from atsm_viewer.metrics.columns import ROI_COLUMNS, TM_COLUMNS
from atsm_viewer.metrics.evaluate import evaluate

CATALOGUE_ROI = [
    "n_voxels", "n_nonfinite", "n_outside_fov", "volume_mm3", "equiv_diameter_mm", "suv_mean", "suv_sd",
    "suv_cov", "suv_median", "suv_p10", "suv_p90", "suv_p95", "suv_min", "suv_max", "max_x_mm",
    "max_y_mm", "max_z_mm", "max_ties", "suv_peak_1ml", "suv_peak_d", "peak_diameter_mm",
    "suv_top10pct_mean", "suv_mean_ge40pct", "suv_mean_ge41pct", "suv_mean_ge50pct", "suv_mean_ge60pct",
    "suv_mean_ge70pct", "total_uptake_g", "pid_ml_mean", "pid_ml_max", "conc_mean_kbq_ml",
]  # fmt: skip
CATALOGUE_TM = [
    "tm_mean", "tm_max", "tm_peak", "tm_ge40pct", "tm_ge41pct", "tm_ge50pct", "tm_ge60pct",
    "tm_ge70pct", "tm_top10pct", "tb_mean", "tb_max", "tbrain_mean", "tbrain_max", "tliver_mean",
    "tliver_max", "muscle_suv_mean", "muscle_suv_sd", "muscle_n_voxels", "muscle_n_rois",
    "muscle_between_roi_sd", "muscle_snr", "muscle_roi_ids", "muscle_roi_names", "muscle_pooling",
    "rtv40_mm3", "rtv50_mm3", "rtv70_mm3", "tlr70_g", "tm_mean_sd", "tm_mean_se", "tm_max_se_muscle",
    "tm_ci_low", "tm_ci_high", "tm_ci_unbounded", "hv_mm3", "hv_theta", "hv_reference", "hf", "hb_g",
    "reference",
]  # fmt: skip
IDENTITY = [
    "schema_version", "project", "subject_id", "timepoint_label", "hours_pi", "scan_id", "series_uid",
    "frame_index", "frame_mid_s", "tracer", "nuclide", "half_life_s", "injected_mbq", "net_dose_mbq",
    "dose_reference_time", "weight_g", "suv_type", "value_unit", "decay_correction", "voxel_x_mm",
    "voxel_y_mm", "voxel_z_mm", "roi_id", "roi_name", "roi_role", "roi_method", "roi_method_params",
    "edited_voxels", "created_utc", "modified_utc", "app_version", "mask_sha256", "image_sha256",
    "status",
]  # fmt: skip


def test_every_column_of_the_catalogue_is_there_once_in_a_fixed_order() -> None:
    for columns, wanted in ((ROI_COLUMNS, CATALOGUE_ROI), (TM_COLUMNS, CATALOGUE_TM)):
        names = [c.name for c in columns]
        assert len(names) == len(set(names))
        assert set(wanted) | set(IDENTITY) <= set(names)
        assert names[0] == "schema_version"
        assert names[-1] == "status"
        assert "tm" not in names


def test_every_column_says_what_it_is() -> None:
    for column in (*ROI_COLUMNS, *TM_COLUMNS):
        assert column.title
        assert column.definition.endswith("."), column.name
        unit = {"_mm3": "mm³", "_mm": "mm", "_s": "(s)", "_mbq": "MBq", "_g": "(g)"}
        for suffix, shown in unit.items():
            if column.name.endswith(suffix):
                assert shown in column.title, column.name
                break


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_a_metric_fills_its_own_columns_only(build, metric) -> None:
    from atsm_viewer.metrics.roi_frame import RoiFrame
    from atsm_viewer.metrics.tumour_frame import TumourFrame

    image = np.random.default_rng(0).gamma(5.0, 10.0, (12, 12, 12))
    places = {
        Role.TUMOUR: np.s_[3:6, 3:6, 3:6],
        Role.MUSCLE: np.s_[3:6, 8:11, 3:6],
        Role.BLOOD: np.s_[8:10, 3:6, 3:6],
    }
    state = build(image, list(places.items()))
    here = RoiFrame.of(state, state.rois[0], 0)
    if metric in ROI_METRICS:
        cells = metric.compute(here)
    else:
        assert metric in TM_METRICS
        cells = metric.compute(TumourFrame.of(here, {}, 2.0))
    assert set(cells) <= {c.name for c in metric.columns}
    assert any(v is not None for v in cells.values())
    assert metric.definition.endswith(".")


def test_rows_hold_every_column_and_their_provenance(build) -> None:
    image = np.random.default_rng(0).gamma(5.0, 10.0, (12, 12, 12))
    state = build(image, [(Role.TUMOUR, np.s_[3:6, 3:6, 3:6]), (Role.MUSCLE, np.s_[3:6, 8:11, 3:6])])
    results = evaluate(state, app_version="9.9", project="P1")
    assert tuple(results.rois.rows[0]) == results.rois.column_names()
    assert tuple(results.tm.rows[0]) == results.tm.column_names()
    row = results.tm.rows[0]
    assert (row["project"], row["app_version"], row["subject_id"], row["timepoint_label"]) == (
        "P1",
        "9.9",
        "S1",
        "1 h",
    )
    assert (
        row["weight_source"]
        == row["injected_source"]
        == row["injection_time_source"]
        == row["half_life_source"]
        == "typed"
    )
    assert (row["weight_g"], row["injected_mbq"], row["hours_pi"]) == (20.0, 1.0, 1.0)
    assert row["net_dose_mbq"] == pytest.approx(0.5)
    assert row["dose_reference_time"] == "2024-05-06T10:00:00"
    assert row["mask_sha256"] == state.rois[0].mask.sha256()


def test_evaluation_is_repeatable_and_leaves_the_session_alone(build) -> None:
    image = np.random.default_rng(0).gamma(5.0, 10.0, (12, 12, 12))
    rois = [(Role.TUMOUR, np.s_[3:6, 3:6, 3:6]), (Role.MUSCLE, np.s_[3:6, 8:11, 3:6])]
    state = build(image, rois)
    assert evaluate(state, app_version="") == evaluate(state, app_version="")
    again = build(image, rois)  # equal values, other objects: nothing may come from identity
    assert evaluate(again, app_version="").tm.rows == evaluate(state, app_version="").tm.rows

"""ROI statistics against loops written out, closed forms and NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.volume import Modality, Volume
from atsm_viewer.metrics.evaluate import evaluate
from atsm_viewer.metrics.peaks import RADIUS_1ML_MM
from atsm_viewer.metrics.samples import gather

RNG = np.random.default_rng(5)


def _plain(values: list[float]) -> dict[str, float]:
    """Every statistic by its definition, without arrays."""
    n = len(values)
    mean = math.fsum(values) / n
    ranked = sorted(values)

    def percentile(p: float) -> float:
        rank = (n - 1) * p
        low = int(rank)
        return ranked[low] + (ranked[min(low + 1, n - 1)] - ranked[low]) * (rank - low)

    def above(p: float) -> float:
        kept = [v for v in values if v >= p * ranked[-1]]
        return math.fsum(kept) / len(kept)

    hot = ranked[-math.ceil(n / 10) :]
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
    return {
        "suv_mean": mean,
        "suv_sd": sd,
        "suv_cov": sd / mean,
        "suv_median": percentile(0.5),
        "suv_p10": percentile(0.1),
        "suv_p90": percentile(0.9),
        "suv_p95": percentile(0.95),
        "suv_min": ranked[0],
        "suv_max": ranked[-1],
        "suv_top10pct_mean": math.fsum(hot) / len(hot),
        **{f"suv_mean_ge{p}pct": above(p / 100) for p in (40, 41, 50, 60, 70)},
    }


@pytest.mark.parametrize("n_side", [2, 3, 5])
def test_every_statistic_equals_its_definition_written_as_a_loop(build, suv_factor, n_side) -> None:
    image = RNG.gamma(3.0, 1000.0, (12, 14, 16)).astype(np.float32)
    where = np.s_[3 : 3 + n_side, 4 : 4 + n_side, 5 : 5 + n_side]
    row = evaluate(build(image, [(Role.TUMOUR, where)]), app_version="1").rois.rows[0]
    values = [float(image[k, j, i]) * suv_factor for k, j, i in np.ndindex(image.shape)
              if 3 <= k < 3 + n_side and 4 <= j < 4 + n_side and 5 <= i < 5 + n_side]  # fmt: skip
    for name, wanted in _plain(values).items():
        if name == "suv_top10pct_mean" and len(values) < 10:
            assert row[name] is None
        else:
            assert row[name] == pytest.approx(wanted, rel=1e-12), name
    volume = n_side**3 * 2.0
    assert row["volume_mm3"] == pytest.approx(volume)
    assert row["equiv_diameter_mm"] == pytest.approx((6 * volume / math.pi) ** (1 / 3))
    assert row["total_uptake_g"] == pytest.approx(sum(values) / len(values) * volume / 1000)
    assert row["pid_ml_mean"] == pytest.approx(sum(values) / len(values) * 100 / 20.0)
    assert row["conc_mean_kbq_ml"] == pytest.approx(row["suv_mean"] / suv_factor / 1000)
    assert row["value_max"] == pytest.approx(max(values) / suv_factor)


def test_the_position_of_the_maximum_is_the_lowest_index_of_equal_ones(build) -> None:
    image = np.zeros((6, 6, 6))
    for at in ((4, 1, 1), (2, 3, 4), (2, 3, 2)):
        image[at] = 7.0
    row = evaluate(build(image, [(Role.TUMOUR, np.s_[:, :, :])]), app_version="1").rois.rows[0]
    assert (row["max_x_mm"], row["max_y_mm"], row["max_z_mm"]) == (-10.0 + 2, 5.0 + 3, 100.0 + 2 * 2)
    assert row["max_ties"] == 3


def test_percentiles_agree_with_numpy_linear() -> None:
    geometry = Geometry.axis_aligned((4, 5, 6), (1.0, 1.0, 1.0))
    pet = Volume(geometry, RNG.normal(size=(1, 4, 5, 6)).astype(np.float32), "BQML", Modality.PET)
    samples = gather(pet, 0, Mask.from_dense(RNG.random((4, 5, 6)) > 0.4))
    for p in (0, 10, 33.3, 50, 90, 95, 100):
        assert samples.percentile(p) == pytest.approx(np.percentile(samples.ordered, p), rel=1e-13)


def _plain_peak(image: np.ndarray, mask: np.ndarray, spacing: tuple[float, ...], radius: float) -> float:
    best = -math.inf
    for centre in np.argwhere(mask):
        inside = [
            float(image[v])
            for v in np.ndindex(image.shape)
            if sum(((a - b) * s) ** 2 for a, b, s in zip(v, centre, spacing, strict=True))
            <= radius**2 * (1 + 1e-9)
            and math.isfinite(image[v])
        ]
        if inside:
            best = max(best, sum(inside) / len(inside))
    return best


@pytest.mark.parametrize("spacing", [(4.0, 3.0, 2.5), (2.0, 2.0, 2.0), (5.0, 4.07, 4.07)])
def test_the_peak_equals_a_plain_loop_over_all_voxels_even_at_the_border(spacing) -> None:
    image = RNG.gamma(2.0, 1.0, (7, 8, 9)).astype(np.float32)
    image[3, 3, 3] = np.nan
    image[2, 5, 5] = 1e6  # a very hot voxel beside must not cost digits
    mask = RNG.random(image.shape) > 0.6
    geometry = Geometry.axis_aligned(image.shape, spacing)
    pet = Volume(geometry, image[None], "BQML", Modality.PET)
    samples = gather(pet, 0, Mask.from_dense(mask & np.isfinite(image)))
    for radius in (RADIUS_1ML_MM, 4.0):
        peak = samples.peak(pet, 0, radius)
        assert peak is not None
        assert peak.mean == pytest.approx(
            _plain_peak(image, mask & np.isfinite(image), spacing, radius), rel=1e-13
        )
        assert mask[peak.centre_kji]


def test_the_peak_of_a_sheared_grid_uses_true_distances() -> None:
    geometry = Geometry.from_affine((5, 5, 5), (0, 0, 0), [[0, 0.9, 3.0], [0, 2.0, 0], [2.0, 0, 0]])
    image = RNG.random((5, 5, 5)).astype(np.float32)
    pet = Volume(geometry, image[None], "BQML", Modality.PET)
    mask = np.zeros(image.shape, bool)
    mask[2, 2, 2] = True
    centre = geometry.index_to_lps((2, 2, 2))
    near = [
        float(image[v])
        for v in np.ndindex(image.shape)
        if np.linalg.norm(geometry.index_to_lps(v) - centre) <= 4.1
    ]
    peak = gather(pet, 0, Mask.from_dense(mask)).peak(pet, 0, 4.1)
    assert peak is not None
    assert peak.mean == pytest.approx(sum(near) / len(near), rel=1e-12)
    assert peak.n_voxels == len(near)


def test_samples_are_gathered_once_and_forgotten_with_their_mask() -> None:
    geometry = Geometry.axis_aligned((3, 3, 3), (1.0, 1.0, 1.0))
    pet = Volume(geometry, np.ones((1, 3, 3, 3), np.float32), "BQML", Modality.PET)
    mask = Mask.from_dense(np.ones((3, 3, 3), bool))
    from atsm_viewer.metrics.samples import _cache

    first = gather(pet, 0, mask)
    assert gather(pet, 0, mask) is first
    assert gather(pet, 0, Mask.from_dense(np.ones((3, 3, 3), bool))) is not first
    before = len(_cache)
    del mask
    assert len(_cache) == before - 1


def test_the_cache_stays_within_its_budget_and_drops_the_oldest() -> None:
    from atsm_viewer.metrics.memo import IdentityCache

    class Thing:
        pass

    things = [Thing() for _ in range(5)]
    cache: IdentityCache[int] = IdentityCache(budget=3, size=lambda v: 1)
    made: list[int] = []
    for n, thing in enumerate(things):
        cache.get((thing,), 0, lambda n=n: made.append(n) or n)
    assert len(cache) == 3
    cache.get((things[4],), 0, lambda: made.append(99) or 99)
    cache.get((things[0],), 0, lambda: made.append(100) or 100)
    assert made == [0, 1, 2, 3, 4, 100]

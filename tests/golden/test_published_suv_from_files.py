"""From published files to SUV: reading and the SUV rules together, against published values."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from atsm_viewer.domain.suv.assessment import assess
from atsm_viewer.io.catalogue import scan_paths
from atsm_viewer.io.masks import read_mask
from atsm_viewer.io.read_series import LoadedImage, read_series

pytestmark = pytest.mark.shared_data


def load(path: Path) -> LoadedImage:
    (entry,) = [entry for entry in scan_paths([path]).series if entry.suitable]
    return read_series(entry)


def factor_by_slice(image: LoadedImage) -> np.ndarray:
    """SUVbw per rescaled value for each slice of the first frame."""
    assert image.facts is not None
    factor = assess(image.facts).factor_bw
    assert factor is not None
    per_instance = factor if isinstance(factor, tuple) else (factor,) * len(image.facts)
    return np.array([per_instance[n] for n in image.instance_tk[0]])


def test_reference_objects_have_their_published_suv(shared_dir: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared_dir / "data" / "ibsi_suv_dro_dev.zip") as archive:
        archive.extractall(tmp_path)
    folders = sorted((tmp_path / "DRO").glob("DRO_*_*"))
    assert len(folders) == 9
    for folder in folders:
        image = load(folder / "PT")
        mask = read_mask(
            tmp_path / "DRO" / "DRO_0_0" / "mask" / "DRO_mask.nii.gz", image.volume.geometry
        ).mask
        suv = image.volume.values_tkji[0].astype(float) * factor_by_slice(image)[:, None, None]
        inside = suv[mask.to_dense(image.volume.geometry.shape_kji)]
        found = [inside.min(), np.median(inside), inside.max()]
        assert found == pytest.approx([0.20, 1.00, 4.00], abs=0.005), folder.name


def test_the_raw_whole_body_scan_has_its_published_factor_and_maximum(shared_dir: Path) -> None:
    image = load(shared_dir / "data" / "sts_raw_ge" / "STS_001" / "FDG_PET" / "image")
    factors = factor_by_slice(image)
    assert factors == pytest.approx(np.full(267, 2.4290298e-4), rel=1e-7)
    assert float(image.volume.values_tkji.max()) * factors[0] == pytest.approx(66.5215, abs=1e-4)

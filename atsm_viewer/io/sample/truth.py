"""The truth of a sample, written beside its images."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.io.sample.anatomy import Anatomy, LabelArray, Role, is_any_of
from atsm_viewer.io.sample.scenario import HALF_LIFE_S, INJECTED_AT, Scenario
from atsm_viewer.io.sample.shapes import BoolArray
from atsm_viewer.io.sample.simulate import SimulatedPet


@dataclass(frozen=True, slots=True)
class TruthRegion:
    """One tissue of a sample as it truly is, before blur and noise.

    Parameters
    ----------
    name, role, label
        Words, what a ROI over it would be, and its number in the label maps.
    true_suv
        SUVbw, g/mL.
    n_voxels
        PET voxels whose centre lies in it.
    true_tm
        ``true_suv`` over the true SUV of muscle; None unless the role is tumour.
    volume_mm3
        Volume within the PET grid, counted on sub-voxels, mm3.
    """

    name: str
    role: Role
    label: int
    true_suv: float
    n_voxels: int
    true_tm: float | None
    volume_mm3: float


def regions_of(
    anatomy: Anatomy, labels_kji: LabelArray, volume_mm3_by_label: npt.NDArray[np.float64]
) -> tuple[TruthRegion, ...]:
    """Truth of every tissue, in label order; ``labels_kji`` is the label map on the PET grid."""
    muscle = muscle_suv(anatomy)
    voxels = np.bincount(labels_kji.ravel(), minlength=len(anatomy.tissues) + 1)
    return tuple(
        TruthRegion(
            tissue.name,
            tissue.role,
            label,
            tissue.suv,
            int(voxels[label]),
            tissue.suv / muscle if tissue.role == "tumour" else None,
            float(volume_mm3_by_label[label]),
        )
        for label, tissue in enumerate(anatomy.tissues, start=1)
    )


def muscle_suv(anatomy: Anatomy) -> float:
    """Return the true SUV of muscle; every muscle of a sample has the same, so that T/M has one truth."""
    values = {tissue.suv for tissue in anatomy.tissues if tissue.role == "muscle"}
    (value,) = values
    return value


def roi_masks(scenario: Scenario, labels_kji: LabelArray) -> dict[str, BoolArray]:
    """ROIs on the PET grid, arrays [k, j, i] of bool: the whole tumour, and muscle away from its edges.

    Every voxel of the muscle ROI lies at least one FWHM from anything that is not muscle. Raises
    :class:`AtsmError` when a ROI has fewer than two voxels, for then it has no SD.
    """
    import SimpleITK as sitk  # late, here and below: the library takes a quarter of a second to load

    anatomy = scenario.anatomy
    muscle = is_any_of(labels_kji, anatomy.labels_of_role("muscle"))
    image = _image(muscle.astype(np.uint8), scenario.pet)
    inwards = sitk.GetArrayFromImage(sitk.SignedMaurerDistanceMap(image, True, False, True))
    reference = is_any_of(labels_kji, [anatomy.label(name) for name in scenario.reference_muscles])
    masks = {
        "tumour": is_any_of(labels_kji, anatomy.labels_of_role("tumour")),
        "muscle": reference & (inwards >= scenario.psf_fwhm_mm),
    }
    for name, mask in masks.items():
        if np.count_nonzero(mask) < 2:
            raise AtsmError(
                f"The PET grid is too coarse to hold the {name} ROI of the {scenario.kind} sample."
            )
    return masks


def write_truth(
    scenario: Scenario,
    labels_pet_kji: LabelArray,
    labels_ct_kji: LabelArray,
    pet: SimulatedPet,
    stored_suv_kji: npt.NDArray[np.float64],
    folder: Path,
) -> None:
    """Write label maps, ROI masks (NIfTI) and ``truth.json`` into an existing folder.

    ``stored_suv_kji`` is the PET as the DICOM files hold it, array [k, j, i] in SUVbw.
    """
    anatomy = scenario.anatomy
    masks = roi_masks(scenario, labels_pet_kji)
    _write_image(labels_pet_kji, scenario.pet, folder / "labels_pet.nii.gz")
    _write_image(labels_ct_kji, scenario.ct, folder / "labels_ct.nii.gz")
    for name, mask in masks.items():
        _write_image(mask.astype(np.uint8), scenario.pet, folder / f"roi_{name}.nii.gz")
    true_suv = anatomy.suv_by_label()[labels_pet_kji]
    images = {"true": true_suv, "noise_free": pet.noise_free_suv.astype(np.float64), "final": stored_suv_kji}
    rois: dict[str, Any] = {}
    for name, mask in masks.items():
        rois[name] = {
            "mask": f"roi_{name}.nii.gz",
            "n_voxels": int(np.count_nonzero(mask)),
            "volume_mm3": float(np.count_nonzero(mask) * scenario.pet.voxel_volume_mm3),
            "measured": {which: _statistics(values[mask]) for which, values in images.items()},
        }
    muscle = {which: rois["muscle"]["measured"][which]["suv_mean"] for which in images}
    tumour = {which: rois["tumour"]["measured"][which] for which in images}
    document = {
        "about": "Truth of a simulated study. Research use only.",
        "kind": scenario.kind,
        "weight_kg": scenario.weight_kg,
        "injected_activity_bq": scenario.injected_bq,
        "half_life_s": HALF_LIFE_S,
        "injected_at": INJECTED_AT.isoformat(),
        "decay_reference": scenario.scanned_at.isoformat(),
        "decayed_activity_bq": scenario.decayed_bq,
        "bq_per_ml_at_suv_1": scenario.bq_per_ml_at_suv_1,
        "psf_fwhm_mm": scenario.psf_fwhm_mm,
        "activity_balance": float(
            stored_suv_kji.sum() * scenario.pet.voxel_volume_ml / (1000.0 * scenario.weight_kg)
        ),
        "frame_of_reference_uid": scenario.pet.frame_of_reference_uid,
        "regions": [asdict(r) for r in regions_of(anatomy, labels_pet_kji, pet.fine_volume_mm3_by_label)],
        "rois": rois,
        "tm_mean": {which: tumour[which]["suv_mean"] / muscle[which] for which in images},
        "tm_max": {which: tumour[which]["suv_max"] / muscle[which] for which in images},
    }
    text = json.dumps(document, indent=1, allow_nan=False) + "\n"
    (folder / "truth.json").write_text(text, encoding="utf-8", newline="\n")


def read_labels(path: Path) -> LabelArray:
    """Label map [k, j, i] from a NIfTI file written by :func:`write_truth`; read-only."""
    import SimpleITK as sitk

    labels: LabelArray = sitk.GetArrayFromImage(sitk.ReadImage(str(path), sitk.sitkUInt8))
    labels.flags.writeable = False
    return labels


def _statistics(values: npt.NDArray[np.float64]) -> dict[str, float]:
    return {
        "suv_mean": float(values.mean()),
        "suv_sd": float(values.std(ddof=1)),
        "suv_min": float(values.min()),
        "suv_max": float(values.max()),
    }


def _image(array_kji: npt.NDArray[np.uint8], grid: Geometry) -> Any:
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(array_kji)
    image.SetSpacing(grid.spacing_kji_mm[::-1])
    image.SetOrigin(grid.origin_lps)
    return image


def _write_image(array_kji: npt.NDArray[np.uint8], grid: Geometry, path: Path) -> None:
    import SimpleITK as sitk

    sitk.WriteImage(_image(array_kji, grid), str(path), useCompression=True, compressionLevel=1)

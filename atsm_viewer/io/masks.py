"""Read a mask from a file onto a grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.io.readers import mask_kind_of
from atsm_viewer.io.readers.itk_volume import ItkArray, read_itk

# Grids written by different programs differ by rounding; a fiftieth of a voxel moves none.
_SAME_VOXEL_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class MaskImport:
    """A mask that was read from a file.

    Parameters
    ----------
    mask
        Voxels of the target grid.
    n_labels
        Number of different non-zero labels in the file (layers, where there are several).
    resampled
        Whether the file lies on another grid than the target.
    n_outside
        Voxels of the file's mask whose centre lies outside the target grid.
    notices
        What is doubtful.
    """

    mask: Mask
    n_labels: int
    resampled: bool
    n_outside: int
    notices: tuple[Notice, ...]


def read_mask(path: Path, target: Geometry, label: int | None = None) -> MaskImport:
    """Read a mask file (NIfTI, NRRD, MetaImage, .seg.nrrd) onto a grid.

    On the same grid the voxels are taken as they are. On any other grid a target voxel is inside
    when its **centre** lies in the cell of a mask voxel; nothing is interpolated.

    Parameters
    ----------
    path
        The file.
    target
        Grid of the image that the ROI belongs to, LPS mm.
    label
        The label that counts; None for every non-zero one.

    Raises
    ------
    AtsmError
        When the file is no mask, is empty, or does not touch the target grid.
    """
    if not mask_kind_of(path):
        raise AtsmError(
            f"“{path.name}” is not a mask file that can be opened.",
            "Use NIfTI, NRRD or MetaImage (.nii, .nrrd, .mha).",
        )
    source = read_itk(path)
    inside, n_labels = _inside(path, source, label)
    dense = _at_centres(inside, source.geometry, target)
    if _same_voxels(source.geometry, target):
        return MaskImport(Mask.from_dense(dense), n_labels, False, 0, _label_notices(path, n_labels, label))
    n_outside = _count_outside(inside, source.geometry, target)
    mask = Mask.from_dense(dense)
    if mask.is_empty:
        raise AtsmError(
            f"The mask “{path.name}” holds no voxel of this image.",
            "It lies outside the image, or is smaller than its voxels; was it drawn on another scan?",
        )
    notices = [
        *_label_notices(path, n_labels, label),
        _resampled_notice(path, inside, source.geometry, mask, target),
    ]
    if n_outside:
        text = f"{n_outside} voxel(s) of the mask “{path.name}” lie outside the image and were left out."
        notices.append(Notice("mask_outside", Severity.WARNING, text))
    return MaskImport(mask, n_labels, True, n_outside, tuple(notices))


def _same_voxels(source: Geometry, target: Geometry) -> bool:
    """Whether two grids have the same voxels; the axes may be exchanged or run backwards."""
    if sorted(source.shape_kji) != sorted(target.shape_kji):
        return False
    steps = np.rint(target.steps_kji_lps @ np.linalg.inv(source.steps_kji_lps))
    if np.abs(steps).sum() != 3 or abs(np.linalg.det(steps)) < 0.5:
        return False
    ends = np.array([np.zeros(3), np.array(target.shape_kji) - 1])
    corners = np.array([[ends[a][0], ends[b][1], ends[c][2]] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    index = source.lps_to_index(target.index_to_lps(corners))
    nearest = np.rint(index)
    inside = np.all((nearest >= 0) & (nearest < np.array(source.shape_kji)))
    return bool(inside and np.abs(index - nearest).max() <= _SAME_VOXEL_SHARE)


def _inside(path: Path, source: ItkArray, label: int | None) -> tuple[npt.NDArray[np.bool_], int]:
    """Return membership [k, j, i] on the file's grid, and the number of labels."""
    values = source.values_tkji
    if values.shape[0] != 1:
        raise AtsmError(f"“{path.name}” has {values.shape[0]} frames; a mask has one.")
    layers: npt.NDArray[Any] = values[0] if source.n_components > 1 else values[0][..., np.newaxis]
    if not np.isfinite(layers).all() or (layers.dtype.kind == "f" and np.any(layers != np.rint(layers))):
        raise AtsmError(
            f"“{path.name}” holds values that are not whole numbers, so it is not a mask.",
            "Open it as an image, or export the mask as a label map.",
        )
    found = np.unique(layers)
    labels = [int(v) for v in found if v != 0]
    if not labels:
        raise AtsmError(f"The mask “{path.name}” is empty.")
    if label is not None and label not in labels:
        raise AtsmError(f"“{path.name}” has no label {label}; it has {', '.join(map(str, labels[:20]))}.")
    chosen = layers != 0 if label is None else layers == label
    n_labels = len(labels) if source.n_components == 1 else max(len(labels), source.n_components)
    return np.asarray(chosen.any(axis=-1)), n_labels


def _at_centres(inside: npt.NDArray[np.bool_], source: Geometry, target: Geometry) -> npt.NDArray[np.bool_]:
    """Membership [k, j, i] of the target's voxel centres in the cells of the source's mask."""
    dense = np.zeros(target.shape_kji, dtype=np.bool_)
    steps = target.steps_kji_lps @ np.linalg.inv(source.steps_kji_lps)  # target step -> source index
    start = source.lps_to_index(target.origin_lps)
    n_k, n_j, n_i = target.shape_kji
    in_plane = np.arange(n_j)[:, None, None] * steps[1] + np.arange(n_i)[None, :, None] * steps[2]
    limit = np.array(inside.shape)
    for k in range(n_k):
        index = np.floor(start + k * steps[0] + in_plane + 0.5 + 1e-6).astype(np.int64)
        valid = np.all((index >= 0) & (index < limit), axis=-1)
        if valid.any():
            at = index[valid]
            dense[k][valid] = inside[at[:, 0], at[:, 1], at[:, 2]]
    return dense


def _count_outside(inside: npt.NDArray[np.bool_], source: Geometry, target: Geometry) -> int:
    index = target.lps_to_index(source.index_to_lps(np.argwhere(inside)))
    limit = np.array(target.shape_kji) - 0.5
    return int(np.count_nonzero(np.any((index < -0.5 - 1e-6) | (index > limit + 1e-6), axis=-1)))


def _label_notices(path: Path, n_labels: int, label: int | None) -> tuple[Notice, ...]:
    if n_labels < 2 or label is not None:
        return ()
    text = f"“{path.name}” holds {n_labels} labels; all of them were joined into one ROI."
    return (Notice("mask_labels", Severity.WARNING, text, "Choose a label to import one of them."),)


def _resampled_notice(
    path: Path, inside: npt.NDArray[np.bool_], source: Geometry, mask: Mask, target: Geometry
) -> Notice:
    before = np.count_nonzero(inside) * source.voxel_volume_ml
    after = mask.n_voxels * target.voxel_volume_ml
    return Notice(
        "mask_resampled",
        Severity.WARNING,
        f"“{path.name}” was drawn on another grid; voxels whose centre lies inside were taken. "
        f"Volume {before:.3g} mL "
        f"in the file, {after:.3g} mL here.",
    )

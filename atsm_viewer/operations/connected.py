"""Parts of a mask, with the connectivity stated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.options import OptionSpec, OptionValue
from atsm_viewer.operations.base import BoolArray

CONNECTIVITY = OptionSpec(
    "connectivity", "Voxels belong together", "26",
    choices=(
        ("6", "across faces (6, in a slice 4)"),
        ("18", "across faces and edges (18, in a slice 8)"),
        ("26", "across faces, edges and corners (26, in a slice 8)"),
    ),
)  # fmt: skip
_RANK = {"6": 1, "18": 2, "26": 3}


def labelled(block_kji: BoolArray, connectivity: OptionValue) -> tuple[npt.NDArray[np.int32], int]:
    """Number the parts of a mask 1, 2 … in order of their first voxel.

    Parameters
    ----------
    block_kji
        Array [k, j, i] of bool.
    connectivity
        A value of :data:`CONNECTIVITY`.

    Returns
    -------
    tuple
        Array [k, j, i] of part numbers (0 outside) and how many there are.
    """
    from scipy.ndimage import generate_binary_structure, label

    labels = np.zeros(block_kji.shape, dtype=np.int32)
    n = int(label(block_kji, generate_binary_structure(3, _RANK[str(connectivity)]), output=labels))
    return labels, n


def sizes(labels_kji: npt.NDArray[np.int32], n: int) -> npt.NDArray[np.int64]:
    """Voxels of each part; entry 0 is part 1."""
    return np.bincount(labels_kji.ravel(), minlength=n + 1)[1:].astype(np.int64)
